//! Who wants to be told of what: an application, for one person and category, at one address.
//! `user_id` 0 stands for no person, where an application asked for itself. One that ended leaves
//! its row for the log of deliveries until that is swept.

use crate::notification::PAUSED;
use crate::tx::{Row, Tx, values};
use domain::notification::Appli;
use domain::{EntropyExt as _, Error, Result, UserId};

/// Stands for no person: what is an application's own.
pub const APPLICATION: UserId = UserId(0);
/// Subscriptions of one application for one person.
pub const SUBSCRIPTIONS_MAX: i64 = 200;
/// A secret that was replaced is good this much longer.
pub const SECRET_OVERLAP_SECONDS: i64 = domain::DAY_SECONDS;

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is told.
    Live,
    /// It is told later.
    Paused,
    /// The application or the person ended it.
    Ended,
    /// The server ended it: it failed too long, or the receiver said that it is gone.
    Cancelled,
}

impl State {
    /// Every state, with its number and its word.
    pub const ALL: [(Self, i64, &'static str); 4] = [
        (Self::Live, 0, "live"),
        (Self::Paused, 1, "paused"),
        (Self::Ended, 2, "ended"),
        (Self::Cancelled, 3, "cancelled"),
    ];

    fn of(number: i64) -> Result<Self> {
        let known = Self::ALL.iter().find(|(_, known, _)| *known == number);
        let known = known.map(|(state, ..)| *state);
        known.ok_or_else(|| Error::internal("a stored subscription is in no known state"))
    }

    /// A word for lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(.., name)| *name)
    }

    /// Whether the application counts it as its own.
    #[must_use]
    pub const fn is_there(self) -> bool {
        matches!(self, Self::Live | Self::Paused)
    }
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// About whom; [`APPLICATION`]: nobody.
    pub user: UserId,
    /// Its number, the person's own.
    pub id: i64,
    /// Which application is told.
    pub client_id: String,
    /// Of what.
    pub appli: Appli,
    /// Where.
    pub callback: String,
    /// What the application noted.
    pub comment: Option<String>,
    /// When it was made.
    pub created: i64,
    /// How it stands.
    pub state: State,
    /// Attempts that failed since the last that did not.
    pub failures: i64,
    /// Since when they fail.
    pub failing_since: Option<i64>,
    /// Whether what is sent is signed.
    pub is_signed: bool,
}

/// What is needed to tell a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Ref {
    pub(crate) id: i64,
    pub(crate) client_id: String,
    pub(crate) appli: Appli,
    pub(crate) is_paused: bool,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select user_id, subscription_id, client_id, appli, callback, comment, created, state, \
             failures, failing_since, \
             cast(case when secret is null then 0 else 1 end as bigint) from subscription where ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Subscription> {
    Ok(Subscription {
        user: UserId(row.int(0)?),
        id: row.int(1)?,
        client_id: row.text(2)?,
        appli: Appli(row.int(3)?),
        callback: row.text(4)?,
        comment: row.text_or_null(5)?,
        created: row.int(6)?,
        state: State::of(row.int(7)?)?,
        failures: row.int(8)?,
        failing_since: row.int_or_null(9)?,
        is_signed: row.flag(10)?,
    })
}

/// Everybody who is told of a person.
pub(crate) fn listeners(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Ref>> {
    let sql = "select subscription_id, client_id, appli, state from subscription \
               where user_id = $1 and state < 2 order by subscription_id";
    tx.rows(sql, values![user.0], |row| {
        let is_paused = row.int(3)? != 0;
        Ok(Ref { id: row.int(0)?, client_id: row.text(1)?, appli: Appli(row.int(2)?), is_paused })
    })
}

/// A subscription to be.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// See [`Subscription::user`].
    pub user: UserId,
    /// See [`Subscription::client_id`].
    pub client_id: &'a str,
    /// See [`Subscription::appli`].
    pub appli: Appli,
    /// See [`Subscription::callback`].
    pub callback: &'a str,
    /// See [`Subscription::comment`].
    pub comment: Option<&'a str>,
    /// What it is signed with.
    pub secret: Option<&'a str>,
}

/// Makes a subscription: its number; none if there is the same already.
pub fn create(tx: &mut Tx<'_>, new: &New<'_>) -> Result<Option<i64>> {
    let (id, now) = (tx.entropy().number(1, 1 << 53), tx.now());
    let sealed = new.secret.map(|secret| seal(tx, new.client_id, secret)).transpose()?;
    let written = tx.exec(
        "insert into subscription (user_id, subscription_id, client_id, appli, callback, comment, \
         created, state, failures, warnings, secret) \
         values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8) on conflict do nothing",
        values![
            new.user.0,
            id,
            new.client_id,
            new.appli.0,
            new.callback,
            new.comment,
            now,
            sealed.as_deref(),
        ],
    )?;
    Ok((written == 1).then_some(id))
}

fn seal(tx: &Tx<'_>, client_id: &str, secret: &str) -> Result<Vec<u8>> {
    tx.keyring().seal(secret, &bound(client_id), tx.entropy())
}

/// What the secret of a subscription opens under.
pub(crate) fn bound(client_id: &str) -> String {
    format!("subscription:{client_id}")
}

/// How many subscriptions an application has for one person.
pub fn count(tx: &mut Tx<'_>, user: UserId, client_id: &str) -> Result<i64> {
    let sql = "select count(*) from subscription \
               where user_id = $1 and client_id = $2 and state < 2";
    Ok(tx.row(sql, values![user.0, client_id], |row| row.int(0))?.unwrap_or_default())
}

/// The subscriptions of an application for one person that are there, oldest first; of one
/// category, if it is said.
pub fn list(
    tx: &mut Tx<'_>,
    user: UserId,
    client_id: &str,
    appli: Option<Appli>,
) -> Result<Vec<Subscription>> {
    let (first, last) = appli.map_or((i64::MIN, i64::MAX), |appli| (appli.0, appli.0));
    tx.rows(
        columns!(
            "user_id = $1 and client_id = $2 and appli >= $3 and appli <= $4 and state < 2 \
             order by created, appli, callback"
        ),
        values![user.0, client_id, first, last],
        read,
    )
}

/// Which subscriptions of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that ended too.
    pub with_ended: bool,
    /// Only those whose last attempt failed.
    pub is_failing: bool,
    /// Only those about this person.
    pub user: Option<UserId>,
}

/// Subscriptions of an application whoever they are about, in the order of people and numbers,
/// after one.
pub fn of_application(
    tx: &mut Tx<'_>,
    client_id: &str,
    filter: &Filter,
    (user, id): (UserId, i64),
    limit: i64,
) -> Result<Vec<Subscription>> {
    let last_state = if filter.with_ended { 3_i64 } else { 1 };
    let (first, last) = filter.user.map_or((i64::MIN, i64::MAX), |user| (user.0, user.0));
    let failures = i64::from(filter.is_failing);
    tx.rows(
        columns!(
            "client_id = $1 and (user_id, subscription_id) > ($2, $3) and state <= $4 \
             and failures >= $5 and user_id >= $6 and user_id <= $7 \
             order by user_id, subscription_id limit $8"
        ),
        values![client_id, user.0, id, last_state, failures, first, last, limit],
        read,
    )
}

/// The subscription of that number, however it stands.
pub fn get(tx: &mut Tx<'_>, user: UserId, id: i64) -> Result<Option<Subscription>> {
    tx.row(columns!("user_id = $1 and subscription_id = $2"), values![user.0, id], read)
}

/// The subscription of that number, whoever it is about.
pub fn find(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Option<Subscription>> {
    tx.row(columns!("client_id = $1 and subscription_id = $2"), values![client_id, id], read)
}

/// Whether another subscription that is there has this one's address and category.
pub fn is_taken(tx: &mut Tx<'_>, after: &Subscription) -> Result<bool> {
    let sql = "select 1 from subscription where user_id = $1 and client_id = $2 \
               and appli = $3 and callback = $4 and state < 2 and subscription_id <> $5";
    let (client_id, callback) = (after.client_id.as_str(), after.callback.as_str());
    let place = values![after.user.0, client_id, after.appli.0, callback, after.id];
    Ok(tx.row(sql, place, |_| Ok(()))?.is_some())
}

/// Gives a subscription another address, category or comment; `false` if there is such a one.
pub fn change(tx: &mut Tx<'_>, after: &Subscription) -> Result<bool> {
    if is_taken(tx, after)? {
        return Ok(false);
    }
    let sql = "update subscription set appli = $3, callback = $4, comment = $5, failures = 0, \
               failing_since = null, warnings = 0, warned = null \
               where user_id = $1 and subscription_id = $2";
    let comment = after.comment.as_deref();
    let values = values![after.user.0, after.id, after.appli.0, after.callback.as_str(), comment];
    tx.exec(sql, values).map(|_| true)
}

/// Ends a subscription; what waits for it is not sent any more.
pub fn end(tx: &mut Tx<'_>, user: UserId, id: i64) -> Result<()> {
    close(tx, user, id, 2)
}

/// The same, by the server.
pub(crate) fn cancel(tx: &mut Tx<'_>, user: UserId, id: i64) -> Result<()> {
    close(tx, user, id, 3)
}

fn close(tx: &mut Tx<'_>, user: UserId, id: i64, state: i64) -> Result<()> {
    let sql = "update subscription set state = $3 \
               where user_id = $1 and subscription_id = $2 and state < 2";
    tx.exec(sql, values![user.0, id, state])?;
    let sql = "update notification set state = 3 \
               where user_id = $1 and subscription_id = $2 and state = 0";
    tx.exec(sql, values![user.0, id]).map(|_| ())
}

/// Ends every subscription of an application for one person without telling it.
pub fn end_all(tx: &mut Tx<'_>, user: UserId, client_id: &str) -> Result<()> {
    let all = list(tx, user, client_id, None)?;
    all.iter().try_for_each(|one| end(tx, user, one.id))
}

/// Holds back what a subscription is told, or lets it go on: `false` if it is not there, or was so.
pub fn pause(tx: &mut Tx<'_>, user: UserId, id: i64, is_paused: bool) -> Result<bool> {
    let sql = "update subscription set state = $3 \
               where user_id = $1 and subscription_id = $2 and state = $4";
    let (to, from) = (i64::from(is_paused), i64::from(!is_paused));
    if tx.exec(sql, values![user.0, id, to, from])? == 0 {
        return Ok(false);
    }
    let due = if is_paused { PAUSED } else { tx.now() };
    let sql = "update notification set due = $3 \
               where user_id = $1 and subscription_id = $2 and state = 0";
    tx.exec(sql, values![user.0, id, due])?;
    tx.announce(crate::lease::bucket(user));
    Ok(true)
}

/// Sets what is sent to a subscription is signed with; the secret before is good for a day more.
/// None: nothing is signed any more.
pub fn set_secret(tx: &mut Tx<'_>, known: &Subscription, secret: Option<&str>) -> Result<()> {
    let sealed = secret.map(|secret| seal(tx, &known.client_id, secret)).transpose()?;
    let until = tx.now() + SECRET_OVERLAP_SECONDS;
    let key = (known.user.0, known.id);
    match sealed {
        Some(sealed) => tx.exec(
            "update subscription set previous_secret = secret, previous_secret_until = $4, \
             secret = $3 where user_id = $1 and subscription_id = $2",
            values![key.0, key.1, &sealed[..], until],
        ),
        None => tx.exec(
            "update subscription set previous_secret = null, previous_secret_until = null, \
             secret = null where user_id = $1 and subscription_id = $2",
            values![key.0, key.1],
        ),
    }
    .map(|_| ())
}
