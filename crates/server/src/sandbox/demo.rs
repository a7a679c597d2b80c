//! The demo person of a seed: an account with four devices. What these have of the person comes in
//! once the server listens, through the ways in of devices, from whoever started it.

use api::admin::{self, NewAccount, NewDevice, Simulation};
use domain::person::Gender;
use domain::{DAY_SECONDS, Refusal, Result};
use simulator::{Persona, Sex};
use store::Tx;
use store::person::Person;

/// The name of the persona.
pub const PERSONA: &str = "demo";
/// The scale, with a protocol of its own.
pub const SCALE_MAC: &str = "00:24:e4:de:30:01";
/// The blood pressure monitor.
pub const CUFF_MAC: &str = "00:24:e4:de:30:02";
/// The watch.
pub const WATCH_MAC: &str = "00:24:e4:de:30:03";
/// The sensor under the mattress.
pub const MAT_MAC: &str = "00:24:e4:de:30:04";
/// Two years: what the scale and the monitor have.
pub const HISTORY_DAYS: i64 = 730;

const DEVICES: [(&str, i64); 4] = [(SCALE_MAC, 4), (CUFF_MAC, 45), (WATCH_MAC, 93), (MAT_MAC, 63)];

/// Refuses what the demo person cannot be.
pub(super) fn check(simulation: &Simulation) -> Result<()> {
    let Simulation { seed, days, account, .. } = simulation;
    let said =
        [("seed", *seed != 0), ("days", *days != 0), ("timezone", account.time_zone.is_some())];
    match said.into_iter().find(|(_, is_said)| *is_said) {
        None => Ok(()),
        Some((name, _)) => {
            let problem = "the demo person is always the same; leave it out";
            Err(Refusal::invalid_param(name, problem).into())
        }
    }
}

/// Makes the account and the devices.
pub(super) fn make(tx: &mut Tx<'_>, account: &NewAccount) -> Result<Person> {
    let persona = Persona::demo();
    let account = NewAccount {
        time_zone: Some(persona.zone.to_owned()),
        birth_date: Some(domain::calendar::date(persona.born)),
        gender: Some(match persona.sex {
            Sex::Man => Gender::Man,
            Sex::Woman => Gender::Woman,
        }),
        height_m: Some(super::people::thousandths(persona.height_mm)),
        told_at: Some(tx.now() - HISTORY_DAYS * DAY_SECONDS),
        ..account.clone()
    };
    let person = admin::create_account(tx, &account)?;
    for (mac, model_id) in DEVICES {
        let (mac, users) = (mac.to_owned(), vec![person.id.to_string()]);
        admin::register_device(tx, &NewDevice { mac, model_id, users, ..NewDevice::default() })?;
    }
    Ok(person)
}
