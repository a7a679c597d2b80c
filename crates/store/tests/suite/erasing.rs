//! The end of an account: nothing about the person is left in any table, and nothing about anybody
//! else is gone.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, group, weigh, weight};
use crate::{captures, days, nights, recordings, series as minutes, workouts};
use domain::notification::Appli;
use domain::recording::Kind;
use domain::sleep::State;
use domain::{DAY_SECONDS, DeviceId, Result, ScopeSet, UserId};
use std::collections::BTreeSet;
use store::application::{self, About};
use store::code::NewCode;
use store::event::Event;
use store::imported::{self, NewImport};
use store::series::{self, Sleep};
use store::subscription::{self, New};
use store::{
    Db, Tx, code, day, device, erase, event, goal, grant, night, person, raw, recording, session,
    token, weighing, workout, zone,
};

on_both!(
    nothing_about_a_person_is_left_in_any_table,
    every_table_that_names_a_person_is_thought_of,
    what_a_shared_device_sent_stays,
    nobody_can_be_erased_twice,
    a_revoked_grant_is_over_and_those_of_others_go_on,
);

/// The tables of the schema that name a person, with the columns that do.
fn naming(h: &Harness) -> Vec<(String, String)> {
    let sql = if h.is_postgres() {
        "select table_name || '.' || column_name from information_schema.columns \
         where table_schema = current_schema() and column_name like '%user_id'"
    } else {
        "select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c \
         where m.type = 'table' and c.name like '%user_id'"
    };
    let names: Vec<String> = h.column(sql);
    let split = names.iter().filter_map(|name| name.split_once('.'));
    let split = split.filter(|(table, _)| *table != erase::KEPT);
    split.map(|(table, column)| (table.to_owned(), column.to_owned())).collect()
}

/// How many rows of each of them name the person.
fn rows(h: &Harness, user: UserId) -> Vec<(String, i64)> {
    let count = |(table, column): (String, String)| {
        let sql = format!("select count(*) from {table} where {column} = {user}");
        (table, h.numbers(&sql)[0])
    };
    naming(h).into_iter().map(count).collect()
}

fn tables(rows: &[(String, i64)]) -> BTreeSet<&str> {
    rows.iter().filter(|(_, count)| *count > 0).map(|(table, _)| table.as_str()).collect()
}

/// An account with something in every table.
fn busy(db: &Db, name: &str, mac: &str) -> UserId {
    let user = account(db, name);
    weigh(db, user, &[NOON, NOON + 1]);
    let mac = mac.parse().expect("a hardware address");
    db.write(move |tx| {
        session::begin(tx, user)?;
        let about = About { owner: Some(user), ..About::default() };
        let uris = ["https://program.example/".to_owned()];
        let made = application::create(tx, "Diary", &uris, &about)?;
        let scopes = ScopeSet::all();
        let code = NewCode { client_id: &made.client_id, ..crate::codes::new(user, None, &scopes) };
        code::issue(tx, &code)?;
        token::issue(tx, user, &made.client_id, &ScopeSet::all())?;
        let (client_id, appli) = (made.client_id.as_str(), Appli::WEIGHT);
        let callback = "https://program.example/told";
        let new = New { user, client_id, appli, callback, comment: None, secret: None };
        subscription::create(tx, &new)?;
        goal::set(tx, user, &goal::Goals { steps: Some(1), sleep_seconds: None })?;
        let scale = device::register(tx, mac, 4, "UTC")?;
        device::link(tx, scale, user)?;
        weighing::note(tx, scale, NOON, &[weight()])?;
        weighing::keep(tx, scale, NOON, &[weight()])?;
        store::sync::issue_token(tx, scale)?;
        store::sync::note(tx, scale, "a record")?;
        let device = imported::Device {
            name: "there".to_owned(),
            hash: "there".to_owned(),
            model_id: None,
            model: None,
        };
        let (group, device) = (group(NOON - 1, &[weight()]), Some(device));
        let import = NewImport { source: 1, modified: NOON, created: NOON, device, group };
        imported::store(tx, user, &[import], &[])?;
        crate::surveys::asked_and_cared_for(tx, user, &made.client_id)?;
        crate::campaigns::shown_and_called(tx, user, &made.client_id)?;
        crate::orders::ordered_for(tx, user, &made.client_id)?;
        live(tx, user, scale)
    });
    user
}

/// What a device tells over time.
fn live(tx: &mut Tx<'_>, user: UserId, device: DeviceId) -> Result<()> {
    let stamp = person::touch(tx, user, 0)?;
    let today = NOON / DAY_SECONDS;
    zone::change(tx, user, "Europe/Paris", "Asia/Tokyo", today)?;
    series::add_samples(tx, user, device, &[minutes::walked(NOON, 9)], &stamp)?;
    let stages = vec![minutes::stage(NOON, NOON + 60, State::REM)];
    let sleep = Sleep { stages, vitals: Vec::new() };
    series::add_sleep_of(tx, user, device, &sleep, &stamp)?;
    day::put(tx, user, &days::walked(today, 9), &stamp)?;
    day::give(tx, user, &days::walked(today, 8))?;
    night::insert(tx, user, &nights::ended(today), None)?;
    let taken_away = night::insert(tx, user, &nights::ended(today - 1), None)?;
    night::remove(tx, taken_away, &stamp)?;
    workout::insert(tx, user, &workouts::begun(today))?;
    recording::insert(tx, user, &recordings::taken(Kind::Ecg, NOON), &[1, 2, 3])?;
    raw::activate(tx, user, device, 1, None)?;
    raw::insert(tx, user, &captures::segment(NOON))?;
    let event = Event { date: NOON, device, kind: domain::device::Event::BedIn };
    event::insert(tx, user, &event)?;
    event::insert_orphan(tx, &event)
}

fn nothing_about_a_person_is_left_in_any_table(h: &Harness) {
    let db = h.open();
    let ada = busy(&db, "ada", "00:24:e4:00:00:01");
    let bob = busy(&db, "bob", "00:24:e4:00:00:02");
    let (before, of_bob) = (rows(h, ada), rows(h, bob));
    let named: BTreeSet<String> = naming(h).into_iter().map(|(table, _)| table).collect();
    let named: BTreeSet<&str> = named.iter().map(String::as_str).collect();
    assert_eq!(tables(&before), named, "the test puts something into every table");
    db.write(move |tx| erase::erase(tx, ada));
    assert_eq!(tables(&rows(h, ada)), BTreeSet::new());
    assert_eq!(rows(h, bob), of_bob);
    // What hangs on what named the person.
    for (table, left) in [
        ("token_pair", 1),
        ("unclaimed_weighing", 1),
        ("receipt", 1),
        ("application", 2),
        ("device_token", 1),
        ("orphan_event", 1),
        ("recording_signal", 1),
        ("sync_record", 1),
        ("device", 2),
    ] {
        assert_eq!(h.numbers(&format!("select count(*) from {table}")), [left], "{table}");
    }
    let email = person::find_by_email;
    assert!(db.read(move |tx| email(tx, "ada@example.org")).is_none());
    account(&db, "ada");
}

fn every_table_that_names_a_person_is_thought_of(h: &Harness) {
    drop(h.open());
    let erased: BTreeSet<&str> = erase::tables().collect();
    for (table, column) in naming(h) {
        assert!(erased.contains(table.as_str()), "{table}.{column}: see store/src/erase.rs");
    }
}

fn what_a_shared_device_sent_stays(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (busy(&db, "ada", "00:24:e4:00:00:01"), account(&db, "bob"));
    let shared = db.read(move |tx| device::of_user(tx, ada))[0].id;
    db.write(move |tx| device::link(tx, shared, bob));
    db.write(move |tx| erase::erase(tx, ada));
    assert_eq!(db.read(move |tx| device::users(tx, shared)), [bob]);
    assert_eq!(h.numbers("select count(*) from unclaimed_weighing"), [1]);
    assert_eq!(h.numbers("select count(*) from receipt"), [1]);
    assert_eq!(h.numbers("select count(*) from orphan_event"), [1]);
}

fn nobody_can_be_erased_twice(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    db.write(move |tx| erase::erase(tx, ada));
    assert!(db.try_write(move |tx| erase::erase(tx, ada)).is_err());
}

fn a_revoked_grant_is_over_and_those_of_others_go_on(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let uris = ["https://program.example/".to_owned()];
    let (client, secrets) = db.write(move |tx| {
        let about = About::default();
        let client = application::create(tx, "Diary", &uris, &about)?.client_id;
        let scopes = ScopeSet::parse("user.metrics").expect("a scope");
        let first = token::issue(tx, ada, &client, &scopes)?.access_token;
        let second = token::issue(tx, ada, &client, &ScopeSet::all())?.access_token;
        let of_bob = token::issue(tx, bob, &client, &scopes)?.access_token;
        Ok((client, [first, second, of_bob]))
    });
    let connected = db.read(move |tx| grant::of_user(tx, ada));
    assert_eq!((connected.len(), connected[0].scopes.len(), connected[0].since), (1, 6, NOON));
    let id = client.clone();
    let (count, people) = db.read(move |tx| grant::people(tx, &id));
    assert_eq!((count, people.into_iter().collect()), (2, BTreeSet::from([ada, bob])));
    let id = client.clone();
    db.write(move |tx| grant::revoke(tx, &id, ada));
    let live = secrets.map(|secret| db.write(move |tx| token::authenticate(tx, &secret)).is_ok());
    assert_eq!(live, [false, false, true]);
    assert!(db.read(move |tx| grant::of_user(tx, ada)).is_empty());
    assert_eq!(db.read(move |tx| grant::people(tx, &client)), (1, vec![bob]));
    // A grant is over with its last token.
    h.clock.advance(366 * 86_400);
    assert!(db.read(move |tx| grant::of_user(tx, bob)).is_empty());
}
