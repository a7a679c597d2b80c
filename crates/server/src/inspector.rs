//! Why calls were refused: the last calls of each application with the true cause, which the wire
//! does not say. It holds no parameter, token, measure or person; it is in memory alone, and each
//! node knows its own calls.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Calls kept of one application.
const CALLS_MAX: usize = 100;
/// Applications whose calls are kept.
const APPLICATIONS_MAX: usize = 1_000;

/// A call that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When, in Unix seconds.
    pub(crate) at: i64,
    /// The id the answer and the log carry.
    pub(crate) request_id: String,
    /// A name of the table.
    pub(crate) service: &'static str,
    /// A name of the table.
    pub(crate) action: &'static str,
    /// The status of the envelope.
    pub(crate) status: u16,
    /// Why it is not 0.
    pub(crate) cause: Option<String>,
    /// How long it took.
    pub(crate) duration_us: u64,
}

/// The last calls of each application.
#[derive(Default)]
pub(crate) struct Inspector(Mutex<HashMap<String, VecDeque<Seen>>>);

impl Inspector {
    /// Keeps a call; the oldest makes room.
    pub(crate) fn note(&self, client_id: &str, seen: Seen) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= APPLICATIONS_MAX && !known.contains_key(client_id) {
            let last = |calls: &VecDeque<Seen>| calls.back().map(|seen| seen.at);
            let quietest = known.iter().min_by_key(|(_, calls)| last(calls));
            if let Some(quietest) = quietest.map(|(client_id, _)| client_id.clone()) {
                known.remove(&quietest);
            }
        }
        let calls = known.entry(client_id.to_owned()).or_default();
        if calls.len() >= CALLS_MAX {
            calls.pop_front();
        }
        calls.push_back(seen);
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The last calls of an application, newest first.
    pub(crate) fn recent(&self, client_id: &str) -> Vec<Seen> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(client_id).map(|calls| calls.iter().rev().cloned().collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(at: i64) -> Seen {
        let request_id = at.to_string();
        let (service, action, cause) = ("measure", "getmeas", None);
        Seen { at, request_id, service, action, status: 0, cause, duration_us: 1 }
    }

    #[test]
    fn the_last_calls_are_kept_newest_first() {
        let inspector = Inspector::default();
        (0..150).for_each(|at| inspector.note("a", seen(at)));
        inspector.note("b", seen(1));
        let recent = inspector.recent("a");
        assert_eq!((recent.len(), recent[0].at, recent[99].at), (CALLS_MAX, 149, 50));
        assert_eq!(inspector.recent("b").len(), 1);
        assert!(inspector.recent("c").is_empty());
    }

    #[test]
    fn the_application_that_was_quiet_the_longest_makes_room() {
        let inspector = Inspector::default();
        for number in 0..=APPLICATIONS_MAX {
            inspector.note(&number.to_string(), seen(number.try_into().unwrap()));
        }
        assert!(inspector.recent("0").is_empty());
        assert_eq!(inspector.recent(&APPLICATIONS_MAX.to_string()).len(), 1);
    }
}
