//! `/v2/sleep`

mod get;
mod getsummary;

pub use get::Get;
pub use getsummary::{GetSummary, PAGE_NIGHTS};
