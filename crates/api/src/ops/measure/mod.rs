//! `/measure` and `/v2/measure`

mod confirmuser;
mod getactivity;
mod getintradayactivity;
mod getmeas;
mod getworkouts;

pub use confirmuser::{ConfirmUser, Confirmed};
pub use getactivity::{Activities, ActivityDay, GetActivity, PAGE_DAYS};
pub use getintradayactivity::GetIntradayActivity;
pub use getmeas::{GetMeas, MeasureGroup, MeasureGroups, PAGE_GROUPS};
pub use getworkouts::{GetWorkouts, PAGE_WORKOUTS, WorkoutRow};
