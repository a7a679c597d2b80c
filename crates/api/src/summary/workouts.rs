//! Workouts, whose minutes arrive before or after them.

use super::Summaries;
use domain::Result;
use domain::fields::Fields as _;
use domain::workout::summary;
use store::workout::{self, Workout};
use store::{Tx, person};

impl Summaries {
    /// Sums up the workouts that samples between two moments may belong to.
    pub(super) fn update_workouts(&mut self, tx: &mut Tx<'_>, start: i64, end: i64) -> Result<()> {
        for stored in workout::between(tx, self.person.id, start, end)? {
            let stamp = person::touch(tx, self.person.id, 0)?;
            let after = self.summed_up(tx, stored.workout.clone())?;
            workout::change(tx, &stored, &after, &stamp)?;
        }
        Ok(())
    }

    /// The workout with what its minutes add to it.
    fn summed_up(&mut self, tx: &mut Tx<'_>, workout: Workout) -> Result<Workout> {
        let (start, end) = (workout.start, workout.end);
        let samples = self.samples(tx, start, end)?;
        let samples = samples.iter().map(|(_, sample)| sample);
        let body = self.body(tx, end)?;
        Ok(Workout { data: summary(&workout.said, samples, &body), ..workout })
    }

    /// Takes in a workout: a new one, or what is known better of one that its device told of.
    /// Whether anything is new. One that was taken away stays away.
    pub(crate) fn take_workout(&mut self, tx: &mut Tx<'_>, workout: Workout) -> Result<bool> {
        let user = self.person.id;
        let stamp = person::touch(tx, user, 0)?;
        let known = workout::begun_at(tx, user, workout.device, workout.start)?;
        let Some(known) = known else {
            let workout = self.summed_up(tx, workout)?;
            workout::insert(tx, user, &workout)?;
            return Ok(true);
        };
        if known.is_deleted {
            return Ok(false);
        }
        let said = known.workout.said.clone().under(&workout.said);
        let after = self.summed_up(tx, Workout { said, ..workout })?;
        workout::change(tx, &known, &after, &stamp)
    }
}
