//! `session new` and `session delete`: a scale says how it is, and is told who uses it and what
//! time it is.

use super::{Body, Call, body, device_of, parse_mac};
use crate::form::Request;
use domain::measure::{Measure, MeasureType};
use domain::person::{Gender, age_years, time_zone};
use domain::{Error, Refusal, Result, UserId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use store::device::{self, Device, Report};
use store::{Access, Tx, measure, person};

/// The language of the scale's screen.
const LANGUAGE: &str = "en_EN";
/// Gravity in 10^-4 m/s^2, by which a scale corrects weights; as recorded.
const GRAVITY: i64 = 97_973;
/// Flags whose meaning is not public, as recorded.
const SHOWS_MEASURE_TYPES: i64 = 1;

pub(super) const NEW: Call =
    Call { path: "/cgi-bin/session", action: "new", access: Access::Write, answer: begin };

pub(super) const DELETE: Call = Call {
    path: "/cgi-bin/session",
    action: "delete",
    access: Access::Write,
    answer: |tx, request| {
        device_of(tx, request)?;
        device::close_session(tx, request.required("sessionid")?)?;
        Ok(None)
    },
};

/// The answer to `new`.
#[derive(Serialize)]
struct Opened {
    sessionid: String,
    sp: People,
    ind: Json,
    syp: Json,
    ctp: Json,
}

#[derive(Serialize)]
struct People {
    users: Vec<Profile>,
}

/// What a scale has to know of a person. What is not known is 0.
#[derive(Serialize)]
struct Profile {
    id: UserId,
    sn: String,
    wt: Box<RawValue>,
    ht: Box<RawValue>,
    agt: i64,
    sx: i64,
    fm: i64,
    cr: i64,
    att: i64,
    re: i64,
    ri: i64,
}

fn begin(tx: &mut Tx<'_>, request: &Request) -> Result<Body> {
    let auth = parse_mac(request.required("auth")?)?;
    let mac = request.text("macaddress")?.map(parse_mac).transpose()?.unwrap_or(auth);
    if mac != auth {
        return Err(Refusal::invalid_param("auth", "it differs from macaddress").into());
    }
    let Some(found) = device::find_by_mac(tx, mac)? else {
        let cause = "no device has this hardware address; register it: vitald device register";
        return Err(Refusal::rejected("macaddress", cause).into());
    };
    let percent = request.text("batterylvl")?.and_then(|text| text.trim().parse::<u8>().ok());
    let report = Report {
        firmware: request.text("currentfw")?.map(plain),
        battery_percent: percent.filter(|percent| *percent <= 100),
    };
    let session = device::open_session(tx, found.id, &report)?;
    let users = device::users(tx, found.id)?;
    let users: Result<Vec<Profile>> = users.into_iter().map(|user| profile(tx, user)).collect();
    let (offset, change, next_offset) = clock_changes(tx, &found);
    body(&Opened {
        sessionid: session,
        sp: People { users: users? },
        ind: json!({
            "lg": LANGUAGE, "imt": SHOWS_MEASURE_TYPES, "stp": 1, "f": 0, "g": GRAVITY,
        }),
        syp: json!({ "utc": tx.now() }),
        ctp: json!({ "goff": offset, "dst": change, "ngoff": next_offset }),
    })
}

/// Up to 32 printable characters: what a device says is shown on terminals.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(32).collect()
}

fn profile(tx: &mut Tx<'_>, user: UserId) -> Result<Profile> {
    let person = person::get(tx, user)?;
    let now = tx.now();
    let weight = measure::last(tx, user, MeasureType::WEIGHT)?;
    let height = measure::last(tx, user, MeasureType::HEIGHT)?;
    let zone = time_zone(&person.time_zone).unwrap_or(TimeZone::UTC);
    let age = person.birth_date.map_or(0, |birth| age_years(birth, now, &zone));
    Ok(Profile {
        id: user,
        sn: person.short_name,
        wt: number(weight)?,
        ht: number(height)?,
        agt: age,
        sx: person.gender.unwrap_or(Gender::Man).code(),
        fm: 3,
        cr: person.created,
        att: 0,
        re: 0,
        ri: 0,
    })
}

/// A measure as a decimal number, digit for digit.
fn number(measure: Option<Measure>) -> Result<Box<RawValue>> {
    let text = measure.map_or_else(|| "0".to_owned(), |measure| measure.decimal());
    RawValue::from_string(text).map_err(Error::internal)
}

/// The offset from UTC in seconds where the device stands, when it changes next (0: never), and to
/// what.
fn clock_changes(tx: &Tx<'_>, device: &Device) -> (i32, i64, i32) {
    let zone = time_zone(&device.time_zone).unwrap_or(TimeZone::UTC);
    let Ok(now) = Timestamp::from_second(tx.now()) else { return (0, 0, 0) };
    let offset = zone.to_offset(now).seconds();
    let next = zone.following(now).next();
    next.map_or((offset, 0, offset), |change| {
        (offset, change.timestamp().as_second(), change.offset().seconds())
    })
}
