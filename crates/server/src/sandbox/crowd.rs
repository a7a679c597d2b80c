//! What simulated people hand over next, in the order of time. It is written by a thread of its
//! own, some way ahead of the clock, so that drawing a life and storing it go on side by side.

use super::people::Life;
use api::sync::Batch;
use domain::{Error, Result, UserId};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// So much of the time of ten people is written at once.
const SPAN_SECONDS: i64 = 86_400;
/// The shortest such span: of many people less is written.
const SPAN_SECONDS_MIN: i64 = 600;
/// What is written ahead is more than this, or more is written.
const AHEAD: usize = 64;

/// What somebody's device hands over at a moment.
pub(super) struct Ready {
    pub(super) at: i64,
    pub(super) user: UserId,
    /// Whether it is a watch, which has raw data for whom a program asks.
    pub(super) is_watch: bool,
    /// The device's.
    pub(super) token: Arc<str>,
    pub(super) batch: Batch,
    /// Where the person is, where that may not be known yet.
    pub(super) zone: Option<String>,
}

/// Everybody, and what they hand over next.
pub(super) struct Crowd {
    lives: Lives,
    ready: VecDeque<Arc<Ready>>,
    /// What is before this moment is in `ready`, or was taken from it.
    known: i64,
}

enum Lives {
    At(Vec<Life>),
    /// Somebody is writing.
    Writing(JoinHandle<Written>),
}

struct Written {
    lives: Vec<Life>,
    ready: Vec<Arc<Ready>>,
    known: i64,
}

impl Crowd {
    pub(super) fn of(lives: Vec<Life>) -> Self {
        let known = lives.iter().map(Life::known).min().unwrap_or(i64::MAX);
        Self { lives: Lives::At(lives), ready: VecDeque::new(), known }
    }

    /// The next that are handed over before a moment, at most so many; they stay.
    pub(super) async fn next(&mut self, before: i64, most: usize) -> Result<Vec<Arc<Ready>>> {
        while self.ready.is_empty() && self.known < before {
            self.write(before);
            self.read().await?;
        }
        if self.ready.len() < AHEAD && self.known < i64::MAX {
            self.write(self.known.saturating_add(1));
        }
        let next = self.ready.iter().take(most).take_while(|ready| ready.at < before);
        Ok(next.cloned().collect())
    }

    /// The first so many were handed over.
    pub(super) fn pass(&mut self, count: usize) {
        self.ready.drain(..count.min(self.ready.len()));
    }

    /// Has somebody write until there is something, or nothing before a moment.
    fn write(&mut self, before: i64) {
        let Lives::At(lives) = &mut self.lives else { return };
        let (lives, known) = (std::mem::take(lives), self.known);
        self.lives =
            Lives::Writing(tokio::task::spawn_blocking(move || write(lives, known, before)));
    }

    /// Waits for what is being written.
    async fn read(&mut self) -> Result<()> {
        if let Lives::Writing(writing) = &mut self.lives {
            let Written { lives, ready, known } = writing.await.map_err(Error::internal)?;
            self.lives = Lives::At(lives);
            self.ready.extend(ready);
            self.known = known;
        }
        Ok(())
    }
}

fn write(mut lives: Vec<Life>, mut known: i64, before: i64) -> Written {
    let tens = i64::try_from(lives.len() / 10).unwrap_or(i64::MAX);
    let span = (SPAN_SECONDS / tens.max(1)).max(SPAN_SECONDS_MIN);
    let mut ready = Vec::new();
    while ready.is_empty() && known < before && !lives.is_empty() {
        known = known.saturating_add(span);
        ready.extend(lives.iter_mut().flat_map(|life| life.before(known)).map(Arc::new));
        // Of one moment in the order of the people.
        ready.sort_by_key(|ready| ready.at);
    }
    if lives.is_empty() {
        known = i64::MAX;
    }
    Written { lives, ready, known }
}
