//! `/v2/heart`

mod get;
mod list;

pub use get::GetHeart;
pub use list::{HeartRow, ListHearts, PAGE_RECORDINGS};
