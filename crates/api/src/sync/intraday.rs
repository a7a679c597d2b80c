//! Records of type `intraday`: what somebody does, minute by minute.

use super::columns::{Columns, Moments};
use super::{Intake, Record, Stored};
use domain::activity::{Intraday as Values, Sample};
use domain::fields::Fields as _;
use domain::yields::Yield;
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// What a person does, minute by minute or however often it is noticed. A moment that came before
/// is told anew: of each field the later word counts.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Intraday {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    #[serde(flatten)]
    moments: Moments,
    /// What was noticed at each moment. Where there is no `duration` a moment lasts as long as
    /// `interval`.
    pub values: Columns<Values>,
}

impl Record for Intraday {
    const YIELD: Option<Yield> = Some(Yield::Intraday);

    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        let rows = self.values.rows(&format!("{place}.values"))?;
        let (times, interval) = self.moments.of(rows.len(), place, intake.tx.now())?;
        let samples = times.into_iter().zip(rows).filter(|(_, values)| !values.is_empty());
        let samples = samples.map(|(at, mut values)| {
            // A minute says nothing of its length: it lasts that long anyway.
            if values.duration.is_none() && interval != Some(60) {
                values.duration = interval;
            }
            Sample { at, values }
        });
        intake.pending(user).samples.extend(samples);
        Ok(Stored::Kept)
    }
}
