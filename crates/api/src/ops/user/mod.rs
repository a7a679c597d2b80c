//! `/v2/user`

mod addtorpm;
mod getdevice;
mod getgoals;
mod link;
mod unlink;

pub use addtorpm::AddToRpm;
pub use getdevice::{Device, Devices, GetDevice};
pub use getgoals::{GetGoals, Goals, GoalsOfPerson, Weight};
pub use link::{Link, Linked, LinkedDevice};
pub use unlink::Unlink;
