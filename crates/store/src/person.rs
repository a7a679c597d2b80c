//! People: who they are, and the row that orders every change to their data.

use crate::db::Limits;
use crate::tx::{Row, Tx, values};
use domain::person::Gender;
use domain::{EntropyExt as _, Error, Refusal, Result, Status, UserId};
use jiff::civil::Date;

/// A person as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id on the wire.
    pub id: UserId,
    /// Lower case, unique.
    pub email: String,
    /// The name a scale shows.
    pub short_name: String,
    /// A zone of the time zone database.
    pub time_zone: String,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// As the scale's formulas know it.
    pub gender: Option<Gender>,
    /// Whether `mode=demo` logs everybody in as this person.
    pub is_demo: bool,
    /// The application that made the account and owns it, if one did.
    pub owner: Option<String>,
    /// How the person likes to be shown things.
    pub taste: Taste,
    /// How they are reached, and what they are called in full.
    pub contact: Contact,
    /// When the account was made.
    pub created: i64,
    /// How many changes the person's data has seen.
    pub change_seq: i64,
    /// The stamp of the last of them.
    pub modified: i64,
}

/// How a person likes to be shown things; what was never said is none. The numbers of units are the
/// reference's (`unit_pref` of user activate).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taste {
    /// A language tag such as `en_US`.
    pub language: Option<String>,
    /// Of weights: 1 kilogram, 2 pound, 14 stone and pound.
    pub unit_weight: Option<i64>,
    /// Of heights: 6 metre, 7 inch.
    pub unit_height: Option<i64>,
    /// Of distances: 6 kilometre, 8 yard.
    pub unit_distance: Option<i64>,
    /// Of temperatures: 11 degrees Celsius, 13 degrees Fahrenheit.
    pub unit_temperature: Option<i64>,
}

/// How a person is reached, and what they are called in full; what was never said is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// A phone number in E.164.
    pub phone: Option<String>,
    /// Whether they agreed to be written to.
    pub mailing: Option<bool>,
}

/// A person to be made.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Drawn when it is missing. Only in a sandbox's store.
    pub id: Option<UserId>,
    /// Lower case.
    pub email: String,
    /// An argon2id hash; without it nobody can log in.
    pub password_hash: Option<String>,
    /// See [`Person::short_name`].
    pub short_name: String,
    /// See [`Person::time_zone`].
    pub time_zone: String,
    /// See [`Person::birth_date`].
    pub birth_date: Option<Date>,
    /// See [`Person::gender`].
    pub gender: Option<Gender>,
    /// See [`Person::is_demo`].
    pub is_demo: bool,
}

/// What a write stamps on the rows it makes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Orders the person's changes without gaps in time.
    pub change_seq: i64,
    /// Unix seconds; never before an earlier change's.
    pub modified: i64,
    /// The number of the last group that may be made under this stamp.
    pub group_seq: i64,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select user_id, email, short_name, time_zone, birth_date, gender, is_demo, created, \
             change_seq, modified, owner_client_id, language, unit_weight, unit_height, \
             unit_distance, unit_temperature, first_name, last_name, phone, mailing from person ",
            $rest
        )
    };
}

fn unreadable() -> Error {
    Error::internal("a stored day of birth cannot be read")
}

fn read(row: &Row<'_>) -> Result<Person> {
    let birth_date = row.text_or_null(4)?;
    Ok(Person {
        id: UserId(row.int(0)?),
        email: row.text(1)?,
        short_name: row.text(2)?,
        time_zone: row.text(3)?,
        birth_date: birth_date.map(|day| day.parse().map_err(|_| unreadable())).transpose()?,
        gender: row.int_or_null(5)?.and_then(Gender::from_code),
        is_demo: row.flag(6)?,
        created: row.int(7)?,
        change_seq: row.int(8)?,
        modified: row.int(9)?,
        owner: row.text_or_null(10)?,
        taste: Taste {
            language: row.text_or_null(11)?,
            unit_weight: row.int_or_null(12)?,
            unit_height: row.int_or_null(13)?,
            unit_distance: row.int_or_null(14)?,
            unit_temperature: row.int_or_null(15)?,
        },
        contact: Contact {
            first_name: row.text_or_null(16)?,
            last_name: row.text_or_null(17)?,
            phone: row.text_or_null(18)?,
            mailing: row.int_or_null(19)?.map(|mailing| mailing != 0),
        },
    })
}

/// Makes a person. An e-mail address that is taken is refused.
pub fn create(tx: &mut Tx<'_>, new: &NewPerson) -> Result<UserId> {
    let id = match new.id {
        Some(id) => {
            crate::sandbox::require(tx)?;
            if find(tx, id)?.is_some() {
                let problem = "it belongs to an account already";
                return Err(Refusal::invalid_param("userid", problem).into());
            }
            id
        }
        None => free_id(tx)?,
    };
    let sql = "insert into person_email (email, user_id) values ($1, $2) on conflict do nothing";
    if tx.exec(sql, values![new.email.as_str(), id.0])? == 0 {
        let text = "Invalid Params: invalid email: it belongs to an account already";
        return Err(Refusal::new(Status::INVALID_PARAMS, text, text).into());
    }
    let birth_date = new.birth_date.map(|day| day.to_string());
    let now = tx.now();
    tx.exec(
        "insert into person (user_id, email, password, short_name, time_zone, birth_date, gender, \
         is_demo, created, change_seq, modified, group_seq) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $9, 0)",
        values![
            id.0,
            new.email.as_str(),
            new.password_hash.as_deref(),
            new.short_name.as_str(),
            new.time_zone.as_str(),
            birth_date.as_deref(),
            new.gender.map(Gender::code),
            new.is_demo,
            now,
        ],
    )?;
    Ok(id)
}

/// Ids are drawn, not counted: no node has to ask another, and none tells how many people there
/// are.
fn free_id(tx: &mut Tx<'_>) -> Result<UserId> {
    const DRAWS_MAX: usize = 64;
    for _ in 0..DRAWS_MAX {
        let id = UserId(tx.entropy().number(UserId::MIN, UserId::END));
        if find(tx, id)?.is_none() {
            return Ok(id);
        }
    }
    Err(Error::internal("no free user id was drawn"))
}

/// The person of that id.
pub fn find(tx: &mut Tx<'_>, id: UserId) -> Result<Option<Person>> {
    tx.row(columns!("where user_id = $1"), values![id.0], read)
}

/// The person of that id, who must be there.
pub fn get(tx: &mut Tx<'_>, id: UserId) -> Result<Person> {
    find(tx, id)?.ok_or_else(|| Refusal::rejected("userid", "no such person").into())
}

/// The person of that e-mail address (any case).
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<Person>> {
    let sql = "select user_id from person_email where email = $1";
    let id = tx.row(sql, values![email.to_lowercase().as_str()], |row| row.int(0))?;
    id.map_or(Ok(None), |id| find(tx, UserId(id)))
}

/// The id and password hash behind an e-mail address.
pub fn password_of(tx: &mut Tx<'_>, email: &str) -> Result<Option<(UserId, String)>> {
    let sql = "select p.user_id, p.password from person_email e \
               join person p on p.user_id = e.user_id where e.email = $1";
    let email = email.to_lowercase();
    let row =
        tx.row(sql, values![email.as_str()], |row| Ok((row.int(0)?, row.text_or_null(1)?)))?;
    Ok(row.and_then(|(id, password)| Some((UserId(id), password?))))
}

/// The password hash of a person, who may have none.
pub fn password_hash(tx: &mut Tx<'_>, id: UserId) -> Result<Option<String>> {
    let sql = "select password from person where user_id = $1";
    Ok(tx.row(sql, values![id.0], |row| row.text_or_null(0))?.flatten())
}

/// Sets a person's password: an argon2id hash.
pub fn set_password(tx: &mut Tx<'_>, id: UserId, password_hash: &str) -> Result<()> {
    let sql = "update person set password = $2 where user_id = $1";
    tx.exec(sql, values![id.0, password_hash]).map(|_| ())
}

/// Says which application owns a person's account, or that none does.
pub fn set_owner(tx: &mut Tx<'_>, id: UserId, client_id: Option<&str>) -> Result<()> {
    let sql = "update person set owner_client_id = $2 where user_id = $1";
    tx.exec(sql, values![id.0, client_id]).map(|_| ())
}

/// Sets how a person is reached, and what they are called in full.
pub fn set_contact(tx: &mut Tx<'_>, id: UserId, contact: &Contact) -> Result<()> {
    tx.exec(
        "update person set first_name = $2, last_name = $3, phone = $4, mailing = $5 \
         where user_id = $1",
        values![
            id.0,
            contact.first_name.as_deref(),
            contact.last_name.as_deref(),
            contact.phone.as_deref(),
            contact.mailing.map(i64::from),
        ],
    )
    .map(|_| ())
}

/// Sets who a person is besides the address they log in with.
pub fn set_profile(tx: &mut Tx<'_>, person: &Person) -> Result<()> {
    let birth_date = person.birth_date.map(|day| day.to_string());
    tx.exec(
        "update person set short_name = $2, time_zone = $3, birth_date = $4, gender = $5, \
         language = $6, unit_weight = $7, unit_height = $8, unit_distance = $9, \
         unit_temperature = $10 where user_id = $1",
        values![
            person.id.0,
            person.short_name.as_str(),
            person.time_zone.as_str(),
            birth_date.as_deref(),
            person.gender.map(Gender::code),
            person.taste.language.as_deref(),
            person.taste.unit_weight,
            person.taste.unit_height,
            person.taste.unit_distance,
            person.taste.unit_temperature,
        ],
    )?;
    crate::notification::changed_profile(tx, person.id);
    Ok(())
}

/// The person `mode=demo` logs in, if this server has one.
pub fn demo(tx: &mut Tx<'_>) -> Result<Option<Person>> {
    tx.row(columns!("where is_demo = 1 order by created, user_id limit 1"), &[], read)
}

/// People in the order of their ids, after `after`.
pub fn list(tx: &mut Tx<'_>, after: UserId, limit: i64) -> Result<Vec<Person>> {
    tx.rows(columns!("where user_id > $1 order by user_id limit $2"), values![after.0, limit], read)
}

/// Begins a write to the person's data: to be called before anything else of that write. It makes
/// writes of one person follow each other on every engine, so that stamps never fall in commit
/// order.
pub fn touch(tx: &mut Tx<'_>, id: UserId, new_groups: i64) -> Result<Stamp> {
    tx.need_write()?;
    let stamp = tx.row(
        "update person set change_seq = change_seq + 1, group_seq = group_seq + $2, \
         modified = case when modified > $3 then modified else $3 end where user_id = $1 \
         returning change_seq, modified, group_seq",
        values![id.0, new_groups, tx.now()],
        |row| Ok(Stamp { change_seq: row.int(0)?, modified: row.int(1)?, group_seq: row.int(2)? }),
    )?;
    stamp.ok_or_else(|| Refusal::rejected("userid", "no such person").into())
}

/// The `updatetime` of an answer made from this transaction's snapshot: a program that comes back
/// with `lastupdate` set to it misses nothing.
///
/// Changes are stamped in commit order (see [`touch`]), so whatever this snapshot cannot see is
/// stamped no earlier than `person.modified`: one second before it is always safe. It may be raised
/// up to the moment before which nothing can still be on its way: writes of this process are known;
/// those of other processes end within [`Limits::FOREIGN_WRITE_SECONDS`].
pub fn update_time(tx: &Tx<'_>, person: &Person) -> i64 {
    let settled = tx.writes_since().min(tx.now()) - Limits::FOREIGN_WRITE_SECONDS - 1;
    settled.max(person.modified - 1)
}

/// The id of what got that number under a stamp. Numbers can run out.
pub(crate) fn numbered(user: UserId, number: i64) -> Result<domain::GroupId> {
    if number > domain::GroupId::SEQUENCE_MAX {
        return Err(Error::internal("a person has as many rows as a person can have"));
    }
    Ok(domain::GroupId::new(user, number))
}
