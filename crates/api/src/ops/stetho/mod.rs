//! `/v2/stetho`

mod get;
mod list;

pub use get::GetSounds;
pub use list::{ListSounds, SoundRow};
