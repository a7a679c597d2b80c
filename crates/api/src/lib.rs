//! The operations of the public API, and what else a caller can do: talk to the scale gateway,
//! administer, and what people do on their pages. Everything here is a plain synchronous call
//! inside one open transaction: no sockets, no threads, no async, no HTTP framework.

pub mod account;
pub mod admin;
pub mod authorize;
pub mod caller;
pub mod client;
pub mod deletion;
pub mod dispatch;
pub mod export;
pub mod form;
pub mod fulfilment;
pub mod gateway;
pub mod import;
pub mod intake;
mod json;
pub mod openapi;
pub mod operation;
pub mod ops;
pub mod orders;
mod partner;
mod signal_token;
mod source;
mod summary;
pub mod sync;
pub mod visit;
