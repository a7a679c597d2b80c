//! What the receivers know: every notification that reached one, and how often; and how often
//! something was broken on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A notification by what it says: the receiver it is for, the person, and the moment of the
/// measure, which no other measure of that person has.
pub(crate) type Event = (usize, i64, i64);

/// A look at the ledger comes at least this often.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Default)]
struct State {
    received: BTreeMap<Event, u64>,
    accepted: BTreeSet<Event>,
    faults: BTreeMap<&'static str, u64>,
}

/// The ledger of a run.
#[derive(Default)]
pub(crate) struct Ledger {
    state: Mutex<State>,
    changed: Condvar,
}

impl Ledger {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a notification came.
    pub(crate) fn note(&self, event: Event) {
        *self.state().received.entry(event).or_default() += 1;
        self.changed.notify_all();
    }

    /// Notes that it was answered as it should be.
    pub(crate) fn accept(&self, event: Event) {
        self.state().accepted.insert(event);
        self.changed.notify_all();
    }

    /// Counts something that was broken.
    pub(crate) fn count(&self, fault: &'static str) {
        *self.state().faults.entry(fault).or_default() += 1;
    }

    /// Waits until every event was accepted, or the time is over: how many are.
    pub(crate) fn wait(&self, events: &BTreeSet<Event>, until: Instant) -> usize {
        let mut state = self.state();
        loop {
            let accepted = events.intersection(&state.accepted).count();
            if accepted == events.len() || Instant::now() >= until {
                return accepted;
            }
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How often each notification came.
    pub(crate) fn received(&self) -> BTreeMap<Event, u64> {
        self.state().received.clone()
    }

    /// What was broken, and how often.
    pub(crate) fn faults(&self) -> BTreeMap<&'static str, u64> {
        self.state().faults.clone()
    }
}
