//! What happened, told to whom it concerns: everything a transaction writes about a person is noted
//! while it is written, and becomes rows of the outbox in the same transaction, a row a
//! subscription and category. What becomes of the rows stands in `delivery.rs`, who is told in
//! `subscription.rs`. It sends nothing.

use crate::subscription::{self, APPLICATION, Ref, State, Subscription};
use crate::tx::{Tx, values};
use crate::{device, grant, lease, recording};
use domain::measure::{Category, Measure};
use domain::notification::{Action, Appli, Detail};
use domain::{DeviceId, Error, GroupId, Result, UserId};
use jiff::civil::Date;
use std::sync::atomic::{AtomicI64, Ordering};

/// Something that happened in a transaction and is not told yet.
#[derive(Debug, Clone)]
pub(crate) struct Happening {
    /// Whose it is; [`APPLICATION`]: nobody's.
    user: UserId,
    appli: Appli,
    detail: Detail,
    /// The organization it concerns, where it is nobody's.
    organization: Option<i64>,
}

/// Notes that something of a category happened to a person's data between two moments.
pub fn between(tx: &mut Tx<'_>, user: UserId, appli: Appli, (start, end): (i64, i64)) {
    note(tx, user, appli, Detail::Between(start.min(end), end.max(start)));
}

/// Notes that a person's measures were stored, changed or taken away. What is wished for is none.
pub(crate) fn measured(
    tx: &mut Tx<'_>,
    user: UserId,
    (date, category): (i64, Category),
    measures: &[Measure],
) {
    if category != Category::REAL {
        return;
    }
    let mut told: Vec<Appli> = Vec::new();
    for appli in measures.iter().flat_map(|measure| Appli::of_measure(measure.kind)) {
        if !told.contains(appli) {
            told.push(*appli);
            between(tx, user, *appli, (date, date));
        }
    }
}

/// Notes that a day of a person's activity changed, by its number since 1970-01-01.
pub(crate) fn moved(tx: &mut Tx<'_>, user: UserId, day: i64) {
    if let Some(day) = date(day) {
        note(tx, user, Appli::ACTIVITY, Detail::Days(day, day));
    }
}

fn date(day: i64) -> Option<Date> {
    let after = jiff::Span::new().try_days(day).ok()?;
    Date::constant(1970, 1, 1).checked_add(after).ok()
}

/// Notes that a person's recording was stored.
pub(crate) fn recorded(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: recording::Kind,
    date: i64,
    id: GroupId,
) {
    match kind {
        recording::Kind::Ecg => {
            note(tx, user, Appli::ECG, Detail::Recorded(date, date, id));
        }
        recording::Kind::Stetho => between(tx, user, Appli::STETHO, (date, date)),
    }
}

/// Notes an event at a device of a person.
pub(crate) fn at_device(
    tx: &mut Tx<'_>,
    user: UserId,
    event: domain::device::Event,
    (device, date): (DeviceId, i64),
) -> Result<()> {
    let hash = device::find(tx, device)?.map(|device| device.hash).unwrap_or_default();
    for appli in Appli::of_event(event) {
        note(tx, user, *appli, Detail::AtDevice(hash.clone(), date, date));
    }
    Ok(())
}

/// Notes that a device was set up that nobody uses: the applications of its organization are told.
pub(crate) fn unowned(tx: &mut Tx<'_>, device: DeviceId, date: i64) -> Result<()> {
    let Some(device) = device::find(tx, device)? else { return Ok(()) };
    let Some(organization) = device.organization.map(|organization| organization.0) else {
        return Ok(());
    };
    let detail = Detail::Unowned(device.hash, device.mac.to_string(), date);
    let (user, appli, organization) = (APPLICATION, Appli::NO_ACCOUNT, Some(organization));
    tx.happenings().push(Happening { user, appli, detail, organization });
    Ok(())
}

/// Notes that a person's profile changed.
pub fn changed_profile(tx: &mut Tx<'_>, user: UserId) {
    note(tx, user, Appli::PROFILE, Detail::Profile(Action::Update));
}

fn note(tx: &mut Tx<'_>, user: UserId, appli: Appli, detail: Detail) {
    let happenings = tx.happenings();
    // What is told as one is kept as one: an import tells of thousands.
    let same = |known: &&mut Happening| known.user == user && known.appli == appli;
    let joined = happenings.iter_mut().rev().filter(same).find_map(|known| {
        let joined = known.detail.joined(&detail)?;
        known.detail = joined;
        Some(())
    });
    if joined.is_none() {
        happenings.push(Happening { user, appli, detail, organization: None });
    }
}

/// Writes what happened into the outbox: the last thing a transaction does.
pub(crate) fn flush(tx: &mut Tx<'_>) -> Result<()> {
    let mut happenings = std::mem::take(tx.happenings());
    happenings.sort_by_key(|happening| happening.user);
    for of_one in happenings.chunk_by(|one, other| one.user == other.user) {
        let Some(first) = of_one.first() else { continue };
        let listeners = subscription::listeners(tx, first.user)?;
        if listeners.iter().any(|to| of_one.iter().any(|one| one.appli == to.appli)) {
            tell(tx, first.user, of_one, &listeners)?;
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, user: UserId, happenings: &[Happening], listeners: &[Ref]) -> Result<()> {
    let connected = if user == APPLICATION { Vec::new() } else { grant::of_user(tx, user)? };
    for happening in happenings {
        for to in listeners.iter().filter(|to| to.appli == happening.appli) {
            let concerns = match happening.appli.known().and_then(|known| known.scope) {
                Some(scope) => connected
                    .iter()
                    .any(|one| one.client_id == to.client_id && one.scopes.contains(&scope)),
                None => {
                    let sql = "select organization_id from application where client_id = $1";
                    let of =
                        tx.row(sql, values![to.client_id.as_str()], |row| row.int_or_null(0))?;
                    of.flatten() == happening.organization
                }
            };
            if concerns {
                let named = (user != APPLICATION).then_some(user);
                let token = |id| recording::token(tx, &to.client_id, id);
                let body = happening.detail.form(named, happening.appli, token);
                let due = if to.is_paused { PAUSED } else { tx.now() };
                let message = Message { user, to: To::Subscription(to), body: &body, due };
                post(tx, &message)?;
            }
        }
    }
    Ok(())
}

/// When something falls due whose subscription is paused.
pub(crate) const PAUSED: i64 = i64::MAX;

/// Where something goes.
pub(crate) enum To<'a> {
    /// To a subscription.
    Subscription(&'a Ref),
    /// To an address of an application: what a subscription that ends is told last, and orders.
    Address { client_id: &'a str, callback: &'a str, appli: Appli },
}

/// A row of the outbox to be.
pub(crate) struct Message<'a> {
    pub(crate) user: UserId,
    pub(crate) to: To<'a>,
    pub(crate) body: &'a str,
    pub(crate) due: i64,
}

/// How often another number is taken where another process has taken one of the same person.
const TRIES_MAX: usize = 20;
/// The lower bits of a number count what this process tells; the higher ones are the second.
const COUNT_BITS: u32 = 20;
/// What this process has told of: numbers of one second follow each other.
static COUNT: AtomicI64 = AtomicI64::new(0);

/// The least number a notification of that moment can have.
pub(crate) const fn number_at(moment: i64) -> i64 {
    moment.saturating_mul(1 << COUNT_BITS)
}

/// Puts a row into the outbox: its number.
pub(crate) fn post(tx: &mut Tx<'_>, message: &Message<'_>) -> Result<i64> {
    let Message { user, to, body, due } = message;
    let (client_id, subscription, callback, appli) = match to {
        To::Subscription(to) => (to.client_id.as_str(), Some(to.id), None, to.appli),
        To::Address { client_id, callback, appli } => (*client_id, None, Some(*callback), *appli),
    };
    let (now, bucket) = (tx.now(), lease::bucket(*user));
    let nothing: &[u8] = &[];
    for _ in 0..TRIES_MAX {
        let count = COUNT.fetch_add(1, Ordering::Relaxed).rem_euclid(1 << COUNT_BITS);
        let id = number_at(now) | count;
        let written = tx.exec(
            "insert into notification (user_id, notification_id, bucket, client_id, \
             subscription_id, callback, appli, body, created, due, state, log) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11) on conflict do nothing",
            values![
                user.0,
                id,
                bucket,
                client_id,
                subscription,
                callback,
                appli.0,
                *body,
                now,
                *due,
                nothing
            ],
        )?;
        if written == 1 {
            tx.announce(bucket);
            return Ok(id);
        }
    }
    Err(Error::internal("no number is left for a notification of this second"))
}

/// Tells a subscription alone that there is something about this moment, so that its receiver can
/// be tried: its number.
pub fn test(tx: &mut Tx<'_>, known: &Subscription) -> Result<i64> {
    let now = tx.now();
    let named = (known.user != APPLICATION).then_some(known.user);
    let body = Detail::Between(now, now).form(named, known.appli, |_| String::new());
    let Subscription { id, client_id, appli, .. } = known.clone();
    let to = Ref { id, client_id, appli, is_paused: known.state == State::Paused };
    let due = if to.is_paused { PAUSED } else { now };
    post(tx, &Message { user: known.user, to: To::Subscription(&to), body: &body, due })
}

/// Tells an application that a person took back what it could see, and ends its subscriptions for
/// that person.
pub fn unlinked(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<()> {
    last_words(tx, user, Some(client_id), Action::Unlink)
}

/// Tells every application that listens that the person's account is gone, and ends all
/// subscriptions. The rows are the applications' own, as nothing of the person stays.
pub(crate) fn deleted(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    last_words(tx, user, None, Action::Delete)
}

fn last_words(
    tx: &mut Tx<'_>,
    user: UserId,
    client_id: Option<&str>,
    action: Action,
) -> Result<()> {
    let connected = grant::of_user(tx, user)?;
    let may = |to: &Ref| {
        let of = |one: &&grant::Connected| one.client_id == to.client_id;
        connected.iter().find(of).is_some_and(|one| one.scopes.contains(&domain::Scope::Info))
    };
    for to in subscription::listeners(tx, user)? {
        if client_id.is_some_and(|client_id| client_id != to.client_id) {
            continue;
        }
        if to.appli == Appli::PROFILE && !to.is_paused && may(&to) {
            let found = subscription::get(tx, user, to.id)?;
            let callback = found.map(|found| found.callback).unwrap_or_default();
            let body = Detail::Profile(action).form(Some(user), to.appli, |_| String::new());
            let owner = if action == Action::Delete { APPLICATION } else { user };
            let (client_id, appli) = (to.client_id.as_str(), to.appli);
            let to = To::Address { client_id, callback: &callback, appli };
            let due = tx.now();
            post(tx, &Message { user: owner, to, body: &body, due })?;
        }
        subscription::end(tx, user, to.id)?;
    }
    Ok(())
}

/// Tells an application about an order, in JSON, where it wants to be told; `false` if it never
/// said where.
pub fn about_order(tx: &mut Tx<'_>, client_id: &str, json: &str) -> Result<bool> {
    let sql = "select notify_uri from application where client_id = $1";
    let uri = tx.row(sql, values![client_id], |row| row.text_or_null(0))?.flatten();
    let Some(callback) = uri else { return Ok(false) };
    let to = To::Address { client_id, callback: &callback, appli: ORDER };
    let due = tx.now();
    post(tx, &Message { user: APPLICATION, to, body: json, due })?;
    Ok(true)
}

/// What stands for the category of what is told about orders: it has none.
pub const ORDER: Appli = Appli(0);
