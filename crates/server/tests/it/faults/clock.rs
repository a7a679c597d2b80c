//! Faults and limits under a clock that is turned: what is late comes when the clock gets there,
//! and who has to wait waits by that clock.

use crate::app::{App, Engine, NOW, Setup};
use crate::faults::sandbox;
use crate::notifications::subscribes;
use crate::on_both_engines;
use crate::receiver::Receiver;
use server::Rules;

on_both_engines!(
    a_late_notification_comes_when_the_clock_gets_there,
    limits_refill_while_the_clock_is_turned,
);

impl App {
    /// Turns the clock, and stops at everything that is due on the way.
    fn turns(&self, seconds: i64) {
        let turned = self.posts("/vitald/v1/clock", &[("advance", &seconds.to_string())]).body();
        assert_eq!(turned["turned"]["seconds"], seconds);
    }
}

fn a_late_notification_comes_when_the_clock_gets_there(engine: Engine) {
    let app = sandbox(engine);
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let program = app.client();
    let tokens = anna.lets(&program, "user.metrics");
    subscribes(&tokens, &receiver, "1");
    let scale = app.scale(&[&anna]);
    let minutes = [("settings", r#"{"seconds": 300}"#)];
    app.goes_wrong("notification-delay", &minutes);
    // Of another category: no notification of this test.
    let other = r#"{"appli": 44, "seconds": 1}"#;
    app.goes_wrong("notification-delay", &[("settings", other)]);
    scale.weighs(66_850, NOW - 60).body();
    app.turns(299);
    assert!(receiver.has_nothing_more(), "not a second early");
    app.turns(1);
    assert_eq!(receiver.next().field("startdate"), Some((NOW - 60).to_string()));
    app.goes_right();
    // Late once, and not again; what comes now is not late.
    scale.weighs(66_860, NOW - 50).body();
    assert_eq!(receiver.next().field("startdate"), Some((NOW - 50).to_string()));
    app.turns(86_400);
    assert!(receiver.has_nothing_more());
    let client_id = program.id.clone();
    let log = app.administers(move |tx| {
        store::delivery::log(tx, &client_id, &store::delivery::Filter::default(), None, 100)
    });
    let tried: Vec<Vec<i64>> = log
        .iter()
        .map(|one| one.attempts.iter().map(|attempt| attempt.at - NOW).collect())
        .collect();
    assert_eq!(tried, [[300], [300]]);
}

fn limits_refill_while_the_clock_is_turned(engine: Engine) {
    let rules = Rules { requests_per_minute: 3, ..Rules::default() };
    let app = App::with(Setup { engine, rules, is_sandbox: true, ..Setup::default() });
    // The exchange is a call too.
    let tokens = app.person("anna").lets(&app.client(), "user.info");
    let read = || tokens.reads("getdevice");
    assert_eq!([read().status(), read().status()], [0, 0]);
    let refused = read().json();
    assert_eq!((&refused["status"], &refused["error"]), (&601.into(), &"Too many request".into()));
    let wait = refused["body"]["wait_seconds"].as_i64().expect("seconds");
    assert_eq!(wait, 20);
    app.turns(wait - 1);
    assert_eq!(read().json()["body"]["wait_seconds"], 1);
    app.turns(1);
    assert_eq!(read().status(), 0);
    assert_eq!(read().status(), 601);
    // After a minute there are as many as at first.
    app.turns(60);
    let statuses: Vec<i64> = (0..4).map(|_| read().status()).collect();
    assert_eq!(statuses, [0, 0, 0, 601]);
}
