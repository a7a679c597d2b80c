//! Records of type `stetho`: the sounds of a stethoscope.

use super::{Intake, Record, Stored, invalid, plausible};
use domain::recording::{About, Kind, SAMPLES_MAX};
use domain::yields::Yield;
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Sounds, in bytes of G.711 A-law. Those of the second of an electrocardiogram of the same device
/// belong to it.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Stetho {
    /// Whose it is; without it the device's only person's.
    pub userid: Option<UserId>,
    /// When it was taken.
    pub taken_at: UnixTime,
    /// Bytes of G.711 A-law, from 0 to 255.
    pub signal: Vec<u8>,
    /// Samples a second; without it 4000.
    pub frequency: Option<i64>,
    /// Where the device was (the table is in `/docs` at `stetho get`).
    pub position: Option<i64>,
    /// What the device made of the sounds of the valves.
    pub vhd: Option<i64>,
    /// How the sounds are coded, as the device numbers it.
    pub format: Option<i64>,
    /// Bits of a sample.
    pub resolution: Option<i64>,
    /// Channels.
    pub channel: Option<i64>,
}

impl Record for Stetho {
    const YIELD: Option<Yield> = Some(Yield::Stetho);

    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let user = intake.person(self.userid, place)?;
        plausible(self.taken_at, intake.tx.now(), &format!("{place}.taken_at"))?;
        let frequency = self.frequency.unwrap_or(4_000);
        if !(1..=100_000).contains(&frequency) {
            return Err(invalid(&format!("{place}.frequency"), "expected 1 to 100000").into());
        }
        if self.signal.len() > SAMPLES_MAX {
            let problem = format!("expected at most {SAMPLES_MAX} bytes");
            return Err(invalid(&format!("{place}.signal"), problem).into());
        }
        let numbers = [
            ("position", self.position),
            ("vhd", self.vhd),
            ("format", self.format),
            ("resolution", self.resolution),
            ("channel", self.channel),
        ];
        super::small(&numbers, place)?;
        let about = About {
            frequency: Some(frequency),
            position: self.position,
            vhd: self.vhd,
            format: self.format,
            resolution: self.resolution,
            channel: self.channel,
            samples: i64::try_from(self.signal.len()).ok(),
            ..About::default()
        };
        let packed = signal::raw::pack_bytes(&self.signal);
        intake.keep_recording(user, Kind::Stetho, self.taken_at.0, about, &packed)
    }
}
