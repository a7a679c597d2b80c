//! Nights: which stages make one, which of several devices has the say of it, and which of the
//! nights that are stored it is.

use super::Summaries;
use super::deleted::is_deleted;
use crate::source::Source;
use domain::fields::Fields as _;
use domain::sleep::{self, NIGHT_GAP_SECONDS, NIGHT_SECONDS_MAX, Stage, Vital, nights, summary};
use domain::{DeviceId, Result, UserId, device};
use store::night::{self, MOVE_SECONDS_MAX, Night, Stored};
use store::series::{self, Sleep};
use store::{Tx, person};

/// What a device says of a night besides its stages.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// Which device.
    pub(crate) device: DeviceId,
    /// When it began.
    pub(crate) start: i64,
    /// When it ended.
    pub(crate) end: i64,
    /// What it says.
    pub(crate) said: sleep::Night,
    /// Whether it says that the night is over.
    pub(crate) is_completed: bool,
}

/// A window that grows is looked at again this often: each time by the night next to it.
const WIDENINGS_MAX: usize = 32;

/// Notes which nights are over: two hours after their end, when somebody who uses any of the
/// person's devices is heard of again.
pub(crate) fn complete_nights(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    for stored in night::open(tx, user)? {
        if tx.now().saturating_sub(stored.night.end) >= NIGHT_GAP_SECONDS {
            let stamp = person::touch(tx, user, 0)?;
            let after = Night { is_completed: true, ..stored.night.clone() };
            night::change(tx, &stored, &after, &stamp)?;
        }
    }
    Ok(())
}

impl Summaries {
    /// Cuts and sums up the nights that stages between two moments may belong to.
    pub(super) fn update_nights(
        &mut self,
        tx: &mut Tx<'_>,
        window: (i64, i64),
        told: &[Told],
    ) -> Result<()> {
        let user = self.person.id;
        let stamp = person::touch(tx, user, 0)?;
        let (sleep, rows) = whole(tx, user, window)?;
        let sleep = self.sources.ranked(tx, user, sleep, device::sleep_rank)?;
        let mut candidates = Vec::new();
        for (device, sleep) in &sleep {
            candidates.extend(self.cut(tx, *device, sleep)?);
        }
        let accepted = without_shadowed(candidates);
        let (given, mut rows): (Vec<Stored>, Vec<Stored>) =
            rows.into_iter().partition(|row| row.night.is_given);
        let mut filled_in = Vec::new();
        for mut new in accepted {
            if let Some(at) = most_overlapped(&given, &new) {
                let row = &given[at];
                // Of several the first says what was not given; none of them is a night of its own.
                if filled_in.contains(&row.id) {
                    continue;
                }
                filled_in.push(row.id);
                let told = told.iter().filter(|told| is_of(told, &new));
                let computed = told.fold(new.data.clone(), |data, told| data.under(&told.said));
                let data = computed.under(&row.night.said);
                let after = Night { data, ..row.night.clone() };
                night::change(tx, row, &after, &stamp)?;
                continue;
            }
            let is_same = |row: &Stored| {
                row.night.device == new.device
                    && row.placed.abs_diff(new.start) <= MOVE_SECONDS_MAX as u64
            };
            let own: Vec<Stored> = rows.iter().filter(|row| is_same(row)).cloned().collect();
            let known = most_overlapped(&own, &new).map(|at| own[at].clone());
            if let Some(known) = &known {
                rows.retain(|row| row.id != known.id);
                new.said = known.night.said.clone();
                let has_grown = new.end > known.night.end;
                new.is_completed |= known.night.is_completed && !has_grown;
            }
            for told in told {
                if is_of(told, &new) {
                    new.said = new.said.under(&told.said);
                    new.is_completed |= told.is_completed;
                }
            }
            new.data = new.data.under(&new.said);
            match known {
                Some(known) => night::change(tx, &known, &new, &stamp).map(|_| ())?,
                None => night::insert(tx, user, &new, None).map(|_| ())?,
            }
        }
        rows.iter().try_for_each(|row| night::remove(tx, row.id, &stamp))
    }

    /// The nights of one device.
    fn cut(&mut self, tx: &mut Tx<'_>, device: DeviceId, sleep: &Sleep) -> Result<Vec<Night>> {
        let model_id = self.sources.model_id(tx, self.person.id, device)?;
        let now = tx.now();
        let cut = nights(&sleep.stages);
        let mut out: Vec<Night> = Vec::with_capacity(cut.len());
        for stages in cut {
            let (Some(first), Some(last)) = (stages.first(), stages.last()) else { continue };
            let (start, end) = (first.start, last.end);
            // A night that another follows is over.
            if let Some(before) = out.last_mut() {
                before.is_completed = true;
            }
            let (data, events) = summary(stages, of_time(&sleep.vitals, start, end));
            let day = self.calendar.day(end);
            out.push(Night {
                start,
                end,
                day,
                time_zone: self.calendar.zone_name(day).to_owned(),
                device: Some(device),
                model: device::sleep_source(model_id),
                is_given: false,
                is_completed: now.saturating_sub(end) >= NIGHT_GAP_SECONDS,
                said: sleep::Night::default(),
                data,
                events,
            });
        }
        Ok(out)
    }
}

/// What a device told of a window.
type OfDevice = (DeviceId, Sleep);

/// Everything that may belong to nights of a window: what devices told of it, and the nights that
/// are stored, none of them in part.
fn whole(
    tx: &mut Tx<'_>,
    user: UserId,
    (mut start, mut end): (i64, i64),
) -> Result<(Vec<OfDevice>, Vec<Stored>)> {
    let widened = |start: i64, end: i64| {
        (start.saturating_sub(NIGHT_GAP_SECONDS), end.saturating_add(NIGHT_GAP_SECONDS))
    };
    (start, end) = widened(start, end);
    let mut found = (Vec::new(), Vec::new());
    for _ in 0..WIDENINGS_MAX {
        let sleep = series::sleep_between(tx, user, start, end)?;
        let rows = night::between(tx, user, start, end)?;
        let stages = sleep.iter().flat_map(|(_, sleep)| &sleep.stages);
        let stages = stages.filter(|stage| stage.state.is_in_bed());
        let spans = stages.map(|stage: &Stage| widened(stage.start, stage.end));
        let spans = spans.chain(rows.iter().map(|row| (row.night.start, row.night.end)));
        let (first, last) = spans
            .fold((start, end), |(first, last), (start, end)| (first.min(start), last.max(end)));
        found = (sleep, rows);
        if (first, last) == (start, end) {
            break;
        }
        (start, end) = (first, last);
    }
    Ok(found)
}

/// Nights of several devices: of two at one time the first has the say, and the other is none.
fn without_shadowed(candidates: Vec<Night>) -> Vec<Night> {
    let mut accepted: Vec<Night> = Vec::with_capacity(candidates.len());
    for new in candidates {
        let is_over = |known: &Night| known.device != new.device && overlap(known, &new) > 0;
        if !accepted.iter().any(is_over) {
            accepted.push(new);
        }
    }
    accepted.sort_by_key(|night| night.start);
    accepted
}

fn overlap(one: &Night, other: &Night) -> i64 {
    one.end.min(other.end) - one.start.max(other.start)
}

/// The place of the stored night that has most of this one's time.
fn most_overlapped(rows: &[Stored], new: &Night) -> Option<usize> {
    let overlaps = rows.iter().enumerate().map(|(at, row)| (overlap(&row.night, new), at));
    overlaps
        .filter(|(seconds, _)| *seconds > 0)
        .max_by_key(|(seconds, _)| *seconds)
        .map(|(_, at)| at)
}

/// Whether what a device told is about this night.
fn is_of(told: &Told, night: &Night) -> bool {
    night.device == Some(told.device) && told.start < night.end && told.end > night.start
}

fn of_time(vitals: &[Vital], start: i64, end: i64) -> &[Vital] {
    let first = vitals.partition_point(|vital| vital.at < start);
    let last = vitals.partition_point(|vital| vital.at < end);
    &vitals[first..last.max(first)]
}

/// Takes in a night that another server summed up: its times stand. Whether anything is new.
pub(crate) fn give_night(
    tx: &mut Tx<'_>,
    summaries: &mut Summaries,
    given: Night,
    created: Option<i64>,
) -> Result<bool> {
    let user = summaries.person.id;
    let stamp = person::touch(tx, user, 0)?;
    if is_deleted(tx, user, &given)? {
        return Ok(false);
    }
    let rows = night::between(tx, user, given.start, given.end)?;
    let known = rows.iter().find(|row| is_given_again(&row.night, &given));
    if let Some(known) = known {
        let said = known.night.said.clone().under(&given.said);
        let data = known.night.data.clone().under(&said);
        let after = Night { said, data, events: known.night.events.clone(), ..given };
        return night::change(tx, known, &after, &stamp);
    }
    // Summed up here already, from the same stages.
    if rows.iter().any(|row| has_times_of(&row.night, &given)) {
        return Ok(false);
    }
    let window = (given.start, given.end);
    night::insert(tx, user, &given, created)?;
    summaries.update_nights(tx, window, &[])?;
    Ok(true)
}

/// Whether another server gives a night anew.
pub(super) fn is_given_again(known: &Night, given: &Night) -> bool {
    known.is_given && known.start == given.start && known.model == given.model
}

/// Whether a night has the times of one that is given.
pub(super) fn has_times_of(known: &Night, given: &Night) -> bool {
    known.start == given.start && known.end == given.end
}

/// The sleep of a night as the device that has the say told it.
pub(crate) struct Slept {
    /// Which device, if anything is known of it.
    pub(crate) source: Option<Source>,
    /// In order.
    pub(crate) stages: Vec<Stage>,
    /// In order.
    pub(crate) vitals: Vec<Vital>,
}

impl Summaries {
    /// The sleep of the nights that stages between two moments, the second not included, are part
    /// of: each second told by one device, the one first that counts most.
    pub(crate) fn slept(&mut self, tx: &mut Tx<'_>, start: i64, end: i64) -> Result<Vec<Slept>> {
        let user = self.person.id;
        // Nights that reach into the window have their rank from all of their time.
        let (from, to) =
            (start.saturating_sub(NIGHT_SECONDS_MAX), end.saturating_add(NIGHT_SECONDS_MAX));
        let told = series::sleep_between(tx, user, from, to)?;
        let told = self.sources.ranked(tx, user, told, device::sleep_rank)?;
        let mut taken: Vec<(i64, i64)> = Vec::new();
        let mut slept = Vec::new();
        for (device, sleep) in told {
            let nights = nights(&sleep.stages);
            let spans = nights.iter().filter_map(|night| Some((night.first()?, night.last()?)));
            let spans: Vec<(i64, i64)> = spans
                .map(|(first, last)| (first.start, last.end))
                .filter(|new| !overlaps(&taken, *new))
                .collect();
            let is_in = |at: i64| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
            let stages = sleep.stages.iter().filter(|stage| is_in(stage.start)).copied().collect();
            let source = self.sources.find(tx, user, device)?;
            let vitals = sleep.vitals.into_iter().filter(|vital| is_in(vital.at)).collect();
            slept.push(Slept { source, stages, vitals });
            taken.extend(spans);
        }
        Ok(slept)
    }
}

fn overlaps(taken: &[(i64, i64)], (start, end): (i64, i64)) -> bool {
    taken.iter().any(|(first, last)| *first < end && start < *last)
}
