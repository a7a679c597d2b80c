//! What the server writes down of who read or changed whose data: everything once it has stopped,
//! and where something found no room, that.

use crate::app::{App, Engine, NOW, Setup};
use crate::on_both_engines;
use domain::UserId;
use server::{Actor, Audit, Entry};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use store::Access;
use store::audit::{self, Deed, Filter, Record};

on_both_engines!(
    every_call_for_somebodys_data_is_there_once,
    everything_is_there_after_a_stop,
    what_finds_no_room_is_told,
    an_entry_is_written_without_a_stop,
);

/// As `server` has it: different lines that wait.
const LINES_MAX: i64 = 16_384;

fn reads(audit: &Audit, program: &str, user: i64, at: i64) {
    audit.note(Entry {
        at,
        actor: Actor::Application(program.to_owned()),
        user: Some(UserId(user)),
        service: "measure",
        action: "getmeas",
        status: 0,
    });
}

/// The chain, oldest first; it has to be whole.
fn chain(app: &App) -> Vec<Record> {
    let db = app.db();
    let read = move |tx: &mut store::Tx<'_>| {
        let mut walk = audit::begin(tx, None)?;
        while !walk.is_over {
            walk = audit::step(tx, &walk)?;
        }
        Ok((walk, audit::list(tx, &Filter::default(), 2 * LINES_MAX)?))
    };
    let (walk, mut rows) = db.run_blocking(Access::Read, read).expect("a walk");
    assert_eq!(walk.faults, []);
    rows.reverse();
    rows
}

fn every_call_for_somebodys_data_is_there_once(engine: Engine) {
    const READS: i64 = 7;
    let app = App::on(engine);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let (diary, other) = (app.client(), app.client_named("Other", "https://other.example/"));
    let tokens = anna.lets(&diary, "user.metrics");
    let of_ben = ben.lets(&diary, "user.metrics");
    (0..READS).for_each(|_| assert_eq!(tokens.reads("getmeas").status(), 0));
    assert_eq!(of_ben.reads("getmeas").status(), 0);
    tokens.reads("getdevice").refused(2555);
    // Nobody's data was asked for by somebody who proved who they are.
    other.refreshes(&tokens.refresh).refused(503);
    let mut forged = tokens.clone();
    forged.access = "0".repeat(40);
    forged.reads("getmeas").refused(401);
    app.stop();
    app.begin();
    let rows = chain(&app);
    let (pages, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.actor == "person");
    assert!(rows.iter().all(|row| row.actor == "application"), "{rows:?}");
    assert!(rows.iter().all(|row| row.client_id.as_ref() == Some(&diary.id)), "{rows:?}");
    // What each of them allowed.
    let told: Vec<_> =
        pages.iter().map(|row| (row.person, row.user, row.action.as_str(), row.status)).collect();
    let allowed = |id| (Some(id), Some(id), "authorize", 0);
    assert_eq!(told, [allowed(anna.id), allowed(ben.id)]);
    let calls = |user: Option<UserId>, action: &str, status: i64| -> i64 {
        let fits = |row: &&Record| (row.user, row.status) == (user, status) && row.action == action;
        rows.iter().filter(fits).map(|row| row.calls).sum()
    };
    assert_eq!(calls(Some(anna.id), "getmeas", 0), READS);
    assert_eq!(calls(Some(ben.id), "getmeas", 0), 1);
    assert_eq!(calls(Some(anna.id), "getdevice", 2_555), 1);
    assert_eq!(calls(Some(anna.id), "requesttoken", 0), 1);
    assert_eq!(calls(Some(ben.id), "requesttoken", 0), 1);
    let all: i64 = rows.iter().map(|row| row.calls).sum();
    assert_eq!(all, READS + 4, "{rows:?}");
}

#[test]
fn a_server_can_be_told_not_to() {
    let app = App::with(Setup { is_audited: false, ..Setup::default() });
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    assert_eq!(tokens.reads("getmeas").status(), 0);
    reads(&app.audit(), "diary", 1, NOW);
    app.stop();
    app.begin();
    assert_eq!(chain(&app), []);
}

fn everything_is_there_after_a_stop(engine: Engine) {
    const THREADS: i64 = 4;
    const CALLS: i64 = 500;
    let app = App::on(engine);
    let audit = app.audit();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let audit = &audit;
            scope.spawn(move || {
                (0..CALLS).for_each(|n| reads(audit, "diary", thread * 10 + n % 5, NOW + n));
            });
        }
    });
    app.stop();
    app.begin();
    let rows = chain(&app);
    let calls: i64 = rows.iter().map(|row| row.calls).sum();
    assert_eq!(calls, THREADS * CALLS);
    assert!(rows.len() < 1_000, "{} rows: the same is one row", rows.len());
    assert!(rows.iter().all(|row| row.client_id.as_deref() == Some("diary")));
    let of_one = rows.iter().filter(|row| row.user == Some(UserId(12)));
    assert_eq!(of_one.map(|row| row.calls).sum::<i64>(), CALLS / 5);
    // It goes on where it ended.
    reads(&app.audit(), "diary", 1, NOW);
    app.stop();
    app.begin();
    assert_eq!(chain(&app).len(), rows.len() + 1);
}

/// Holds whatever would add to the chain, until the other end of the channel goes.
fn held(app: &App, is_held: std::sync::mpsc::Sender<()>, release: Receiver<()>) {
    let (db, release) = (app.db(), Arc::new(Mutex::new(release)));
    let staff = Deed {
        actor: Actor::Staff,
        user: None,
        service: "vitald",
        action: "user create",
        status: 0,
    };
    std::thread::spawn(move || {
        db.run_blocking(Access::Write, move |tx| {
            audit::note(tx, staff.clone())?;
            let _ = is_held.send(());
            let _ = release.lock().map(|release| release.recv());
            Ok(())
        })
    });
}

fn what_finds_no_room_is_told(engine: Engine) {
    let app = App::on(engine);
    let (is_held, holds) = channel();
    let (go, release) = channel();
    held(&app, is_held, release);
    holds.recv().expect("held");
    // What the collector has in hand and what waits behind it: no more is kept.
    let all = 3 * LINES_MAX;
    (0..all).for_each(|user| reads(&app.audit(), "diary", user, NOW));
    drop(go);
    app.stop();
    app.begin();
    let rows = chain(&app);
    let (lost, kept): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.actor == "server");
    assert!(!lost.is_empty(), "{} rows", rows.len());
    assert!(lost.iter().all(|row| (row.action.as_str(), row.user) == ("lost", None)));
    let calls = |rows: &[&Record]| rows.iter().map(|row| row.calls).sum::<i64>();
    assert_eq!(calls(&kept) + calls(&lost), all + 1, "every entry is there or counted");
    assert!(calls(&kept) > LINES_MAX);
}

fn an_entry_is_written_without_a_stop(engine: Engine) {
    let app = App::on(engine);
    reads(&app.audit(), "diary", 1, NOW);
    let begun = std::time::Instant::now();
    while chain(&app).is_empty() {
        assert!(begun.elapsed().as_secs() < 60, "it never came");
        std::thread::yield_now();
    }
}
