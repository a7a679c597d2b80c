//! What receivers do, and what becomes of notifications then: whatever it is, it costs little,
//! holds nobody else up, and is tried again.

use crate::app::{App, Engine, NOW, Setup};
use crate::household::Person;
use crate::notifications::subscribes;
use crate::on_both_engines;
use crate::receiver::{Receiver, Reply};
use domain::notification::{Appli, Outcome};
use reqwest::header::HeaderMap;
use standardwebhooks::Webhook;
use std::time::Duration;
use store::delivery::{self, Filter, Logged, State};
use store::subscription;

on_both_engines!(a_slow_or_dead_receiver_holds_nobody_up, a_subscription_that_fails_for_weeks_ends);

impl App {
    /// The log of the application with the token.
    fn log(&self, client_id: &str) -> Vec<Logged> {
        let client = client_id.to_owned();
        self.administers(move |tx| delivery::log(tx, &client, &Filter::default(), None, 1_000))
    }

    /// Looks at the log until it is as it should be: what became of an attempt is written a moment
    /// after the receiver has answered.
    #[track_caller]
    fn awaits(&self, client_id: &str, is_so: impl Fn(&[Logged]) -> bool) -> Vec<Logged> {
        for _ in 0..6_000 {
            let log = self.log(client_id);
            if is_so(&log) {
                return log;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        panic!("it never came to that: {:?}", self.log(client_id));
    }
}

fn last(log: &[Logged]) -> Option<(Outcome, Option<u16>)> {
    let attempt = log.first()?.attempts.last()?;
    Some((attempt.outcome, attempt.http))
}

#[test]
fn whatever_a_receiver_answers_has_its_outcome() {
    let app = App::new();
    let (anna, receiver, program) = (app.person("anna"), Receiver::new(), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    subscribes(&tokens, &receiver, "1");
    let scale = app.scale(&[&anna]);
    let mut weighed = 0;
    let mut becomes = |reply: Reply, expected: (Outcome, Option<u16>)| {
        weighed += 1;
        receiver.will([reply]);
        scale.weighs(66_000 + weighed, NOW - 1_000 + weighed);
        receiver.next();
        let count = usize::try_from(weighed).unwrap();
        let is_noted = |log: &[Logged]| log.len() == count && last(log).is_some();
        assert_eq!(last(&app.awaits(&program.id, is_noted)), Some(expected));
        // What failed is not to come in between.
        let all = app.log(&program.id);
        let (user, id) = (all[0].user, all[0].subscription.expect("a subscription"));
        if expected.0 != Outcome::Delivered {
            app.administers(move |tx| subscription::end(tx, user, id));
            subscribes(&tokens, &receiver, "1");
        }
    };
    use Outcome as O;
    becomes(Reply::Status(200, ""), (O::Delivered, Some(200)));
    becomes(Reply::Status(204, ""), (O::Delivered, Some(204)));
    // Below 400 is success; nobody goes where it leads.
    becomes(Reply::Status(302, "location: http://127.0.0.1:1/\r\n"), (O::Delivered, Some(302)));
    becomes(Reply::Endless, (O::Delivered, Some(200)));
    becomes(Reply::Status(500, ""), (O::Status, Some(500)));
    becomes(Reply::Status(401, ""), (O::Status, Some(401)));
    becomes(Reply::HangUp, (O::Broken, None));
    becomes(Reply::Raw(b"220 smtp.example ESMTP\r\n".to_vec()), (O::NotHttp, None));
    becomes(Reply::Raw(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000)), (O::Broken, None));
    becomes(Reply::Raw(b"HTTP/1.1 200 OK\r\n".to_vec()), (O::Broken, None));
    let head = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-a: b\r\n".repeat(500));
    becomes(Reply::Raw(head.into_bytes()), (O::NotHttp, None));
    becomes(Reply::Silence, (O::TimedOut, None));
}

#[test]
fn a_receiver_that_is_gone_is_told_nothing_more() {
    let app = App::new();
    let (anna, receiver, program) = (app.person("anna"), Receiver::new(), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    subscribes(&tokens, &receiver, "1");
    receiver.will([Reply::Status(410, "")]);
    let scale = app.scale(&[&anna]);
    scale.weighs(66_850, NOW - 60);
    receiver.next();
    let log = app.awaits(&program.id, |log| log[0].state == State::GivenUp);
    assert_eq!(last(&log), Some((Outcome::Gone, Some(410))));
    assert_eq!(tokens.notify("list", &[]).body()["profiles"], serde_json::json!([]));
    scale.weighs(66_900, NOW - 50);
    app.stop();
    assert!(receiver.has_nothing_more());
}

fn a_slow_or_dead_receiver_holds_nobody_up(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let (anna, program) = (app.person("anna"), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    let (silent, live) = (Receiver::new(), Receiver::new());
    subscribes(&tokens, &silent, "1");
    silent.will(std::iter::repeat_n(Reply::Silence, 500));
    let scale = app.scale(&[&anna]);
    for number in 0..40 {
        scale.weighs(66_000 + number, NOW - 1_000 + number).body();
    }
    // It keeps as many requests as an endpoint can have waiting; the neighbour does not notice.
    for _ in 0..16 {
        silent.next();
    }
    subscribes(&tokens, &live, "1");
    scale.weighs(66_500, NOW - 5).body();
    let told = live.next();
    assert_eq!(told.field("startdate"), Some((NOW - 5).to_string()));
}

fn a_subscription_that_fails_for_weeks_ends(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let (anna, receiver, program) = (app.person("anna"), Receiver::new(), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    subscribes(&tokens, &receiver, "1");
    receiver.will(std::iter::repeat_n(Reply::Status(500, ""), 100));
    app.scale(&[&anna]).weighs(66_850, NOW - 60);
    app.awaits(&program.id, |log| last(log).is_some());
    // Everything falls due at once, but for the second attempts; after the last it is given up.
    app.clock.advance(19 * 86_400 - 3_600);
    let log = app.awaits(&program.id, |log| {
        app.clock.advance(1);
        log[0].state == State::GivenUp
    });
    assert_eq!(log[0].attempts.len(), 10);
    let is_live = || {
        let tokens = anna.lets(&program, "user.metrics");
        tokens.notify("list", &[]).body()["profiles"].as_array().is_some_and(|all| all.len() == 1)
    };
    assert!(is_live(), "19 days are not 20");
    app.clock.advance(86_400 + 3_600);
    app.scale(&[&anna]).weighs(66_900, NOW + 20 * 86_400);
    let log = app.awaits(&program.id, |log| log[0].state == State::Dropped);
    assert_eq!((log.len(), log[0].attempts.len()), (2, 1));
    assert!(!is_live(), "every attempt has failed for 20 days");
}

#[test]
fn the_older_rule_removes_after_four_failures() {
    let app = App::with(Setup { is_older_rule: true, ..Setup::default() });
    let (anna, receiver, program) = (app.person("anna"), Receiver::new(), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    subscribes(&tokens, &receiver, "1");
    let scale = app.scale(&[&anna]);
    let replies = [500, 500, 500, 200, 500, 500, 500, 302];
    for (number, reply) in (0..).zip(replies) {
        receiver.will([Reply::Status(reply, "")]);
        scale.weighs(66_000 + number, NOW - 100 + number);
        receiver.next();
        let count = usize::try_from(number).unwrap() + 1;
        let log = app.awaits(&program.id, |log| {
            log.len() == count && log.iter().all(|one| one.state != State::Waiting)
        });
        let delivered = if reply == 200 { State::Delivered } else { State::GivenUp };
        assert_eq!(log[0].state, delivered, "one attempt, and only 200 will do");
    }
    assert_eq!(tokens.notify("list", &[]).body()["profiles"], serde_json::json!([]));
}

#[test]
fn what_is_signed_is_verified_by_the_public_library() {
    let app = App::new();
    let (anna, receiver, program) = (app.person("anna"), Receiver::new(), app.client());
    let tokens = anna.lets(&program, "user.metrics");
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let url = receiver.url("/signed");
    let place = [("callbackurl", url.as_str()), ("appli", "1")];
    let with = |secret| [&place[..], &[("webhook_secret", secret)]].concat();
    tokens.notify("subscribe", &with("whsec_short")).refused(503);
    tokens.notify("subscribe", &with(secret)).body();
    assert_eq!(receiver.next().method, "HEAD");
    receiver.will([Reply::Status(500, "")]);
    // The library looks at the clock of the machine.
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    app.clock.advance(u32::try_from(now - NOW).unwrap());
    let tokens = anna.lets(&program, "user.metrics");
    app.scale(&[&anna]).weighs(66_850, now - 60);
    let verifies = |secret: &str, received: &crate::receiver::Received| {
        let mut headers = HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, received.header(name).expect("a header").parse().unwrap());
        }
        Webhook::new(secret).unwrap().verify(received.body.as_bytes(), &headers).is_ok()
    };
    let first = receiver.next();
    assert!(verifies(secret, &first));
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    assert!(!verifies(other, &first));
    // Another secret; the one before signs too for a day.
    tokens.notify("update", &with(other)).body();
    app.clock.advance(2);
    let second = receiver.next();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"), "the same over attempts");
    assert!(verifies(secret, &second) && verifies(other, &second));
    app.clock.advance(86_400);
    app.scale(&[&anna]).weighs(66_900, now);
    let third = receiver.next();
    let signatures = third.header("webhook-signature").expect("a signature");
    assert_eq!(signatures.split(' ').count(), 1);
    assert_ne!(first.header("webhook-id"), third.header("webhook-id"));
}

#[test]
fn orders_are_told_in_json_where_the_application_wants_it() {
    let (app, receiver) = (App::new(), Receiver::new());
    let about = store::application::About {
        notify_uri: Some(receiver.url("/orders")),
        ..Default::default()
    };
    let new = api::admin::NewApplication {
        name: "Shop".to_owned(),
        redirect_uris: vec!["https://shop.example/".to_owned()],
        about,
    };
    let made = app.administers(move |tx| api::admin::create_application(tx, &new));
    let (client, json) = (made.client_id.clone(), r#"{"customer_ref":"a-1","status":"CREATED"}"#);
    let is_told = app.administers(move |tx| store::notification::about_order(tx, &client, json));
    assert!(is_told);
    let received = receiver.next();
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!((received.path.as_str(), received.body.as_str()), ("/orders", json));
    let log = app.awaits(&made.client_id, |log| log[0].state == State::Delivered);
    assert_eq!((log[0].appli, log[0].user.0), (Appli(0), 0));
    let other = app.client().id;
    let is_told = app.administers(move |tx| store::notification::about_order(tx, &other, "{}"));
    assert!(!is_told, "it never said where");
}

/// Two people of one program, and one of them takes back what it could see.
#[test]
fn a_program_is_told_that_a_person_left_and_nothing_more() {
    let app = App::new();
    let (receiver, program) = (Receiver::new(), app.client());
    let (anna, bob) = (app.person("anna"), app.person("bob"));
    for person in [&anna, &bob] {
        let tokens = person.lets(&program, "user.info,user.metrics");
        subscribes(&tokens, &receiver, "46");
        subscribes(&tokens, &receiver, "1");
    }
    let scale = app.scale(&[&anna]);
    let leaves = |person: &Person<'_>, work: fn(&mut store::Tx<'_>, domain::UserId, &str)| {
        let (user, client) = (person.id, program.id.clone());
        app.administers(move |tx| {
            work(tx, user, &client);
            Ok(())
        });
        let received = receiver.next();
        (received.field("userid"), received.field("action"))
    };
    let unlinks = leaves(&anna, |tx, user, client| {
        api::account::revoke(tx, user, client).expect("done");
    });
    assert_eq!(unlinks, (Some(anna.id.to_string()), Some("unlink".to_owned())));
    let deletes = leaves(&bob, |tx, user, _| store::erase::erase(tx, user).expect("done"));
    assert_eq!(deletes, (Some(bob.id.to_string()), Some("delete".to_owned())));
    scale.weighs(66_850, NOW - 60);
    app.stop();
    assert!(receiver.has_nothing_more());
}
