//! `/v2/user`

mod getdevice;

pub use getdevice::{Device, Devices, GetDevice};
