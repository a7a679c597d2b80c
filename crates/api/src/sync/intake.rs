//! A batch on its way in: whose its records are, and the series that are stored at its end. What a
//! record holds is read beside this file.

use super::{Stored, invalid};
use crate::summary::{Arrived, Summaries, Told, complete_nights, stretches, without_deleted};
use domain::activity::Sample;
use domain::notification::Appli;
use domain::recording::{About, Kind};
use domain::sleep::{Stage, Vital};
use domain::{Result, UserId};
use std::collections::{BTreeMap, BTreeSet};
use store::device::Device;
use store::recording::{self, Recording};
use store::{Tx, notification, person, series};

/// A batch on its way in. Series are collected and stored at its end, all of a person at once, so
/// that what they add up to is summed up once.
pub(super) struct Intake<'i, 'c> {
    pub(super) tx: &'i mut Tx<'c>,
    pub(super) device: &'i Device,
    users: Vec<UserId>,
    pending: BTreeMap<UserId, Pending>,
    unusual: BTreeSet<String>,
}

/// What is to be stored of a person.
#[derive(Default)]
pub(super) struct Pending {
    pub(super) samples: Vec<Sample>,
    pub(super) stages: Vec<Stage>,
    pub(super) vitals: Vec<Vital>,
    pub(super) told: Vec<Told>,
    pub(super) workouts: Vec<store::workout::Workout>,
}

impl<'i, 'c> Intake<'i, 'c> {
    /// Of nothing yet.
    pub(super) fn begin(tx: &'i mut Tx<'c>, device: &'i Device) -> Result<Self> {
        let users = store::device::users(tx, device.id)?;
        Ok(Self { tx, device, users, pending: BTreeMap::new(), unusual: BTreeSet::new() })
    }

    /// Whose a record is: who it says, if they use the device, else the only person who does.
    pub(super) fn person(&self, said: Option<UserId>, place: &str) -> Result<UserId> {
        let problem = match (said, self.users.as_slice()) {
            (Some(user), users) if users.contains(&user) => return Ok(user),
            (None, [only]) => return Ok(*only),
            (Some(_), _) => "expected one of the people who use the device, as `users` lists them",
            (None, []) => "nobody uses the device; link it to somebody first",
            (None, _) => "several people use the device; say whose it is",
        };
        Err(invalid(&format!("{place}.userid"), problem).into())
    }

    pub(super) fn pending(&mut self, user: UserId) -> &mut Pending {
        self.pending.entry(user).or_default()
    }

    pub(super) fn keep_recording(
        &mut self,
        user: UserId,
        kind: Kind,
        date: i64,
        about: About,
        packed: &[u8],
    ) -> Result<Stored> {
        let device = Some(self.device.id);
        person::touch(self.tx, user, 0)?;
        if recording::taken_at(self.tx, user, kind, device, date)?.is_some() {
            return Ok(Stored::Known);
        }
        let summaries = Summaries::of(self.tx, user)?;
        let calendar = summaries.calendar();
        let time_zone = calendar.zone_name(calendar.day(date)).to_owned();
        let recording = Recording { kind, date, device, time_zone, about };
        recording::insert(self.tx, user, &recording, packed)?;
        Ok(Stored::Kept)
    }

    /// Notes what the device's model is not known to yield.
    pub(super) fn wonder(&mut self, what: String) {
        self.unusual.insert(what);
    }

    /// Stores the series, and sums up what they are part of. What is unusual of the device.
    pub(super) fn finish(self) -> Result<Vec<String>> {
        let Self { tx, device, pending, users, unusual } = self;
        pending.into_iter().try_for_each(|(user, pending)| pending.store(tx, user, device))?;
        users.into_iter().try_for_each(|user| complete_nights(tx, user))?;
        Ok(unusual.into_iter().collect())
    }
}

impl Pending {
    fn store(self, tx: &mut Tx<'_>, user: UserId, device: &Device) -> Result<()> {
        let stamp = person::touch(tx, user, 0)?;
        let mut summaries = Summaries::of(tx, user)?;
        let mut arrived = Arrived { told: self.told, ..Arrived::default() };
        if series::add_samples(tx, user, device.id, &self.samples, &stamp)? {
            arrived.samples = self.samples.iter().map(|sample| sample.at).collect();
        }
        let sleep = series::Sleep { stages: self.stages, vitals: self.vitals };
        let sleep = without_deleted(tx, user, device.id, sleep)?;
        let of_stages = sleep.stages.iter().flat_map(|stage| [stage.start, stage.end]);
        let moments = of_stages.chain(sleep.vitals.iter().map(|vital| vital.at)).collect();
        let stretches = stretches(moments);
        let is_new = series::add_sleep_of(tx, user, device.id, &sleep, &stamp)?;
        if is_new {
            let has_hrv =
                |vital: &&Vital| vital.values.rmssd.is_some() || vital.values.sdnn_1.is_some();
            let of_hrv = sleep.vitals.iter().filter(has_hrv).map(|vital| vital.at);
            if let (Some(first), Some(last)) = (of_hrv.clone().min(), of_hrv.max()) {
                notification::between(tx, user, Appli::HRV, (first, last));
            }
        }
        if is_new || !arrived.told.is_empty() {
            arrived.sleep = stretches;
        }
        summaries.update(tx, &arrived)?;
        for mut workout in self.workouts {
            workout.day = summaries.calendar().day(workout.start);
            workout.time_zone = summaries.calendar().zone_name(workout.day).to_owned();
            summaries.take_workout(tx, workout)?;
        }
        Ok(())
    }
}
