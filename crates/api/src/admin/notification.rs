//! Notifications as an operator sees them, and the maker of an application: who is told of what,
//! what became of each notification, and what can be done about it. Which person may ask is decided
//! in `account`; when something is sent, in `server`.

use super::application::find_application;
use domain::notification::{Appli, MessageId, signing};
use domain::{Refusal, Result, UserId};
use store::delivery::{self, Filter, Logged, Resent, State};
use store::subscription::{self, Subscription};
use store::{Tx, notification};

/// Notifications that are sent anew in one transaction.
pub const REPLAY_ROWS: i64 = 200;

/// Subscriptions of an application in the order of people and numbers, after one.
pub fn list_subscriptions(
    tx: &mut Tx<'_>,
    client_id: &str,
    filter: &subscription::Filter,
    after: (UserId, i64),
    limit: i64,
) -> Result<Vec<Subscription>> {
    let known = find_application(tx, client_id)?;
    subscription::of_application(tx, &known.client_id, filter, after, limit)
}

/// A subscription of an application, however it stands.
pub fn find_subscription(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Subscription> {
    let known = find_application(tx, client_id)?;
    let problem =
        "the application has none of this number; see `vitald notification subscriptions`";
    let found = subscription::find(tx, &known.client_id, id)?;
    found.ok_or_else(|| Refusal::invalid_param("subscription", problem).into())
}

/// One that is not over.
fn find_open(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Subscription> {
    let found = find_subscription(tx, client_id, id)?;
    if !found.state.is_there() {
        let problem = "it has ended; the application has to subscribe again";
        return Err(Refusal::invalid_param("subscription", problem).into());
    }
    Ok(found)
}

/// The log of an application's deliveries, newest first, before the line of that number.
pub fn list_notifications(
    tx: &mut Tx<'_>,
    client_id: &str,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Logged>> {
    let known = find_application(tx, client_id)?;
    delivery::log(tx, &known.client_id, filter, before, limit)
}

/// A line of the log.
pub fn find_notification(tx: &mut Tx<'_>, id: MessageId) -> Result<Logged> {
    let found = delivery::get(tx, id)?;
    let problem = "there is none of this name, or no more; see `vitald notification list`";
    found.ok_or_else(|| Refusal::invalid_param("notification", problem).into())
}

/// Sends a notification anew, whatever became of it.
pub fn resend(tx: &mut Tx<'_>, id: MessageId) -> Result<Resent> {
    let line = find_notification(tx, id)?;
    match delivery::resend(tx, &line)? {
        Resent::Ended => {
            let problem = "its subscription has ended, and there is none in its place";
            Err(Refusal::invalid_param("notification", problem).into())
        }
        resent => Ok(resent),
    }
}

/// What is sent anew: what was made in a span of time, and what became of it.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// Which notifications; its state is not looked at.
    pub filter: Filter,
    /// In which states; none is named: those that do not wait.
    pub states: Vec<State>,
    /// Only say what would be done.
    pub is_dry: bool,
}

/// How far a replay has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The last line that was looked at.
    pub at: MessageId,
    /// Whether that was all.
    pub is_over: bool,
    /// Notifications that go out.
    pub sent: u64,
    /// Those that go out when their subscription goes on.
    pub held: u64,
    /// Those whose subscription has ended.
    pub ended: u64,
}

impl Default for Progress {
    fn default() -> Self {
        let at = MessageId { user: UserId(i64::MIN), number: i64::MIN };
        Self { at, is_over: false, sent: 0, held: 0, ended: 0 }
    }
}

impl Replay {
    fn means(&self, state: State) -> bool {
        match self.states.as_slice() {
            [] => state != State::Waiting,
            named => named.contains(&state),
        }
    }

    /// Sends a part of it anew, the oldest first. What is made from now on is none of it.
    pub fn step(&self, tx: &mut Tx<'_>, client_id: &str, from: Progress) -> Result<Progress> {
        let known = find_application(tx, client_id)?;
        let filter = Filter { state: None, ..self.filter.clone() };
        let lines = delivery::log_after(tx, &known.client_id, &filter, from.at, REPLAY_ROWS)?;
        let mut progress = from;
        progress.is_over = i64::try_from(lines.len()) != Ok(REPLAY_ROWS);
        for line in lines {
            progress.at = line.name();
            if !self.means(line.state) {
                continue;
            }
            let resent = match self.is_dry {
                true => delivery::foresee(tx, &line)?.0,
                false => delivery::resend(tx, &line)?,
            };
            match resent {
                Resent::Now => progress.sent += 1,
                Resent::Held => progress.held += 1,
                Resent::Ended => progress.ended += 1,
            }
        }
        Ok(progress)
    }
}

/// Holds back what a subscription is told, or lets it go on; again is the same as once.
pub fn pause_subscription(
    tx: &mut Tx<'_>,
    client_id: &str,
    id: i64,
    is_paused: bool,
) -> Result<Subscription> {
    let found = find_open(tx, client_id, id)?;
    subscription::pause(tx, found.user, found.id, is_paused)?;
    find_open(tx, client_id, id)
}

/// Ends a subscription; what waits for it is not sent. Again is the same as once.
pub fn end_subscription(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Subscription> {
    let found = find_subscription(tx, client_id, id)?;
    subscription::end(tx, found.user, found.id)?;
    find_subscription(tx, client_id, id)
}

/// What a subscription's notifications are to be signed with.
#[derive(Debug, Clone)]
pub enum Signing {
    /// A new secret; the one before, if there is one, is good for a day more.
    New,
    /// This one; the same holds.
    With(String),
    /// Nothing.
    Not,
}

/// Sets how a subscription's notifications are signed: the secret, if it was made here, to be shown
/// this once.
pub fn sign_subscription(
    tx: &mut Tx<'_>,
    client_id: &str,
    id: i64,
    signing: &Signing,
) -> Result<(Subscription, Option<String>)> {
    let found = find_open(tx, client_id, id)?;
    let made = matches!(signing, Signing::New).then(|| signing::new_secret(tx.entropy()));
    let secret = match signing {
        Signing::With(secret) if !signing::is_secret(secret.trim()) => {
            let problem = "expected whsec_ and 24 to 64 bytes in base64";
            return Err(Refusal::invalid_param("secret", problem).into());
        }
        Signing::With(secret) => Some(secret.trim()),
        Signing::New => made.as_deref(),
        Signing::Not => None,
    };
    subscription::set_secret(tx, &found, secret)?;
    Ok((find_open(tx, client_id, id)?, made))
}

/// Sends one notification of the subscription's category, about this moment, to that subscription
/// alone.
pub fn test_subscription(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Logged> {
    let found = find_open(tx, client_id, id)?;
    if found.state == subscription::State::Paused {
        let problem = "it is paused; let it go on first";
        return Err(Refusal::invalid_param("subscription", problem).into());
    }
    let number = notification::test(tx, &found)?;
    find_notification(tx, MessageId { user: found.user, number })
}

/// A category, of its number; 0: orders.
pub fn category(number: i64) -> Result<Appli> {
    let appli = Appli(number);
    if appli == notification::ORDER || appli.known().is_some() {
        return Ok(appli);
    }
    let known: Vec<_> = Appli::KNOWN.iter().map(|known| known.appli.0.to_string()).collect();
    let problem = format!("expected 0 (orders) or one of {}", known.join(", "));
    Err(Refusal::invalid_param("appli", problem).into())
}

/// What a category tells of.
#[must_use]
pub fn category_name(appli: Appli) -> &'static str {
    appli.known().map_or("Orders", |known| known.name)
}

/// A callback as it may be shown: what stands in its query can be a secret.
#[must_use]
pub fn shown_callback(callback: &str) -> String {
    match callback.split_once('?') {
        Some((before, _)) => format!("{before}?…"),
        None => callback.to_owned(),
    }
}

/// What was sent, as it may be shown: a token in it opens a recording.
#[must_use]
pub fn shown_body(line: &Logged) -> String {
    if line.appli == notification::ORDER {
        return line.body.clone();
    }
    let hidden = |pair: &str| match pair.split_once('=') {
        Some(("signal_token", _)) => "signal_token=…".to_owned(),
        _ => pair.to_owned(),
    };
    line.body.split('&').map(hidden).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_callbacks_are_not_shown() {
        assert_eq!(shown_callback("https://a.example/x?secret=1"), "https://a.example/x?…");
        assert_eq!(shown_callback("https://a.example/x"), "https://a.example/x");
    }

    #[test]
    fn categories_are_known_by_name() {
        assert_eq!(category(44).map(category_name), Ok("Sleep"));
        assert_eq!(category(0).map(category_name), Ok("Orders"));
        assert!(category(3).is_err() && category(-1).is_err());
    }
}
