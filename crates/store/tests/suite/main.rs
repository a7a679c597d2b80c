//! One suite, run on SQLite and on PostgreSQL: what the store promises, case by case. What only one
//! engine can do wrong stands in `postgres_only.rs` and in `src/sqlite_tests.rs`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so; Clippy knows only functions marked #[test] as tests"
)]

/// Runs each named case on both engines: `persons::sqlite::…` and `persons::postgres::…`.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() { super::$case(&crate::harness::Harness::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $case() { super::$case(&crate::harness::Harness::postgres()); })*
        }
    };
}

mod applications;
mod audit;
mod campaigns;
mod captures;
mod care;
mod codes;
mod days;
mod deliveries;
mod device_sync;
mod devices;
mod erasing;
mod failing;
mod faults;
mod goals;
mod group_changes;
mod harness;
mod imports;
mod inspection;
mod leases;
mod measures;
mod members;
mod meter;
mod migrations;
mod nights;
mod nonces;
mod orders;
mod paging;
mod persons;
mod postgres_only;
mod queue;
mod recordings;
mod row_paging;
mod samples;
mod series;
mod sessions;
mod snapshots;
mod stages;
mod subscriptions;
mod surveys;
mod sync;
mod token_histories;
mod token_races;
mod tokens;
mod transactions;
mod weighings;
mod workouts;
