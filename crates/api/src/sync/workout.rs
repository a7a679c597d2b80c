//! Records of type `workout`.

use super::{Intake, Record, Stored, invalid, plausible};
use domain::workout::Workout as Fields;
use domain::yields::Yield;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use store::workout::{WORKOUT_SECONDS_MAX, Workout as Kept};

/// A workout. One of the same device that began at the same second is told anew. What is left out
/// of `data` is computed from the minutes of its time, whenever they arrive.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Workout {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    /// When it began.
    pub startdate: UnixTime,
    /// When it ended.
    pub enddate: UnixTime,
    /// The reference's number of what was done (the table is in `/docs` at `getworkouts`).
    pub category: i64,
    /// How it is known: 0 the device noticed it, 2 typed in, 7 noticed and confirmed.
    #[serde(default)]
    pub attrib: i64,
    /// What the device knows of it.
    #[serde(default)]
    pub data: Fields,
}

impl Record for Workout {
    const YIELD: Option<Yield> = Some(Yield::Workout);

    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        plausible(self.startdate, intake.tx.now(), &format!("{place}.startdate"))?;
        let (start, end) = (self.startdate.0, self.enddate.0);
        if !(1..=WORKOUT_SECONDS_MAX).contains(&end.saturating_sub(start)) {
            let problem = "expected a moment after startdate, by at most two days";
            return Err(invalid(&format!("{place}.enddate"), problem).into());
        }
        for (name, code) in [("category", self.category), ("attrib", self.attrib)] {
            if !(0..=100_000).contains(&code) {
                return Err(invalid(&format!("{place}.{name}"), "expected 0 to 100000").into());
            }
        }
        super::in_range(&self.data, &format!("{place}.data"))?;
        let (device, model) = (intake.device.id, intake.device.model_id);
        // Its day and zone are found when it is stored.
        intake.pending(user).workouts.push(Kept {
            start,
            end,
            day: 0,
            time_zone: String::new(),
            device: Some(device),
            model: Some(model),
            category: self.category,
            attrib: self.attrib,
            said: self.data.clone(),
            data: self.data.clone(),
        });
        Ok(Stored::Kept)
    }
}
