//! Days of activity.

use super::Summaries;
use domain::activity::day;
use domain::fields::Fields as _;
use domain::{Result, UserId, device};
use store::day::Day;
use store::person::Stamp;
use store::{Tx, person};

impl Summaries {
    /// Sums up a day of which something is known.
    pub(super) fn update_day(&mut self, tx: &mut Tx<'_>, number: i64) -> Result<()> {
        let user = self.person.id;
        let stamp = person::touch(tx, user, 0)?;
        let (start, end) = (self.calendar.start(number), self.calendar.end(number));
        let samples = self.samples(tx, start, end)?;
        // A day whose minutes turn out to be of another has been told already: it stays, empty.
        let is_told = !samples.is_empty() || store::day::find(tx, user, number)?.is_some();
        let computed = if !is_told {
            None
        } else {
            let body = self.body(tx, end)?;
            let activity = day(samples.iter().map(|(_, sample)| sample), &body, end - start);
            // The device of the first steps has the say; without steps that of the first sample.
            let has_steps = samples.iter().find(|(_, sample)| sample.values.steps.is_some());
            let device = has_steps.or(samples.first()).map(|(device, _)| *device);
            let model_id = match device {
                Some(device) => self.sources.model_id(tx, user, device)?,
                None => None,
            };
            Some(Day {
                day: number,
                time_zone: self.calendar.zone_name(number).to_owned(),
                device,
                brand: model_id.and_then(device::model).and_then(|model| model.brand),
                is_tracker: device::is_tracker(model_id),
                activity,
            })
        };
        settle(tx, user, number, computed, &stamp)
    }
}

/// Stores a day: as it was given by another server, with what was computed where that says nothing;
/// as it was computed, where there is more than was given.
fn settle(
    tx: &mut Tx<'_>,
    user: UserId,
    number: i64,
    computed: Option<Day>,
    stamp: &Stamp,
) -> Result<()> {
    let given = store::day::given(tx, user, number)?;
    let settled = match (given, computed) {
        (Some(given), Some(computed)) => {
            if computed.activity.steps > given.activity.steps {
                computed
            } else {
                let activity = computed.activity.under(&given.activity);
                Day { activity, ..given }
            }
        }
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return Ok(()),
    };
    store::day::put(tx, user, &settled, stamp).map(|_| ())
}

/// Takes in a day that another server added up. Whether anything is new.
pub(crate) fn give_day(tx: &mut Tx<'_>, summaries: &mut Summaries, day: &Day) -> Result<bool> {
    let user = summaries.person.id;
    if store::day::given(tx, user, day.day)?.as_ref() == Some(day) {
        return Ok(false);
    }
    person::touch(tx, user, 0)?;
    store::day::give(tx, user, day)?;
    summaries.update_day(tx, day.day)?;
    Ok(true)
}
