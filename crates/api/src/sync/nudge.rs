//! Nudges: what a device is to show its people, and records of type `nudge`, which say that it
//! does.

use super::{Intake, Record, Stored, invalid};
use domain::nudge::MODELS;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::device::Device;
use store::{Tx, campaign};

/// A screen to show a person.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Nudge {
    /// Whom.
    pub userid: UserId,
    /// What the device says of it is said under this number.
    pub campaignid: i64,
    /// What is pictured.
    pub iconids: Vec<i64>,
    /// Two lines.
    pub content: Vec<String>,
    /// Among the device's screens: `first` or `last`.
    pub position: &'static str,
    /// Until when.
    pub enddate: UnixTime,
    /// How often it may still be shown.
    pub displays_left: i64,
}

/// What the device is to show its people now.
pub(super) fn nudges(tx: &mut Tx<'_>, device: &Device, users: &[UserId]) -> Result<Vec<Nudge>> {
    let mut nudges = Vec::new();
    if !MODELS.contains(&device.model_id) {
        return Ok(nudges);
    }
    for userid in users {
        let due = campaign::due(tx, *userid, device.model_id)?.into_iter();
        nudges.extend(due.map(|shown| Nudge {
            userid: *userid,
            campaignid: shown.campaign,
            iconids: shown.screen.icons,
            content: shown.screen.lines.into(),
            position: shown.screen.position.name(),
            enddate: UnixTime(shown.end),
            displays_left: shown.left,
        }));
    }
    Ok(nudges)
}

/// That the device has a nudge, or showed it: a record each time. A nudge that is no longer
/// anybody's is counted as unwanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "NudgeShown")]
pub struct NudgeRecord {
    /// Whose; without it the device's only person's.
    pub userid: Option<UserId>,
    /// As the answer of a sync said.
    pub campaignid: i64,
    /// What happened.
    pub event: NudgeEvent,
    /// When.
    pub date: UnixTime,
}

/// What happens to a nudge.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NudgeEvent {
    /// The device has it.
    Delivered,
    /// Somebody saw it.
    Displayed,
}

impl Record for NudgeRecord {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        if !self.date.is_plausible(intake.tx.now()) {
            let problem = "expected a date from 2009 on and at most a day ahead";
            return Err(invalid(&format!("{place}.date"), problem).into());
        }
        let event = match self.event {
            NudgeEvent::Delivered => campaign::Event::Delivered,
            NudgeEvent::Displayed => campaign::Event::Displayed,
        };
        let is_known = campaign::note(intake.tx, user, self.campaignid, event, self.date.0)?;
        Ok(if is_known { Stored::Kept } else { Stored::Unwanted })
    }
}
