//! `/v2/heart`

mod get;
mod list;

pub use get::Get;
pub use list::{List, PAGE_RECORDINGS};
