//! Everything that is kept. One SQL text runs on SQLite and on PostgreSQL; a database connection is
//! a thread and a request is one job on one of them, in one transaction. Only this crate knows SQL
//! and how rows are laid out; it knows nothing of forms, HTTP or envelopes.

pub mod application;
pub mod audit;
pub mod campaign;
pub mod care;
pub mod change;
pub mod code;
pub mod day;
mod db;
pub mod delivery;
pub mod device;
pub mod erase;
pub mod event;
pub mod fault;
pub mod feature;
pub mod fieldset;
pub mod goal;
pub mod grant;
pub mod imported;
mod inspect;
mod job;
pub mod lease;
pub mod measure;
mod meter;
mod migrate;
pub mod night;
pub mod nonce;
pub mod notification;
pub mod nudge;
pub mod order;
pub mod organization;
pub mod partner;
pub mod person;
mod postgres;
pub mod product;
pub mod raw;
pub mod recording;
pub mod sandbox;
pub mod secrets;
pub mod series;
pub mod session;
pub mod simulated;
pub mod snapshot;
mod sqlite;
pub mod subscription;
pub mod survey;
pub mod sync;
pub mod token;
mod tx;
mod value;
mod varint;
mod wake;
pub mod weighing;
pub mod workout;
pub mod zone;

pub use db::{Access, Db, Environment, Limits, OpenError, Target};
pub use inspect::{Inspection, inspect};
pub use meter::{Figures, Meter, QueueMeter};
pub use migrate::Migration;
pub use tx::Tx;
pub use wake::Wake;

/// Proves that the store answers.
pub fn ping(tx: &mut Tx<'_>) -> domain::Result<()> {
    tx.rows("select 1 from setting", &[], |_| Ok(())).map(|_| ())
}

/// Whether the schema is the one this program was made for.
pub fn is_current(tx: &mut Tx<'_>) -> domain::Result<bool> {
    Ok(migrate::current(tx).is_some())
}

/// SHA-256 of a token, code or nonce: what is looked up, so that a copy of the store opens nothing.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(secret.as_bytes()).into()
}
