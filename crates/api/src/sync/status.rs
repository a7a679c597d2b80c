//! Records of type `status`: what a device says of itself.

use super::{Intake, Record, Stored};
use domain::person::time_zone;
use domain::{Refusal, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use store::device::{self, Report};

/// A text of a device has at most this many characters.
const TEXT_CHARS_MAX: usize = 32;

/// How a device is. What is left out stays as it was.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Status {
    /// From 0 to 100.
    #[schemars(range(max = 100))]
    pub battery_percent: Option<u8>,
    /// Up to 32 printable characters.
    pub firmware: Option<String>,
    /// How it reaches the server, such as `wifi`.
    pub network: Option<String>,
    /// Where it stands: a zone of the time zone database.
    pub timezone: Option<String>,
}

impl Record for Status {
    fn store(&self, intake: &mut Intake<'_, '_>, place: &str) -> Result<Stored> {
        let invalid = |name: &str, problem: String| {
            Refusal::invalid_param(&format!("{place}.{name}"), problem)
        };
        if self.battery_percent.is_some_and(|percent| percent > 100) {
            return Err(invalid("battery_percent", "expected 0 to 100".to_owned()).into());
        }
        let is_plain = |text: &String| {
            (1..=TEXT_CHARS_MAX).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        };
        for (name, text) in [("firmware", &self.firmware), ("network", &self.network)] {
            if text.as_ref().is_some_and(|text| !is_plain(text)) {
                let problem = format!("expected 1 to {TEXT_CHARS_MAX} printable ASCII characters");
                return Err(invalid(name, problem).into());
            }
        }
        let zone = self.timezone.as_deref().map(|name| {
            let problem = "expected a zone of the time zone database, such as Europe/Paris";
            time_zone(name).ok_or_else(|| invalid("timezone", problem.to_owned()))
        });
        let zone = zone.transpose()?;
        let report =
            Report { firmware: self.firmware.clone(), battery_percent: self.battery_percent };
        let zone = zone.as_ref().and_then(|zone| zone.iana_name());
        device::report(intake.tx, intake.device.id, &report, self.network.as_deref(), zone)?;
        Ok(Stored::Kept)
    }
}
