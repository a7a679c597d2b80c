//! HTTP in: the public API, the scale gateway and the pages for people. Everything async is here, and
//! nothing else: rules are in `api`, SQL is in `store`.

mod authorize;
pub mod clock;
mod docs;
pub mod entropy;
mod gateway;
mod incoming;
pub mod password;
mod rpc;
mod serve;
mod session;
mod trace;
mod web;

pub use serve::{Config, Local, Running, start};
