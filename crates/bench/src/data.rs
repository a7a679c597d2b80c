//! Stores to measure on: people with scales that analyse the body, filled through the one way in
//! for measures of devices. The values are the simulator's.

use anyhow::Result;
use api::{admin, intake};
use domain::measure::{Measure, MeasureType};
use domain::{Error, UnixTime, UserId};
use server::clock::SystemClock;
use server::entropy::SystemEntropy;
use simulator::{Persona, Reading, weigh_ins};
use std::path::Path;
use std::sync::Arc;
use store::secrets::Keyring;
use store::{Access, Db, Environment, Limits, Target, Tx};

/// Groups of one transaction while a store is filled.
const SLICE: usize = 500;

/// What the store and the server need besides the data, with the key of a folder.
pub(crate) fn environment(folder: &Path) -> Result<Environment> {
    let keyring = Keyring::open(&folder.join("vitald.key"), &SystemEntropy)?;
    let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
    Ok(Environment {
        clock,
        entropy,
        keyring: Arc::new(keyring),
        profile: domain::Profile::default(),
    })
}

pub(crate) fn open(target: &Target, folder: &Path) -> Result<Db> {
    Ok(Db::open(target, environment(folder)?, Limits::default())?)
}

/// Somebody with a scale.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) mac: String,
}

pub(crate) fn person(db: &Db, number: usize) -> Result<Person> {
    let mac = format!(
        "00:24:e4:{:02x}:{:02x}:{:02x}",
        number >> 16 & 255,
        number >> 8 & 255,
        number & 255
    );
    let (email, of_device) = (format!("bench-{number}@example.org"), mac.clone());
    let user = db.run_blocking(Access::Write, move |tx| {
        let account = admin::NewAccount { email: email.clone(), ..admin::NewAccount::default() };
        let user = admin::create_account(tx, &account)?.id;
        let users = vec![user.to_string()];
        // A scale that analyses the body.
        let device =
            admin::NewDevice { mac: of_device.clone(), model_id: 4, users, ..Default::default() };
        admin::register_device(tx, &device)?;
        Ok(user)
    })?;
    Ok(Person { user, mac })
}

/// Years of mornings on the scale, oldest first; every value is a measure of its own.
pub(crate) fn mornings(days: i64) -> Result<Vec<Reading>> {
    #[expect(clippy::disallowed_methods, reason = "data that ends today is what servers hold")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    Ok(weigh_ins(&Persona::demo(), i64::try_from(now)?, days))
}

/// Stores readings as a device that knows its person does.
pub(crate) fn take(tx: &mut Tx<'_>, person: &Person, readings: &[Reading]) -> domain::Result<()> {
    let mac = person.mac.parse().map_err(Error::internal)?;
    let scale = store::device::find_by_mac(tx, mac)?;
    let scale = scale.ok_or_else(|| Error::internal("the scale is not registered"))?;
    readings.iter().try_for_each(|reading| {
        let measures = measures_of(reading);
        intake::personal(tx, &scale, person.user, UnixTime(reading.taken_at), measures).map(|_| ())
    })
}

pub(crate) fn measures_of(reading: &Reading) -> Vec<Measure> {
    let values = reading.values.iter();
    values.map(|value| Measure::new(MeasureType(value.kind), value.value, value.unit)).collect()
}

/// Fills a store: everybody's next readings in turn, as they come in over the years.
pub(crate) fn fill(db: &Db, people: &[Person], readings: &[Reading]) -> Result<()> {
    let each = (SLICE / people.len()).max(1);
    for piece in readings.chunks(each) {
        let (people, piece) = (people.to_vec(), piece.to_vec());
        db.run_blocking(Access::Write, move |tx| {
            people.iter().try_for_each(|person| take(tx, person, &piece))
        })?;
    }
    Ok(())
}

/// An application.
pub(crate) fn client(db: &Db) -> Result<String> {
    let made = db.run_blocking(Access::Write, |tx| {
        let application = admin::NewApplication {
            name: "bench".to_owned(),
            redirect_uris: vec!["http://127.0.0.1/".to_owned()],
            ..admin::NewApplication::default()
        };
        admin::create_application(tx, &application)
    });
    Ok(made?.client_id)
}

/// An access token of an application for a person.
pub(crate) fn token(db: &Db, user: UserId) -> Result<String> {
    let client = client(db)?;
    let issue = move |tx: &mut Tx<'_>| admin::issue_token(tx, &client, &user.to_string(), None);
    Ok(db.run_blocking(Access::Write, issue)?.access_token)
}
