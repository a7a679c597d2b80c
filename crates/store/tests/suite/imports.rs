//! Groups of another server: stored once, known again, with the devices they name.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause, group, weight};
use domain::measure::{Attrib, MeasureType};
use domain::{Result, UserId};
use store::imported::{self, Change, DEVICES_MAX, Device, NewImport};
use store::measure::{self, Filter, Group, last, page};
use store::{Db, person};

on_both!(
    an_imported_group_keeps_when_it_was_stored_there,
    of_many_who_import_the_same_at_once_one_does,
    a_device_of_another_server_is_named_once_and_is_in_no_list,
    devices_of_other_servers_have_a_maximum,
    what_changed_there_is_changed_here,
    of_nothing_nothing_is_written,
);

fn device(name: &str) -> Device {
    Device { name: name.to_owned(), hash: format!("#{name}"), model_id: Some(5), model: None }
}

fn import(source: i64, named: Option<&str>) -> NewImport {
    let group = group(NOON - source, &[weight()]);
    let (created, modified) = (NOON - 1_000, NOON - 900);
    NewImport { source, modified, created, device: named.map(device), group }
}

/// What an importer does: only what is not known is new.
fn bring(db: &Db, user: UserId, imports: &[NewImport]) -> Result<usize> {
    let imports = imports.to_vec();
    db.try_write(move |tx| {
        let mut new = Vec::new();
        for import in &imports {
            if imported::find(tx, user, import.source)?.is_none() {
                new.push(import.clone());
            }
        }
        imported::store(tx, user, &new, &[])?;
        Ok(new.len())
    })
}

fn groups(db: &Db, user: UserId) -> Vec<Group> {
    db.read(move |tx| page(tx, user, &Filter::default(), None, 100)).groups
}

fn an_imported_group_keeps_when_it_was_stored_there(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    assert_eq!(bring(&db, ada, &[import(1, None), import(2, None)]), Ok(2));
    assert_eq!(bring(&db, ada, &[import(2, None), import(3, None)]), Ok(1));
    let db = h.reopen(db);
    let found = groups(&db, ada);
    assert_eq!(
        found.iter().map(|group| group.date).collect::<Vec<_>>(),
        [1, 2, 3].map(|n| NOON - n)
    );
    for group in &found {
        assert_eq!((group.created, group.modified, group.device), (NOON - 1_000, NOON, None));
    }
    assert_eq!(db.read(move |tx| last(tx, ada, MeasureType::WEIGHT)), Some(weight()));
    assert!(groups(&db, bob).is_empty());
    let known = db.read(move |tx| imported::find(tx, ada, 3)).expect("known");
    assert_eq!((known.id, known.modified), (found[2].id, NOON - 900));
    assert_eq!(db.read(move |tx| imported::find(tx, bob, 3)), None);
}

fn of_many_who_import_the_same_at_once_one_does(h: &Harness) {
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    let imports: Vec<NewImport> = (1..20).map(|source| import(source, Some("scale"))).collect();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (db, imports) = (&nodes[n % 2], &imports);
            scope.spawn(move || bring(db, ada, imports).expect("imported"));
        }
    });
    assert_eq!(groups(&nodes[0], ada).len(), 19);
    assert_eq!(h.numbers("select count(*) from imported_device"), [1]);
}

fn a_device_of_another_server_is_named_once_and_is_in_no_list(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    bring(&db, ada, &[import(1, Some("scale")), import(2, Some("cuff"))]).expect("imported");
    bring(&db, ada, &[import(3, Some("scale"))]).expect("imported");
    let found = groups(&db, ada);
    let ids: Vec<_> = found.iter().map(|group| group.device.expect("a device")).collect();
    assert!(ids[0] == ids[2] && ids[0] != ids[1]);
    let of = |user, id| db.read(move |tx| imported::device(tx, user, id));
    assert_eq!(of(ada, ids[0]), Some(device("scale")));
    assert_eq!(of(ada, ids[1]), Some(device("cuff")));
    assert_eq!(of(bob, ids[0]), None);
    assert!(db.read(move |tx| store::device::of_user(tx, ada)).is_empty());
}

fn devices_of_other_servers_have_a_maximum(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let one = |n: usize| import(i64::try_from(n).expect("a number") + 1, Some(&format!("d{n}")));
    let most: Vec<NewImport> = (0..DEVICES_MAX).map(one).collect();
    assert_eq!(bring(&db, ada, &most), Ok(DEVICES_MAX));
    assert!(cause(bring(&db, ada, &[one(DEVICES_MAX)])).contains("deviceid"));
}

fn what_changed_there_is_changed_here(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    bring(&db, ada, &[import(1, None)]).expect("imported");
    h.clock.advance(60);
    db.write(move |tx| {
        let known = imported::find(tx, ada, 1)?.expect("known");
        let before = measure::find(tx, known.id)?.expect("the group");
        let measures = vec![domain::measure::Measure { value: 70_000, ..weight() }];
        let after = Group { attrib: Attrib::CONFIRMED, measures, ..before.clone() };
        let change = Change { source: 1, modified: NOON - 1, before, after };
        imported::store(tx, ada, &[], &[change])
    });
    let found = groups(&db, ada).remove(0);
    assert_eq!((found.attrib, found.measures[0].value), (Attrib::CONFIRMED, 70_000));
    assert_eq!((found.created, found.modified), (NOON - 1_000, NOON + 60));
    let weight = db.read(move |tx| last(tx, ada, MeasureType::WEIGHT));
    assert_eq!(weight.map(|weight| weight.value), Some(70_000));
    let known = db.read(move |tx| imported::find(tx, ada, 1));
    assert_eq!(known.map(|known| known.modified), Some(NOON - 1));
}

fn of_nothing_nothing_is_written(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let change_seq = || db.read(move |tx| person::get(tx, ada)).change_seq;
    assert_eq!(bring(&db, ada, &[import(1, None)]), Ok(1));
    let before = change_seq();
    h.clock.advance(60);
    assert_eq!(bring(&db, ada, &[import(1, None)]), Ok(0));
    assert_eq!(change_seq(), before);
}
