//! Who wants to be told of what: made, found, changed, paused, ended. What they are told is in
//! `deliveries.rs`.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::{account, weigh};
use domain::notification::Appli;
use domain::{ScopeSet, UserId};
use std::collections::BTreeSet;
use store::application::{self, About};
use store::delivery::{self, Waiting};
use store::subscription::{
    self, APPLICATION, Filter, New, SECRET_OVERLAP_SECONDS, State, Subscription,
};
use store::{Db, grant, lease, token};

on_both!(
    the_same_is_made_once_and_everything_else_beside_it,
    what_ended_makes_room_and_stays_to_be_seen,
    what_waits_is_held_back_while_a_subscription_is_paused,
    a_change_takes_what_waits_along_unless_there_is_such_a_one,
    an_applications_subscriptions_are_listed_in_pages_and_by_how_they_stand,
    a_secret_is_sealed_and_the_one_before_signs_for_a_day_more,
    what_a_person_takes_back_ends_the_subscriptions_of_one_application_alone,
);

/// Where they are told.
pub(crate) const HERE: &str = "https://program.example/told";
/// A secret as Standard Webhooks has them.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// An application, by its name.
pub(crate) fn program(db: &Db, name: &'static str) -> String {
    let uris = ["https://program.example/".to_owned()];
    db.write(move |tx| application::create(tx, name, &uris, &About::default())).client_id
}

/// Lets an application see everything of a person.
pub(crate) fn lets(db: &Db, user: UserId, client: &str) {
    let client = client.to_owned();
    db.write(move |tx| token::issue(tx, user, &client, &ScopeSet::all()));
}

/// Makes a subscription, if there is no such one.
pub(crate) fn made(
    db: &Db,
    user: UserId,
    client: &str,
    (appli, callback): (Appli, &'static str),
) -> Option<i64> {
    let client = client.to_owned();
    db.write(move |tx| {
        let client_id = client.as_str();
        let new = New { user, client_id, appli, callback, comment: None, secret: None };
        subscription::create(tx, &new)
    })
}

/// Makes a subscription to weights.
pub(crate) fn subscribed(db: &Db, user: UserId, client: &str) -> i64 {
    made(db, user, client, (Appli::WEIGHT, HERE)).expect("a subscription")
}

pub(crate) fn get(db: &Db, user: UserId, id: i64) -> Subscription {
    db.read(move |tx| subscription::get(tx, user, id)).expect("a subscription")
}

/// What is due of a person, oldest first.
pub(crate) fn due(db: &Db, user: UserId) -> Vec<Waiting> {
    let from = (i64::MIN, 0, 0);
    let all = db.read(move |tx| delivery::due(tx, lease::bucket(user), from, 100));
    all.into_iter().filter(|one| one.user == user).collect()
}

fn pauses(db: &Db, user: UserId, id: i64, is_paused: bool) -> bool {
    db.write(move |tx| subscription::pause(tx, user, id, is_paused))
}

fn listed(db: &Db, user: UserId, client: &str, appli: Option<Appli>) -> Vec<i64> {
    let client = client.to_owned();
    let all = db.read(move |tx| subscription::list(tx, user, &client, appli));
    all.into_iter().map(|one| one.id).collect()
}

fn the_same_is_made_once_and_everything_else_beside_it(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (diary, other) = (program(&db, "Diary"), program(&db, "Other"));
    let weight = (Appli::WEIGHT, HERE);
    let first = made(&db, ada, &diary, weight).expect("the first");
    assert_eq!(made(&db, ada, &diary, weight), None);
    h.clock.advance(1);
    let elsewhere = made(&db, ada, &diary, (Appli::WEIGHT, "https://program.example/")).expect("1");
    let sleep = made(&db, ada, &diary, (Appli::SLEEP, HERE)).expect("2");
    let others = [(ada, &other), (bob, &diary), (APPLICATION, &diary), (APPLICATION, &other)];
    let others = others.map(|(user, client)| made(&db, user, client, weight).expect("another"));
    let numbers: BTreeSet<i64> = others.into_iter().chain([first, elsewhere, sleep]).collect();
    assert_eq!(numbers.len(), 7);
    assert_eq!(listed(&db, ada, &diary, None), [first, elsewhere, sleep]);
    assert_eq!(listed(&db, ada, &diary, Some(Appli::WEIGHT)), [first, elsewhere]);
    assert_eq!(listed(&db, APPLICATION, &other, None), [others[3]]);
    let client = diary.clone();
    assert_eq!(db.read(move |tx| subscription::count(tx, ada, &client)), 3);
    let kept = get(&db, ada, first);
    let expected = Subscription {
        user: ada,
        id: first,
        client_id: diary.clone(),
        appli: Appli::WEIGHT,
        callback: HERE.to_owned(),
        comment: None,
        created: NOON,
        state: State::Live,
        failures: 0,
        failing_since: None,
        is_signed: false,
    };
    assert_eq!(kept, expected);
    let found = db.read(move |tx| subscription::find(tx, &diary, first));
    assert_eq!(found, Some(expected));
    assert_eq!(db.read(move |tx| subscription::find(tx, &other, first)), None);
}

fn what_ended_makes_room_and_stays_to_be_seen(h: &Harness) {
    let db = h.open();
    let (ada, diary) = (account(&db, "ada"), program(&db, "Diary"));
    lets(&db, ada, &diary);
    let first = subscribed(&db, ada, &diary);
    weigh(&db, ada, &[NOON]);
    assert_eq!(due(&db, ada).len(), 1);
    db.write(move |tx| subscription::end(tx, ada, first));
    assert!(due(&db, ada).is_empty(), "what waited is not sent");
    assert_eq!(get(&db, ada, first).state, State::Ended);
    assert_eq!(listed(&db, ada, &diary, None), [0_i64; 0]);
    assert!(!pauses(&db, ada, first, true), "what is over cannot be paused");
    let second = subscribed(&db, ada, &diary);
    assert_ne!(first, second);
    weigh(&db, ada, &[NOON + 1]);
    let waiting = due(&db, ada);
    assert_eq!((waiting.len(), waiting[0].subscription), (1, Some(second)));
}

fn what_waits_is_held_back_while_a_subscription_is_paused(h: &Harness) {
    let db = h.open();
    let (ada, diary) = (account(&db, "ada"), program(&db, "Diary"));
    lets(&db, ada, &diary);
    let id = subscribed(&db, ada, &diary);
    weigh(&db, ada, &[NOON]);
    assert!(pauses(&db, ada, id, true));
    assert!(!pauses(&db, ada, id, true), "it is so already");
    assert_eq!(made(&db, ada, &diary, (Appli::WEIGHT, HERE)), None, "it is there all the time");
    weigh(&db, ada, &[NOON + 1]);
    h.clock.advance(86_400 * 30);
    assert!(due(&db, ada).is_empty());
    assert!(pauses(&db, ada, id, false));
    assert!(!pauses(&db, ada, id, false));
    let waiting = due(&db, ada);
    let now = NOON + 86_400 * 30;
    assert_eq!(waiting.iter().map(|one| one.due).collect::<Vec<_>>(), [now, now]);
    assert!(waiting[0].id < waiting[1].id, "in the order of what happened");
}

fn a_change_takes_what_waits_along_unless_there_is_such_a_one(h: &Harness) {
    let db = h.open();
    let (ada, diary) = (account(&db, "ada"), program(&db, "Diary"));
    lets(&db, ada, &diary);
    let there = "https://program.example/there";
    let (id, _) = (subscribed(&db, ada, &diary), made(&db, ada, &diary, (Appli::SLEEP, there)));
    weigh(&db, ada, &[NOON]);
    let before = get(&db, ada, id);
    let changes = |callback: &'static str, appli: Appli| {
        let after = Subscription {
            callback: callback.to_owned(),
            appli,
            comment: Some("moved".to_owned()),
            ..before.clone()
        };
        db.write(move |tx| subscription::change(tx, &after))
    };
    assert!(!changes(there, Appli::SLEEP));
    assert_eq!(get(&db, ada, id), before);
    assert!(changes(there, Appli::WEIGHT));
    assert!(changes(there, Appli::WEIGHT), "it is not in its own way");
    let after = get(&db, ada, id);
    assert_eq!((after.callback.as_str(), after.comment.as_deref()), (there, Some("moved")));
    let waiting = due(&db, ada);
    assert_eq!((waiting.len(), waiting[0].callback.as_str()), (1, there));
}

fn an_applications_subscriptions_are_listed_in_pages_and_by_how_they_stand(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (diary, other) = (program(&db, "Diary"), program(&db, "Other"));
    subscribed(&db, ada, &other);
    let ended = subscribed(&db, ada, &diary);
    db.write(move |tx| subscription::end(tx, ada, ended));
    let mut expected = vec![(ada, ended)];
    for (user, appli) in [(ada, 1), (ada, 4), (bob, 1), (APPLICATION, 53)] {
        expected.push((user, made(&db, user, &diary, (Appli(appli), HERE)).expect("one")));
    }
    expected.sort();
    let walk = |filter: Filter| {
        let (mut found, mut after) = (Vec::new(), (UserId(-1), 0));
        loop {
            let (client, filter) = (diary.clone(), filter.clone());
            let page = move |tx: &mut store::Tx<'_>| {
                subscription::of_application(tx, &client, &filter, after, 2)
            };
            let page: Vec<(UserId, i64)> =
                db.read(page).into_iter().map(|one| (one.user, one.id)).collect();
            let Some(last) = page.last() else { return found };
            after = *last;
            found.extend(page);
        }
    };
    let all = Filter { with_ended: true, ..Filter::default() };
    assert_eq!(walk(all.clone()), expected);
    let live: Vec<_> = expected.iter().copied().filter(|(_, id)| *id != ended).collect();
    assert_eq!(walk(Filter::default()), live);
    let of_bob: Vec<_> = live.iter().copied().filter(|(user, _)| *user == bob).collect();
    assert_eq!(walk(Filter { user: Some(bob), ..all }), of_bob);
    assert_eq!(walk(Filter { is_failing: true, ..Filter::default() }), []);
    h.tamper(&format!("update subscription set failures = 3 where user_id = {bob}"));
    assert_eq!(walk(Filter { is_failing: true, ..Filter::default() }), of_bob);
}

fn a_secret_is_sealed_and_the_one_before_signs_for_a_day_more(h: &Harness) {
    let db = h.open();
    let (ada, diary) = (account(&db, "ada"), program(&db, "Diary"));
    lets(&db, ada, &diary);
    let client = diary.clone();
    let id = db.write(move |tx| {
        let (appli, secret) = (Appli::WEIGHT, Some(SECRET));
        let client_id = client.as_str();
        let new = New { user: ada, client_id, appli, callback: HERE, comment: None, secret };
        subscription::create(tx, &new)
    });
    let id = id.expect("a subscription");
    weigh(&db, ada, &[NOON]);
    let secrets = |db: &Db| due(db, ada)[0].secrets.clone();
    assert!(get(&db, ada, id).is_signed);
    assert_eq!(secrets(&db), [SECRET]);
    let kept: Vec<Vec<u8>> = h.column("select secret from subscription");
    assert!(!kept[0].windows(8).any(|part| SECRET.as_bytes().windows(8).any(|it| it == part)));
    let sets = |db: &Db, secret: Option<&'static str>| {
        let known = get(db, ada, id);
        db.write(move |tx| subscription::set_secret(tx, &known, secret));
    };
    sets(&db, Some(OTHER));
    let db = h.reopen(db);
    assert_eq!(secrets(&db), [OTHER, SECRET], "the newest first");
    h.clock.advance(u32::try_from(SECRET_OVERLAP_SECONDS).expect("seconds") - 1);
    assert_eq!(secrets(&db), [OTHER, SECRET]);
    h.clock.advance(1);
    assert_eq!(secrets(&db), [OTHER]);
    sets(&db, None);
    assert_eq!((secrets(&db), get(&db, ada, id).is_signed), (Vec::new(), false));
}

fn what_a_person_takes_back_ends_the_subscriptions_of_one_application_alone(h: &Harness) {
    let db = h.open();
    let (ada, bob) = (account(&db, "ada"), account(&db, "bob"));
    let (diary, other) = (program(&db, "Diary"), program(&db, "Other"));
    for (user, client) in [(ada, &diary), (ada, &other), (bob, &diary)] {
        lets(&db, user, client);
        subscribed(&db, user, client);
    }
    subscribed(&db, APPLICATION, &diary);
    weigh(&db, ada, &[NOON]);
    let client = diary.clone();
    db.write(move |tx| grant::revoke(tx, &client, ada));
    let of = |user, client: &str| listed(&db, user, client, None).len();
    let left = [(ada, &diary), (ada, &other), (bob, &diary), (APPLICATION, &diary)];
    assert_eq!(left.map(|(user, client)| of(user, client)), [0, 1, 1, 1]);
    assert_eq!(due(&db, ada).len(), 1);
    weigh(&db, ada, &[NOON + 1]);
    weigh(&db, bob, &[NOON + 1]);
    assert_eq!((due(&db, ada).len(), due(&db, bob).len()), (2, 1));
}
