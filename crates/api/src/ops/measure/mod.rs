//! `/measure` and `/v2/measure`

mod getmeas;

pub use getmeas::{GetMeas, MeasureGroup, MeasureGroups, PAGE_GROUPS};
