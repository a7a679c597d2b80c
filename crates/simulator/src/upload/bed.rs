//! Nights as records of device sync: of a sensor under the mattress, or of a watch.

use super::columns::Columns;
use super::{Item, Maker};
use crate::calendar::MINUTE;
use crate::life::HandsOver;
use crate::night::{Night, State, nights};
use serde_json::{Value, json};

/// Disturbed breathing is told of nights longer than this, in seconds (field notes, glossary).
const LONG_ENOUGH: i64 = 5 * 3_600;

/// What a device tells of sleep.
pub(super) struct Tells {
    pub(super) breath: bool,
    pub(super) movement: bool,
    pub(super) variability: bool,
    pub(super) apnoea: bool,
}

/// A night as one record, which is the whole of it.
pub(super) fn record(night: &Night, tells: &Tells) -> Value {
    let stages = night.stages.iter().map(|stage| {
        json!({ "startdate": stage.start, "enddate": stage.end, "state": stage.state.code() })
    });
    let (start, end) = bounds(night);
    let mut columns = Columns::of(usize::try_from((end - start) / MINUTE).unwrap_or(0));
    for one in &night.vitals {
        let moment = usize::try_from((one.at - start) / MINUTE).unwrap_or(usize::MAX);
        columns.set("hr", moment, one.heart_rate_bpm);
        if tells.breath {
            columns.set("rr", moment, one.breaths_per_minute);
        }
        if tells.movement {
            columns.set("snoring", moment, one.snoring_seconds);
            columns.set("mvt_score", moment, one.movement);
        }
        if tells.variability
            && let Some((rmssd, sdnn)) = one.variability_ms
        {
            columns.set("rmssd", moment, rmssd);
            columns.set("sdnn_1", moment, sdnn);
        }
    }
    let mut record = json!({
        "id": format!("s/{start}"),
        "type": "sleep",
        "completed": true,
        "stages": stages.collect::<Vec<_>>(),
        "series": { "startdate": start, "values": columns.into_values() },
    });
    let mut summary = serde_json::Map::new();
    if let Some(score) = night.score {
        summary.insert("sleep_score".to_owned(), score.into());
    }
    if tells.apnoea && end - start > LONG_ENOUGH && !night.is_nap {
        let index = (night.apnoea_tenths + 5) / 10;
        summary.insert("apnea_hypopnea_index".to_owned(), index.into());
        // Low up to 29, medium up to 59: the same bounds as 15 and 30 an hour. [choice]
        let disturbed = (night.apnoea_tenths / 5).min(100);
        summary.insert("breathing_disturbances_intensity".to_owned(), disturbed.into());
    }
    if !summary.is_empty() {
        record["summary"] = summary.into();
    }
    record
}

/// From getting into bed to getting up.
pub(super) fn bounds(night: &Night) -> (i64, i64) {
    let start = night.stages.first().map_or(0, |stage| stage.start);
    (start, night.stages.last().map_or(start, |stage| stage.end))
}

impl Maker<'_> {
    /// The night that ended on the day, and its nap; and as it happens, that somebody is in bed.
    pub(super) fn nights(&self) -> Vec<Item> {
        let tells = Tells { breath: true, movement: true, variability: true, apnoea: true };
        let mut items = Vec::new();
        let nights = nights(self.persona, self.day, i64::MAX);
        // Who is away sleeps elsewhere.
        let at_home = self.calendar.zone_name(self.day).is_none();
        for (number, night) in nights.iter().filter(|_| at_home).enumerate() {
            let (start, end) = bounds(night);
            if self.persona.life.hands_over != HandsOver::Late {
                let event = |at: i64, name: &str| {
                    let id = format!("{name}/{at}");
                    json!({ "id": id, "type": "event", "at": at, "event": name })
                };
                items.push(Item { leaves: start + 3, records: vec![event(start, "bed_in")] });
                items.push(Item { leaves: end + 3, records: vec![event(end, "bed_out")] });
            }
            items.push(self.item(end, number as u64, vec![record(night, &tells)]));
        }
        items
    }
}

/// Whether somebody is asleep at an instant of a night.
pub(super) fn is_asleep(night: &Night, at: i64) -> bool {
    let stage = night.stages.iter().find(|stage| (stage.start..stage.end).contains(&at));
    stage.is_some_and(|stage| State::is_sleep(stage.state))
}
