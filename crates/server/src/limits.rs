//! How much an application may ask: calls a minute, and the guard against the same call twice. In
//! memory alone: every node counts its own calls, and a restart begins anew. Who calls is proven
//! before anything is counted; what it may do is not decided here.

use domain::{Refusal, UserId};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Applications that are counted; the one that was looked up the longest ago makes room.
const APPLICATIONS_MAX: usize = 10_000;
/// An application's own limit is looked up again after this time.
const KNOWN_SECONDS: i64 = 60;
/// The same call within this time is refused, if the guard is on (field-notes §5).
const SAME_SECONDS: i64 = 10;
/// Calls that are remembered for that; beyond them all are forgotten, as the guard is a courtesy.
const SAME_MAX: usize = 100_000;

/// What every application may ask of this server.
pub(crate) struct Limits {
    usual: u32,
    guards_duplicates: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    moment: Moment,
    known: HashMap<String, Known>,
    calls: HashMap<[u8; 32], i64>,
}

/// The time the limiters see: that of the call that is judged.
#[derive(Debug, Clone, Default)]
struct Moment(Arc<AtomicU64>);

impl Clock for Moment {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Moment, NoOpMiddleware<Nanos>>;

/// What is known of an application.
struct Known {
    per_minute: u32,
    /// None: as much as it likes.
    limiter: Option<Limiter>,
    learned: i64,
}

impl Limits {
    /// `usual` calls a minute for who has no number of its own; 0: as many as it likes.
    pub(crate) fn new(usual: u32, guards_duplicates: bool) -> Self {
        Self { usual, guards_duplicates, state: Mutex::default() }
    }

    /// Whether the same call twice is refused.
    pub(crate) const fn guards_duplicates(&self) -> bool {
        self.guards_duplicates
    }

    /// Whether the application's own number has to be looked up.
    pub(crate) fn wants(&self, client_id: &str, now: i64) -> bool {
        let state = self.at(now);
        state.known.get(client_id).is_none_or(|known| now - known.learned >= KNOWN_SECONDS)
    }

    /// The application's own number, if it has one; 0: as many as it likes.
    pub(crate) fn learn(&self, client_id: &str, own: Option<i64>, now: i64) {
        let own = own.map(|own| u32::try_from(own).unwrap_or(u32::MAX));
        let per_minute = own.unwrap_or(self.usual);
        let mut state = self.at(now);
        if let Some(known) = state.known.get_mut(client_id).filter(|k| k.per_minute == per_minute) {
            known.learned = now;
            return;
        }
        if state.known.len() >= APPLICATIONS_MAX {
            let oldest = state.known.iter().min_by_key(|(_, known)| known.learned);
            let oldest = oldest.map(|(client_id, _)| client_id.clone());
            oldest.and_then(|client_id| state.known.remove(&client_id));
        }
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        let clock = state.moment.clone();
        let limiter = quota.map(|quota| Limiter::direct_with_clock(quota, clock));
        state.known.insert(client_id.to_owned(), Known { per_minute, limiter, learned: now });
    }

    /// Counts a call, or says how long to wait.
    pub(crate) fn count(&self, client_id: &str, now: i64) -> Result<(), Refusal> {
        let state = self.at(now);
        let known = state.known.get(client_id);
        let Some(limiter) = known.and_then(|known| known.limiter.as_ref()) else { return Ok(()) };
        limiter.check().map_err(|until| {
            let wait = until.wait_time_from(state.moment.now());
            let seconds = i64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(i64::MAX);
            let cause = "the application calls more often than it may in a minute";
            Refusal::too_many("Too many request", cause, seconds)
        })
    }

    /// Refuses what the same application asked of the same person a moment ago.
    pub(crate) fn guard(&self, call: [u8; 32], now: i64) -> Result<(), Refusal> {
        let mut state = self.at(now);
        if let Some(last) = state.calls.get(&call).filter(|last| now - **last < SAME_SECONDS) {
            let cause =
                "the same call with the same arguments within ten seconds (duplicate_guard)";
            let text = "Same arguments in less than 10 seconds";
            return Err(Refusal::too_many(text, cause, SAME_SECONDS - (now - last)));
        }
        if state.calls.len() >= SAME_MAX {
            state.calls.clear();
        }
        state.calls.insert(call, now);
        Ok(())
    }

    /// Forgets everything, as the clock may go on from an earlier moment.
    pub(crate) fn forget(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// The state as of this moment.
    fn at(&self, now: i64) -> MutexGuard<'_, State> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let nanos = u64::try_from(now).unwrap_or_default().saturating_mul(1_000_000_000);
        state.moment.0.store(nanos, Ordering::Relaxed);
        state
    }
}

/// What makes two calls the same: who asks, of whom, and what.
pub(crate) fn call_digest(
    client_id: &str,
    user: Option<UserId>,
    path: &str,
    asked: [u8; 32],
) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    let user = user.map_or(0, |user| user.0);
    let digest = Sha256::new().chain_update(asked).chain_update(user.to_le_bytes());
    digest.chain_update(client_id).chain_update([0]).chain_update(path).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn waits(refused: Result<(), Refusal>) -> Option<i64> {
        refused.err().map(|refusal| refusal.wait_seconds)
    }

    fn limits(usual: u32) -> Limits {
        let limits = Limits::new(usual, true);
        limits.learn("a", None, NOW);
        limits
    }

    #[test]
    fn so_many_calls_a_minute_and_then_one_after_the_other() {
        let limits = limits(120);
        let all: Vec<_> = (0..120).map(|_| limits.count("a", NOW)).collect();
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(waits(limits.count("a", NOW)), Some(1));
        assert_eq!(limits.count("a", NOW + 1), Ok(()));
        assert_eq!(limits.count("a", NOW + 1), Ok(()));
        assert_eq!(waits(limits.count("a", NOW + 1)), Some(1));
        let later: Vec<_> = (0..121).map(|_| limits.count("a", NOW + 120)).collect();
        assert_eq!(later.iter().filter(|counted| counted.is_ok()).count(), 120);
    }

    #[test]
    fn an_application_has_its_own_number_and_no_other_pays_for_it() {
        let limits = limits(2);
        limits.learn("b", Some(1), NOW);
        limits.learn("c", Some(0), NOW);
        assert_eq!(limits.count("b", NOW), Ok(()));
        assert_eq!(waits(limits.count("b", NOW)), Some(60));
        assert!((0..2).all(|_| limits.count("a", NOW).is_ok()));
        assert!((0..1_000).all(|_| limits.count("c", NOW).is_ok()));
    }

    #[test]
    fn a_number_is_looked_up_again_and_the_same_one_forgives_nothing() {
        let limits = limits(1);
        assert!(!limits.wants("a", NOW + 59) && limits.wants("a", NOW + 60));
        assert_eq!(limits.count("a", NOW), Ok(()));
        limits.learn("a", None, NOW);
        assert!(limits.count("a", NOW).is_err());
        limits.learn("a", Some(5), NOW);
        assert_eq!(limits.count("a", NOW), Ok(()));
    }

    #[test]
    fn the_same_call_is_refused_for_ten_seconds() {
        let limits = limits(0);
        let call = |user| call_digest("a", Some(UserId(user)), "/measure", [1; 32]);
        assert_eq!(limits.guard(call(1), NOW), Ok(()));
        assert_eq!(waits(limits.guard(call(1), NOW + 3)), Some(7));
        assert_eq!(limits.guard(call(2), NOW + 3), Ok(()));
        assert_eq!(limits.guard(call(1), NOW + 10), Ok(()));
    }
}
