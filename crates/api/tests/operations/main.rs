//! The operations as a program meets them: a request in the words of the wire, the answer as JSON.
//! The store is a file, the clock and the random source are the test's. HTTP itself is tested in
//! `server`, what is written how in `store`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod access;
mod activity;
mod admin;
mod app;
mod attribution;
mod authorize;
mod care;
mod changes;
mod claims;
mod client;
mod codes;
mod confirmuser;
mod deleted;
mod dispatch;
mod documented;
mod export;
mod facts;
mod feed;
mod gateway;
mod getdevice;
mod getgoals;
mod getmeas;
mod hearts;
mod import;
mod import_rows;
mod isolation;
mod limits;
mod links;
mod models;
mod nights;
mod nudges;
mod order_states;
mod orders;
mod paging;
mod parameters;
mod partners;
mod rawdata;
mod recorded;
mod records;
mod replies;
mod requesttoken;
mod row_pages;
mod scale;
mod seeds;
mod signed;
mod subscribes;
mod survey_answers;
mod surveys;
mod sync;
mod told;
mod told_last;
mod told_of;
mod workouts;
