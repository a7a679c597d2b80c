//! Records of type `event`: what happened at a device.

use super::{Intake, Record, Stored, plausible};
use domain::{Result, UnixTime, UserId, device};
use schemars::JsonSchema;
use serde::Deserialize;
use store::event::{self, Event as Kept};

/// Something that happened: `bed_in`, `bed_out`, `bed_occupied`, `bed_empty`, `sensor_inflated`,
/// `ecg_failed`, `set_up_without_account`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Event {
    /// Whose it is; without it the device's only person's. That somebody set the device up without
    /// an account is nobody's.
    pub userid: Option<UserId>,
    /// When.
    pub at: UnixTime,
    /// What.
    pub event: device::Event,
}

impl Record for Event {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        plausible(self.at, intake.tx.now(), &format!("{place}.at"))?;
        let device = intake.device.id;
        let event = Kept { date: self.at.0, device, kind: self.event };
        if self.event == device::Event::SetUpWithoutAccount {
            event::insert_orphan(intake.tx, &event)?;
            return Ok(Stored::Kept);
        }
        let user = intake.person(self.userid, place)?;
        event::insert(intake.tx, user, &event)?;
        Ok(Stored::Kept)
    }
}
