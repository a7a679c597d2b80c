//! `/v2/user`

mod getdevice;
mod getgoals;

pub use getdevice::{Device, Devices, GetDevice};
pub use getgoals::{GetGoals, Goals, GoalsOfPerson, Weight};
