//! Records of type `measures`: what was measured at one moment.

use super::{Intake, Record, Stored};
use domain::attribution::ScaleOpinion;
use domain::measure::Measure;
use domain::{Refusal, Result, UnixTime, UserId, yields};
use schemars::JsonSchema;
use serde::Deserialize;
use store::measure::GROUP_MEASURES_MAX;

/// What a device measured at one moment.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Measures {
    /// When, in Unix seconds. A date that cannot be (before 2009, or more than a day ahead) is kept
    /// until somebody claims it.
    pub taken_at: UnixTime,
    /// Whose they are, if the device knows: one of its people. Without it a weight goes to the
    /// person whose recent weights it is near, other measures to the device's only person; else
    /// they are kept until somebody claims them.
    pub userid: Option<UserId>,
    /// The measures: `value * 10^unit` of each type, whole numbers alone.
    pub measures: Vec<Measure>,
}

impl Record for Measures {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        if self.measures.is_empty() || self.measures.len() > GROUP_MEASURES_MAX {
            let problem = format!("expected 1 to {GROUP_MEASURES_MAX}");
            return Err(Refusal::invalid_param(&format!("{place}.measures"), problem).into());
        }
        for measure in &self.measures {
            if !yields::is_usual_measure(intake.device.model_id, measure.kind) {
                intake.wonder(format!("measures of type {}", measure.kind.0));
            }
        }
        let opinion = ScaleOpinion { user: self.userid, certain: self.userid.is_some() };
        crate::intake::shared(
            intake.tx,
            intake.device,
            self.taken_at,
            opinion,
            self.measures.clone(),
        )
        .map(Stored::from)
    }
}
