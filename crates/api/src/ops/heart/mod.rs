//! `/v2/heart`

mod get;
mod list;

pub use get::GetHeart;
pub use list::{ListHearts, PAGE_RECORDINGS};
