//! The people and measures the cases are about.

use crate::harness::Works as _;
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{Error, Refusal, Result, UserId};
use store::measure::{NewGroup, insert};
use store::person::{self, NewPerson};
use store::{Db, Tx};

/// A person to be made.
pub(crate) fn person(name: &str) -> NewPerson {
    NewPerson {
        id: None,
        email: format!("{name}@example.org"),
        password_hash: None,
        short_name: "ABC".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        birth_date: None,
        gender: None,
        is_demo: false,
    }
}

/// A person with an account.
pub(crate) fn account(db: &Db, name: &str) -> UserId {
    let new = person(name);
    db.write(move |tx| person::create(tx, &new))
}

/// Makes a person inside a transaction: the smallest thing that can be found again.
pub(crate) fn create(tx: &mut Tx<'_>, name: &str) -> Result<UserId> {
    person::create(tx, &person(name))
}

/// Whether a person of that name has an account.
pub(crate) fn exists(db: &Db, name: &str) -> bool {
    let email = person(name).email;
    db.read(move |tx| Ok(person::find_by_email(tx, &email)?.is_some()))
}

/// A weight of 66.850 kg.
pub(crate) fn weight() -> Measure {
    Measure::new(MeasureType::WEIGHT, 66_850, -3)
}

/// A group with these measures.
pub(crate) fn group(date: i64, measures: &[Measure]) -> NewGroup {
    let (category, attrib) = (Category::REAL, Attrib::DEVICE);
    NewGroup { date, category, attrib, device: None, measures: measures.to_vec() }
}

/// Stores one weight per date, all in one write.
pub(crate) fn weigh(db: &Db, user: UserId, dates: &[i64]) -> Vec<domain::GroupId> {
    let groups: Vec<_> = dates.iter().map(|date| group(*date, &[weight()])).collect();
    db.write(move |tx| insert(tx, user, &groups))
}

/// Some refusal.
pub(crate) fn refusal() -> Error {
    Refusal::invalid_param("sample", "the test wants it so").into()
}

/// The words of a refusal's cause; anything else is not one.
pub(crate) fn cause<T: std::fmt::Debug>(answer: Result<T>) -> String {
    match answer {
        Err(Error::Refused(refusal)) => refusal.cause,
        other => panic!("a refusal was due, but it is {other:?}"),
    }
}
