//! The server as its callers meet it: over HTTP, with a store of its own, and with the clock and
//! the random source in the test's hand, so that the same calls give the same bytes.
//!
//! Tests named `…::sqlite` and `…::postgres` are the same test on either engine. What an operation
//! answers to its parameters is tested in `api`; what the store keeps under which conflict, in
//! `store`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod accounts;
mod activations;
mod answer;
mod app;
mod audit;
mod audited_pages;
mod batches;
mod browser;
mod callbacks;
mod claiming;
mod client;
mod concurrency;
mod copies;
mod deliveries;
mod delivery_pages;
mod developers;
mod device_sync;
mod docs;
mod errors;
mod faults;
mod fleets;
mod forgery;
mod household;
mod limits;
mod log_in;
mod logs;
mod mails;
mod metrics;
mod name_server;
mod notifications;
mod oracle;
mod order_pages;
mod orders;
mod own_data;
mod own_operations;
mod pages;
mod programme;
mod raw;
mod readiness;
mod receiver;
mod redirects;
mod request_ids;
mod sandbox_pages;
mod scales;
mod schema;
mod sessions;
mod shapes;
mod stopping;
mod story;
mod strict;
mod throttling;
mod traffic;
mod writers;

/// Makes a test for either engine of a function that takes an [`app::Engine`].
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn sqlite() {
                super::$test(crate::app::Engine::Sqlite);
            }
            #[test]
            fn postgres() {
                super::$test(crate::app::Engine::Postgres);
            }
        }
    )+ };
}
use on_both_engines;
