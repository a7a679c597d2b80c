//! Nights that the person deleted. What was told of their time goes, and whoever told it is passed
//! over when they tell it again; docs/sync.md says what that means. Who may delete is not decided
//! here.

use super::Summaries;
use super::nights::{has_times_of, is_given_again};
use domain::sleep::{self, Events, NIGHT_SECONDS_MAX, Stage, nights};
use domain::{DeviceId, Result, UserId, device};
use store::night::{self, Night, Stored};
use store::series::{self, Sleep};
use store::{Tx, person};

impl Summaries {
    /// Takes a night away, and what any device told of its time: else the next one in rank would
    /// tell it instead.
    pub(crate) fn forget_night(&mut self, tx: &mut Tx<'_>, stored: &Stored) -> Result<()> {
        let user = self.person.id;
        let stamp = person::touch(tx, user, 0)?;
        let (start, end) = (stored.night.start, stored.night.end);
        let (from, to) =
            (start.saturating_sub(NIGHT_SECONDS_MAX), end.saturating_add(NIGHT_SECONDS_MAX));
        let (mut first, mut last) = (start, end);
        for (device, sleep) in series::sleep_between(tx, user, from, to)? {
            for stages in nights(&sleep.stages) {
                let (Some(one), Some(other)) = (stages.first(), stages.last()) else { continue };
                let span = (one.start, other.end);
                if span.0 < end && start < span.1 {
                    series::forget_sleep(tx, user, device, span, &stamp)?;
                    (first, last) = (first.min(span.0), last.max(span.1));
                    let is_known =
                        stored.night.device == Some(device) && start <= span.0 && span.1 <= end;
                    if !is_known {
                        self.note_deleted(tx, device, span)?;
                    }
                }
            }
            series::forget_sleep(tx, user, device, (start, end), &stamp)?;
        }
        night::delete(tx, stored.id, &stamp)?;
        self.update_nights(tx, (first, last), &[])
    }

    /// Remembers that what a device told of a time is deleted, where it was no night of its own.
    fn note_deleted(
        &mut self,
        tx: &mut Tx<'_>,
        device: DeviceId,
        (start, end): (i64, i64),
    ) -> Result<()> {
        let user = self.person.id;
        let model_id = self.sources.model_id(tx, user, device)?;
        let day = self.calendar.day(end);
        let night = Night {
            start,
            end,
            day,
            time_zone: self.calendar.zone_name(day).to_owned(),
            device: Some(device),
            model: device::sleep_source(model_id),
            is_given: false,
            is_completed: true,
            said: sleep::Night::default(),
            data: sleep::Night::default(),
            events: Events::default(),
        };
        let id = night::insert(tx, user, &night, None)?;
        let stamp = person::touch(tx, user, 0)?;
        night::delete(tx, id, &stamp)
    }
}

/// What a device tells of sleep, but for the time of nights that the person deleted when that
/// device had told of them.
pub(crate) fn without_deleted(
    tx: &mut Tx<'_>,
    user: UserId,
    device: DeviceId,
    mut sleep: Sleep,
) -> Result<Sleep> {
    let of_stages = sleep.stages.iter().map(|stage| (stage.start, stage.end));
    let spans = of_stages.chain(sleep.vitals.iter().map(|vital| (vital.at, vital.at)));
    let whole = spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let Some((start, end)) = whole else { return Ok(sleep) };
    let deleted = night::deleted(tx, user, start, end)?;
    let deleted = deleted.iter().filter(|stored| stored.night.device == Some(device));
    for (start, end) in deleted.map(|stored| (stored.night.start, stored.night.end)) {
        let outside = |stage: &Stage| {
            let parts = [(stage.start, stage.end.min(start)), (stage.start.max(end), stage.end)];
            let parts = parts.into_iter().filter(|(start, end)| start < end);
            let stage = *stage;
            parts.map(move |(start, end)| Stage { start, end, ..stage })
        };
        sleep.stages = sleep.stages.iter().flat_map(outside).collect();
        sleep.vitals.retain(|vital| !(start..end).contains(&vital.at));
    }
    Ok(sleep)
}

/// Whether the person deleted a night that another server gives.
pub(super) fn is_deleted(tx: &mut Tx<'_>, user: UserId, given: &Night) -> Result<bool> {
    let deleted = night::deleted(tx, user, given.start, given.end)?;
    let is_same =
        |row: &Stored| is_given_again(&row.night, given) || has_times_of(&row.night, given);
    Ok(deleted.iter().any(is_same))
}
