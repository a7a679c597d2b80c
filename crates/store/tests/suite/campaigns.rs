//! Nudges and their campaigns, and what applications choose and say of people: on both engines, and
//! at once.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use domain::nudge::{Position, Screen};
use domain::{Result, UserId};
use std::thread;
use store::application::{self, About};
use store::campaign::{self, Event, Plan};
use store::partner::{self, Claim};
use store::simulated::{self, Simulated};
use store::{Db, Tx, device, feature, nudge, person};

on_both!(
    a_nudge_is_kept_and_changed_by_its_application_alone,
    a_campaign_counts_its_people_and_its_displays,
    displays_at_once_are_all_counted,
    people_who_are_added_at_once_are_counted_once,
    only_nudges_that_are_due_are_told,
    the_later_choice_of_a_feature_holds,
    a_name_is_one_persons_and_a_person_has_one,
    a_recovery_code_is_sealed_and_a_claim_is_kept,
    a_fleet_is_listed_in_the_order_of_ids,
);

fn screen(line: &str) -> Screen {
    let lines = [line.to_owned(), String::new()];
    Screen { icons: vec![3, 5], lines, model_id: 17, position: Position::Last }
}

fn application(db: &Db) -> String {
    db.write(|tx| {
        let uris = ["https://program.example/".to_owned()];
        Ok(application::create(tx, "Programme", &uris, &About::default())?.client_id)
    })
}

/// Somebody of whom an application says and shows something.
pub(crate) fn shown_and_called(tx: &mut Tx<'_>, user: UserId, client: &str) -> Result<()> {
    let nudge = nudge::create(tx, client, &screen("Walk"))?;
    let id = campaign::create(tx, client, &plan(nudge))?;
    campaign::lock(tx, client, id)?;
    campaign::add_users(tx, id, &[user])?;
    feature::choose(tx, client, user, (17, "feature_pwv"), true)?;
    let (preset, zone) = ("runner".to_owned(), "UTC".to_owned());
    let one = Simulated { user, preset, seed: 1, member: 0, zone, begins: 1, lived: NOON };
    simulated::insert(tx, &one)?;
    partner::call(tx, client, "somebody", user)?;
    partner::claim(tx, user).map(|_| ())
}

/// A campaign of a minute from noon on, three times, and its people.
fn plan(nudge: i64) -> Plan {
    Plan { nudge, start: NOON, end: NOON + 60, display_max: 3 }
}

fn running(db: &Db, client: &str, users: &[UserId]) -> i64 {
    let (client, users) = (client.to_owned(), users.to_vec());
    db.write(move |tx| {
        for user in &users {
            person::set_owner(tx, *user, Some(&client))?;
        }
        let nudge = nudge::create(tx, &client, &screen("Walk"))?;
        let id = campaign::create(tx, &client, &plan(nudge))?;
        campaign::lock(tx, &client, id)?;
        campaign::add_users(tx, id, &users)?;
        Ok(id)
    })
}

fn a_nudge_is_kept_and_changed_by_its_application_alone(h: &Harness) {
    let db = h.open();
    let id = db.write(|tx| nudge::create(tx, "one", &screen("Walk")));
    let find = |client: &'static str| db.read(move |tx| nudge::find(tx, client, id));
    let kept = find("one").expect("a nudge");
    assert_eq!((kept.screen, kept.created, kept.modified), (screen("Walk"), NOON, NOON));
    assert_eq!(find("two"), None);
    h.clock.advance(5);
    db.write(move |tx| nudge::change(tx, "two", id, &screen("Run")));
    db.write(move |tx| nudge::change(tx, "one", id, &screen("Rest")));
    let kept = find("one").expect("a nudge");
    assert_eq!((kept.screen, kept.modified), (screen("Rest"), NOON + 5));
    assert!(!db.write(move |tx| nudge::remove(tx, "two", id)));
    assert!(db.write(move |tx| nudge::remove(tx, "one", id)));
    assert_eq!(db.read(|tx| nudge::list(tx, "one", 0, 10)), []);
}

fn a_campaign_counts_its_people_and_its_displays(h: &Harness) {
    let db = h.open();
    let (ada, client) = (account(&db, "ada"), application(&db));
    let id = running(&db, &client, &[ada]);
    let note = |event, date| db.write(move |tx| campaign::note(tx, ada, id, event, date));
    assert!(note(Event::Delivered, NOON + 1));
    for at in 2..=4 {
        assert!(note(Event::Displayed, NOON + at));
    }
    // What a device shows beyond is counted, and the moment of completion stays.
    assert!(note(Event::Displayed, NOON + 9));
    let members = db.read(move |tx| campaign::members(tx, id, UserId(0), 10));
    let [only] = members.as_slice() else { panic!("{members:?}") };
    assert_eq!((only.delivered, only.displayed, only.completed), (1, 4, Some(NOON + 4)));
    let (of, removed) = (client.clone(), [ada, UserId(1)]);
    let gone = db.write(move |tx| {
        campaign::lock(tx, &of, id)?;
        campaign::remove_users(tx, id, &removed)
    });
    assert_eq!(gone, 1);
    assert!(!note(Event::Displayed, NOON + 10));
    let found = db.read(move |tx| campaign::find(tx, &client, id)).expect("a campaign");
    assert_eq!(found.users, 0);
}

fn displays_at_once_are_all_counted(h: &Harness) {
    let db = h.open();
    let (ada, client) = (account(&db, "ada"), application(&db));
    let id = running(&db, &client, &[ada]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for at in 0..5 {
                    db.write(move |tx| campaign::note(tx, ada, id, Event::Displayed, NOON + at));
                }
            });
        }
    });
    let members = db.read(move |tx| campaign::members(tx, id, UserId(0), 10));
    assert_eq!(members[0].displayed, 20);
}

fn people_who_are_added_at_once_are_counted_once(h: &Harness) {
    let db = h.open();
    let client = application(&db);
    let id = running(&db, &client, &[]);
    let users: Vec<_> = (1..=50).map(|number| UserId(2_000_000 + number)).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (client, users) = (client.clone(), users.clone());
                db.write(move |tx| {
                    campaign::lock(tx, &client, id)?;
                    campaign::add_users(tx, id, &users)
                });
            });
        }
    });
    let found = db.read(move |tx| campaign::find(tx, &client, id)).expect("a campaign");
    assert_eq!(found.users, 50);
    let page = db.read(move |tx| campaign::members(tx, id, UserId(2_000_010), 10));
    assert_eq!((page.len(), page[0].user), (10, UserId(2_000_011)));
}

fn only_nudges_that_are_due_are_told(h: &Harness) {
    let db = h.open();
    let (ada, bob, client) = (account(&db, "ada"), account(&db, "bob"), application(&db));
    let id = running(&db, &client, &[ada]);
    let due = |user, model| db.read(move |tx| campaign::due(tx, user, model));
    let told = due(ada, 17);
    assert_eq!((told.len(), told[0].campaign, told[0].left), (1, id, 3));
    assert_eq!(told[0].screen, screen("Walk"));
    assert_eq!((due(bob, 17).len(), due(ada, 47).len()), (0, 0));
    // Of an application that has nothing to do with the person any more nothing is told.
    db.write(move |tx| person::set_owner(tx, ada, None));
    assert_eq!(due(ada, 17).len(), 0);
    db.write(move |tx| person::set_owner(tx, ada, Some(&client)));
    h.clock.advance(60);
    assert_eq!(due(ada, 17).len(), 0);
}

fn the_later_choice_of_a_feature_holds(h: &Harness) {
    let db = h.open();
    let ada = account(&db, "ada");
    let choose = |client: &'static str, is_on| {
        h.clock.advance(1);
        db.write(move |tx| feature::choose(tx, client, ada, (17, "feature_pwv"), is_on));
    };
    let holds = || {
        let choices = db.read(move |tx| feature::of_user(tx, ada, 17));
        choices.iter().map(|choice| choice.is_on).collect::<Vec<_>>()
    };
    choose("one", true);
    choose("two", false);
    assert_eq!(holds(), [false]);
    choose("one", true);
    assert_eq!(holds(), [true]);
    let own = db.read(move |tx| feature::chosen(tx, "two", ada, 17));
    assert!(!own[0].is_on);
    assert_eq!(db.read(move |tx| feature::of_user(tx, ada, 63)), []);
}

fn a_name_is_one_persons_and_a_person_has_one(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let call = |client: &'static str, name: &'static str, user| -> Result<()> {
        db.try_write(move |tx| partner::call(tx, client, name, user))
    };
    assert_eq!(call("one", "a", ada), Ok(()));
    assert_eq!(call("one", "a", ada), Ok(()));
    assert!(call("one", "a", bob).is_err());
    assert_eq!(call("two", "a", bob), Ok(()));
    assert_eq!(call("one", "b", ada), Ok(()));
    assert_eq!(db.read(|tx| partner::external(tx, "one", "a")), None);
    assert_eq!(db.read(move |tx| partner::external_id(tx, "one", ada)), Some("b".to_owned()));
}

fn a_recovery_code_is_sealed_and_a_claim_is_kept(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    db.write(move |tx| partner::set_recovery(tx, ada, Some("open sesame")));
    let code = |user| db.read(move |tx| partner::recovery(tx, user));
    assert_eq!((code(ada), code(bob)), (Some("open sesame".to_owned()), None));
    // Nothing in the file says it, and it is good in its own row alone.
    h.tamper(&format!(
        "update person set recovery = (select recovery from person where user_id = {ada}) \
         where user_id = {bob}"
    ));
    assert!(db.try_write(move |tx| partner::recovery(tx, bob)).is_err());
    let sent = db.write(move |tx| {
        partner::claim(tx, ada)?;
        let hash = Some(partner::code_hash(ada, "123456"));
        let claim = Claim { code_hash: hash, expires: NOON + 600, tries: 2, sent: 1, since: NOON };
        partner::set_claim(tx, ada, &claim).map(|()| claim)
    });
    assert_eq!(db.write(move |tx| partner::claim(tx, ada)), sent);
    assert_ne!(sent.code_hash, Some(partner::code_hash(bob, "123456")));
}

fn a_fleet_is_listed_in_the_order_of_ids(h: &Harness) {
    let db = h.open();
    let organization = db.write(|tx| store::organization::create(tx, "Clinic", &[]));
    for number in 1..=3 {
        let mac = format!("00:24:e4:00:00:0{number}").parse().expect("an address");
        db.write(move |tx| {
            let id = device::register(tx, mac, 17, "UTC")?;
            let of = (number < 3).then_some(organization);
            device::describe(tx, id, of, None)
        });
    }
    let page = |after| db.read(move |tx| device::of_organization(tx, organization, after, 10));
    let fleet = page(domain::DeviceId(0));
    assert_eq!(fleet.len(), 2);
    assert!(fleet[0].id < fleet[1].id);
    assert_eq!(page(fleet[0].id), fleet[1..]);
}
