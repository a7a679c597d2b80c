//! Surveys: what is asked, for whom, when it is due, what was answered. What a survey says is
//! `domain::survey`'s; who may see whose is decided by the operations.

use crate::measure::{self, Filter};
use crate::person;
use crate::tx::{Row, Tx, values};
use domain::kept::{pack, unpack};
use domain::measure::{Category, Measure};
use domain::survey::{ANSWER_SECONDS, Answers, DUE_SECONDS, Survey};
use domain::{DeviceId, Failure, GroupId, OrganizationId, Refusal, Result, UserId};

/// The organization of surveys that every organization sees.
pub const EVERYBODYS: OrganizationId = OrganizationId(0);
/// Groups among which the one that an answer is about is looked for.
const CANDIDATES_MAX: usize = 100;

/// A survey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it says.
    pub survey: Survey,
    /// Whose it is, or [`EVERYBODYS`].
    pub organization: OrganizationId,
    /// Whether nobody is asked any more.
    pub is_withdrawn: bool,
    /// When it was loaded first.
    pub created: i64,
    /// When it was loaded last, or withdrawn.
    pub modified: i64,
}

/// What loading a survey did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// There was none of that number.
    New,
    /// It is another one than before.
    Replaced,
    /// It was there already.
    Same,
}

/// Keeps a survey instead of what its organization had under its number; for whom it is activated
/// and what was answered stays.
pub fn load(tx: &mut Tx<'_>, organization: OrganizationId, survey: &Survey) -> Result<Loaded> {
    let (loaded, body) = (compare(tx, organization, survey)?, pack(survey)?);
    let (id, body, now) = (survey.id, body.as_str(), tx.now());
    let sql = match loaded {
        Loaded::Same => return Ok(loaded),
        Loaded::New => {
            "insert into survey (survey_id, organization_id, body, withdrawn, created, modified) \
             values ($1, $2, $3, 0, $4, $4) on conflict do nothing"
        }
        Loaded::Replaced => {
            "update survey set body = $3, withdrawn = 0, modified = $4 \
             where survey_id = $1 and organization_id = $2"
        }
    };
    if tx.exec(sql, values![id, organization.0, body, now])? == 1 {
        return Ok(loaded);
    }
    Err(Failure::Conflict("the survey was loaded meanwhile".to_owned()).into())
}

/// What [`load`] would do.
pub fn compare(tx: &mut Tx<'_>, organization: OrganizationId, survey: &Survey) -> Result<Loaded> {
    match find(tx, survey.id)? {
        None => Ok(Loaded::New),
        Some(known) if known.organization != organization => {
            let problem = "another organization has a survey of this number; give it another";
            Err(Refusal::invalid_param("id", problem).into())
        }
        Some(known) if known.survey == *survey && !known.is_withdrawn => Ok(Loaded::Same),
        Some(_) => Ok(Loaded::Replaced),
    }
}

/// Asks nobody any more; answers stay. `false` if there is no such survey, or it was withdrawn.
pub fn withdraw(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    let sql = "update survey set withdrawn = 1, modified = $2 where survey_id = $1 \
               and withdrawn = 0";
    let now = tx.now();
    Ok(tx.exec(sql, values![id, now])? > 0)
}

macro_rules! surveys {
    ($rest:literal) => {
        concat!("select body, organization_id, withdrawn, created, modified from survey ", $rest)
    };
}

fn read(row: &Row<'_>) -> Result<Kept> {
    Ok(Kept {
        survey: unpack(&row.text(0)?)?,
        organization: OrganizationId(row.int(1)?),
        is_withdrawn: row.flag(2)?,
        created: row.int(3)?,
        modified: row.int(4)?,
    })
}

/// The survey of that number, whoever's it is, withdrawn or not.
pub fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Kept>> {
    tx.row(surveys!("where survey_id = $1"), values![id], read)
}

/// Surveys that an organization sees, in the order of their numbers, after `after`: its own and
/// everybody's.
pub fn visible(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Kept>> {
    tx.rows(
        surveys!(
            "where (organization_id = 0 or organization_id = $1) and withdrawn = 0 \
             and survey_id > $2 order by survey_id limit $3"
        ),
        values![organization.0, after, limit],
        read,
    )
}

/// Every survey, withdrawn ones too, in the order of their numbers, after `after`.
pub fn list(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Kept>> {
    let sql = surveys!("where survey_id > $1 order by survey_id limit $2");
    tx.rows(sql, values![after, limit], read)
}

/// Activates a survey for people, whose ids are sorted; those for whom it is stay as they are.
pub fn activate(tx: &mut Tx<'_>, client_id: &str, id: i64, users: &[UserId]) -> Result<()> {
    let now = tx.now();
    for user in users {
        person::touch(tx, *user, 0)?;
        tx.exec(
            "insert into survey_user (user_id, survey_id, client_id, activated, deactivated) \
             values ($1, $2, $3, $4, null) on conflict (user_id, survey_id, client_id) \
             do update set activated = excluded.activated, deactivated = null \
             where survey_user.deactivated is not null",
            values![user.0, id, client_id, now],
        )?;
    }
    tx.forget_surveyed();
    Ok(())
}

/// Deactivates a survey for people, whose ids are sorted. What nobody else wants to know of them is
/// no longer due.
pub fn deactivate(tx: &mut Tx<'_>, client_id: &str, id: i64, users: &[UserId]) -> Result<()> {
    let now = tx.now();
    for user in users {
        person::touch(tx, *user, 0)?;
        let sql = "update survey_user set deactivated = $4 where user_id = $1 and survey_id = $2 \
                   and client_id = $3 and deactivated is null";
        tx.exec(sql, values![user.0, id, client_id, now])?;
        forget_due(tx, *user)?;
    }
    tx.forget_surveyed();
    Ok(())
}

/// Deactivates everything an application activated for a person, who took back what it could see.
pub(crate) fn forget(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<()> {
    let now = tx.now();
    let sql = "update survey_user set deactivated = $3 where user_id = $1 and client_id = $2 \
               and deactivated is null";
    if tx.exec(sql, values![user.0, client_id, now])? > 0 {
        forget_due(tx, user)?;
        tx.forget_surveyed();
    }
    Ok(())
}

fn forget_due(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let sql = "delete from survey_due where user_id = $1 and answered = 0 and not exists \
               (select 1 from survey_user u where u.user_id = $1 \
               and u.survey_id = survey_due.survey_id and u.deactivated is null)";
    tx.exec(sql, values![user.0]).map(|_| ())
}

/// For whom an application has activated a survey, and since when, in the order of their ids.
pub fn people(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Vec<(UserId, i64)>> {
    let sql = "select user_id, activated from survey_user where survey_id = $1 and client_id = $2 \
               and deactivated is null order by user_id";
    tx.rows(sql, values![id, client_id], |row| Ok((UserId(row.int(0)?), row.int(1)?)))
}

/// The surveys that are activated for a person, by number.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Survey>> {
    let sql = "select body from survey where withdrawn = 0 and survey_id in \
               (select survey_id from survey_user where user_id = $1 and deactivated is null) \
               order by survey_id";
    tx.rows(sql, values![user.0], |row| unpack(&row.text(0)?))
}

/// A survey that was ever activated for a person.
pub fn once_of_user(tx: &mut Tx<'_>, user: UserId, id: i64) -> Result<Option<Survey>> {
    let sql = "select 1 from survey_user where user_id = $1 and survey_id = $2 limit 1";
    if tx.row(sql, values![user.0, id], |_| Ok(()))?.is_none() {
        return Ok(None);
    }
    Ok(find(tx, id)?.map(|kept| kept.survey))
}

/// A survey that a device is to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which one.
    pub survey: i64,
    /// The measures that made it due.
    pub group: GroupId,
    /// Until when.
    pub expires: i64,
}

/// Makes surveys due that a group of a person triggers: real measures that are not old. Of people
/// for whom nothing is activated it costs one look a transaction.
pub(crate) fn measured(
    tx: &mut Tx<'_>,
    id: GroupId,
    (date, category): (i64, Category),
    measures: &[Measure],
) -> Result<()> {
    let (user, seq) = id.parts();
    let now = tx.now();
    let expires = date.saturating_add(DUE_SECONDS);
    if category != Category::REAL || expires <= now || !is_surveyed(tx, user)? {
        return Ok(());
    }
    for survey in of_user(tx, user)? {
        if survey.is_triggered_by(measures) {
            // What was never answered is not kept for ever.
            let sql = "delete from survey_due where user_id = $1 and expires <= $2";
            tx.exec(sql, values![user.0, now])?;
            tx.exec(
                "insert into survey_due (user_id, survey_id, seq, fired, expires, answered) \
                 values ($1, $2, $3, $4, $5, 0) on conflict do nothing",
                values![user.0, survey.id, seq, now, expires],
            )?;
        }
    }
    Ok(())
}

fn is_surveyed(tx: &mut Tx<'_>, user: UserId) -> Result<bool> {
    if let Some(known) = tx.surveyed(user) {
        return Ok(known);
    }
    let sql = "select 1 from survey_user where user_id = $1 and deactivated is null limit 1";
    let is_surveyed = tx.row(sql, values![user.0], |_| Ok(()))?.is_some();
    tx.note_surveyed(user, is_surveyed);
    Ok(is_surveyed)
}

/// What a person is to be asked now, what came first first.
pub fn due(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Due>> {
    let now = tx.now();
    let sql = "select survey_id, seq, expires from survey_due where user_id = $1 and answered = 0 \
               and expires > $2 and exists (select 1 from survey_user u join survey s \
               on s.survey_id = u.survey_id where u.user_id = $1 \
               and u.survey_id = survey_due.survey_id and u.deactivated is null \
               and s.withdrawn = 0) order by fired, seq, survey_id";
    tx.rows(sql, values![user.0, now], |row| {
        let group = GroupId::new(user, row.int(1)?);
        Ok(Due { survey: row.int(0)?, group, expires: row.int(2)? })
    })
}

/// The measures an answer is about that does not say so: the latest ones of the device in the
/// quarter of an hour before it that the survey is asked after.
pub fn about(
    tx: &mut Tx<'_>,
    user: UserId,
    survey: &Survey,
    (device, date): (DeviceId, i64),
) -> Result<Option<GroupId>> {
    let filter = Filter {
        category: Some(Category::REAL),
        start: Some(date.saturating_sub(ANSWER_SECONDS)),
        end: Some(date),
        ..Filter::default()
    };
    let groups = measure::page(tx, user, &filter, None, CANDIDATES_MAX)?.groups;
    let found = groups
        .into_iter()
        .find(|group| group.device == Some(device) && survey.is_triggered_by(&group.measures));
    Ok(found.map(|group| group.id))
}

/// What a person answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// To which survey.
    pub survey: i64,
    /// The measures it is about, if any.
    pub group: Option<GroupId>,
    /// Where it was answered.
    pub device: DeviceId,
    /// When.
    pub taken: i64,
    /// What.
    pub answers: Answers,
}

/// Keeps an answer; its survey is no longer due after those measures. `false` if the device told
/// of an answer to this survey in this second before: that one stays.
pub fn answer(tx: &mut Tx<'_>, user: UserId, answer: &Answer) -> Result<bool> {
    let stamp = person::touch(tx, user, 1)?;
    person::numbered(user, stamp.group_seq)?;
    let sql = "select 1 from survey_answer where user_id = $1 and taken = $2 and survey_id = $3 \
               and device_id = $4 limit 1";
    let same = values![user.0, answer.taken, answer.survey, answer.device.0];
    if tx.row(sql, same, |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    let body = pack(&answer.answers)?;
    let (seq, now) = (answer.group.map(|group| group.parts().1), tx.now());
    tx.exec(
        "insert into survey_answer (user_id, answer_seq, survey_id, seq, device_id, taken, \
         received, body) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![
            user.0,
            stamp.group_seq,
            answer.survey,
            seq,
            answer.device.0,
            answer.taken,
            now,
            body.as_str(),
        ],
    )?;
    let sql = "update survey_due set answered = 1 where user_id = $1 and survey_id = $2 \
               and seq = $3";
    tx.exec(sql, values![user.0, answer.survey, seq.unwrap_or_default()])?;
    Ok(true)
}

/// Which answers of a person to give.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Given between these moments, both included.
    pub between: (i64, i64),
    /// To this survey alone.
    pub survey: Option<i64>,
    /// To surveys of this organization, or that this application activated for the person at some
    /// time; none: to all.
    pub by: Option<(&'a str, OrganizationId)>,
}

macro_rules! answers_where {
    ($rest:literal) => {
        concat!(
            "select survey_id, seq, device_id, taken, body, user_id from survey_answer a \
             where a.user_id = $1 and a.taken >= $2 and a.taken <= $3 and a.survey_id >= $4 \
             and a.survey_id <= $5 ",
            $rest,
            " order by a.taken, a.answer_seq limit $6"
        )
    };
}

/// Answers of a person, oldest first, at most `limit`.
pub fn answers(
    tx: &mut Tx<'_>,
    user: UserId,
    asked: &Asked<'_>,
    limit: i64,
) -> Result<Vec<Answer>> {
    let (first, last) = asked.survey.map_or((i64::MIN, i64::MAX), |id| (id, id));
    let (start, end) = asked.between;
    let Some((client, organization)) = asked.by else {
        let all = values![user.0, start, end, first, last, limit];
        return tx.rows(answers_where!(""), all, read_answer);
    };
    // Everybody's surveys are nobody's own: of them an application sees what it asked for.
    tx.rows(
        answers_where!(
            "and (exists (select 1 from survey s where s.survey_id = a.survey_id \
             and s.organization_id = $7 and s.organization_id <> 0) \
             or exists (select 1 from survey_user u where u.user_id = a.user_id \
             and u.survey_id = a.survey_id and u.client_id = $8))"
        ),
        values![user.0, start, end, first, last, limit, organization.0, client],
        read_answer,
    )
}

/// All answers of a person as they came in, after the one of that number, each with its own.
pub fn answers_after(
    tx: &mut Tx<'_>,
    user: UserId,
    after: i64,
    limit: i64,
) -> Result<Vec<(GroupId, Answer)>> {
    tx.rows(
        "select survey_id, seq, device_id, taken, body, user_id, answer_seq from survey_answer \
         where user_id = $1 and answer_seq > $2 order by answer_seq limit $3",
        values![user.0, after, limit],
        |row| Ok((GroupId::new(user, row.int(6)?), read_answer(row)?)),
    )
}

fn read_answer(row: &Row<'_>) -> Result<Answer> {
    let user = UserId(row.int(5)?);
    Ok(Answer {
        survey: row.int(0)?,
        group: row.int_or_null(1)?.map(|seq| GroupId::new(user, seq)),
        device: DeviceId(row.int(2)?),
        taken: row.int(3)?,
        answers: unpack(&row.text(4)?)?,
    })
}
