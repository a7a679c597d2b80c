//! The end of being told: what an application hears when somebody takes back what it could see, and
//! what it does not hear any more.

use crate::app::{ALL_SCOPES, App, NOW, status, weight};
use crate::subscribes::HERE;
use store::delivery::{Logged, State};
use store::subscription::{self, APPLICATION};

#[test]
fn a_person_who_takes_back_what_an_application_could_see_tells_it_so() {
    let app = App::new();
    let (anna, other) = (app.person("anna"), app.another_program());
    app.listens(&anna, &[1, 46]);
    app.grants(&other, &anna, ALL_SCOPES);
    app.subscribes(&other, anna.id, 46);
    app.stores(&anna, &[weight(NOW - 60, 64_000)]);
    let (user, client) = (anna.id, app.program.id.clone());
    let revokes = || {
        let client = client.clone();
        app.does(move |tx| api::account::revoke(tx, user, &client));
    };
    revokes();
    let log = app.outbox(&app.program);
    let of = |line: &Logged| (line.body.clone(), line.state, line.subscription.is_some());
    let unlinked = format!("userid={user}&appli=46&action=unlink");
    assert_eq!(log.iter().map(of).next_back(), Some((unlinked, State::Waiting, false)));
    assert_eq!((log.len(), log[0].state), (2, State::Dropped), "what still waited is not sent");
    assert_eq!(app.told(&other), [""; 0], "the others go on");
    // Once.
    revokes();
    app.stores(&anna, &[weight(NOW - 50, 64_000)]);
    assert_eq!(app.outbox(&app.program).len(), 2);
    // Without the scope it is not told that there is nothing left to see.
    app.grants(&app.program, &anna, "user.metrics");
    app.subscribes(&app.program, anna.id, 46);
    revokes();
    assert_eq!(app.outbox(&app.program).len(), 2);
}

#[test]
fn whoever_listened_is_told_that_an_account_is_gone_and_nothing_else_is_left() {
    let app = App::new();
    let (anna, other) = (app.person("anna"), app.another_program());
    app.listens(&anna, &[1, 46]);
    app.grants(&other, &anna, "user.metrics");
    app.subscribes(&other, anna.id, 46);
    app.subscribes(&other, anna.id, 1);
    app.stores(&anna, &[weight(NOW - 60, 64_000)]);
    let user = anna.id;
    app.does(move |tx| store::erase::erase(tx, user));
    let log = app.outbox(&app.program);
    let [line] = &log[..] else { panic!("{log:?}") };
    assert_eq!(line.body, format!("userid={user}&appli=46&action=delete"));
    assert_eq!((line.user, line.due, line.state), (APPLICATION, Some(NOW), State::Waiting));
    assert_eq!(line.callback, HERE);
    assert_eq!(app.told(&other), [""; 0]);
}

#[test]
fn an_application_that_gives_back_what_it_could_see_is_told_nothing_more() {
    let app = App::new();
    let anna = app.person("anna");
    app.listens(&anna, &[1, 46]);
    app.stores(&anna, &[weight(NOW - 60, 64_000)]);
    let form = format!("action=revoke&userid={}&{}", anna.id, app.signed(&app.program, "revoke"));
    assert_eq!(status(&app.call("/v2/oauth2", &form, None)), 0);
    let log = app.outbox(&app.program);
    assert_eq!((log.len(), log[0].state), (1, State::Dropped));
    let (user, client) = (anna.id, app.program.id.clone());
    assert!(app.does(move |tx| subscription::list(tx, user, &client, None)).is_empty());
    // A new grant brings no subscription back.
    app.grants(&app.program, &anna, ALL_SCOPES);
    app.stores(&anna, &[weight(NOW - 50, 64_000)]);
    assert_eq!(app.outbox(&app.program).len(), 1);
}

#[test]
fn a_grant_that_is_over_tells_no_more() {
    let app = App::new();
    let anna = app.person("anna");
    app.listens(&anna, &[1]);
    app.stores(&anna, &[weight(NOW - 60, 64_000)]);
    assert_eq!(app.told(&app.program).len(), 1);
    // Nobody asked for anything for more than a year.
    app.waits(u32::try_from(400 * domain::DAY_SECONDS).unwrap());
    app.stores(&anna, &[weight(NOW - 50, 64_000)]);
    assert_eq!(app.told(&app.program).len(), 1);
}
