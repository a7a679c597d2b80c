//! Collects who read or changed whose data and writes it down in batches: a read stays a read, and
//! a hundred of the same are one row. Memory is bounded; what finds no room is counted, and a row
//! says how many are missing. What a row holds and how rows are chained is decided in
//! `store::audit`.

use crate::session::Session;
use crate::trace::Traced;
use crate::web::App;
use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::{Method, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::{Failure, Result, UserId};
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub use store::audit::Actor;
use store::audit::{self, Deed, Line};
use store::{Access, Db};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Different lines that wait to be written. At some 300 bytes each they take a few megabytes, and
/// no second of real calls has as many: a line is an application, a person and an action.
const LINES_MAX: usize = 16_384;
/// So many of them are written without waiting for the second to end.
const LINES_DUE: usize = 2_048;
/// Rows of one transaction: others who write are not kept waiting for longer than this takes.
const BATCH_ROWS_MAX: usize = 512;
/// How often what waits is written: a server that is killed loses no more than this.
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How often it is tried when the server stops.
const LAST_TRIES_MAX: u32 = 3;

/// Something that was done to somebody's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, in Unix seconds.
    pub at: i64,
    /// Who did it.
    pub actor: Actor,
    /// Whose data it was; `None`: nobody's alone.
    pub user: Option<UserId>,
    /// A name of a table, never text of a caller.
    pub service: &'static str,
    /// A name of a table, never text of a caller.
    pub action: &'static str,
    /// The status it was answered with.
    pub status: u16,
}

/// Where what was done is noted. Cheap to clone.
#[derive(Clone, Default)]
pub struct Audit(Option<Arc<Queue>>);

struct Queue {
    pending: Mutex<Pending>,
    /// Enough waits to be written at once.
    due: Notify,
}

impl Audit {
    /// Notes an entry. It waits for nothing and never fails.
    pub fn note(&self, entry: Entry) {
        let Some(queue) = &self.0 else { return };
        let Entry { at, actor, user, service, action, status } = entry;
        let line = Line::once(Deed { actor, user, service, action, status }, at);
        let is_due = queue.with(|pending| {
            pending.add(line);
            pending.lines.len() >= LINES_DUE
        });
        if is_due {
            queue.due.notify_one();
        }
    }

    /// Forgets what waits: whose data it was is not there any more.
    pub(crate) fn forget(&self) {
        if let Some(queue) = &self.0 {
            drop(queue.with(Pending::take));
        }
    }

    /// Writes what waits now.
    pub(crate) async fn flush(&self, db: &Db) -> Result<()> {
        match &self.0 {
            Some(queue) => queue.write(db).await,
            None => Ok(()),
        }
    }

    /// How many rows wait to be written, and how many entries found no room since the start.
    pub(crate) fn figures(&self) -> (usize, u64) {
        let figures = |queue: &Arc<Queue>| {
            queue.with(|pending| (pending.lines.len(), pending.lost_since_start))
        };
        self.0.as_ref().map(figures).unwrap_or_default()
    }
}

/// Notes what an answer on its way out is about. Who did not prove who calls, or asked for nobody's
/// data and was refused, has read and changed nothing.
pub(crate) async fn answered(State(app): State<App>, response: Response) -> Response {
    if app.audit.0.is_some()
        && let Some(traced) = response.extensions().get::<Traced>()
        && let Some(client_id) = &traced.client_id
        && (traced.user.is_some() || traced.status == 0)
    {
        let Traced { service, action, status, user, .. } = *traced;
        let (at, actor) = (app.clock.now(), Actor::Application(client_id.clone()));
        app.audit.note(Entry { at, actor, user, service, action, status });
    }
    response
}

/// Pages on which a person reads or changes data, with the names their rows have. What only reads
/// is there where it reads all of it.
const PAGES: [(&str, &str, bool); 8] = [
    ("/oauth2_user/authorize2", "authorize", false),
    ("/account/password", "password", false),
    ("/account/profile", "profile", false),
    ("/account/applications", "applications", false),
    ("/account/download", "download", true),
    ("/account/download/health-mate", "download", true),
    ("/account/data", "data", false),
    ("/account/delete", "delete", false),
];

/// Notes what a person did on the pages, with who they were before it: afterwards the account may
/// be gone.
pub(crate) async fn page(State(app): State<App>, request: Request<Body>, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let path = matched.map_or("", MatchedPath::as_str).trim_end_matches('/');
    let is_read = *request.method() == Method::GET;
    let page = PAGES.iter().find(|(known, _, reads)| *known == path && *reads == is_read);
    let Some((_, action, _)) = page.filter(|_| app.audit.0.is_some()) else {
        return next.run(request).await;
    };
    // What cannot be looked up now the page cannot look up either, and then it does nothing.
    let session = Session::of(&app, request.headers()).await.ok().flatten();
    let response = next.run(request).await;
    if let Some(session) = session {
        let status = response.extensions().get::<Traced>().map_or(0, |traced| traced.status);
        let (at, actor, user) = (app.clock.now(), Actor::Person(session.user), session.user);
        app.audit.note(Entry { at, actor, user: Some(user), service: "page", action, status });
    }
    response
}

impl Queue {
    fn with<T>(&self, work: impl FnOnce(&mut Pending) -> T) -> T {
        work(&mut self.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes what waits. What could not be written waits again.
    async fn write(&self, db: &Db) -> Result<()> {
        let mut lines = self.with(Pending::take);
        while !lines.is_empty() {
            let rest = lines.split_off(lines.len().min(BATCH_ROWS_MAX));
            let batch = Arc::new(lines);
            let rows = Arc::clone(&batch);
            let written = db.run(Access::Write, move |tx| audit::append(tx, &rows)).await;
            lines = rest;
            if let Err(error) = written {
                // After a commit of unknown outcome they may be there twice; better than not.
                let batch = Arc::try_unwrap(batch).unwrap_or_else(|batch| (*batch).clone());
                self.with(|pending| batch.into_iter().chain(lines).for_each(|it| pending.add(it)));
                return Err(error);
            }
        }
        Ok(())
    }
}

/// What waits to be written.
struct Pending {
    lines: HashMap<Deed, Seen>,
    lines_max: usize,
    /// What found no room since the last row that says so.
    lost: Option<Line>,
    lost_since_start: u64,
}

struct Seen {
    first_at: i64,
    last_at: i64,
    calls: u32,
    /// Orders what came within a second.
    number: usize,
}

impl Pending {
    fn new(lines_max: usize) -> Self {
        Self { lines: HashMap::new(), lines_max, lost: None, lost_since_start: 0 }
    }

    fn add(&mut self, line: Line) {
        if line.deed == loss() {
            return self.add_loss(line);
        }
        let (number, is_full) = (self.lines.len(), self.lines.len() >= self.lines_max);
        let Line { deed, first_at, last_at, calls } = line;
        match self.lines.entry(deed) {
            Slot::Occupied(mut known) => {
                let seen = known.get_mut();
                seen.first_at = seen.first_at.min(first_at);
                seen.last_at = seen.last_at.max(last_at);
                seen.calls = seen.calls.saturating_add(calls);
            }
            Slot::Vacant(_) if is_full => {
                self.lost_since_start += u64::from(calls);
                self.add_loss(Line { deed: loss(), first_at, last_at, calls });
            }
            Slot::Vacant(free) => {
                free.insert(Seen { first_at, last_at, calls, number });
            }
        }
    }

    fn add_loss(&mut self, line: Line) {
        let lost = self.lost.get_or_insert(Line { calls: 0, ..line.clone() });
        lost.first_at = lost.first_at.min(line.first_at);
        lost.last_at = lost.last_at.max(line.last_at);
        lost.calls = lost.calls.saturating_add(line.calls);
    }

    /// Everything, in the order in which it was first done; a loss is told last.
    fn take(&mut self) -> Vec<Line> {
        let mut lines: Vec<_> = std::mem::take(&mut self.lines).into_iter().collect();
        lines.sort_unstable_by_key(|(_, seen)| (seen.first_at, seen.number));
        let line = |(deed, seen): (Deed, Seen)| {
            let Seen { first_at, last_at, calls, .. } = seen;
            Line { deed, first_at, last_at, calls }
        };
        lines.into_iter().map(line).chain(self.lost.take()).collect()
    }
}

/// What stands in place of entries that found no room.
const fn loss() -> Deed {
    Deed { actor: Actor::Server, user: None, service: "audit", action: "lost", status: 0 }
}

/// The task that writes.
pub(crate) struct Collector {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Begins to collect. Without a task nothing is noted.
pub(crate) fn start(db: &Db, is_on: bool) -> (Audit, Option<Collector>) {
    if !is_on {
        return (Audit(None), None);
    }
    let (pending, due) = (Mutex::new(Pending::new(LINES_MAX)), Notify::new());
    let queue = Arc::new(Queue { pending, due });
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(collect(Arc::clone(&queue), db.clone(), stopped));
    (Audit(Some(queue)), Some(Collector { stop, task }))
}

impl Collector {
    /// Writes what is left. To be called when no request is in hand any more, and before the store
    /// is closed.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has said so.
        let _ = self.task.await;
    }
}

async fn collect(queue: Arc<Queue>, db: Db, mut stopped: watch::Receiver<bool>) {
    let mut is_well = true;
    loop {
        let due = async {
            if is_well {
                queue.due.notified().await;
            } else {
                // What cannot be written is not tried faster for being more.
                std::future::pending::<()>().await;
            }
        };
        let is_over = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => true,
            _ = tokio::time::timeout(WRITE_EVERY, due) => false,
        };
        if is_over {
            return write_last(&queue, &db).await;
        }
        let written = queue.write(&db).await;
        if let Err(error) = &written
            && is_well
        {
            tracing::error!(%error, "the audit cannot be written; it is kept and tried again");
        }
        is_well = written.is_ok();
    }
}

async fn write_last(queue: &Queue, db: &Db) {
    for _ in 0..LAST_TRIES_MAX {
        match queue.write(db).await {
            Ok(()) => return,
            Err(domain::Error::Failed(Failure::ShuttingDown)) => break,
            Err(_) => tokio::task::yield_now().await,
        }
    }
    let lost = queue.with(Pending::take);
    let calls: u64 = lost.iter().map(|line| u64::from(line.calls)).sum();
    tracing::error!(calls, "entries of the audit could not be written and are lost");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(user: i64, at: i64) -> Line {
        let (actor, user) = (Actor::Application("app".to_owned()), Some(UserId(user)));
        Line::once(Deed { actor, user, service: "measure", action: "getmeas", status: 0 }, at)
    }

    #[test]
    fn the_same_is_one_line_and_lines_stand_in_their_order() {
        let mut pending = Pending::new(10);
        for (user, at) in [(2, 100), (1, 100), (2, 103), (3, 99), (2, 101)] {
            pending.add(line(user, at));
        }
        let lines = pending.take();
        let told: Vec<_> =
            lines.iter().map(|it| (it.deed.user, it.first_at, it.last_at, it.calls)).collect();
        let user = |id| Some(UserId(id));
        let expected = [(user(3), 99, 99, 1), (user(2), 100, 103, 3), (user(1), 100, 100, 1)];
        assert_eq!(told, expected);
        assert_eq!(pending.take(), []);
    }

    #[test]
    fn what_finds_no_room_is_counted_in_a_line_of_its_own() {
        let mut pending = Pending::new(2);
        (1..=5).for_each(|user| pending.add(line(user, 100 + user)));
        // What has a line already needs no room.
        pending.add(line(1, 200));
        assert_eq!(pending.lost_since_start, 3);
        let lines = pending.take();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].calls, 2);
        let lost = Line { deed: loss(), first_at: 103, last_at: 105, calls: 3 };
        assert_eq!(lines[2], lost);
        // What could not be written comes back, the loss too, and more is lost meanwhile.
        (6..=8).for_each(|user| pending.add(line(user, 300)));
        lines.into_iter().for_each(|line| pending.add(line));
        let lines = pending.take();
        let calls: u32 = lines.iter().map(|line| line.calls).sum();
        assert_eq!((lines.len(), calls), (3, 9), "nothing is counted twice or not at all");
        assert_eq!((lines[2].deed.clone(), lines[2].calls), (loss(), 7));
    }
}
