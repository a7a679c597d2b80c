//! People, and the stamps that order every change to their data.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, cause, create, exists, person};
use domain::{Clock as _, UserId};
use store::person::{self as store_person, Stamp};

on_both!(
    an_email_address_belongs_to_one_person,
    of_many_who_ask_for_an_address_at_once_one_gets_it,
    a_person_is_found_by_the_address_in_any_case,
    everything_about_a_person_survives_a_restart,
    people_are_listed_in_pages_and_their_ids_are_in_range,
    a_password_is_kept_and_can_be_changed,
    the_first_demo_person_is_the_demo_person,
    every_write_raises_the_change_number_by_one,
    concurrent_writes_are_numbered_without_gaps_and_stamped_in_order,
    a_node_whose_clock_is_behind_never_lowers_the_stamp,
    a_stamp_for_nobody_is_refused,
);

fn an_email_address_belongs_to_one_person(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    assert!(cause(db.try_write(|tx| create(tx, "ada"))).contains("belongs to an account"));
    let people = db.read(|tx| store_person::list(tx, UserId(0), 10));
    assert_eq!(people.iter().map(|person| person.id).collect::<Vec<_>>(), [ada]);
}

fn of_many_who_ask_for_an_address_at_once_one_gets_it(h: &Harness) {
    let nodes = [h.open(), h.open()];
    let made: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|n| {
                let db = &nodes[n % 2];
                scope.spawn(move || db.try_write(|tx| create(tx, "ada")))
            })
            .collect();
        asking.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    let (winners, losers): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!(winners.len(), 1);
    losers.into_iter().for_each(|loser| assert!(cause(loser).contains("belongs to an account")));
    assert_eq!(h.numbers("select count(*) from person"), [1]);
}

fn a_person_is_found_by_the_address_in_any_case(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let found = db.read(|tx| store_person::find_by_email(tx, "ADA@Example.ORG"));
    assert_eq!(found.map(|person| person.id), Some(ada));
    assert_eq!(db.read(|tx| store_person::find_by_email(tx, "bob@example.org")), None);
}

fn everything_about_a_person_survives_a_restart(h: &Harness) {
    let db = h.open();
    let mut new = person("zoé");
    new.birth_date = Some(jiff::civil::date(1980, 6, 15));
    new.gender = Some(domain::person::Gender::Woman);
    new.short_name = "ZOÉ".to_owned();
    let asked = new.clone();
    let id = db.write(move |tx| store_person::create(tx, &asked));
    let kept = h.reopen(db).read(move |tx| store_person::get(tx, id));
    let expected = store_person::Person {
        id,
        email: new.email,
        short_name: new.short_name,
        time_zone: new.time_zone,
        birth_date: new.birth_date,
        gender: new.gender,
        is_demo: false,
        owner: None,
        taste: store_person::Taste::default(),
        contact: store_person::Contact::default(),
        created: NOON,
        change_seq: 0,
        modified: NOON,
    };
    assert_eq!(kept, expected);
}

fn people_are_listed_in_pages_and_their_ids_are_in_range(h: &Harness) {
    let db = h.open();
    let mut made: Vec<_> = (0..7).map(|n| account(&db, &format!("person-{n}"))).collect();
    made.sort_unstable();
    let mut listed = Vec::new();
    loop {
        let after = listed.last().copied().unwrap_or(UserId(0));
        let page = db.read(move |tx| store_person::list(tx, after, 3));
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        listed.extend(page.iter().map(|person| person.id));
    }
    assert_eq!(listed, made);
    assert!(listed.iter().all(|id| (UserId::MIN..UserId::END).contains(&id.0)));
}

fn a_password_is_kept_and_can_be_changed(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let kept = || db.read(|tx| store_person::password_of(tx, "Ada@example.org"));
    assert_eq!(kept(), None);
    for hash in ["$argon2id$one", "$argon2id$two"] {
        db.write(move |tx| store_person::set_password(tx, ada, hash));
        assert_eq!(kept(), Some((ada, hash.to_owned())));
    }
    assert_eq!(db.read(|tx| store_person::password_of(tx, "bob@example.org")), None);
}

fn the_first_demo_person_is_the_demo_person(h: &Harness) {
    let db = h.open();
    account(&db, "ada");
    assert_eq!(db.read(store_person::demo), None);
    let demo = |name: &str| {
        let new = store_person::NewPerson { is_demo: true, ..person(name) };
        h.clock.advance(1);
        db.write(move |tx| store_person::create(tx, &new))
    };
    let first = demo("first");
    demo("second");
    assert_eq!(db.read(store_person::demo).map(|person| person.id), Some(first));
}

fn every_write_raises_the_change_number_by_one(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    for number in 1..=5 {
        h.clock.advance(10);
        let stamp = db.write(move |tx| store_person::touch(tx, ada, 2));
        let expected = Stamp { change_seq: number, modified: h.clock.now(), group_seq: 2 * number };
        assert_eq!(stamp, expected);
        let kept = db.read(move |tx| store_person::get(tx, ada));
        assert_eq!((kept.change_seq, kept.modified), (number, h.clock.now()));
    }
    let bob = db.read(move |tx| store_person::get(tx, bob));
    assert_eq!((bob.change_seq, bob.modified), (0, NOON));
}

fn concurrent_writes_are_numbered_without_gaps_and_stamped_in_order(h: &Harness) {
    const THREADS: usize = 4;
    const WRITES: usize = 15;
    let nodes = [h.open(), h.open()];
    let ada = account(&nodes[0], "ada");
    let write = |db: &store::Db| -> Vec<Stamp> {
        let one = |_| {
            h.clock.advance(1);
            db.write(move |tx| store_person::touch(tx, ada, 0))
        };
        (0..WRITES).map(one).collect()
    };
    let mut stamps: Vec<Stamp> = std::thread::scope(|scope| {
        let spawn = |n: usize| {
            let (db, write) = (&nodes[n % 2], &write);
            scope.spawn(move || write(db))
        };
        let writing: Vec<_> = (0..THREADS).map(spawn).collect();
        writing.into_iter().flat_map(|thread| thread.join().expect("stamps")).collect()
    });
    stamps.sort_unstable_by_key(|stamp| stamp.change_seq);
    let numbers: Vec<_> = stamps.iter().map(|stamp| stamp.change_seq).collect();
    assert_eq!(numbers, (1..=(THREADS * WRITES) as i64).collect::<Vec<_>>());
    assert!(stamps.is_sorted_by_key(|stamp| stamp.modified), "{stamps:?}");
}

fn a_node_whose_clock_is_behind_never_lowers_the_stamp(h: &Harness) {
    let (ahead, behind) = (h.open(), h.open_at(NOON - 3_600));
    let ada = account(&ahead, "ada");
    let touch = |db: &store::Db| db.write(move |tx| store_person::touch(tx, ada, 0));
    let first = touch(&ahead);
    let second = touch(&behind);
    assert_eq!((first.change_seq, first.modified), (1, NOON));
    assert_eq!((second.change_seq, second.modified), (2, NOON));
    h.clock.advance(5);
    assert_eq!(touch(&ahead).modified, NOON + 5);
    assert_eq!(touch(&behind).modified, NOON + 5);
}

fn a_stamp_for_nobody_is_refused(h: &Harness) {
    let db = h.open();
    let nobody = UserId(UserId::MIN);
    assert!(cause(db.try_write(move |tx| store_person::touch(tx, nobody, 0))).contains("person"));
    assert!(!exists(&db, "nobody"));
}
