//! Records of type `ecg`: electrocardiograms.

use super::{Intake, Record, Stored, invalid, plausible};
use domain::recording::{About, Kind, SAMPLES_MAX};
use domain::yields::Yield;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// No device draws more, in microvolts: ten volts.
const MICROVOLTS_MAX: i64 = 10_000_000;

/// An electrocardiogram.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Ecg {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    /// When it was taken.
    pub taken_at: UnixTime,
    /// Microvolts.
    pub signal: Vec<i64>,
    /// Samples a second.
    #[schemars(range(min = 1, max = 10_000))]
    pub frequency: i64,
    /// Where the device was (the table is in `/docs` at `heart get`).
    pub wearposition: Option<i64>,
    /// What the device made of the rhythm: 0 regular, 1 atrial fibrillation, 2 inconclusive.
    pub afib: Option<i64>,
    /// Mean heart rate, in beats per minute.
    pub heart_rate: Option<i64>,
    /// The blood pressure that was taken with it.
    pub bloodpressure: Option<BloodPressure>,
    /// What the device measured on it.
    pub intervals: Option<Intervals>,
}

/// A blood pressure, in mmHg.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct BloodPressure {
    /// Systolic.
    pub systole: i64,
    /// Diastolic.
    pub diastole: i64,
}

/// Intervals of an electrocardiogram, in milliseconds.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Intervals {
    /// From P to R.
    pub pr: Option<i64>,
    /// The length of QRS.
    pub qrs: Option<i64>,
    /// From Q to T.
    pub qt: Option<i64>,
    /// That corrected for the heart rate.
    pub qtc: Option<i64>,
}

impl Record for Ecg {
    const YIELD: Option<Yield> = Some(Yield::Ecg);

    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        plausible(self.taken_at, intake.tx.now(), &format!("{place}.taken_at"))?;
        if !(1..=10_000).contains(&self.frequency) {
            return Err(invalid(&format!("{place}.frequency"), "expected 1 to 10000").into());
        }
        if self.signal.len() > SAMPLES_MAX {
            let problem = format!("expected at most {SAMPLES_MAX} samples");
            return Err(invalid(&format!("{place}.signal"), problem).into());
        }
        let is_absurd = |sample: &i64| sample.checked_abs().is_none_or(|abs| abs > MICROVOLTS_MAX);
        if let Some(at) = self.signal.iter().position(is_absurd) {
            let problem = format!("expected microvolts within {MICROVOLTS_MAX}");
            return Err(invalid(&format!("{place}.signal[{at}]"), problem).into());
        }
        let numbers = [
            ("wearposition", self.wearposition),
            ("afib", self.afib),
            ("heart_rate", self.heart_rate),
            ("bloodpressure.systole", self.bloodpressure.as_ref().map(|both| both.systole)),
            ("bloodpressure.diastole", self.bloodpressure.as_ref().map(|both| both.diastole)),
            ("intervals.pr", self.intervals.as_ref().and_then(|all| all.pr)),
            ("intervals.qrs", self.intervals.as_ref().and_then(|all| all.qrs)),
            ("intervals.qt", self.intervals.as_ref().and_then(|all| all.qt)),
            ("intervals.qtc", self.intervals.as_ref().and_then(|all| all.qtc)),
        ];
        super::small(&numbers, place)?;
        let about = About {
            frequency: Some(self.frequency),
            position: self.wearposition,
            afib: self.afib,
            heart_rate: self.heart_rate,
            systole: self.bloodpressure.as_ref().map(|both| both.systole),
            diastole: self.bloodpressure.as_ref().map(|both| both.diastole),
            pr: self.intervals.as_ref().and_then(|all| all.pr),
            qrs: self.intervals.as_ref().and_then(|all| all.qrs),
            qt: self.intervals.as_ref().and_then(|all| all.qt),
            qtc: self.intervals.as_ref().and_then(|all| all.qtc),
            samples: i64::try_from(self.signal.len()).ok(),
            ..About::default()
        };
        let packed = signal::raw::pack(&self.signal);
        intake.keep_recording(user, Kind::Ecg, self.taken_at.0, about, &packed)
    }
}
