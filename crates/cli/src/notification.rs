//! `vitald notification …`: what applications are told, and what became of it. A server that runs
//! on the same data sees within a second what is changed here.

use crate::audit::{self, id_of};
use crate::location::Location;
use crate::moment::Moment;
use crate::output::Output;
use crate::user::first_line;
use api::admin::{self, Progress, Replay, Signing};
use clap::{Args, Subcommand};
use domain::UserId;
use domain::notification::{Attempt, MessageId};
use serde::Serialize;
use store::delivery::{Filter, Logged, Resent, State};
use store::subscription::{self, APPLICATION, Subscription};
use store::{Access, Tx};

/// Notifications: who is told of what, what became of it, and sending it again.
#[derive(Debug, Subcommand)]
pub(crate) enum Notification {
    /// List the subscriptions of an application.
    Subscriptions(Subscriptions),
    /// List the notifications of an application, latest first. Dead letters: --state dead.
    List(List),
    /// Show a notification and every attempt to deliver it.
    Show {
        /// Its name, as `list` prints it and receivers of signed notifications see it.
        notification: MessageId,
    },
    /// Send notifications again, whatever became of them.
    Resend {
        /// Their names.
        #[arg(required = true, value_name = "NOTIFICATION")]
        notifications: Vec<MessageId>,
    },
    /// Send again what was made since a moment, the oldest first.
    Replay(Replayed),
    /// Hold back what a subscription is told.
    Pause(One),
    /// Let a subscription go on: it is sent what was held back.
    Resume(One),
    /// Sign what a subscription is told with a new secret, printed this once; the one before is
    /// good for a day more.
    Sign(Sign),
    /// Send a subscription one notification, to see whether its receiver works.
    Test(One),
    /// End a subscription. What waits for it is not sent.
    End(One),
}

/// List the subscriptions of an application.
#[derive(Debug, Args)]
pub(crate) struct Subscriptions {
    /// Its id.
    client_id: String,
    /// Only those about this person: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: Option<String>,
    /// Only those whose last attempt failed.
    #[arg(long)]
    failing: bool,
    /// Also those that ended.
    #[arg(long)]
    all: bool,
}

/// Which notifications.
#[derive(Debug, Clone, Args)]
struct Which {
    /// Only of this category: its number; 0: orders.
    #[arg(long, value_name = "NUMBER")]
    appli: Option<i64>,
    /// Only those about this person: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: Option<String>,
    /// Only those of this subscription.
    #[arg(long, value_name = "NUMBER")]
    subscription: Option<i64>,
    /// Only those made before this moment.
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
}

/// List the notifications of an application, latest first.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Its id.
    client_id: String,
    /// Only those in this state.
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<State>,
    #[command(flatten)]
    which: Which,
    /// Only those made at this moment or later: as 2026-11-22T07:30:00Z, Unix seconds, or how long
    /// ago it is, as 2h or 7d.
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Before this one: to go on where a list ended.
    #[arg(long, value_name = "NOTIFICATION")]
    before: Option<MessageId>,
    /// So many at most.
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

/// Send again what was made since a moment, the oldest first.
#[derive(Debug, Args)]
pub(crate) struct Replayed {
    /// The application's id.
    client_id: String,
    /// What was made at this moment or later: as 2026-11-22T07:30:00Z, Unix seconds, or how long
    /// ago it is, as 2h or 7d.
    #[arg(long, value_name = "TIME")]
    since: Moment,
    /// Only those in this state; may be given several times. Without it all that do not wait.
    #[arg(long = "state", value_name = "STATE", value_parser = state)]
    states: Vec<State>,
    #[command(flatten)]
    which: Which,
    /// Say what would be sent and send nothing.
    #[arg(long)]
    dry_run: bool,
}

/// A subscription of an application.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The application's id.
    client_id: String,
    /// The number of the subscription: see `vitald notification subscriptions`.
    subscription: i64,
}

/// Sign what a subscription is told.
#[derive(Debug, Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    one: One,
    /// Read the secret from the first line of standard input: `whsec_` and 24 to 64 bytes in
    /// base64.
    #[arg(long, conflicts_with = "clear")]
    secret_stdin: bool,
    /// Sign no more.
    #[arg(long)]
    clear: bool,
}

fn state(word: &str) -> Result<State, String> {
    State::named(word).ok_or_else(|| {
        let words = State::ALL.map(|(.., word)| word);
        format!("expected one of {}", words.join(", "))
    })
}

#[derive(Serialize)]
struct Subscribed {
    subscription: i64,
    userid: Option<UserId>,
    appli: i64,
    category: &'static str,
    callback: String,
    state: &'static str,
    failures: i64,
    failing_since: Option<i64>,
    signed: bool,
    created: i64,
}

impl From<Subscription> for Subscribed {
    fn from(one: Subscription) -> Self {
        Self {
            subscription: one.id,
            userid: somebody(one.user),
            appli: one.appli.0,
            category: admin::category_name(one.appli),
            callback: admin::shown_callback(&one.callback),
            state: one.state.name(),
            failures: one.failures,
            failing_since: one.failing_since,
            signed: one.is_signed,
            created: one.created,
        }
    }
}

fn somebody(user: UserId) -> Option<UserId> {
    (user != APPLICATION).then_some(user)
}

#[derive(Serialize)]
struct Listed {
    notification: MessageId,
    userid: Option<UserId>,
    subscription: Option<i64>,
    appli: i64,
    created: i64,
    state: &'static str,
    due: Option<i64>,
    attempts: usize,
    last: Option<&'static str>,
    http: Option<u16>,
}

impl From<&Logged> for Listed {
    fn from(line: &Logged) -> Self {
        let last = line.attempts.last();
        Self {
            notification: line.name(),
            userid: somebody(line.user),
            subscription: line.subscription,
            appli: line.appli.0,
            created: line.created,
            state: line.state.name(),
            due: line.due,
            attempts: line.tries(),
            last: last.map(|last| last.outcome.name()),
            http: last.and_then(|last| last.http),
        }
    }
}

#[derive(Serialize)]
struct Shown {
    notification: MessageId,
    client_id: String,
    userid: Option<UserId>,
    subscription: Option<i64>,
    appli: i64,
    category: &'static str,
    callback: String,
    body: String,
    created: i64,
    state: &'static str,
    due: Option<i64>,
    attempts: Vec<Tried>,
}

#[derive(Serialize)]
struct Tried {
    at: i64,
    outcome: &'static str,
    http: Option<u16>,
    took_ms: u32,
    meaning: &'static str,
}

impl From<&Attempt> for Tried {
    fn from(attempt: &Attempt) -> Self {
        let Attempt { at, outcome, http, took_ms, .. } = *attempt;
        let (outcome, meaning) = (outcome.name(), outcome.meaning());
        Self { at, outcome, http, took_ms, meaning }
    }
}

#[derive(Serialize)]
struct Sent {
    notification: MessageId,
    sent: bool,
    held: bool,
}

#[derive(Serialize)]
struct Counts {
    client_id: String,
    dry_run: bool,
    sent: u64,
    /// Of subscriptions that are paused.
    held: u64,
    /// Of subscriptions that have ended.
    ended: u64,
}

#[derive(Serialize)]
struct Signed {
    #[serde(flatten)]
    subscription: Subscribed,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Notification {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Subscriptions(subscriptions) => subscriptions.run(location, output),
            Self::List(list) => list.run(location, output),
            Self::Show { notification } => show(location, output, notification),
            Self::Resend { notifications } => resend(location, output, notifications),
            Self::Replay(replay) => replay.run(location, output),
            Self::Pause(one) => one.changes(location, output, "notification pause", |tx, one| {
                admin::pause_subscription(tx, &one.client_id, one.subscription, true)
            }),
            Self::Resume(one) => one.changes(location, output, "notification resume", |tx, one| {
                admin::pause_subscription(tx, &one.client_id, one.subscription, false)
            }),
            Self::End(one) => one.changes(location, output, "notification end", |tx, one| {
                admin::end_subscription(tx, &one.client_id, one.subscription)
            }),
            Self::Sign(sign) => sign.run(location, output),
            Self::Test(One { client_id, subscription }) => {
                let sent = location.run(Access::Write, move |tx| {
                    let sent = admin::test_subscription(tx, &client_id, subscription)?;
                    audit::staff(tx, somebody(sent.user), "notification test")?;
                    Ok(sent)
                })?;
                output.one(&Listed::from(&sent))
            }
        }
    }
}

impl Subscriptions {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let Self { client_id, user, failing, all } = self;
        let found = location.run(Access::Read, move |tx| {
            let user = user.as_deref().map(|user| id_of(tx, user)).transpose()?;
            let (with_ended, is_failing) = (all, failing);
            let filter = subscription::Filter { with_ended, is_failing, user };
            let mut found: Vec<Subscription> = Vec::new();
            loop {
                let after =
                    found.last().map_or((APPLICATION, i64::MIN), |last| (last.user, last.id));
                let limit = admin::LIST_ROWS;
                let part = admin::list_subscriptions(tx, &client_id, &filter, after, limit)?;
                if part.is_empty() {
                    audit::staff(tx, user, "notification subscriptions")?;
                    return Ok(found);
                }
                found.extend(part);
            }
        })?;
        output.many(&found.into_iter().map(Subscribed::from).collect::<Vec<_>>())
    }
}

impl Which {
    fn filter(&self, tx: &mut Tx<'_>, since: Option<Moment>) -> domain::Result<Filter> {
        let now = tx.now();
        Ok(Filter {
            state: None,
            appli: self.appli.map(admin::category).transpose()?,
            user: self.user.as_deref().map(|user| id_of(tx, user)).transpose()?,
            subscription: self.subscription,
            since: since.map(|since| since.before(now)),
            until: self.until.map(|until| until.before(now)),
        })
    }
}

impl List {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let found = location.run(Access::Read, move |tx| {
            let filter = Filter { state: self.state, ..self.which.filter(tx, self.since)? };
            let mut found: Vec<Logged> = Vec::new();
            loop {
                let left = self.limit - i64::try_from(found.len()).unwrap_or(self.limit);
                let before = found.last().map(Logged::name).or(self.before);
                let (before, limit) = (before.map(|id| id.number), left.min(admin::LIST_ROWS));
                let page = admin::list_notifications(tx, &self.client_id, &filter, before, limit)?;
                if page.is_empty() {
                    audit::staff(tx, filter.user, "notification list")?;
                    return Ok(found);
                }
                found.extend(page);
            }
        })?;
        output.many(&found.iter().map(Listed::from).collect::<Vec<_>>())
    }
}

fn show(location: &Location, output: &Output, id: MessageId) -> anyhow::Result<()> {
    let line = location.run(Access::Read, move |tx| {
        let line = admin::find_notification(tx, id)?;
        audit::staff(tx, somebody(line.user), "notification show")?;
        Ok(line)
    })?;
    let tries = line.tries();
    let mut shown = Shown {
        notification: line.name(),
        body: admin::shown_body(&line),
        client_id: line.client_id,
        userid: somebody(line.user),
        subscription: line.subscription,
        appli: line.appli.0,
        category: admin::category_name(line.appli),
        callback: admin::shown_callback(&line.callback),
        created: line.created,
        state: line.state.name(),
        due: line.due,
        attempts: line.attempts.iter().map(Tried::from).collect(),
    };
    if output.is_json() {
        return output.one(&shown);
    }
    let attempts = std::mem::take(&mut shown.attempts);
    let mut told = serde_json::to_value(&shown)?;
    told["attempts"] = tries.into();
    output.one(&told)?;
    if attempts.is_empty() { Ok(()) } else { output.many(&attempts) }
}

/// All of them or none.
fn resend(location: &Location, output: &Output, ids: Vec<MessageId>) -> anyhow::Result<()> {
    let sent = location.run(Access::Write, move |tx| {
        let resend = |id: &MessageId| {
            let resent = admin::resend(tx, *id)?;
            audit::staff(tx, somebody(id.user), "notification resend")?;
            let (sent, held) = (resent == Resent::Now, resent == Resent::Held);
            Ok(Sent { notification: *id, sent, held })
        };
        ids.iter().map(resend).collect::<domain::Result<Vec<_>>>()
    })?;
    output.many(&sent)
}

impl Replayed {
    /// A part a transaction, so that a server on the same data is never kept waiting for long.
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let Self { client_id, since, states, which, dry_run } = self;
        let id = client_id.clone();
        let (client_id, filter) = location.run(Access::Read, move |tx| {
            let filter = which.filter(tx, Some(since))?;
            // What happens while this runs is sent anyway.
            let until = Some(filter.until.unwrap_or_else(|| tx.now().saturating_add(1)));
            let known = admin::find_application(tx, &id)?;
            Ok((known.client_id, Filter { until, ..filter }))
        })?;
        let replay = Replay { filter, states, is_dry: dry_run };
        let (db, _) = location.open()?;
        let mut progress = Progress::default();
        while !progress.is_over {
            let (replay, client_id, from) = (replay.clone(), client_id.clone(), progress);
            let access = if dry_run { Access::Read } else { Access::Write };
            progress = db.run_blocking(access, move |tx| {
                tx.attempt(|tx| {
                    let progress = replay.step(tx, &client_id, from)?;
                    if !replay.is_dry {
                        audit::staff(tx, replay.filter.user, "notification replay")?;
                    }
                    Ok(progress)
                })
            })?;
            if !progress.is_over {
                tracing::info!(sent = progress.sent, "replaying");
            }
        }
        db.close();
        let Progress { sent, held, ended, .. } = progress;
        output.one(&Counts { client_id, dry_run, sent, held, ended })
    }
}

impl One {
    fn changes(
        self,
        location: &Location,
        output: &Output,
        action: &'static str,
        change: fn(&mut Tx<'_>, &Self) -> domain::Result<Subscription>,
    ) -> anyhow::Result<()> {
        let changed = location.run(Access::Write, move |tx| {
            let changed = change(tx, &self)?;
            audit::staff(tx, somebody(changed.user), action)?;
            Ok(changed)
        })?;
        output.one(&Subscribed::from(changed))
    }
}

impl Sign {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let One { client_id, subscription } = self.one;
        let signing = match (self.secret_stdin, self.clear) {
            (true, _) => Signing::With(first_line()?),
            (_, true) => Signing::Not,
            _ => Signing::New,
        };
        let (changed, secret) = location.run(Access::Write, move |tx| {
            let done = admin::sign_subscription(tx, &client_id, subscription, &signing)?;
            audit::staff(tx, somebody(done.0.user), "notification sign")?;
            Ok(done)
        })?;
        output.one(&Signed { subscription: changed.into(), secret })
    }
}
