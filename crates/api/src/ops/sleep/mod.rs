//! `/v2/sleep`

mod get;
mod getsummary;

pub use get::GetSleep;
pub use getsummary::{GetSummary, NightRow, PAGE_NIGHTS};
