//! Who a person is, as they say themselves. Every field is text as it was typed; blank is unsaid.

use crate::admin::{self, NewGoals, decimal};
use crate::summary;
use domain::account::is_language;
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::person::{Gender, short_name, time_zone};
use domain::{Refusal, Result, UserId};
use jiff::{Timestamp, civil::Date};
use store::measure::{NewGroup, insert, last, weight_goal};
use store::person::{Person, Taste};
use store::{Tx, goal, notification, person};

/// Nobody alive was born before.
const BIRTH_YEAR_MIN: i16 = 1900;

/// What a person has said of themselves.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Who they are.
    pub person: Person,
    /// Their last height.
    pub height: Option<Measure>,
    /// What they aim at each day.
    pub goals: goal::Goals,
    /// The weight they aim at.
    pub goal_weight: Option<Measure>,
}

/// What a person says of themselves, all of it.
#[derive(Debug, Clone, Default)]
pub struct NewProfile {
    /// Two to five letters or digits.
    pub short_name: String,
    /// A zone of the time zone database.
    pub time_zone: String,
    /// A language tag.
    pub language: String,
    /// `YYYY-MM-DD`
    pub birth_date: String,
    /// 0 or 1; see [`Gender`].
    pub gender: String,
    /// In metres. Blank: nothing new.
    pub height: String,
    /// 1, 2 or 14; see [`Taste`].
    pub unit_weight: String,
    /// 6 or 7
    pub unit_height: String,
    /// 6 or 8
    pub unit_distance: String,
    /// 11 or 13
    pub unit_temperature: String,
    /// Steps a day.
    pub steps: String,
    /// Sleep a night, such as `7h30m`.
    pub sleep: String,
    /// The weight aimed at, in kilograms.
    pub weight: String,
}

/// What a person has said of themselves.
pub fn profile(tx: &mut Tx<'_>, user: UserId) -> Result<Profile> {
    Ok(Profile {
        person: person::get(tx, user)?,
        height: last(tx, user, MeasureType::HEIGHT)?,
        goals: goal::get(tx, user)?,
        goal_weight: weight_goal(tx, user)?,
    })
}

/// Sets what a person says of themselves: all of it, or on a refusal nothing. A height becomes a
/// measure group, a weight aimed at an objective, and only when they are new.
pub fn set_profile(tx: &mut Tx<'_>, user: UserId, new: &NewProfile) -> Result<()> {
    tx.attempt(|tx| {
        let known = profile(tx, user)?;
        let changed = checked(tx, &known.person, new)?;
        if changed != known.person {
            summary::move_to(tx, &known.person, &changed.time_zone)?;
            person::set_profile(tx, &changed)?;
        }
        set_height(tx, user, &known, &new.height)?;
        set_goals(tx, user, &known, new)
    })
}

/// Notes that a person is in a zone since a moment: what their phone says for whoever travels.
pub fn travels(tx: &mut Tx<'_>, user: UserId, zone: &str, since: i64) -> Result<()> {
    let known = person::get(tx, user)?;
    if known.time_zone == zone {
        return Ok(());
    }
    summary::move_since(tx, &known, zone, since)?;
    person::set_profile(tx, &Person { time_zone: zone.to_owned(), ..known })
}

fn checked(tx: &Tx<'_>, known: &Person, new: &NewProfile) -> Result<Person> {
    let refused = |name: &str, problem: &str| Refusal::invalid_param(name, problem);
    let short_name = short_name(&new.short_name)
        .ok_or_else(|| refused("short_name", "expected 2 to 5 letters or digits"))?;
    let zone = time_zone(new.time_zone.trim()).ok_or_else(|| {
        refused("time_zone", "expected a zone of the time zone database, such as Europe/Paris")
    })?;
    let birth_date = said(&new.birth_date).map(|text| {
        let today = Timestamp::from_second(tx.now()).map(|now| now.to_zoned(zone.clone()).date());
        let is_sane = |day: &Date| {
            day.year() >= BIRTH_YEAR_MIN && today.as_ref().is_ok_and(|today| day <= today)
        };
        let day = text.parse().ok().filter(is_sane);
        day.ok_or_else(|| refused("birth_date", "expected a day such as 1980-06-15, not to come"))
    });
    let gender = said(&new.gender).map(|text| {
        let code = text.parse().ok().and_then(Gender::from_code);
        code.ok_or_else(|| refused("gender", "choose one of the list, or none"))
    });
    let language = said(&new.language).map(|text| {
        let tag = is_language(text).then(|| text.to_owned());
        tag.ok_or_else(|| refused("language", "expected a language tag such as en or en_US"))
    });
    Ok(Person {
        short_name,
        time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        birth_date: birth_date.transpose()?,
        gender: gender.transpose()?,
        taste: Taste {
            language: language.transpose()?,
            unit_weight: unit("unit_weight", &new.unit_weight, &[1, 2, 14])?,
            unit_height: unit("unit_height", &new.unit_height, &[6, 7])?,
            unit_distance: unit("unit_distance", &new.unit_distance, &[6, 8])?,
            unit_temperature: unit("unit_temperature", &new.unit_temperature, &[11, 13])?,
        },
        ..known.clone()
    })
}

fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn unit(name: &str, text: &str, known: &[i64]) -> Result<Option<i64>> {
    let number = |text: &str| text.parse().ok().filter(|number| known.contains(number));
    let problem = "choose one of the list, or none";
    said(text)
        .map(|text| number(text).ok_or_else(|| Refusal::invalid_param(name, problem).into()))
        .transpose()
}

fn set_height(tx: &mut Tx<'_>, user: UserId, known: &Profile, text: &str) -> Result<()> {
    let Some(text) = said(text) else { return Ok(()) };
    let height = decimal("height", text, MeasureType::HEIGHT, (30, 300), -2)?;
    if known.height.is_some_and(|known| is_same(known, height)) {
        return Ok(());
    }
    let group = NewGroup {
        date: tx.now(),
        category: Category::REAL,
        attrib: Attrib::MANUAL,
        device: None,
        measures: vec![height],
    };
    insert(tx, user, &[group])?;
    notification::changed_profile(tx, user);
    Ok(())
}

/// Whether two measures say the same, to the thousandth: what is typed has no more digits.
fn is_same(one: Measure, other: Measure) -> bool {
    one == other || (one.scaled(-3).is_some() && one.scaled(-3) == other.scaled(-3))
}

fn set_goals(tx: &mut Tx<'_>, user: UserId, known: &Profile, new: &NewProfile) -> Result<()> {
    let steps = said(&new.steps).map(|text| {
        let problem = "expected a whole number";
        text.parse::<i64>().map_err(|_| Refusal::invalid_param("steps", problem))
    });
    let weight = said(&new.weight)
        .map(|text| decimal("weight", text, MeasureType::WEIGHT, (1, 700), 0))
        .transpose()?;
    let is_same_weight = match (known.goal_weight, weight) {
        (None, None) => true,
        (Some(known), Some(weight)) => is_same(known, weight),
        _ => false,
    };
    let goals = NewGoals {
        clear: true,
        steps: steps.transpose()?,
        sleep: said(&new.sleep).map(str::to_owned),
        weight_kg: said(&new.weight).map(str::to_owned),
    };
    if is_same_weight {
        // The objective stays as it is: its date says since when.
        let others = NewGoals { clear: false, weight_kg: None, ..goals };
        let cleared = goal::Goals {
            steps: known.goals.steps.filter(|_| others.steps.is_some()),
            sleep_seconds: known.goals.sleep_seconds.filter(|_| others.sleep.is_some()),
        };
        if cleared != known.goals {
            goal::set(tx, user, &cleared)?;
        }
        return admin::set_goals(tx, &user.to_string(), &others).map(|_| ());
    }
    admin::set_goals(tx, &user.to_string(), &goals).map(|_| ())
}
