//! The time of a run: nothing is broken before the storm and after it. It draws nothing.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
struct State {
    begun: Option<Instant>,
    is_calm: bool,
    is_over: bool,
}

/// When the storm rages.
#[derive(Default)]
pub(crate) struct Storm {
    state: Mutex<State>,
    changed: Condvar,
}

impl Storm {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self) {
        self.state().begun = Some(Instant::now());
    }

    /// Nothing is broken any more.
    pub(crate) fn calm(&self) {
        self.state().is_calm = true;
        self.changed.notify_all();
    }

    /// Whatever still waits ends.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        (state.is_calm, state.is_over) = (true, true);
        self.changed.notify_all();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Milliseconds of the storm, while it rages.
    pub(crate) fn ms(&self) -> Option<u64> {
        let state = self.state();
        let begun = state.begun.filter(|_| !state.is_calm)?;
        u64::try_from(begun.elapsed().as_millis()).ok()
    }

    /// Waits until the storm has raged for so long.
    pub(crate) fn wait_until(&self, ms: u64) {
        let begun = self.state().begun.unwrap_or_else(Instant::now);
        let at = begun + Duration::from_millis(ms);
        self.pause(at.saturating_duration_since(Instant::now()));
    }

    /// Waits for so long, or until the run is over.
    pub(crate) fn pause(&self, long: Duration) {
        self.wait(long, |state| state.is_over);
    }

    /// Waits for so long, or until it is calm.
    pub(crate) fn hang(&self, long: Duration) {
        self.wait(long, |state| state.is_calm);
    }

    fn wait(&self, long: Duration, is_enough: impl Fn(&State) -> bool) {
        let state = self.state();
        // Either way it is time to go on.
        drop(self.changed.wait_timeout_while(state, long, |state| !is_enough(state)));
    }
}
