//! What somebody sees of the notifications of applications they registered, and what they may do
//! about them. Those of other applications are not there: neither by their own names, nor by those
//! of subscriptions and notifications.

use super::developer::find_own;
use crate::admin::{self, Signing};
use domain::notification::MessageId;
use domain::{Refusal, Result, UserId};
use store::delivery::{self, Filter, Logged, Resent};
use store::subscription::{self, Subscription};
use store::{Tx, application::Application};

/// What somebody looks at: an application they registered, if it is one.
type Own<T> = Result<Option<T>>;

/// Subscriptions of an application, after one.
pub fn own_subscriptions(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    filter: &subscription::Filter,
    after: (UserId, i64),
    limit: i64,
) -> Own<Vec<Subscription>> {
    let Some(own) = find_own(tx, owner, client_id)? else { return Ok(None) };
    subscription::of_application(tx, &own.client_id, filter, after, limit).map(Some)
}

/// A subscription of an application.
pub fn own_subscription(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    id: i64,
) -> Own<(Application, Subscription)> {
    let Some(own) = find_own(tx, owner, client_id)? else { return Ok(None) };
    let found = subscription::find(tx, &own.client_id, id)?;
    Ok(found.map(|found| (own, found)))
}

/// The log of an application's deliveries, newest first.
pub fn own_log(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Own<(Application, Vec<Logged>)> {
    let Some(own) = find_own(tx, owner, client_id)? else { return Ok(None) };
    let lines = delivery::log(tx, &own.client_id, filter, before, limit)?;
    Ok(Some((own, lines)))
}

/// A notification of an application.
pub fn own_notification(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    id: MessageId,
) -> Own<(Application, Logged)> {
    let Some(own) = find_own(tx, owner, client_id)? else { return Ok(None) };
    let line = delivery::get(tx, id)?.filter(|line| line.client_id == own.client_id);
    Ok(line.map(|line| (own, line)))
}

/// Sends a notification of an application anew.
pub fn resend_own(tx: &mut Tx<'_>, owner: UserId, client_id: &str, id: MessageId) -> Own<Resent> {
    match own_notification(tx, owner, client_id, id)? {
        Some(_) => admin::resend(tx, id).map(Some),
        None => Ok(None),
    }
}

/// What is to be done with a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Hold back what it is told.
    Pause,
    /// Let it go on.
    Resume,
    /// Send it one notification to see whether it works.
    Test,
    /// Sign what it is told with a new secret.
    Sign,
    /// Sign no more.
    Unsign,
}

impl Deed {
    /// The deed of that word.
    pub fn named(word: &str) -> Result<Self> {
        Ok(match word {
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "test" => Self::Test,
            "sign" => Self::Sign,
            "unsign" => Self::Unsign,
            _ => return Err(Refusal::invalid_param("do", "there is no such button").into()),
        })
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The subscription is as it should be.
    Changed,
    /// A notification goes out.
    Sent(MessageId),
    /// It is signed with this secret, shown this once.
    Signed(String),
}

/// Does something with a subscription of an application.
pub fn change_own_subscription(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    id: i64,
    deed: Deed,
) -> Own<Done> {
    if own_subscription(tx, owner, client_id, id)?.is_none() {
        return Ok(None);
    }
    let pause = |tx: &mut Tx<'_>, is_paused| {
        admin::pause_subscription(tx, client_id, id, is_paused).map(|_| Done::Changed)
    };
    let sign = |tx: &mut Tx<'_>, signing| -> Result<Done> {
        let (_, made) = admin::sign_subscription(tx, client_id, id, &signing)?;
        Ok(made.map_or(Done::Changed, Done::Signed))
    };
    let done = match deed {
        Deed::Pause => pause(tx, true)?,
        Deed::Resume => pause(tx, false)?,
        Deed::Test => Done::Sent(admin::test_subscription(tx, client_id, id)?.name()),
        Deed::Sign => sign(tx, Signing::New)?,
        Deed::Unsign => sign(tx, Signing::Not)?,
    };
    Ok(Some(done))
}
