//! The task that decides what goes out when. Everything that waits runs beside it and reports back
//! as an event.

mod warning;

use super::faulted::Fate;
use super::mail::Mailer;
use super::queue::{Item, KNOWN_MAX, Key, Offered, Queue};
use super::request::sending;
use super::sweep::sweep;
use crate::figures::Deliveries;
use crate::outbound::{Outbound, Sent};
use domain::notification::{Attempt, Outcome, Rule, Verdict, WAIT_SECONDS_MAX};
use domain::{Clock, DAY_SECONDS, Entropy, EntropyExt as _, Result};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::delivery::{self, Health, Notice, Place, Settled, State, Waiting};
use store::lease::{self, Held};
use store::{Access, Db};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};

/// How often the store is looked at for what nobody rang for: retries, and what other processes
/// wrote.
const TICK: Duration = Duration::from_secs(1);
/// How often all that waits is looked at, not only what is newer than the last look.
const TICKS_PER_WHOLE_LOOK: u64 = 5;
/// How often leases are renewed.
const TICKS_PER_RENEWAL: u64 = 10;
/// How often the log is swept.
const TICKS_PER_SWEEP: u64 = 3_600;
/// Buckets that are looked at at once, and what one of them brings at most.
const LOOK_BUCKETS: usize = 8;
const PAGE: i64 = 250;
/// Looks that bring nothing new take at most this part of the time.
const LOOK_PART: u32 = 5;
/// What became of so many is written at once.
const SETTLE_MAX: usize = 256;
/// So many transactions that write it may run at once; a further one begins when it is worth it.
const SETTLES_MAX: usize = 4;
const SETTLE_WORTH: usize = 64;
/// A write that failed is tried again after so long.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// What is on its way when the server stops is waited for so long, beside its own limit.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// What a worker is made of.
pub(super) struct Parts {
    pub(super) db: Db,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) outbound: Outbound,
    pub(super) rule: Arc<Rule>,
    pub(super) log_days: u32,
    pub(super) mailer: Option<Mailer>,
    pub(super) figures: Option<Deliveries>,
    /// Whether something may go wrong on demand.
    pub(super) is_sandbox: bool,
}

/// What was found in the buckets that were looked at.
type Found = Vec<(Held, Place, Vec<Waiting>)>;

/// What comes back from beside.
enum Event {
    /// It was looked whether something goes wrong with what was to go out at that moment.
    Fated(Vec<(Item, Option<Fate>)>, i64),
    Ended(Item, i64, Sent),
    /// It goes out from that moment on.
    Delayed(Item, i64),
    Found(Result<Found>, Duration),
    Settled(Vec<Settled>, Result<Vec<Notice>>),
    Held(Result<Vec<Held>>),
    /// A pause is over.
    Again,
}

/// The task.
pub(super) struct Worker {
    parts: Parts,
    node: i64,
    events: (mpsc::UnboundedSender<Event>, mpsc::UnboundedReceiver<Event>),
    held: HashMap<i64, i64>,
    is_first: bool,
    queue: Queue,
    /// Subscriptions whose last attempt failed.
    failing: HashSet<Key>,
    /// Where each bucket was read up to.
    seen: HashMap<i64, i64>,
    /// Buckets that are to be looked at, and from where.
    looks: BTreeMap<i64, Place>,
    /// Where the next look begins.
    looked: i64,
    is_looking: bool,
    next_look: Instant,
    /// The endpoint that is waited for before anything more is looked for.
    full: Option<Arc<str>>,
    /// What was written down since the look that is under way began: it may still see it as it was.
    written: HashSet<Key>,
    settled: Vec<Settled>,
    settling: usize,
    /// Whether it is looked for what goes wrong: one look at a time, in the order of the queue.
    is_fating: bool,
    ticks: u64,
}

const FROM_THE_BEGINNING: Place = (i64::MIN, i64::MIN, i64::MIN);

impl Worker {
    pub(super) fn new(parts: Parts) -> Self {
        let node = parts.entropy.number(1, 1 << 53);
        Self {
            parts,
            node,
            events: mpsc::unbounded_channel(),
            held: HashMap::new(),
            is_first: true,
            queue: Queue::default(),
            failing: HashSet::new(),
            seen: HashMap::new(),
            looks: BTreeMap::new(),
            looked: 0,
            is_looking: false,
            next_look: Instant::now(),
            full: None,
            written: HashSet::new(),
            settled: Vec::new(),
            settling: 0,
            is_fating: false,
            ticks: 0,
        }
    }

    /// Delivers until it is told to stop.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let wake = self.parts.db.wake();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let may_look = !self.looks.is_empty() && !self.is_looking && self.has_room();
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                Some(event) = self.events.1.recv() => {
                    self.take(event);
                    while let Ok(event) = self.events.1.try_recv() {
                        self.take(event);
                    }
                }
                buckets = wake.rung() => self.look_at(buckets),
                _ = tick.tick() => self.tick(),
                () = tokio::time::sleep_until(self.next_look), if may_look => self.look(),
            }
            self.send();
            self.settle();
        }
        self.finish().await;
    }

    fn tick(&mut self) {
        if self.ticks.is_multiple_of(TICKS_PER_RENEWAL) {
            self.hold();
        }
        let is_whole = self.ticks.is_multiple_of(TICKS_PER_WHOLE_LOOK);
        for bucket in self.held.keys() {
            let from = if is_whole { FROM_THE_BEGINNING } else { self.place(*bucket) };
            self.looks.insert(*bucket, from);
        }
        if self.ticks % TICKS_PER_SWEEP == TICKS_PER_SWEEP / 60 {
            let before = self.parts.clock.now() - i64::from(self.parts.log_days) * DAY_SECONDS;
            tokio::spawn(sweep(self.parts.db.clone(), before));
        }
        if let Some(figures) = &self.parts.figures {
            figures.waiting(self.queue.len());
        }
        self.ticks += 1;
    }

    /// After what a bucket was read up to; in the second of that there may be more.
    fn place(&self, bucket: i64) -> Place {
        let seen = self.seen.get(&bucket).copied().unwrap_or(i64::MIN);
        (seen.saturating_sub(1), i64::MAX, i64::MAX)
    }

    /// Somebody rang for buckets, a bit each.
    fn look_at(&mut self, buckets: u64) {
        for bucket in (0..lease::BUCKETS).filter(|bucket| buckets & (1 << bucket) != 0) {
            if self.held.contains_key(&bucket) {
                let place = self.place(bucket);
                self.looks.entry(bucket).or_insert(place);
            }
        }
    }

    fn beside(&self, work: impl Future<Output = Event> + Send + 'static) {
        let events = self.events.0.clone();
        tokio::spawn(async move {
            // Who would read it is gone only when nothing matters any more.
            let _ = events.send(work.await);
        });
    }

    fn hold(&mut self) {
        let (db, node, is_first) = (self.parts.db.clone(), self.node, self.is_first);
        self.beside(async move {
            Event::Held(db.run(Access::Write, move |tx| lease::hold(tx, node, is_first)).await)
        });
    }

    /// Whether more can be taken in; what ends meanwhile, or the next tick, asks again.
    fn has_room(&mut self) -> bool {
        let is_full = |full: &Arc<str>| self.queue.is_full(full, Instant::now());
        if self.full.as_ref().is_some_and(is_full) {
            return false;
        }
        self.full = None;
        self.queue.len() < KNOWN_MAX
    }

    fn look(&mut self) {
        let held = |(bucket, place): (i64, Place)| {
            self.held.get(&bucket).map(|epoch| (Held { bucket, epoch: *epoch }, place))
        };
        // In turn, from after the last ones on: those that are rung for all the time must not keep
        // others out.
        let (after, before) = (self.looks.range(self.looked..), self.looks.range(..self.looked));
        let buckets = after.chain(before).map(|(bucket, _)| *bucket);
        let buckets: Vec<i64> = buckets.take(LOOK_BUCKETS).collect();
        self.looked = buckets.last().map_or(0, |last| last + 1);
        let taken: Vec<(i64, Place)> =
            buckets.iter().filter_map(|bucket| self.looks.remove_entry(bucket)).collect();
        let looks: Vec<(Held, Place)> = taken.into_iter().filter_map(held).collect();
        if looks.is_empty() {
            return;
        }
        self.is_looking = true;
        let db = self.parts.db.clone();
        self.beside(async move {
            let begun = Instant::now();
            let found = db.run(Access::Read, move |tx| {
                let read = |(held, place): &(Held, Place)| {
                    Ok((*held, *place, delivery::due(tx, held.bucket, *place, PAGE)?))
                };
                looks.iter().map(read).collect()
            });
            Event::Found(found.await, begun.elapsed())
        });
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Fated(items, at) => {
                self.is_fating = false;
                items.into_iter().for_each(|(item, fate)| self.send_one(item, fate, at));
            }
            Event::Ended(item, at, sent) => self.note(item, at, sent),
            Event::Delayed(item, until) => self.delay(item, until),
            Event::Found(found, took) => {
                self.is_looking = false;
                let mut share = 1.0;
                match found {
                    Ok(found) => {
                        let read = found.iter().map(|(.., found)| found.len()).sum::<usize>();
                        let offer = |(held, place, found)| self.offer(held, place, found);
                        let new = found.into_iter().map(offer).sum::<usize>();
                        share = 1.0 - new as f64 / read.max(1) as f64;
                    }
                    Err(error) => tracing::error!(%error, "the outbox could not be read"),
                }
                self.written.clear();
                self.next_look = Instant::now() + (took * (LOOK_PART - 1)).mul_f64(share);
            }
            Event::Settled(batch, Ok(notices)) => {
                self.settling -= 1;
                self.parts.db.wake().settle();
                for settled in &batch {
                    let key = (settled.user.0, settled.id);
                    self.queue.forget(key);
                    if self.is_looking {
                        self.written.insert(key);
                    }
                    self.look_again(settled);
                }
                notices.into_iter().for_each(|notice| self.warn(notice));
            }
            Event::Settled(batch, Err(error)) => {
                tracing::error!(%error, "deliveries could not be written down; again soon");
                // It counts as running until the pause is over, so that nothing spins.
                self.settled.extend(batch);
                self.beside(async {
                    tokio::time::sleep(RETRY_PAUSE).await;
                    Event::Again
                });
            }
            Event::Again => self.settling -= 1,
            Event::Held(Ok(held)) => {
                self.is_first = false;
                let held: HashMap<i64, i64> =
                    held.into_iter().map(|held| (held.bucket, held.epoch)).collect();
                for bucket in held.keys().filter(|bucket| !self.held.contains_key(bucket)) {
                    self.seen.remove(bucket);
                    self.looks.insert(*bucket, FROM_THE_BEGINNING);
                }
                self.held = held;
                let held = &self.held;
                self.queue.retain(|one| held.get(&one.bucket) == Some(&one.epoch));
            }
            Event::Held(Err(error)) => {
                tracing::error!(%error, "the leases of deliveries could not be renewed");
            }
        }
    }

    /// What was put off to a moment that has come meanwhile is not found by the next look alone.
    fn look_again(&mut self, settled: &Settled) {
        if settled.state == State::Waiting && settled.due <= self.parts.clock.now() {
            self.looks.insert(settled.held.bucket, FROM_THE_BEGINNING);
        }
    }

    /// Takes in what a look at a bucket brought; how many were new.
    fn offer(&mut self, held: Held, mut place: Place, found: Vec<Waiting>) -> usize {
        if self.held.get(&held.bucket) != Some(&held.epoch) {
            return 0;
        }
        let is_page = i64::try_from(found.len()) == Ok(PAGE);
        let (now, moment, mut new) = (self.parts.clock.now(), Instant::now(), 0);
        for waiting in found {
            let at = (waiting.due, waiting.user.0, waiting.id);
            // What was written down meanwhile is not as it was.
            if !self.written.contains(&(waiting.user.0, waiting.id)) {
                match self.queue.offer(Item::new(held, waiting), now, moment) {
                    Offered::Taken => new += 1,
                    Offered::Known => {}
                    Offered::Later(item, until) => {
                        new += 1;
                        self.put_off(*item, until, now);
                    }
                    Offered::NotNow(full) => {
                        self.full = Some(full);
                        self.looks.insert(held.bucket, place);
                        return new;
                    }
                }
            }
            place = at;
            let seen = self.seen.entry(held.bucket).or_insert(at.0);
            *seen = at.0.max(*seen);
        }
        if is_page {
            self.looks.insert(held.bucket, place);
        }
        new
    }

    /// What waits for an endpoint that is left alone waits in the store, up to a day.
    fn put_off(&mut self, item: Item, until: i64, now: i64) {
        let Item { held, waiting, .. } = item;
        let (begun, made) = Attempt::round(waiting.created, &waiting.attempts);
        let is_over = now.saturating_sub(begun) >= WAIT_SECONDS_MAX && !made.is_empty();
        self.settled.push(Settled {
            held,
            user: waiting.user,
            id: waiting.id,
            created: waiting.created,
            attempts: waiting.attempts,
            state: if is_over { State::GivenUp } else { State::Waiting },
            due: until,
            health: None,
        });
    }

    fn send(&mut self) {
        let now = self.parts.clock.now();
        if !self.parts.is_sandbox {
            while let Some(item) = self.queue.next(now) {
                self.send_one(item, None, now);
            }
            return;
        }
        if self.is_fating {
            return;
        }
        let items: Vec<Item> = std::iter::from_fn(|| self.queue.next(now)).collect();
        if items.is_empty() {
            return;
        }
        self.is_fating = true;
        let db = self.parts.db.clone();
        self.beside(async move { Event::Fated(Fate::of_each(&db, items, now).await, now) });
    }

    fn send_one(&self, item: Item, fate: Option<Fate>, now: i64) {
        let (outbound, rule) = (self.parts.outbound.clone(), Arc::clone(&self.parts.rule));
        self.beside(async move {
            match fate {
                Some(Fate::Lost) => return Event::Ended(item, now, Sent::lost()),
                Some(Fate::Later(until)) => return Event::Delayed(item, until),
                Some(Fate::Twice) => {
                    outbound.send(sending(&item.waiting, now), &rule).await;
                }
                None => {}
            }
            let sent = outbound.send(sending(&item.waiting, now), &rule).await;
            Event::Ended(item, now, sent)
        });
    }

    fn delay(&mut self, item: Item, until: i64) {
        let now = self.parts.clock.now();
        for (item, until) in self.queue.ended(&item.origin, true, now) {
            self.put_off(item, until, now);
        }
        self.put_off(item, until, now);
    }

    fn note(&mut self, item: Item, at: i64, sent: Sent) {
        let now = self.parts.clock.now();
        let Item { held, mut waiting, origin } = item;
        let took_ms = u32::try_from(sent.took.as_millis()).unwrap_or(u32::MAX);
        let Sent { outcome, http, retry_after, .. } = sent;
        waiting.attempts.push(Attempt { at, outcome, http, took_ms, retry_after });
        if let Some(figures) = &self.parts.figures {
            figures.count(outcome, sent.took);
        }
        // What answers is no dead endpoint, unless it says that it is overloaded or broken.
        let works = matches!(outcome, Outcome::Delivered | Outcome::Lost)
            || http.is_some_and(|http| http < 500 && http != 429);
        for (item, until) in self.queue.ended(&origin, works, now) {
            self.put_off(item, until, now);
        }
        let chance = u64::from_le_bytes(self.parts.entropy.bytes());
        // Counted from its beginning: how long it took, and when that was noticed, moves nothing.
        let verdict = self.parts.rule.verdict(waiting.created, &waiting.attempts, at, chance);
        let (state, due) = match verdict {
            Verdict::Delivered => (State::Delivered, waiting.due),
            Verdict::Again(due) => (State::Waiting, due),
            Verdict::GivenUp => (State::GivenUp, waiting.due),
        };
        let health = self.health(&waiting, outcome);
        let Waiting { user, id, created, attempts, .. } = waiting;
        self.settled.push(Settled { held, user, id, created, attempts, state, due, health });
    }

    fn health(&mut self, waiting: &Waiting, outcome: Outcome) -> Option<(i64, Health)> {
        let subscription = waiting.subscription?;
        let key = (waiting.user.0, subscription);
        match outcome {
            Outcome::Delivered => {
                let was_failing = self.failing.remove(&key) || waiting.is_failing;
                was_failing.then_some((subscription, Health::Works))
            }
            Outcome::Gone => Some((subscription, Health::Gone)),
            Outcome::Lost => None,
            _ => {
                self.failing.insert(key);
                Some((subscription, Health::Fails))
            }
        }
    }

    fn settle(&mut self) {
        while !self.settled.is_empty()
            && (self.settling == 0
                || (self.settled.len() >= SETTLE_WORTH && self.settling < SETTLES_MAX))
        {
            let rest = self.settled.split_off(self.settled.len().min(SETTLE_MAX));
            let batch = std::mem::replace(&mut self.settled, rest);
            self.settling += 1;
            let (db, node, rule) = (self.parts.db.clone(), self.node, self.parts.rule.name);
            self.beside(async move {
                let batch = Arc::new(batch);
                let written = Arc::clone(&batch);
                let work = move |tx: &mut store::Tx<'_>| delivery::settle(tx, node, rule, &written);
                let result = db.run(Access::Write, work).await;
                let batch = Arc::try_unwrap(batch).unwrap_or_else(|batch| batch.as_ref().clone());
                Event::Settled(batch, result)
            });
        }
    }

    /// Waits for what is on its way, writes it down, and gives back the leases.
    async fn finish(mut self) {
        let until = Instant::now() + self.parts.rule.limit + STOP_WAIT;
        while self.queue.requests() > 0 || !self.settled.is_empty() || self.settling > 0 {
            self.settle();
            match tokio::time::timeout_at(until, self.events.1.recv()).await {
                Ok(Some(event)) => self.take(event),
                _ => break,
            }
        }
        let node = self.node;
        let released = self.parts.db.run(Access::Write, move |tx| lease::release(tx, node)).await;
        if let Err(error) = released {
            tracing::warn!(%error, "the leases of deliveries run out by themselves");
        }
    }
}
