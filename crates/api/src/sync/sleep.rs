//! Records of type `sleep`: stages, and what is noticed in bed meanwhile.

use super::columns::{Columns, Moments};
use super::{Intake, Record, Stored, invalid, plausible};
use crate::summary::Told;
use domain::fields::Fields as _;
use domain::sleep::{NIGHT_SECONDS_MAX, Night, Stage, State, Vital, Vitals, overlaid};
use domain::yields::Yield;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most stages of one record.
const STAGES_MAX: usize = 10_000;

/// Sleep, a night of it or a part. Stages that came before are told anew: of every second the later
/// word counts. The server cuts nights and sums them up; a night grows as more of it arrives.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Sleep {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    /// Stages, in any order.
    #[serde(default)]
    pub stages: Vec<StageTold>,
    /// What was noticed meanwhile.
    pub series: Option<Series>,
    /// What the device knows and stages do not say, such as `sleep_score`; it is given out with the
    /// night. What follows from the stages is passed over.
    #[serde(default)]
    pub summary: Night,
    /// Whether the night is over. Without it a night counts as over when one of the person's
    /// devices is heard of two hours after its end or later.
    #[serde(default)]
    pub completed: bool,
}

/// A stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Stage")]
pub struct StageTold {
    /// When it began.
    pub startdate: UnixTime,
    /// When it ended.
    pub enddate: UnixTime,
    /// 0 awake, 1 light, 2 deep, 3 REM, 4 asleep as typed in, 5 asleep, 15 out of bed.
    pub state: i64,
}

/// What is noticed in bed.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Series {
    #[serde(flatten)]
    moments: Moments,
    /// What was noticed at each moment.
    pub values: Columns<Vitals>,
}

impl Record for Sleep {
    const YIELD: Option<Yield> = Some(Yield::Sleep);

    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        let now = intake.tx.now();
        if self.stages.len() > STAGES_MAX {
            let problem = format!("expected at most {STAGES_MAX}");
            return Err(invalid(&format!("{place}.stages"), problem).into());
        }
        super::in_range(&self.summary, &format!("{place}.summary"))?;
        let mut summary = self.summary.clone();
        summary.keep(|field| !Night::OF_STAGES.contains(&field.name));
        let mut stages = Vec::with_capacity(self.stages.len());
        for (at, stage) in self.stages.iter().enumerate() {
            stages.push(stage.checked(&format!("{place}.stages[{at}]"), now)?);
        }
        let vitals = self.series.as_ref().map(|series| -> Result<Vec<Vital>> {
            let place = format!("{place}.series");
            let rows = series.values.rows(&format!("{place}.values"))?;
            let (times, _) = series.moments.of(rows.len(), &place, now)?;
            let vitals = times.into_iter().zip(rows).filter(|(_, values)| !values.is_empty());
            Ok(vitals.map(|(at, values)| Vital { at, values }).collect())
        });
        let vitals = vitals.transpose()?.unwrap_or_default();
        let device = intake.device.id;
        let pending = intake.pending(user);
        let starts = stages.iter().map(|stage| stage.start).min();
        let ends = stages.iter().map(|stage| stage.end).max();
        if let (Some(start), Some(end)) = (starts, ends)
            && (self.completed || !summary.is_empty())
        {
            let (said, is_completed) = (summary, self.completed);
            pending.told.push(Told { device, start, end, said, is_completed });
        }
        pending.stages = overlaid(&pending.stages, &stages);
        pending.vitals.extend(vitals);
        Ok(Stored::Kept)
    }
}

impl StageTold {
    fn checked(&self, place: &str, now: i64) -> Result<Stage> {
        plausible(self.startdate, now, &format!("{place}.startdate"))?;
        let (start, end) = (self.startdate.0, self.enddate.0);
        if !(1..=NIGHT_SECONDS_MAX).contains(&end.saturating_sub(start)) {
            let problem = "expected a moment after startdate, by at most a day";
            return Err(invalid(&format!("{place}.enddate"), problem).into());
        }
        if !(0..=255).contains(&self.state) {
            return Err(invalid(&format!("{place}.state"), "expected 0 to 255").into());
        }
        Ok(Stage { start, end, state: State(self.state) })
    }
}
