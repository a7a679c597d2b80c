//! `/v2/user`

mod activate;
mod addtorpm;
mod get;
mod getdevice;
mod getgoals;
pub(crate) mod link;
mod unlink;

pub use activate::{Activate, ActivatedUser, Member};
pub use addtorpm::AddToRpm;
pub use get::GetUser;
pub use getdevice::{Device, Devices, GetDevice};
pub use getgoals::{GetGoals, Goals, GoalsOfPerson, Weight};
pub use link::{Link, Linked, LinkedDevice};
pub use unlink::Unlink;
