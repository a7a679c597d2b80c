//! The faults of a sandbox in memory: which there are, and whether one strikes. What they have done
//! is written down before the call is answered, so that a restart goes on where they were. What a
//! strike does is `strike.rs` and whoever delivers.

use domain::fault::{Fault, Kind, Place, Strike};
use domain::{Refusal, Result};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Access, Db, fault};
use tokio::sync::OnceCell;

/// Faults at once.
const FAULTS_MAX: usize = 200;
/// Refresh tokens that are remembered to tell a second use from a first.
const REFRESHED_MAX: usize = 10_000;

/// The faults of a sandbox.
#[derive(Debug)]
pub(crate) struct Faults {
    /// How many can strike; before they are read one, so that somebody reads them.
    live: AtomicUsize,
    read: OnceCell<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Vec<Fault>,
    /// What has struck, or could have, and is not written down yet.
    changed: BTreeMap<i64, domain::fault::Draws>,
    /// When a refresh token was last used, by its digest.
    refreshed: HashMap<[u8; 32], i64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { live: AtomicUsize::new(1), read: OnceCell::new(), state: Mutex::default() }
    }
}

impl Faults {
    /// Whether none can strike.
    pub(crate) fn is_quiet(&self) -> bool {
        self.live.load(Ordering::Relaxed) == 0
    }

    /// The same, once they are read.
    pub(crate) async fn are_quiet(&self, db: &Db) -> Result<bool> {
        if self.is_quiet() {
            return Ok(true);
        }
        self.read.get_or_try_init(|| self.reread(db)).await?;
        Ok(self.is_quiet())
    }

    /// Reads them from the store, whatever is known.
    pub(crate) async fn reread(&self, db: &Db) -> Result<()> {
        let known = db.run(Access::Read, fault::list).await?;
        let mut state = self.state();
        *state = State { known, ..State::default() };
        self.count(&state);
        Ok(())
    }

    /// All of them.
    pub(crate) async fn list(&self, db: &Db) -> Result<Vec<Fault>> {
        self.are_quiet(db).await?;
        Ok(self.state().known.clone())
    }

    /// Adds some; all or none.
    pub(crate) async fn add(&self, db: &Db, new: Vec<Fault>) -> Result<Vec<Fault>> {
        self.are_quiet(db).await?;
        if self.state().known.len() + new.len() > FAULTS_MAX {
            let problem = format!("there are {FAULTS_MAX} at most: take some out");
            return Err(Refusal::invalid_param("name", problem).into());
        }
        let added = db.run(Access::Write, move |tx| {
            let now = tx.now();
            let keep =
                |new: &Fault| Ok(Fault { id: fault::add(tx, new)?, created: now, ..new.clone() });
            new.iter().map(keep).collect::<Result<Vec<_>>>()
        });
        let added = added.await?;
        let mut state = self.state();
        state.known.extend(added.iter().cloned());
        self.count(&state);
        Ok(added)
    }

    /// Takes one out, or all; how many there were.
    pub(crate) async fn remove(&self, db: &Db, id: Option<i64>) -> Result<u64> {
        self.are_quiet(db).await?;
        let removed = db.run(Access::Write, move |tx| match id {
            Some(id) => fault::remove(tx, id).map(u64::from),
            None => fault::remove_all(tx),
        });
        let removed = removed.await?;
        let mut state = self.state();
        state.known.retain(|known| id.is_some_and(|id| known.id != id));
        state.changed.retain(|known, _| id.is_some_and(|id| *known != id));
        state.refreshed.clear();
        self.count(&state);
        Ok(removed)
    }

    /// Asks those of a place that are for an application and that `can` strike, one after the
    /// other, up to the first that does if only one may.
    pub(crate) fn draw(
        &self,
        place: Place,
        client_id: Option<&str>,
        is_one: bool,
        can: impl Fn(&Fault) -> bool,
    ) -> Vec<Strike> {
        if self.is_quiet() {
            return Vec::new();
        }
        let (mut state, mut strikes) = (self.state(), Vec::new());
        let State { known, changed, .. } = &mut *state;
        let may = |one: &&mut Fault| {
            one.kind.place() == place && one.is_live() && one.is_for(client_id) && can(one)
        };
        for one in known.iter_mut().filter(may) {
            strikes.extend(one.strike());
            changed.insert(one.id, one.draws);
            if is_one && !strikes.is_empty() {
                break;
            }
        }
        self.count(&state);
        strikes
    }

    /// Writes down what they have done.
    pub(crate) async fn keep(&self, db: &Db) -> Result<()> {
        let changed = std::mem::take(&mut self.state().changed);
        if changed.is_empty() {
            return Ok(());
        }
        let write = move |tx: &mut store::Tx<'_>| {
            changed.iter().try_for_each(|(id, draws)| fault::note(tx, *id, *draws))
        };
        db.run(Access::Write, write).await
    }

    /// Notes that a refresh token is used; how many seconds ago it was used before, if somebody
    /// wants to tell a second use from a first.
    pub(super) fn refreshes(&self, digest: [u8; 32], now: i64) -> Option<i64> {
        let mut state = self.state();
        let races = state.known.iter().filter(|one| one.kind == Kind::RefreshRace && one.is_live());
        let window = races.filter_map(|one| one.kind.number(&one.settings, "window")).max()?;
        if state.refreshed.len() >= REFRESHED_MAX {
            state.refreshed.clear();
        }
        // A second use does not begin the time anew, or whoever tries again would never get by.
        let after = state.refreshed.get(&digest).map(|first| now.saturating_sub(*first));
        let after = after.filter(|after| *after < window);
        if after.is_none() {
            state.refreshed.insert(digest, now);
        }
        after
    }

    fn count(&self, state: &State) {
        let live = state.known.iter().filter(|one| one.is_live()).count();
        self.live.store(live, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
