//! `/measure` and `/v2/measure`

mod confirmuser;
mod getmeas;

pub use confirmuser::{ConfirmUser, Confirmed};
pub use getmeas::{GetMeas, MeasureGroup, MeasureGroups, PAGE_GROUPS};
