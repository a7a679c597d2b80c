//! The outbox as it is worked off, and the log of deliveries: one row is both. A notification waits
//! until it has arrived, is given up, or its subscription ends; its attempts are packed into its
//! row. Who is told of what is decided in `notification.rs`.

mod log;

pub use log::{Filter, Logged, Resent, foresee, get, log, log_after, resend, sweep};

use crate::lease::{self, Held};
use crate::notification::PAUSED;
use crate::subscription::{self, Subscription};
use crate::tx::{Row, Tx, Value, values};
use domain::notification::{Appli, Attempt, Rule, RuleName, packed, unpacked};
use domain::{DAY_SECONDS, Error, Result, UserId};

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is still to arrive.
    Waiting,
    /// It has arrived.
    Delivered,
    /// It is not tried any more: a dead letter.
    GivenUp,
    /// Its subscription ended before.
    Dropped,
}

impl State {
    /// Every state, with its number and its word.
    pub const ALL: [(Self, i64, &'static str); 4] = [
        (Self::Waiting, 0, "waiting"),
        (Self::Delivered, 1, "delivered"),
        (Self::GivenUp, 2, "dead"),
        (Self::Dropped, 3, "dropped"),
    ];

    fn number(self) -> i64 {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or(0, |(_, number, _)| *number)
    }

    fn of(number: i64) -> Result<Self> {
        let known = Self::ALL.iter().find(|(_, known, _)| *known == number);
        let known = known.map(|(state, ..)| *state);
        known.ok_or_else(|| Error::internal("a stored notification is in no known state"))
    }

    /// The state of that word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(.., known)| *known == word).map(|(state, ..)| *state)
    }

    /// A word for lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(.., name)| *name)
    }
}

/// A notification that is to be sent.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// About whom.
    pub user: UserId,
    /// Its number, the person's own.
    pub id: i64,
    /// Of what; 0: an order, in JSON.
    pub appli: Appli,
    /// Whom it is for.
    pub client_id: String,
    /// What is sent.
    pub body: String,
    /// When it was made.
    pub created: i64,
    /// When it falls due.
    pub due: i64,
    /// What was tried.
    pub attempts: Vec<Attempt>,
    /// Where it goes.
    pub callback: String,
    /// The subscription, if it goes to one.
    pub subscription: Option<i64>,
    /// Whether the subscription's last attempt failed.
    pub is_failing: bool,
    /// What it is signed with, newest first.
    pub secrets: Vec<String>,
}

/// A place in the queue of one bucket: after what falls due then, of that person, with that number.
pub type Place = (i64, i64, i64);

/// What is due in a bucket, the oldest first, after a place.
pub fn due(tx: &mut Tx<'_>, bucket: i64, after: Place, limit: i64) -> Result<Vec<Waiting>> {
    let now = tx.now();
    let rows = tx.rows(
        "select n.user_id, n.notification_id, n.appli, n.body, n.created, n.due, n.log, \
         coalesce(n.callback, s.callback), n.subscription_id, s.failing_since, n.client_id, \
         s.secret, s.previous_secret, s.previous_secret_until \
         from notification n left join subscription s \
         on s.user_id = n.user_id and s.subscription_id = n.subscription_id \
         where n.bucket = $1 and n.state = 0 and n.due <= $2 \
         and (n.due, n.user_id, n.notification_id) > ($3, $4, $5) \
         order by n.due, n.user_id, n.notification_id limit $6",
        values![bucket, now, after.0, after.1, after.2, limit],
        read_waiting,
    )?;
    rows.into_iter().map(|(waiting, sealed)| open(tx, waiting, sealed)).collect()
}

/// Secrets as they lie in a row, and until when the older one is good.
type Sealed = (Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>);

fn read_waiting(row: &Row<'_>) -> Result<(Waiting, Sealed)> {
    let created = row.int(4)?;
    let waiting = Waiting {
        user: UserId(row.int(0)?),
        id: row.int(1)?,
        appli: Appli(row.int(2)?),
        client_id: row.text(10)?,
        body: row.text(3)?,
        created,
        due: row.int(5)?,
        attempts: attempts(created, row.blob_in_place(6)?)?,
        callback: row.text_or_null(7)?.unwrap_or_default(),
        subscription: row.int_or_null(8)?,
        is_failing: row.int_or_null(9)?.is_some(),
        secrets: Vec::new(),
    };
    let sealed = (row.blob_or_null(11)?, row.blob_or_null(12)?, row.int_or_null(13)?);
    Ok((waiting, sealed))
}

fn open(tx: &Tx<'_>, waiting: Waiting, sealed: Sealed) -> Result<Waiting> {
    let (newest, previous, until) = sealed;
    let previous = previous.filter(|_| until.is_some_and(|until| tx.now() < until));
    let sealed = newest.into_iter().chain(previous);
    let bound = subscription::bound(&waiting.client_id);
    let secrets = sealed.map(|sealed| tx.keyring().open_sealed(&sealed, &bound));
    Ok(Waiting { secrets: secrets.collect::<Result<_>>()?, ..waiting })
}

fn attempts(created: i64, log: &[u8]) -> Result<Vec<Attempt>> {
    unpacked(created, log).ok_or_else(|| Error::internal("a stored log of attempts is unreadable"))
}

/// How many notifications are still to arrive, those of paused subscriptions not counted.
pub fn waiting(tx: &mut Tx<'_>) -> Result<i64> {
    let sql = "select count(*) from notification where state = 0 and due < $1";
    Ok(tx.row(sql, values![PAUSED], |row| row.int(0))?.unwrap_or_default())
}

/// What became of a notification that was tried, or had to be put off.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The lease under which it was taken.
    pub held: Held,
    /// Whose.
    pub user: UserId,
    /// Which.
    pub id: i64,
    /// When it was made.
    pub created: i64,
    /// Every attempt.
    pub attempts: Vec<Attempt>,
    /// How it stands now.
    pub state: State,
    /// When it falls due again.
    pub due: i64,
    /// What the last attempt says of the subscription, if it goes to one.
    pub health: Option<(i64, Health)>,
}

/// What an attempt says of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works again, after attempts that failed.
    Works,
    /// It failed.
    Fails,
    /// The receiver said that it is gone for good.
    Gone,
}

/// What somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Attempts fail; the server goes on.
    Failing(Subscription),
    /// The subscription was cancelled.
    Cancelled(Subscription),
}

/// Writes what became of notifications. What another node has taken over meanwhile is left to it.
pub fn settle(
    tx: &mut Tx<'_>,
    node: i64,
    rule: RuleName,
    settled: &[Settled],
) -> Result<Vec<Notice>> {
    let (mut notices, held) = (Vec::new(), lease::held(tx, node)?);
    let own = || settled.iter().filter(|one| held.contains(&one.held));
    // Most have arrived: those are written as fast as can be.
    let arrived = || own().filter(|one| one.state == State::Delivered);
    let logs: Vec<_> = arrived().map(|one| packed(one.created, &one.attempts)).collect();
    let each = arrived()
        .zip(&logs)
        .map(|(one, log)| vec![Value::Int(one.user.0), Value::Int(one.id), Value::Blob(log)]);
    tx.exec_each(
        "update notification set state = 1, log = $3 \
         where user_id = $1 and notification_id = $2 and state = 0",
        &each.collect::<Vec<_>>(),
    )?;
    for one in own() {
        if one.state != State::Delivered {
            let log = packed(one.created, &one.attempts);
            // What was on its way when its subscription was paused waits like the others.
            let sql = "update notification set state = $3, due = case when exists \
                       (select 1 from subscription s where s.user_id = notification.user_id \
                       and s.subscription_id = notification.subscription_id and s.state = 1) \
                       then cast($6 as bigint) else cast($4 as bigint) end, log = $5 \
                       where user_id = $1 and notification_id = $2 and state = 0";
            let paused = if one.state == State::Waiting { PAUSED } else { one.due };
            let state = one.state.number();
            tx.exec(sql, values![one.user.0, one.id, state, one.due, &log[..], paused])?;
        }
        if let Some((id, health)) = one.health {
            notices.extend(note_health(tx, rule, (one.user, id), health)?);
        }
    }
    Ok(notices)
}

fn note_health(
    tx: &mut Tx<'_>,
    rule: RuleName,
    (user, id): (UserId, i64),
    health: Health,
) -> Result<Option<Notice>> {
    if health == Health::Works {
        let sql = "update subscription set failures = 0, failing_since = null, warnings = 0 \
                   where user_id = $1 and subscription_id = $2";
        return tx.exec(sql, values![user.0, id]).map(|_| None);
    }
    let now = tx.now();
    let failed = tx.row(
        "update subscription set failures = failures + 1, \
         failing_since = coalesce(failing_since, $3) \
         where user_id = $1 and subscription_id = $2 and state < 2 \
         returning failures, failing_since, warnings, warned",
        values![user.0, id, now],
        |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int_or_null(3)?)),
    )?;
    let Some((failures, since, warnings, warned)) = failed else { return Ok(None) };
    let is_over = match (health, rule) {
        (Health::Gone, _) => true,
        (_, RuleName::Older) => failures >= Rule::FAILURES,
        (_, RuleName::Current) => now.saturating_sub(since) >= Rule::FAILING_SECONDS_MAX,
    };
    if is_over {
        subscription::cancel(tx, user, id)?;
        return Ok(subscription::get(tx, user, id)?.map(Notice::Cancelled));
    }
    // Also of a receiver that now and then works.
    let is_new = warned.is_none_or(|warned| now.saturating_sub(warned) >= DAY_SECONDS);
    if failures < Rule::FAILURES || warnings >= Rule::WARNINGS_MAX || !is_new {
        return Ok(None);
    }
    let sql = "update subscription set warnings = warnings + 1, warned = $3 \
               where user_id = $1 and subscription_id = $2";
    tx.exec(sql, values![user.0, id, now])?;
    Ok(subscription::get(tx, user, id)?.map(Notice::Failing))
}

/// The buckets in which something may be tried now, a bit each.
pub fn due_buckets(tx: &mut Tx<'_>) -> Result<u64> {
    let sql = "select distinct bucket from notification where state = 0 and due <= $1";
    let buckets = tx.rows(sql, values![tx.now()], |row| row.int(0))?;
    let bits = buckets.into_iter().map(|bucket| 1 << bucket.rem_euclid(lease::BUCKETS));
    Ok(bits.fold(0, |all, one: u64| all | one))
}

/// When the next of all that waits may be tried; what is paused waits for nobody.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    let sql = "select min(due) from notification where state = 0 and due < $1";
    Ok(tx.row(sql, values![PAUSED], |row| row.int_or_null(0))?.flatten())
}
