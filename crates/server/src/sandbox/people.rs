//! Simulated people: what their devices hand over reaches the server when its clock gets there,
//! through device sync like everybody's. Who they are is `simulator`'s, which draws all of it from
//! a seed; what is kept is that seed, and up to when they have lived.

use api::admin::{self, NewAccount, NewDevice};
use api::sync;
use domain::person::Gender;
use domain::{Error, Refusal, Result, UserId};
use simulator::{DeviceKind, Feed, Persona, Preset, Sex, Upload};
use std::collections::{BTreeMap, VecDeque};
use store::simulated::{self, Simulated};
use store::{Access, Db, Tx};
use tokio::sync::{Mutex, MutexGuard};

/// So much of a life is looked at ahead.
const AHEAD_SECONDS: i64 = 86_400;
/// A sandbox has at most this many people who do not exist.
const PEOPLE_MAX: usize = 1_000;
/// The longest past somebody begins with.
const PAST_DAYS_MAX: i64 = 3_660;

/// Everybody of a sandbox who does not exist.
#[derive(Default)]
pub(crate) struct People {
    lives: Mutex<Option<Vec<Life>>>,
}

/// The token of each device, and whether it is somebody else's too.
type Tokens = BTreeMap<DeviceKind, (String, bool)>;

/// One of them.
struct Life {
    user: UserId,
    feed: Feed,
    devices: Tokens,
    /// What is handed over next.
    pending: VecDeque<Upload>,
    /// Up to when `pending` is known.
    known: i64,
}

/// Somebody to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewPerson {
    pub(crate) preset: Preset,
    pub(crate) seed: i64,
    pub(crate) zone: String,
    /// Where they can be reached; made of the preset and the seed if it is missing.
    pub(crate) email: Option<String>,
    /// So many days of their life are there at once.
    pub(crate) days: i64,
}

impl People {
    /// Everybody, read from the store by whoever asks first.
    async fn lives(&self, db: &Db) -> Result<MutexGuard<'_, Option<Vec<Life>>>> {
        let mut lives = self.lives.lock().await;
        if lives.is_none() {
            let rows = db.run(Access::Write, |tx| {
                simulated::list(tx)?.into_iter().map(|row| Ok((tokens(tx, &row)?, row))).collect()
            });
            let rows: Vec<(Tokens, Simulated)> = rows.await?;
            let life = |(devices, row)| Life::of(&row, devices);
            *lives = Some(rows.into_iter().map(life).collect::<Result<_>>()?);
        }
        Ok(lives)
    }

    /// Makes somebody, with whoever lives with them, and lets them live up to now.
    pub(crate) async fn add(&self, db: &Db, now: i64, new: NewPerson) -> Result<Vec<Simulated>> {
        if !(0..=PAST_DAYS_MAX).contains(&new.days) {
            let problem = format!("expected 0 to {PAST_DAYS_MAX}");
            return Err(Refusal::invalid_param("days", problem).into());
        }
        let mut lives = self.lives(db).await?;
        let known = lives.get_or_insert_default();
        if known.len() >= PEOPLE_MAX {
            let problem = format!("a sandbox has at most {PEOPLE_MAX} simulated people");
            return Err(Refusal::invalid_param("preset", problem).into());
        }
        let begins = (now - new.days * 86_400).div_euclid(86_400);
        let made = db.run(Access::Write, move |tx| {
            tx.attempt(|tx| {
                let rows = make(tx, &new, begins, now - new.days * 86_400)?;
                rows.into_iter().map(|row| Ok((tokens(tx, &row)?, row))).collect::<Result<Vec<_>>>()
            })
        });
        let mut users = Vec::new();
        for (devices, row) in made.await? {
            known.push(Life::of(&row, devices)?);
            users.push(row.user);
        }
        live(db, known, now).await?;
        let mut rows = db.run(Access::Read, simulated::list).await?;
        rows.retain(|row| users.contains(&row.user));
        rows.sort_unstable_by_key(|row| row.member);
        Ok(rows)
    }

    /// When somebody hands something over next, up to a moment.
    pub(super) async fn next(&self, db: &Db, to: i64) -> Result<Option<i64>> {
        let mut lives = self.lives(db).await?;
        Ok(lives.iter_mut().flatten().filter_map(|life| life.next(to)).min())
    }

    /// Hands over what is due.
    pub(super) async fn live(&self, db: &Db, now: i64) -> Result<()> {
        let mut lives = self.lives(db).await?;
        live(db, lives.get_or_insert_default(), now).await
    }

    /// Nobody lives while something is done; then everybody is as the store says.
    pub(super) async fn without<T>(&self, work: impl Future<Output = T>) -> T {
        let mut lives = self.lives.lock().await;
        let done = work.await;
        *lives = None;
        done
    }

    /// Everybody.
    pub(super) async fn list(&self, db: &Db) -> Result<Vec<Simulated>> {
        db.run(Access::Read, simulated::list).await
    }
}

/// Hands over what is due, one after the other in the order of time, and notes it.
async fn live(db: &Db, lives: &mut [Life], now: i64) -> Result<()> {
    loop {
        let next = lives.iter_mut().enumerate();
        let next = next.filter_map(|(at, life)| Some((life.next(now)?, at))).min();
        let Some((_, at)) = next.filter(|(due, _)| *due <= now) else { return Ok(()) };
        let Some(upload) = lives[at].pending.pop_front() else { return Ok(()) };
        let (user, lived) = (lives[at].user, upload.at);
        let Some((token, is_shared)) = lives[at].devices.get(&upload.device).cloned() else {
            continue;
        };
        // What is measured on a scale of several people is found out by weight.
        let batch = upload.into_batch(Some(user.0).filter(|_| !is_shared));
        let batch = serde_json::to_vec(&batch).map_err(Error::internal)?;
        let work = move |tx: &mut Tx<'_>| {
            sync::answer(tx, Some(&token), &batch)?;
            simulated::set_lived(tx, user, lived)
        };
        match db.run(Access::Write, work).await {
            Ok(()) => {}
            // Somebody took the device away, or ended the account: it is handed over to nobody.
            Err(Error::Refused(refusal)) => {
                tracing::warn!(%refusal, "what a simulated device hands over was refused");
            }
            Err(failed) => return Err(failed),
        }
    }
}

impl Life {
    fn of(row: &Simulated, devices: Tokens) -> Result<Self> {
        let persona = persona(row)?;
        let (pending, known) = (VecDeque::new(), row.lived + 1);
        Ok(Self { user: row.user, feed: Feed::of(&persona), devices, pending, known })
    }

    /// When something is handed over next, as far as that is looked for.
    fn next(&mut self, to: i64) -> Option<i64> {
        while self.pending.is_empty() && self.known <= to {
            let until = (self.known + AHEAD_SECONDS).min(to + 1);
            self.pending.extend(self.feed.between(self.known, until));
            self.known = until;
        }
        self.pending.front().map(|upload| upload.at)
    }
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

/// The accounts and the devices of somebody, and of whoever lives with them.
fn make(tx: &mut Tx<'_>, new: &NewPerson, begins: i64, lived: i64) -> Result<Vec<Simulated>> {
    let seed = u64::from_le_bytes(new.seed.to_le_bytes());
    let impossible = |why: simulator::Impossible| Refusal::invalid_param(why.field, why.problem);
    let named = Persona::beginning(new.preset, seed, &new.zone, begins).map_err(impossible)?;
    let family = named.family();
    let mut rows = Vec::new();
    for (member, persona) in std::iter::once(&named).chain(&family).enumerate() {
        let email = match (&new.email, member) {
            (Some(email), 0) => email.clone(),
            (_, 0) => format!("{}-{}@example.org", new.preset, new.seed),
            (_, member) => format!("{}-{}-{member}@example.org", new.preset, new.seed),
        };
        let account = NewAccount {
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
            ..NewAccount::default()
        };
        let user = admin::create_account(tx, &account)?.id;
        for device in persona.devices() {
            let (mac, users) = (device.mac.clone(), vec![user.to_string()]);
            let model_id = device.model;
            admin::register_device(
                tx,
                &NewDevice { mac, model_id, users, ..NewDevice::default() },
            )?;
        }
        let row = Simulated {
            user,
            preset: new.preset.to_string(),
            seed: new.seed,
            member: i64::try_from(member).unwrap_or_default(),
            zone: new.zone.clone(),
            begins,
            lived,
        };
        simulated::insert(tx, &row)?;
        rows.push(row);
    }
    Ok(rows)
}

/// Metres of millimetres, kilograms of grams.
fn thousandths(count: i64) -> String {
    format!("{}.{:03}", count / 1_000, count % 1_000)
}

/// A new token for each device of somebody: those there were are nobody's any more.
fn tokens(tx: &mut Tx<'_>, row: &Simulated) -> Result<Tokens> {
    let devices = persona(row)?.devices().into_iter();
    devices
        .map(|device| {
            // One that several stand on has a token of each of them.
            let (_, token) = admin::issue_device_token(tx, &device.mac, !device.is_shared)?;
            Ok((device.kind, (token, device.is_shared)))
        })
        .collect()
}
