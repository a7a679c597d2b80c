//! What is in memory of the outbox: what waits for its endpoint, and what is on its way. An
//! endpoint has few requests at once and a breaker of its own, so that one that is slow or dead
//! holds nobody up. It sends nothing and stores nothing.

use super::breaker::Breaker;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use store::delivery::Waiting;
use store::lease::Held;
use tokio::time::Instant;

/// Requests to one endpoint at once.
pub(super) const ENDPOINT_REQUESTS_MAX: usize = 16;
/// Requests at once.
pub(super) const REQUESTS_MAX: usize = 256;
/// Notifications in memory.
pub(super) const KNOWN_MAX: usize = 20_000;
/// Of these, those that wait for one endpoint; fewer when it gets tight.
const WAITING_MAX: usize = 1_000;
const WAITING_MAX_TIGHT: usize = 100;
/// What finds no place at an endpoint that is slow is looked at again after so long, in seconds.
const LATER_SECONDS: i64 = 30;
/// An endpoint that will have worked off what waits for it by then is a quick one.
const QUICK: Duration = Duration::from_secs(2);
/// How long it is watched before that is known.
const WATCHED: Duration = Duration::from_secs(1);

/// What a notification is known by.
pub(super) type Key = (i64, i64);

/// A notification in memory.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) held: Held,
    pub(super) waiting: Waiting,
    pub(super) origin: Arc<str>,
}

impl Item {
    pub(super) fn new(held: Held, waiting: Waiting) -> Self {
        let origin = origin(&waiting.callback).into();
        Self { held, waiting, origin }
    }

    pub(super) const fn key(&self) -> Key {
        (self.waiting.user.0, self.waiting.id)
    }
}

/// Scheme, host and port: what is down together.
fn origin(callback: &str) -> String {
    let url = callback.parse::<url::Url>();
    url.map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}

/// What became of a notification that was offered.
#[derive(Debug)]
pub(super) enum Offered {
    /// It is kept.
    Taken,
    /// It was there.
    Known,
    /// There is no place for it before that moment; it is kept as known until that is written.
    Later(Box<Item>, i64),
    /// There is no place for it just now: its endpoint is quick, and will soon have some.
    NotNow(Arc<str>),
}

#[derive(Default)]
struct Endpoint {
    waiting: VecDeque<Item>,
    requests: usize,
    breaker: Breaker,
    is_ready: bool,
    /// Since when it has been full, and what has ended since.
    full: Option<(Instant, u32)>,
}

impl Endpoint {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.requests == 0 && self.breaker == Breaker::default()
    }

    /// Whether what waits for it will soon be gone.
    fn is_quick(&self, moment: Instant) -> bool {
        let Some((since, ended)) = self.full else { return true };
        let watched = moment.saturating_duration_since(since);
        let left = watched.as_secs_f64() * self.waiting.len() as f64 / f64::from(ended.max(1));
        watched < WATCHED || left < QUICK.as_secs_f64()
    }
}

/// What is in memory.
#[derive(Default)]
pub(super) struct Queue {
    known: HashSet<Key>,
    endpoints: HashMap<Arc<str>, Endpoint>,
    ready: VecDeque<Arc<str>>,
    requests: usize,
}

impl Queue {
    /// How many notifications there are.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// How many requests are on their way.
    pub(super) const fn requests(&self) -> usize {
        self.requests
    }

    /// Takes in a notification that is due.
    pub(super) fn offer(&mut self, item: Item, now: i64, moment: Instant) -> Offered {
        if !self.known.insert(item.key()) {
            return Offered::Known;
        }
        let most = if self.known.len() > KNOWN_MAX / 2 { WAITING_MAX_TIGHT } else { WAITING_MAX };
        let origin = Arc::clone(&item.origin);
        let endpoint = self.endpoints.entry(Arc::clone(&origin)).or_default();
        if let Breaker::Open { until, .. } = endpoint.breaker
            && until > now
        {
            return Offered::Later(Box::new(item), until);
        }
        if matches!(endpoint.breaker, Breaker::Probing { .. }) && endpoint.requests > 0 {
            return Offered::Later(Box::new(item), now + LATER_SECONDS);
        }
        if endpoint.waiting.len() >= most {
            endpoint.full.get_or_insert((moment, 0));
            if endpoint.is_quick(moment) {
                self.known.remove(&item.key());
                return Offered::NotNow(origin);
            }
            return Offered::Later(Box::new(item), now + LATER_SECONDS);
        }
        endpoint.waiting.push_back(item);
        self.make_ready(&origin);
        Offered::Taken
    }

    /// Whether an endpoint that was full and quick still is.
    pub(super) fn is_full(&self, origin: &Arc<str>, moment: Instant) -> bool {
        let endpoint = self.endpoints.get(origin);
        endpoint.is_some_and(|one| {
            one.full.is_some() && one.waiting.len() >= WAITING_MAX / 2 && one.is_quick(moment)
        })
    }

    fn make_ready(&mut self, origin: &Arc<str>) {
        if let Some(endpoint) = self.endpoints.get_mut(origin)
            && !endpoint.is_ready
            && !endpoint.waiting.is_empty()
            && endpoint.requests < ENDPOINT_REQUESTS_MAX
        {
            endpoint.is_ready = true;
            self.ready.push_back(Arc::clone(origin));
        }
    }

    /// The next notification that may go out now; endpoints take turns.
    pub(super) fn next(&mut self, now: i64) -> Option<Item> {
        while self.requests < REQUESTS_MAX {
            let origin = self.ready.pop_front()?;
            let Some(endpoint) = self.endpoints.get_mut(&origin) else { continue };
            endpoint.is_ready = false;
            // A breaker that is asked for nothing would wait for ever for what became of its probe.
            if endpoint.waiting.is_empty()
                || endpoint.requests >= ENDPOINT_REQUESTS_MAX
                || endpoint.breaker.admits(now).is_err()
            {
                continue;
            }
            let Some(item) = endpoint.waiting.pop_front() else { continue };
            endpoint.requests += 1;
            self.requests += 1;
            self.make_ready(&origin);
            return Some(item);
        }
        None
    }

    /// Notes what became of a request. Where its endpoint is to be left alone, what waits for it
    /// comes back, with the moment to look again.
    pub(super) fn ended(
        &mut self,
        origin: &Arc<str>,
        succeeded: bool,
        now: i64,
    ) -> Vec<(Item, i64)> {
        self.requests = self.requests.saturating_sub(1);
        let Some(endpoint) = self.endpoints.get_mut(origin) else { return Vec::new() };
        endpoint.requests = endpoint.requests.saturating_sub(1);
        if let Some((_, ended)) = &mut endpoint.full {
            *ended += 1;
        }
        if endpoint.waiting.len() < WAITING_MAX_TIGHT / 2 {
            endpoint.full = None;
        }
        endpoint.breaker.note(succeeded, now);
        let mut put_off = Vec::new();
        if let Breaker::Open { until, .. } = endpoint.breaker {
            put_off.extend(endpoint.waiting.drain(..).map(|item| (item, until)));
        }
        if endpoint.is_idle() {
            self.endpoints.remove(origin);
        } else {
            self.make_ready(origin);
        }
        put_off
    }

    /// What became of a notification is written down: it is none any more, or is offered anew.
    pub(super) fn forget(&mut self, key: Key) {
        self.known.remove(&key);
    }

    /// Takes out what waits and is no longer this node's.
    pub(super) fn retain(&mut self, mut is_held: impl FnMut(Held) -> bool) {
        let known = &mut self.known;
        for endpoint in self.endpoints.values_mut() {
            endpoint.waiting.retain(|item| {
                let keep = is_held(item.held);
                if !keep {
                    known.remove(&item.key());
                }
                keep
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UserId;
    use domain::notification::Appli;

    fn item(id: i64, callback: &str) -> Item {
        let waiting = Waiting {
            user: UserId(1),
            id,
            appli: Appli::WEIGHT,
            client_id: String::new(),
            body: String::new(),
            created: 0,
            due: 0,
            attempts: Vec::new(),
            callback: callback.to_owned(),
            subscription: Some(1),
            is_failing: false,
            secrets: Vec::new(),
        };
        Item::new(Held { bucket: 1, epoch: 1 }, waiting)
    }

    const A: &str = "https://a.example/one";
    const B: &str = "https://b.example:80/two";

    #[test]
    fn endpoints_take_turns_and_have_few_requests_at_once() {
        let mut queue = Queue::default();
        for id in 0..100 {
            assert!(matches!(queue.offer(item(id, A), 0, Instant::now()), Offered::Taken));
        }
        assert!(matches!(queue.offer(item(7, A), 0, Instant::now()), Offered::Known));
        assert!(matches!(queue.offer(item(200, B), 0, Instant::now()), Offered::Taken));
        let first: Vec<i64> =
            (0..2).filter_map(|_| queue.next(0)).map(|one| one.waiting.id).collect();
        assert_eq!(first, [0, 200]);
        let more = std::iter::from_fn(|| queue.next(0)).count();
        assert_eq!(
            (more, queue.requests()),
            (ENDPOINT_REQUESTS_MAX - 1, ENDPOINT_REQUESTS_MAX + 1)
        );
        let origin = item(0, A).origin;
        assert!(queue.ended(&origin, true, 0).is_empty());
        assert_eq!(queue.next(0).map(|one| one.waiting.id), Some(16));
        assert!(queue.next(0).is_none());
        queue.forget((1, 0));
        assert_eq!(queue.len(), 100);
    }

    #[test]
    fn a_dead_endpoint_is_left_alone_and_tried_with_one_request() {
        let mut queue = Queue::default();
        let origin = item(0, A).origin;
        for id in 0..30 {
            queue.offer(item(id, A), 0, Instant::now());
        }
        let mut put_off = Vec::new();
        while let Some(one) = queue.next(0) {
            put_off.extend(queue.ended(&origin, false, 0).into_iter().map(|(item, _)| item.key()));
            queue.forget(one.key());
        }
        assert_eq!(put_off.len(), 20);
        put_off.into_iter().for_each(|key| queue.forget(key));
        assert!(matches!(queue.offer(item(50, A), 1, Instant::now()), Offered::Later(_, 5)));
        queue.forget((1, 50));
        assert!(matches!(queue.offer(item(50, A), 5, Instant::now()), Offered::Taken));
        assert!(matches!(queue.offer(item(51, A), 5, Instant::now()), Offered::Taken));
        assert!(queue.next(5).is_some());
        assert!(queue.next(5).is_none(), "one request sees whether it works again");
        assert!(matches!(queue.offer(item(52, A), 5, Instant::now()), Offered::Later(_, 35)));
        assert!(queue.ended(&origin, true, 6).is_empty());
        assert_eq!(queue.next(6).map(|one| one.waiting.id), Some(51));
        // Nobody else was held up meanwhile.
        queue.offer(item(60, B), 5, Instant::now());
        assert!(queue.next(5).is_some());
    }

    #[test]
    fn a_probe_that_is_taken_away_before_it_goes_leaves_its_place_to_the_next() {
        let mut queue = Queue::default();
        let origin = item(0, A).origin;
        for id in 0..10 {
            queue.offer(item(id, A), 0, Instant::now());
            let one = queue.next(0).expect("it may go");
            queue.ended(&origin, false, 0);
            queue.forget(one.key());
        }
        assert!(matches!(queue.offer(item(50, A), 5, Instant::now()), Offered::Taken));
        queue.retain(|_| false);
        assert!(queue.next(5).is_none());
        assert!(matches!(queue.offer(item(51, A), 6, Instant::now()), Offered::Taken));
        assert_eq!(queue.next(6).map(|one| one.waiting.id), Some(51));
    }

    #[test]
    fn what_finds_no_place_comes_soon_or_later() {
        let (mut queue, begun) = (Queue::default(), Instant::now());
        let (most, origin) = (i64::try_from(WAITING_MAX).unwrap(), item(0, A).origin);
        for id in 0..most {
            assert!(matches!(queue.offer(item(id, A), 0, begun), Offered::Taken));
        }
        // It may be quick: nothing is written, and it is asked for again when there is room.
        assert!(matches!(queue.offer(item(most, A), 0, begun), Offered::NotNow(_)));
        assert!(queue.is_full(&origin, begun));
        assert_eq!(queue.len(), WAITING_MAX);
        // A second later it has ended nothing: it is slow, and holds nobody up.
        let later = begun + WATCHED;
        assert!(!queue.is_full(&origin, later));
        let offered = queue.offer(item(most, A), 0, later);
        assert!(matches!(offered, Offered::Later(_, LATER_SECONDS)));
        assert!(matches!(queue.offer(item(888_888, B), 0, later), Offered::Taken));
        queue.retain(|_| false);
        assert_eq!(queue.len(), 1, "what is put off stays known until that is written");
    }

    #[test]
    fn a_quick_endpoint_has_room_again() {
        let (mut queue, begun) = (Queue::default(), Instant::now());
        let (most, origin) = (i64::try_from(WAITING_MAX).unwrap(), item(0, A).origin);
        for id in 0..=most {
            queue.offer(item(id, A), 0, begun);
        }
        let mut ended = 0;
        while let Some(one) = queue.next(0) {
            assert!(queue.ended(&origin, true, 0).is_empty());
            queue.forget(one.key());
            ended += 1;
            if ended == 400 {
                assert!(queue.is_full(&origin, begun + WATCHED), "400 in a second");
                assert!(!queue.is_full(&origin, begun + WATCHED * 60), "400 in a minute");
            }
            if ended == 600 {
                assert!(!queue.is_full(&origin, begun), "half of its room is free");
            }
        }
        assert!(!queue.is_full(&origin, begun + WATCHED));
        assert!(matches!(queue.offer(item(most, A), 0, begun), Offered::Taken));
    }
}
