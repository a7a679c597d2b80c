//! Reads and writes the ZIP of a person's Health Mate data export.
//!
//! [`read`] walks the archive and gives what it holds one [`Item`] after the other; [`Writer`]
//! takes the same items and makes such an archive. This crate knows no users, no storage and no
//! HTTP, and it judges no value: what is plausible, what is there twice and whose it is, decide
//! those who take the items. Nothing that an archive names is ever written to disk.
//!
//! ```text
//! archive   caps on bytes, entries and ratio; the name of a file → its kind
//! table     rows of a CSV: delimiter, header, encoding
//! rows/…    a row → an item, one kind of file after the other
//! write/…   an item → rows, and the rows → a ZIP
//! ```

mod archive;
mod data;
mod error;
mod fold;
mod head;
mod item;
mod kind;
mod limits;
mod list;
mod meter;
mod names;
mod number;
mod report;
mod rows;
mod sports;
mod table;
mod unit;
mod when;
mod write;

pub use archive::{Sink, read, read_within};
pub use error::{Error, Stop};
pub use item::{Column, Day, DayColumn, Group, Item, Minutes, Night, Signal, Source, Workout};
pub use limits::Limits;
pub use number::Decimal;
pub use report::{FileReport, Reason, Report, Skipped, State};
pub use sports::OTHER_SPORT;
pub use write::{Layout, LeftOut, Options, Writer, Written};
