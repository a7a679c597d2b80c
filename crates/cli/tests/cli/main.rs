//! The real `vitald`, started as people and scripts start it: what it prints, how it ends, and that
//! nothing it acknowledged is lost when it is killed. What the server answers is tested in
//! `server`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod accounts;
mod audit;
mod call;
mod caller;
mod care;
mod configured;
mod demo;
mod doctor;
mod exits;
mod faults;
mod health_mate;
mod home;
mod import;
mod killed;
mod logs;
mod notifications;
mod obstacles;
mod openapi;
mod orders;
mod organizations;
mod peopled;
mod process;
mod programme;
mod rust_suite;
mod sandbox;
mod schema;
mod serving;
mod states;
mod surveys;
mod texts;

/// Makes a test for either engine of a function that takes a [`home::Home`].
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => { $(
        mod $test {
            #[test]
            fn sqlite() {
                super::$test(&crate::home::Home::new());
            }
            #[test]
            fn postgres() {
                super::$test(&crate::home::Home::on_postgres());
            }
        }
    )+ };
}
use on_both_engines;
