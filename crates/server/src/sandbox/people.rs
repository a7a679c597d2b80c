//! Simulated people: what their devices hand over reaches the server when its clock gets there,
//! through device sync like everybody's. Who they are is `simulator`'s, which draws all of it from
//! a seed; what is kept is that seed, and up to when they have lived.

use super::crowd::{Crowd, Ready};
use super::turn;
use api::account;
use api::admin::{self, NewAccount, NewDevice};
use api::sync::{self, Batch, Capture, Synced};
use domain::person::Gender;
use domain::{DAY_SECONDS, Error, Refusal, Result, UserId};
use serde_json::Value;
use simulator::{DeviceKind, Feed, Persona, Preset, Sensor, Sex, Upload};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::simulated::{self, Simulated};
use store::{Access, Db, Tx, sandbox};
use tokio::sync::{Mutex, MutexGuard};

/// So much is handed over in one transaction.
const BATCH_MAX: usize = 16;
/// A sandbox has at most this many people who do not exist.
const PEOPLE_MAX: usize = 1_000;
/// A watch keeps so much of its sensors until its next sync. \[choice\]
const RAW_SECONDS: i64 = 1_800;
/// The longest past somebody begins with.
const PAST_DAYS_MAX: i64 = 3_660;

/// Everybody of a sandbox who does not exist. What is known of them here is read from the store,
/// and can be dropped at any time.
#[derive(Default)]
pub(crate) struct People {
    crowd: Mutex<Option<Crowd>>,
}

/// The token of each device, and whether it is somebody else's too.
type Tokens = BTreeMap<DeviceKind, (Arc<str>, bool)>;

/// One of them.
pub(super) struct Life {
    user: UserId,
    feed: Feed,
    devices: Tokens,
    /// What is handed over before this moment is written.
    known: i64,
    /// Where the watch said it was last.
    zone: Option<String>,
}

/// What was handed over while a clock was turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// When the last of it was.
    pub(super) to: i64,
    /// So many moments.
    pub(super) stops: u64,
}

/// Somebody to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewPerson {
    pub(crate) preset: Preset,
    pub(crate) seed: i64,
    pub(crate) zone: String,
    /// So many days of their life are there at once.
    pub(crate) days: i64,
    /// What is said of the account; an address is made of the preset and the seed if it is empty.
    pub(crate) account: NewAccount,
}

impl NewPerson {
    /// Refuses who cannot be, before anything is made.
    pub(crate) fn check(&self, now: i64) -> Result<()> {
        if !(0..=PAST_DAYS_MAX).contains(&self.days) {
            let problem = format!("expected 0 to {PAST_DAYS_MAX}");
            return Err(Refusal::invalid_param("days", problem).into());
        }
        self.family(now).map(drop)
    }

    /// When their life is known from on.
    fn since(&self, now: i64) -> i64 {
        now.saturating_sub(self.days.saturating_mul(DAY_SECONDS))
    }

    /// The day the story begins, and everybody in it.
    fn family(&self, now: i64) -> Result<(i64, Vec<Persona>)> {
        let begins = self.since(now).div_euclid(DAY_SECONDS);
        let seed = u64::from_le_bytes(self.seed.to_le_bytes());
        let impossible =
            |why: simulator::Impossible| Refusal::invalid_param(why.field, why.problem);
        let named =
            Persona::beginning(self.preset, seed, &self.zone, begins).map_err(impossible)?;
        let mut all = named.family();
        all.insert(0, named);
        Ok((begins, all))
    }

    /// Makes the accounts and the devices of somebody, and of whoever lives with them.
    pub(crate) fn make(&self, tx: &mut Tx<'_>) -> Result<Vec<UserId>> {
        self.check(tx.now())?;
        if simulated::list(tx)?.len() >= PEOPLE_MAX {
            let problem = format!("a sandbox has at most {PEOPLE_MAX} simulated people");
            return Err(Refusal::invalid_param("persona", problem).into());
        }
        let lived = self.since(tx.now());
        let (begins, family) = self.family(tx.now())?;
        let mut users = Vec::new();
        for (member, persona) in family.iter().enumerate() {
            let user = admin::create_account(tx, &self.account_of(member, persona, lived))?.id;
            for device in persona.devices() {
                let (mac, users) = (device.mac.clone(), vec![user.to_string()]);
                let model_id = device.model;
                let new = NewDevice { mac, model_id, users, ..NewDevice::default() };
                admin::register_device(tx, &new)?;
            }
            let row = Simulated {
                user,
                preset: self.preset.to_string(),
                seed: self.seed,
                member: i64::try_from(member).unwrap_or_default(),
                zone: self.zone.clone(),
                begins,
                lived,
            };
            simulated::insert(tx, &row)?;
            users.push(user);
        }
        Ok(users)
    }

    fn account_of(&self, member: usize, persona: &Persona, lived: i64) -> NewAccount {
        let said = if member == 0 { self.account.clone() } else { NewAccount::default() };
        let email = match member {
            0 if !said.email.is_empty() => said.email.clone(),
            0 => format!("{}-{}@example.org", self.preset, self.seed),
            _ => format!("{}-{}-{member}@example.org", self.preset, self.seed),
        };
        NewAccount {
            email,
            time_zone: Some(persona.zone.to_owned()),
            birth_date: Some(domain::calendar::date(persona.born)),
            gender: Some(match persona.sex {
                Sex::Man => Gender::Man,
                Sex::Woman => Gender::Woman,
            }),
            height_m: Some(thousandths(persona.height_mm)),
            // A scale of several people tells them apart by what it knows of each.
            weight_kg: Some(thousandths(persona.start_weight_g)),
            told_at: Some(lived),
            ..said
        }
    }
}

impl People {
    /// Everybody, read from the store by whoever asks first.
    async fn crowd(&self, db: &Db) -> Result<MutexGuard<'_, Option<Crowd>>> {
        let mut crowd = self.crowd.lock().await;
        if crowd.is_none() {
            let rows = db.run(Access::Write, |tx| {
                simulated::list(tx)?.into_iter().map(|row| Ok((tokens(tx, &row)?, row))).collect()
            });
            let rows: Vec<(Tokens, Simulated)> = rows.await?;
            let life = |(devices, row)| Life::of(&row, devices);
            *crowd = Some(Crowd::of(rows.into_iter().map(life).collect::<Result<_>>()?));
        }
        Ok(crowd)
    }

    /// Makes somebody, with whoever lives with them, and lets them live up to now.
    pub(crate) async fn add(&self, db: &Db, now: i64, new: NewPerson) -> Result<Vec<Simulated>> {
        let made = db.run(Access::Write, move |tx| tx.attempt(|tx| new.make(tx)));
        let made = self.without(made).await?;
        self.live(db, now).await?;
        let mut rows = db.run(Access::Read, simulated::list).await?;
        rows.retain(|row| made.contains(&row.user));
        rows.sort_unstable_by_key(|row| row.member);
        Ok(rows)
    }

    /// Hands over what is due.
    pub(super) async fn live(&self, db: &Db, now: i64) -> Result<()> {
        self.live_up_to(db, now, When::Now).await
    }

    /// Hands over what is due, and tells nobody.
    pub(super) async fn live_quietly(&self, db: &Db, now: i64) -> Result<()> {
        self.live_up_to(db, now, When::Past).await
    }

    async fn live_up_to(&self, db: &Db, now: i64, when: When) -> Result<()> {
        let mut crowd = self.crowd(db).await?;
        loop {
            let batch = next(&mut crowd, now.saturating_add(1)).await?;
            if batch.is_empty() {
                return Ok(());
            }
            hand_over(db, &mut crowd, batch, when.clone()).await?;
        }
    }

    /// Hands over some of what is due before a moment, each at its own, as far as nothing else
    /// falls due on the way; `clock` says how the clock is to be written down that far.
    pub(super) async fn live_on(
        &self,
        db: &Db,
        before: i64,
        clock: impl Fn(i64) -> String + Send + Sync + 'static,
    ) -> Result<Option<Passed>> {
        let mut crowd = self.crowd(db).await?;
        let batch = next(&mut crowd, before).await?;
        if batch.is_empty() {
            return Ok(None);
        }
        hand_over(db, &mut crowd, batch, When::Then(Arc::new(clock))).await.map(Some)
    }

    /// Nobody lives while something is done; then everybody is as the store says.
    pub(super) async fn without<T>(&self, work: impl Future<Output = T>) -> T {
        let mut crowd = self.crowd.lock().await;
        let done = work.await;
        *crowd = None;
        done
    }

    /// Everybody.
    pub(super) async fn list(&self, db: &Db) -> Result<Vec<Simulated>> {
        db.run(Access::Read, simulated::list).await
    }
}

/// What is handed over next before a moment.
async fn next(crowd: &mut Option<Crowd>, before: i64) -> Result<Vec<Arc<Ready>>> {
    let Some(known) = crowd else { return Ok(Vec::new()) };
    let next = known.next(before, BATCH_MAX).await;
    if next.is_err() {
        // Whoever wrote is lost, and the lives with them: they are read anew.
        *crowd = None;
    }
    next
}

/// When what is handed over happens.
#[derive(Clone)]
enum When {
    /// It happens now.
    Now,
    /// It was before: nobody is told.
    Past,
    /// Each at its own moment; how the clock is to be written down then.
    Then(Arc<dyn Fn(i64) -> String + Send + Sync>),
}

/// Hands a batch over in one transaction, and notes it. Where each is handed over at its own
/// moment, the batch ends early if something else falls due before the next.
async fn hand_over(
    db: &Db,
    crowd: &mut Option<Crowd>,
    batch: Vec<Arc<Ready>>,
    when: When,
) -> Result<Passed> {
    let work = move |tx: &mut Tx<'_>| {
        let (mut done, mut lived) = (0, BTreeMap::new());
        if matches!(when, When::Past) {
            tx.hush();
        }
        let mut passed = Passed { to: tx.now(), stops: 0 };
        for ready in &batch {
            let each = matches!(when, When::Then(_));
            let moment = if each { ready.at } else { tx.now() };
            tx.go_on_at(moment)?;
            if each && done > 0 && turn::next_due(tx)?.is_some_and(|due| due < moment) {
                break;
            }
            // Their phone says it, before the watch hands over what was there.
            let moved = match &ready.zone {
                Some(zone) => account::travels(tx, ready.user, zone, ready.at),
                None => Ok(()),
            };
            match moved.and_then(|()| sync::take_in(tx, &ready.token, &ready.batch)) {
                Ok(synced) if ready.is_watch => give_raw_data(tx, ready, &synced)?,
                Ok(_) => {}
                // Somebody took the device away, or ended the account: it is handed over to nobody.
                Err(Error::Refused(refusal)) => {
                    tracing::warn!(%refusal, "what a simulated device hands over was refused");
                }
                Err(failed) => return Err(failed),
            }
            passed.stops += u64::from(done == 0 || passed.to != moment);
            (passed.to, done) = (moment, done + 1);
            lived.insert(ready.user, ready.at);
        }
        lived.into_iter().try_for_each(|(user, at)| simulated::set_lived(tx, user, at))?;
        if let When::Then(clock) = &when {
            sandbox::set_clock(tx, &clock(passed.to))?;
            tx.go_on_at(passed.to)?;
            tx.leave_announcing();
        }
        Ok((done, passed))
    };
    match db.run(Access::Write, work).await {
        Ok((done, passed)) => {
            if let Some(crowd) = crowd {
                crowd.pass(done);
            }
            Ok(passed)
        }
        // What was kept is not known: the store knows.
        Err(failed) => {
            *crowd = None;
            Err(failed)
        }
    }
}

/// Hands over what the sensors of a watch saw of the last while, if a program wants it.
fn give_raw_data(tx: &mut Tx<'_>, ready: &Ready, synced: &Synced) -> Result<()> {
    if synced.rawdata.is_empty() {
        return Ok(());
    }
    let Some(row) = simulated::find(tx, ready.user)? else { return Ok(()) };
    let persona = persona(&row)?;
    let from = ready.at.saturating_sub(RAW_SECONDS);
    for sensor in [Sensor::Accelerometer, Sensor::Optical] {
        let is_wanted =
            |wanted: &Capture| wanted.userid == ready.user && wanted.rawdata_type == sensor.code();
        if synced.rawdata.iter().any(is_wanted) {
            let records = simulator::raw_data(&persona, sensor, from, ready.at).into_iter();
            let records = records.filter_map(|record| match record {
                Value::Object(record) => Some(record),
                _ => None,
            });
            sync::take_in(tx, &ready.token, &Batch::of(records.collect()))?;
        }
    }
    Ok(())
}

impl Life {
    fn of(row: &Simulated, devices: Tokens) -> Result<Self> {
        let persona = persona(row)?;
        let (feed, known) = (Feed::of(&persona), row.lived + 1);
        Ok(Self { user: row.user, feed, devices, known, zone: None })
    }

    /// What is handed over before this moment is written.
    pub(super) fn known(&self) -> i64 {
        self.known
    }

    /// Writes what is handed over before a moment, from where it was written last.
    pub(super) fn before(&mut self, moment: i64) -> Vec<Ready> {
        let from = self.known;
        self.known = moment.max(from);
        let uploads = self.feed.between(from, self.known).into_iter();
        uploads.filter_map(|upload| self.ready(upload)).collect()
    }

    fn ready(&mut self, upload: Upload) -> Option<Ready> {
        let (token, is_shared) = self.devices.get(&upload.device)?;
        let (at, is_watch) = (upload.at, upload.device == DeviceKind::Watch);
        let zone = zone(&upload).filter(|zone| self.zone.as_deref() != Some(zone));
        let zone = zone.map(str::to_owned);
        self.zone = zone.clone().or(self.zone.take());
        // What is measured on a scale of several people is found out by weight.
        let records = upload.into_records(Some(self.user.0).filter(|_| !is_shared));
        Some(Ready {
            at,
            user: self.user,
            is_watch,
            token: Arc::clone(token),
            batch: Batch::of(records),
            zone,
        })
    }
}

/// Where the person is, as their watch says: other devices stand at home.
fn zone(upload: &Upload) -> Option<&str> {
    let is_worn = upload.device == DeviceKind::Watch;
    let status = upload.records.iter().rev().find(|record| record["type"] == "status");
    status.filter(|_| is_worn)?["timezone"].as_str()
}

/// Who somebody is.
fn persona(row: &Simulated) -> Result<Persona> {
    let gone = || Error::internal("a simulated person this version does not know");
    let preset = row.preset.parse::<Preset>().map_err(|_| gone())?;
    let seed = u64::from_le_bytes(row.seed.to_le_bytes());
    let named = Persona::beginning(preset, seed, &row.zone, row.begins).map_err(|_| gone())?;
    match usize::try_from(row.member - 1) {
        Err(_) => Ok(named),
        Ok(member) => named.family().into_iter().nth(member).ok_or_else(gone),
    }
}

/// Metres of millimetres, kilograms of grams.
pub(super) fn thousandths(count: i64) -> String {
    format!("{}.{:03}", count / 1_000, count % 1_000)
}

/// A new token for each device of somebody: those there were are nobody's any more.
fn tokens(tx: &mut Tx<'_>, row: &Simulated) -> Result<Tokens> {
    let devices = persona(row)?.devices().into_iter();
    devices
        .map(|device| {
            // One that several stand on has a token of each of them.
            let (_, token) = admin::issue_device_token(tx, &device.mac, !device.is_shared)?;
            Ok((device.kind, (token.into(), device.is_shared)))
        })
        .collect()
}
