//! The log of deliveries, as it is looked at, sent anew and swept. Its rows are the outbox.

use super::{State, attempts};
use crate::lease;
use crate::notification::{PAUSED, number_at};
use crate::subscription::{self, Subscription};
use crate::tx::{Row, Tx, Value, values};
use domain::notification::{Appli, Attempt, MessageId, packed};
use domain::{Result, UserId};

/// A line of the log of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// About whom; 0: nobody.
    pub user: UserId,
    /// Its number.
    pub id: i64,
    /// Which application it is for.
    pub client_id: String,
    /// The subscription, if it went to one.
    pub subscription: Option<i64>,
    /// Of what; 0: an order.
    pub appli: Appli,
    /// What is sent.
    pub body: String,
    /// Where it goes.
    pub callback: String,
    /// When it was made.
    pub created: i64,
    /// When it is tried again, if it is; none of a subscription that is paused.
    pub due: Option<i64>,
    /// What became of it.
    pub state: State,
    /// What was tried.
    pub attempts: Vec<Attempt>,
}

impl Logged {
    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> MessageId {
        MessageId { user: self.user, number: self.id }
    }

    /// How often it was tried.
    #[must_use]
    pub fn tries(&self) -> usize {
        self.attempts.iter().filter(|attempt| attempt.is_made()).count()
    }
}

/// Which lines of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only this category.
    pub appli: Option<Appli>,
    /// Only those about this person.
    pub user: Option<UserId>,
    /// Only those of this subscription.
    pub subscription: Option<i64>,
    /// Only those made at this moment or later.
    pub since: Option<i64>,
    /// Only those made before this moment.
    pub until: Option<i64>,
}

macro_rules! lines {
    ($($rest:literal),+) => {
        concat!(
            "select n.user_id, n.notification_id, n.client_id, n.subscription_id, n.appli, n.body, \
             coalesce(n.callback, s.callback), n.created, n.due, n.state, n.log \
             from notification n left join subscription s \
             on s.user_id = n.user_id and s.subscription_id = n.subscription_id where ",
            $($rest),+
        )
    };
}

/// The lines of an application that a filter lets through: the first eleven parameters.
macro_rules! filtered {
    ($rest:literal) => {
        lines!(
            "n.client_id = $1 and n.notification_id >= $2 and n.notification_id < $3 \
             and n.state >= $4 and n.state <= $5 and n.appli >= $6 and n.appli <= $7 \
             and n.user_id >= $8 and n.user_id <= $9 and coalesce(n.subscription_id, 0) >= $10 \
             and coalesce(n.subscription_id, 0) <= $11 ",
            $rest
        )
    };
}

/// What a filter binds, and then some more.
fn bound<'v>(
    client_id: &'v str,
    filter: &Filter,
    before: Option<i64>,
    more: &[i64],
) -> Vec<Value<'v>> {
    let from = filter.since.map_or(i64::MIN, number_at);
    let end = filter.until.map_or(i64::MAX, number_at).min(before.unwrap_or(i64::MAX));
    let of_filter = [
        exactly(filter.state.map(State::number)),
        exactly(filter.appli.map(|appli| appli.0)),
        exactly(filter.user.map(|user| user.0)),
        exactly(filter.subscription),
    ];
    let numbers = [from, end].into_iter().chain(of_filter.into_iter().flatten());
    let numbers = numbers.chain(more.iter().copied()).map(Value::Int);
    std::iter::once(Value::Text(client_id)).chain(numbers).collect()
}

/// The bounds of a number, or none.
fn exactly(number: Option<i64>) -> [i64; 2] {
    number.map_or([i64::MIN, i64::MAX], |number| [number; 2])
}

/// The log of an application, newest first, before the line of that number.
pub fn log(
    tx: &mut Tx<'_>,
    client_id: &str,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Logged>> {
    tx.rows(
        filtered!("order by n.notification_id desc, n.user_id limit $12"),
        &bound(client_id, filter, before, &[limit]),
        read_logged,
    )
}

/// The same from the oldest line on, after one, for those who go through all of it.
pub fn log_after(
    tx: &mut Tx<'_>,
    client_id: &str,
    filter: &Filter,
    after: MessageId,
    limit: i64,
) -> Result<Vec<Logged>> {
    tx.rows(
        filtered!(
            "and (n.notification_id, n.user_id) > ($12, $13) \
             order by n.notification_id, n.user_id limit $14"
        ),
        &bound(client_id, filter, None, &[after.number, after.user.0, limit]),
        read_logged,
    )
}

/// The line of that name.
pub fn get(tx: &mut Tx<'_>, id: MessageId) -> Result<Option<Logged>> {
    let place = values![id.user.0, id.number];
    tx.row(lines!("n.user_id = $1 and n.notification_id = $2"), place, read_logged)
}

fn read_logged(row: &Row<'_>) -> Result<Logged> {
    let (created, due, state) = (row.int(7)?, row.int(8)?, State::of(row.int(9)?)?);
    Ok(Logged {
        user: UserId(row.int(0)?),
        id: row.int(1)?,
        client_id: row.text(2)?,
        subscription: row.int_or_null(3)?,
        appli: Appli(row.int(4)?),
        body: row.text(5)?,
        callback: row.text_or_null(6)?.unwrap_or_default(),
        created,
        due: Some(due).filter(|due| state == State::Waiting && *due != PAUSED),
        state,
        attempts: attempts(created, row.blob_in_place(10)?)?,
    })
}

/// Attempts after which one that is sent anew begins with an empty log.
const ATTEMPTS_MAX: usize = 50;

/// What came of having a notification sent anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resent {
    /// It goes out now.
    Now,
    /// Its subscription is paused: it goes out when that goes on.
    Held,
    /// Its subscription has ended, and nothing was done.
    Ended,
}

/// What would come of having a notification sent anew, and the subscription it would go to: its
/// own, or where that ended, one that the application made since for the same person and category.
pub fn foresee(tx: &mut Tx<'_>, line: &Logged) -> Result<(Resent, Option<i64>)> {
    let Some(id) = line.subscription else { return Ok((Resent::Now, None)) };
    let own = subscription::get(tx, line.user, id)?.filter(|one| one.state.is_there());
    let found = match own {
        Some(own) => Some(own),
        None => {
            let all = subscription::list(tx, line.user, &line.client_id, Some(line.appli))?;
            let is_same = |one: &&Subscription| one.callback == line.callback;
            all.iter().find(is_same).or_else(|| all.first()).cloned()
        }
    };
    Ok(match found {
        Some(one) if one.state == subscription::State::Live => (Resent::Now, Some(one.id)),
        Some(one) => (Resent::Held, Some(one.id)),
        None => (Resent::Ended, None),
    })
}

/// Sends a notification anew, whatever became of it.
pub fn resend(tx: &mut Tx<'_>, line: &Logged) -> Result<Resent> {
    let (now, (resent, to)) = (tx.now(), foresee(tx, line)?);
    let due = match resent {
        Resent::Now => now,
        Resent::Held => PAUSED,
        Resent::Ended => return Ok(resent),
    };
    let cut = if line.attempts.len() >= ATTEMPTS_MAX { &[] } else { line.attempts.as_slice() };
    let mut attempts = cut.to_vec();
    if !line.attempts.is_empty() {
        attempts.push(Attempt::anew(now));
    }
    let log = packed(line.created, &attempts);
    let sql = "update notification set state = 0, due = $3, log = $4, subscription_id = $5 \
               where user_id = $1 and notification_id = $2";
    tx.exec(sql, values![line.user.0, line.id, due, &log[..], to])?;
    tx.announce(lease::bucket(line.user));
    Ok(resent)
}

/// Takes lines out of an application's log that were made before a moment and do not wait any more.
pub fn sweep(tx: &mut Tx<'_>, client_id: &str, before: i64) -> Result<u64> {
    let sql = "delete from notification \
               where client_id = $1 and notification_id < $2 and (state > 0 or due = $3)";
    let swept = tx.exec(sql, values![client_id, number_at(before), PAUSED])?;
    let sql = "delete from subscription where client_id = $1 and state > 1 and created < $2 \
               and not exists (select 1 from notification n \
               where n.user_id = subscription.user_id \
               and n.subscription_id = subscription.subscription_id)";
    tx.exec(sql, values![client_id, before])?;
    Ok(swept)
}
