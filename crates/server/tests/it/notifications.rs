//! What a program is told over HTTP, from `notify subscribe` to the request that reaches it.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::household::{REDIRECT_URI, SCALE_MAC, Tokens};
use crate::on_both_engines;
use crate::receiver::{Received, Receiver, Reply};
use serde_json::json;

on_both_engines!(
    a_weighing_is_told_to_the_program_that_subscribed,
    what_fails_is_tried_again_by_the_rule,
    what_waits_outlives_the_server,
);

/// Subscribes, and looks at the verification.
pub(crate) fn subscribes(tokens: &Tokens<'_>, receiver: &Receiver, appli: &str) {
    let url = receiver.url("/told?secret=x");
    let asked = [("callbackurl", url.as_str()), ("appli", appli)];
    assert_eq!(tokens.notify("subscribe", &asked).body(), json!({}));
    let head = receiver.next();
    assert_eq!((head.method.as_str(), head.path.as_str()), ("HEAD", "/told?secret=x"));
}

impl Tokens<'_> {
    pub(crate) fn notify(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.calls_with("/notify", action, fields)
    }
}

fn told(received: &Received) -> &str {
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/told?secret=x"));
    let kind = received.header("content-type");
    assert_eq!(kind, Some("application/x-www-form-urlencoded"));
    &received.body
}

fn a_weighing_is_told_to_the_program_that_subscribed(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let tokens = anna.lets(&app.client(), "user.metrics,user.activity");
    subscribes(&tokens, &receiver, "1");
    subscribes(&tokens, &receiver, "44");
    let scale = app.scale(&[&anna]);
    scale.weighs(66_850, NOW - 60);
    let (from, to) = (NOW - 60, NOW - 59);
    let expected = format!("userid={}&appli=1&startdate={from}&enddate={to}", anna.id);
    assert_eq!(told(&receiver.next()), expected);
    // What is read back with what the notification says is what it tells of.
    let (from, to) = (from.to_string(), to.to_string());
    let read = tokens.reads_with("getmeas", &[("startdate", &from), ("enddate", &to)]);
    assert_eq!(read.body()["measuregrps"][0]["measures"][0]["value"], 66_850);
    app.stop();
    assert!(receiver.has_nothing_more(), "nothing was told twice, and nobody of sleep");
}

fn what_fails_is_tried_again_by_the_rule(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let tokens = anna.lets(&app.client(), "user.metrics");
    subscribes(&tokens, &receiver, "1");
    receiver.will([
        Reply::Status(500, ""),
        Reply::HangUp,
        Reply::Status(404, "retry-after: 3600\r\n"),
    ]);
    app.scale(&[&anna]).weighs(66_850, NOW - 60);
    let first = receiver.next();
    // The second attempt of a cycle is a second later; a jitter is only added.
    app.clock.advance(1);
    let second = receiver.next();
    app.clock.advance(11);
    let third = receiver.next();
    assert_eq!(told(&first), told(&second));
    assert_eq!(told(&first), told(&third));
    // The receiver wants an hour.
    app.clock.advance(3_700);
    assert_eq!(told(&receiver.next()), told(&first));
    app.stop();
    assert!(receiver.has_nothing_more());
}

fn what_waits_outlives_the_server(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let tokens = anna.lets(&app.client(), "user.metrics");
    subscribes(&tokens, &receiver, "1");
    receiver.will([Reply::Status(503, "")]);
    app.scale(&[&anna]).weighs(66_850, NOW - 60);
    let first = receiver.next();
    app.stop();
    app.begin();
    app.clock.advance(60);
    assert_eq!(told(&receiver.next()), told(&first));
}

#[test]
fn subscriptions_have_the_recorded_shapes() {
    let app = App::new();
    let (anna, receiver) = (app.person("anna"), Receiver::new());
    let (program, other) = (app.client(), app.client_named("Other", REDIRECT_URI));
    let tokens = anna.lets(&program, "user.metrics");
    let (here, there) = (receiver.url("/here"), receiver.url("/there"));
    let at = |appli| [("callbackurl", here.as_str()), ("appli", appli)];
    tokens.notify("subscribe", &at("1")).body();
    let comment = [("callbackurl", here.as_str()), ("appli", "4"), ("comment", "Druck ♥")];
    tokens.notify("subscribe", &comment).body();
    let profile = |appli, comment: Option<&str>| {
        let expires = 2_147_483_647;
        json!({ "appli": appli, "callbackurl": here, "expires": expires, "comment": comment })
    };
    let listed = tokens.notify("list", &[]).body();
    assert_eq!(listed, json!({ "profiles": [profile(1, None), profile(4, Some("Druck ♥"))] }));
    // One category; without a category it is weight that is asked for.
    let listed = tokens.notify("list", &[("appli", "4")]).body();
    assert_eq!(listed, json!({ "profiles": [profile(4, Some("Druck ♥"))] }));
    let got = tokens.notify("get", &[("callbackurl", here.as_str())]).body();
    assert_eq!(got, profile(1, None));
    // The same again, and what is not there.
    tokens.notify("subscribe", &at("1")).refused(295);
    tokens.notify("get", &at("2")).refused(294);
    tokens.notify("update", &[&at("2")[..], &[("comment", "x")]].concat()).refused(294);
    tokens.notify("revoke", &at("2")).refused(286);
    tokens.notify("revoke", &[("callbackurl", there.as_str())]).refused(286);
    tokens.notify("subscribe", &at("44")).refused(2555);
    tokens.notify("subscribe", &at("3")).refused(503);
    tokens.notify("subscribe", &at("53")).refused(503);
    // Another application has nothing there.
    let foreign = anna.lets(&other, "user.metrics");
    foreign.notify("get", &at("1")).refused(294);
    foreign.notify("revoke", &at("1")).refused(286);
    assert_eq!(foreign.notify("list", &[]).body(), json!({ "profiles": [] }));
    // Any one of the three; nothing at all is too little.
    let update = |more: (&str, &str)| tokens.notify("update", &[&at("1")[..], &[more]].concat());
    update(("new_appli", "4")).refused(295);
    update(("new_appli", "44")).refused(2555);
    tokens.notify("update", &at("1")).refused(503);
    assert_eq!(update(("comment", "mine")).body(), json!({}));
    assert_eq!(update(("new_appli", "2")).body(), json!({}));
    let moved = [&at("2")[..], &[("new_callbackurl", there.as_str())]].concat();
    assert_eq!(tokens.notify("update", &moved).body(), json!({}));
    let got = tokens.notify("get", &[("callbackurl", &there), ("appli", "2")]).body();
    assert_eq!(got["comment"], "mine");
    // One category; then all of an address, over GET as some programs do.
    assert_eq!(tokens.notify("revoke", &at("4")).body(), json!({}));
    let query = format!(
        "/notify?action=revoke&access_token={}&callbackurl={}",
        tokens.access,
        url::form_urlencoded::byte_serialize(there.as_bytes()).collect::<String>()
    );
    assert_eq!(app.gets(&query).body(), json!({}));
    assert_eq!(tokens.notify("list", &[]).body(), json!({ "profiles": [] }));
}

#[test]
fn a_device_without_an_account_is_told_to_the_application_of_its_organization() {
    let app = App::new();
    let (receiver, program) = (Receiver::new(), app.partner());
    let url = receiver.url("/told?secret=x");
    let subscribe = |appli| {
        let fields = [("action", "subscribe"), ("callbackurl", url.as_str()), ("appli", appli)];
        let fields = program.signed("subscribe", &fields);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        app.posts("/notify", &fields)
    };
    subscribe("1").refused(401);
    assert_eq!(subscribe("53").body(), json!({}));
    subscribe("53").refused(295);
    assert_eq!(receiver.next().method, "HEAD");
    let organization = app
        .administers(|tx| Ok(store::organization::list(tx, domain::OrganizationId(0), 1)?[0].id));
    let new = api::admin::NewDevice {
        mac: SCALE_MAC.to_owned(),
        model_id: 13,
        organization: Some(organization),
        ..Default::default()
    };
    app.administers(move |tx| api::admin::register_device(tx, &new));
    let token = app.device_token();
    let event = json!({ "id": "a", "type": "event", "at": NOW, "event": "set_up_without_account" });
    app.hands_over(&token, &json!({ "records": [event] })).body();
    let received = receiver.next();
    let device = received.field("deviceid").expect("a device");
    let mac = url::form_urlencoded::byte_serialize(SCALE_MAC.as_bytes()).collect::<String>();
    let expected = format!("appli=53&date={NOW}&deviceid={device}&mac_address={mac}");
    assert_eq!(told(&received), expected);
}
