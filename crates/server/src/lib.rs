//! HTTP in: the public API, the scale gateway and the pages for people. Everything async is here,
//! and nothing else: rules are in `api`, SQL is in `store`.

mod audit;
mod authorize;
mod bearer;
mod buffers;
pub mod clock;
pub mod config;
mod console;
mod deliver;
mod devices;
mod docs;
pub mod doctor;
pub mod entropy;
mod figures;
mod fulfilment;
mod gateway;
mod health;
mod incoming;
mod inspector;
mod limits;
mod outbound;
pub mod password;
mod playing;
mod rpc;
pub mod sandbox;
mod serve;
mod session;
mod throttle;
pub mod tls;
mod trace;
mod visit;
mod web;

pub use audit::{Actor, Audit, Entry};
pub use deliver::{Delivery, Smtp, send_plainly};
pub use sandbox::Sandbox;
pub use serve::{Bound, Config, Local, Rules, Running, start, start_constant, start_reading};
