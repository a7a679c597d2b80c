//! `vitald notification …`: what an operator sees of the outbox and does to it, on the store alone.

use crate::home::Home;
use crate::on_both_engines;
use serde_json::{Value as Json, json};

const ANNA: &str = "anna@example.org";
const CALLBACK: &str = "https://my.example.org/told?secret=x";
/// The number of the subscription of [`Told`].
const SUBSCRIPTION: &str = "7";

on_both_engines!(
    what_an_import_tells_is_listed_and_sent_again,
    a_span_of_time_is_sent_again,
    a_subscription_is_held_back_tried_and_ended,
    a_secret_is_shown_once,
);

/// Somebody whose pressure an application is told of.
struct Told<'h> {
    home: &'h Home,
    files: tempfile::TempDir,
    client: String,
    anna: String,
}

impl<'h> Told<'h> {
    fn at(home: &'h Home) -> Self {
        let anna = home.person(ANNA);
        home.token(ANNA);
        let client = clients(home).pop().expect("an application");
        home.tampers(&format!(
            "insert into subscription (user_id, subscription_id, client_id, appli, callback, \
             created, state, failures, warnings) \
             values ({anna}, {SUBSCRIPTION}, '{client}', 4, '{CALLBACK}', 1600000000, 0, 0, 0)"
        ));
        let files = tempfile::tempdir().expect("a folder");
        Self { home, files, client, anna }
    }

    /// A pressure of that moment is imported.
    fn imports(&self, date: i64, more: &[&str]) {
        let group = json!({ "measuregrps": [{
            "grpid": date, "attrib": 0, "date": date, "created": date, "category": 1,
            "measures": [{ "value": 70, "type": 9, "unit": 0 }],
        }] });
        let file = self.files.path().join(format!("{date}.json"));
        std::fs::write(&file, group.to_string()).expect("written");
        let import = ["import", "answers", "--user", ANNA, file.to_str().expect("UTF-8")];
        let done = self.home.json(&[&import, more].concat());
        assert_eq!(done["new"], 1, "{done}");
    }

    fn lists(&self, more: &[&str]) -> Vec<Json> {
        let list = ["notification", "list", &self.client];
        let listed = self.home.json(&[&list, more].concat());
        listed.as_array().expect("lines").clone()
    }

    /// The name of the only notification.
    fn name(&self) -> String {
        let lines = self.lists(&[]);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines[0]["notification"].as_str().expect("a name").to_owned()
    }

    fn does(&self, what: &str) -> Json {
        self.home.json(&["notification", what, &self.client, SUBSCRIPTION])
    }

    fn replays(&self, more: &[&str]) -> [i64; 3] {
        let replay = ["notification", "replay", &self.client];
        let counts = self.home.json(&[&replay, more].concat());
        ["sent", "held", "ended"].map(|name| counts[name].as_i64().expect("a count"))
    }

    /// Everything went that way.
    fn went(&self, state: u8) {
        self.home.tampers(&format!("update notification set state = {state}"));
    }
}

fn clients(home: &Home) -> Vec<String> {
    let all = home.json(&["client", "list"]);
    let all = all.as_array().expect("applications").iter();
    all.map(|one| one["client_id"].as_str().expect("an id").to_owned()).collect()
}

fn what_an_import_tells_is_listed_and_sent_again(home: &Home) {
    let told = Told::at(home);
    told.imports(1_600_000_000, &["--no-notify"]);
    assert_eq!(told.lists(&[]), Vec::<Json>::new(), "nobody was told");
    told.imports(1_600_000_100, &[]);
    let line = &told.lists(&[])[0];
    let expected = json!({ "userid": told.anna.parse::<i64>().unwrap(), "subscription": 7,
        "appli": 4, "state": "waiting", "attempts": 0, "last": null, "http": null });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&line[name], value, "{name}: {line}");
    }
    let name = told.name();
    assert!(name.starts_with("msg_"), "{name}");
    let shown = home.json(&["notification", "show", &name]);
    let body = format!("userid={}&appli=4&startdate=1600000100&enddate=1600000101", told.anna);
    assert_eq!((&shown["body"], &shown["attempts"]), (&json!(body), &json!([])));
    assert_eq!(shown["callback"], "https://my.example.org/told?…");
    assert_eq!(shown["category"], "Blood pressure, heart rate and blood oxygen");
    // For people: fields, then attempts.
    let printed = home.runs(&["notification", "show", &name]);
    assert!(printed.stdout.contains("state         waiting"), "{printed:?}");
    // It arrived, and is sent again.
    told.went(1);
    assert_eq!(told.lists(&["--state", "waiting"]), Vec::<Json>::new());
    assert_eq!(told.lists(&["--state", "delivered"]).len(), 1);
    let sent = home.json(&["notification", "resend", &name]);
    assert_eq!(sent, json!([{ "notification": name, "sent": true, "held": false }]));
    assert_eq!(told.lists(&["--state", "waiting"]).len(), 1);
    // What there is not, and what is no name.
    let unknown = home.runs(&["notification", "resend", &name, "msg_1_1"]);
    assert!(unknown.failed(3).contains("notification"), "{unknown:?}");
    assert_eq!(home.runs(&["notification", "show", "1234"]).code, Some(2));
    let all = home.json(&["audit", "list", "--limit", "2"]);
    assert_eq!(all[1]["action"], "notification resend", "{all}");
    assert_eq!(all[1]["userid"].to_string(), told.anna);
}

fn a_span_of_time_is_sent_again(home: &Home) {
    let told = Told::at(home);
    for date in 0..3 {
        told.imports(1_600_000_000 + date, &[]);
    }
    let other = home.token(ANNA);
    assert!(!other.is_empty());
    let others = clients(home).into_iter().find(|id| *id != told.client).expect("another");
    told.went(2);
    assert_eq!(told.replays(&["--since", "1h", "--dry-run"]), [3, 0, 0]);
    assert_eq!(told.lists(&["--state", "dead"]).len(), 3, "a dry run sends nothing");
    assert_eq!(told.replays(&["--since", "1h", "--state", "delivered"]), [0, 0, 0]);
    assert_eq!(told.replays(&["--since", "1h", "--appli", "1"]), [0, 0, 0]);
    assert_eq!(told.replays(&["--since", "1h", "--user", "999999"]), [0, 0, 0]);
    assert_eq!(told.replays(&["--since", "1h", "--subscription", "8"]), [0, 0, 0]);
    assert_eq!(told.replays(&["--since", "2h", "--until", "1h"]), [0, 0, 0]);
    assert_eq!(told.replays(&["--since", "2100-01-01T00:00:00Z"]), [0, 0, 0]);
    let replay = ["notification", "replay", &others, "--since", "0"];
    assert_eq!(home.json(&replay)["sent"], 0, "another application's are not among them");
    let dead = ["--since", "1600000000", "--state", "dead", "--state", "dropped", "--user", ANNA];
    assert_eq!(told.replays(&dead), [3, 0, 0]);
    assert_eq!(told.lists(&["--state", "waiting"]).len(), 3);
    assert_eq!(told.replays(&["--since", "0"]), [0, 0, 0], "what waits is sent anyway");
    assert_eq!(told.replays(&["--since", "0", "--state", "waiting"]), [3, 0, 0]);
    // A page at a time.
    let page = told.lists(&["--limit", "2"]);
    let last = page[1]["notification"].as_str().expect("a name");
    let rest = told.lists(&["--before", last]);
    assert_eq!((page.len(), rest.len()), (2, 1));
    // Whose subscription has ended is counted, and so is whose subscription pauses.
    told.does("pause");
    told.went(1);
    assert_eq!(told.replays(&["--since", "0"]), [0, 3, 0]);
    assert!(told.lists(&[]).iter().all(|line| line["due"].is_null()));
    told.does("end");
    assert_eq!(told.lists(&["--state", "dropped"]).len(), 3);
    assert_eq!(told.replays(&["--since", "0"]), [0, 0, 3]);
    let name = told.lists(&[])[0]["notification"].as_str().unwrap().to_owned();
    let ended = home.runs(&["notification", "resend", &name]);
    assert!(ended.failed(3).contains("ended"), "{ended:?}");
    for wrong in [&["--since", "yesterday"][..], &["--since", "0", "--state", "lost"], &[]] {
        let replay = [&["notification", "replay", &told.client], wrong].concat();
        assert_eq!(home.runs(&replay).code, Some(2), "{wrong:?}");
    }
    let wrong = ["notification", "replay", &told.client, "--since", "0", "--appli", "3"];
    assert!(home.runs(&wrong).failed(3).contains("appli"));
}

fn a_subscription_is_held_back_tried_and_ended(home: &Home) {
    let told = Told::at(home);
    let listed = home.json(&["notification", "subscriptions", &told.client]);
    let one = &listed[0];
    assert_eq!((&one["subscription"], &one["state"]), (&json!(7), &json!("live")));
    assert_eq!(one["callback"], "https://my.example.org/told?…");
    assert!(!listed.to_string().contains('@') && !listed.to_string().contains("secret"));
    assert_eq!(told.does("pause")["state"], "paused");
    assert_eq!(told.does("pause")["state"], "paused", "again is the same as once");
    told.imports(1_600_000_000, &[]);
    let held = &told.lists(&[])[0];
    assert_eq!((&held["state"], &held["due"]), (&json!("waiting"), &json!(null)));
    let test = ["notification", "test", &told.client, SUBSCRIPTION];
    assert!(home.runs(&test).failed(3).contains("paused"));
    assert_eq!(told.does("resume")["state"], "live");
    assert!(told.lists(&[])[0]["due"].is_number());
    let tested = told.does("test");
    let name = tested["notification"].as_str().expect("a name");
    let shown = home.json(&["notification", "show", name]);
    let (at, body) = (shown["created"].as_i64().unwrap(), shown["body"].as_str().unwrap());
    let (user, end) = (&told.anna, at + 1);
    assert_eq!(body, format!("userid={user}&appli=4&startdate={at}&enddate={end}"));
    assert_eq!(told.does("end")["state"], "ended");
    let again = home.runs(&["notification", "resume", &told.client, SUBSCRIPTION]);
    assert!(again.failed(3).contains("ended"), "{again:?}");
    let there = home.json(&["notification", "subscriptions", &told.client]);
    assert_eq!(there, json!([]));
    let all = home.json(&["notification", "subscriptions", &told.client, "--all"]);
    assert_eq!(all[0]["state"], "ended");
    let failing = ["notification", "subscriptions", &told.client, "--all", "--failing"];
    assert_eq!(home.json(&failing), json!([]));
    // By another application it cannot be named.
    home.token(ANNA);
    let others = clients(home).into_iter().find(|id| *id != told.client).expect("another");
    for what in ["pause", "resume", "test", "sign", "end"] {
        let refused = home.runs(&["notification", what, &others, SUBSCRIPTION]);
        assert!(refused.failed(3).contains("subscription"), "{refused:?}");
        let refused = home.runs(&["notification", what, "nobody", SUBSCRIPTION]);
        assert!(refused.failed(3).contains("client"), "{refused:?}");
    }
    let actions = home.json(&["audit", "list", "--user", ANNA]);
    let actions = actions.as_array().unwrap().iter().filter_map(|row| row["action"].as_str());
    let mut changes: Vec<&str> =
        actions.filter(|action| action.starts_with("notification ")).collect();
    changes.sort_unstable();
    changes.dedup();
    let expected = ["end", "pause", "resume", "show", "test"];
    assert_eq!(changes, expected.map(|word| format!("notification {word}")));
}

fn a_secret_is_shown_once(home: &Home) {
    let told = Told::at(home);
    let first = told.does("sign");
    let secret = first["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("whsec_") && first["signed"] == true, "{first}");
    let second = told.does("sign");
    assert_ne!(second["secret"], first["secret"]);
    let sign = ["notification", "sign", &told.client, SUBSCRIPTION];
    let own = [&sign[..], &["--secret-stdin", "--json"]].concat();
    let set = home.runs_with_input(&own, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").json();
    assert_eq!((&set["signed"], set.get("secret")), (&json!(true), None));
    let short = home.runs_with_input(&own, "whsec_abcd\n");
    assert!(short.failed(3).contains("whsec_"), "{short:?}");
    assert!(!short.stderr.contains("abcd"), "{short:?}");
    let cleared = home.json(&[&sign[..], &["--clear"]].concat());
    assert_eq!((&cleared["signed"], cleared.get("secret")), (&json!(false), None));
    let both = [&sign[..], &["--clear", "--secret-stdin"]].concat();
    assert_eq!(home.runs(&both).code, Some(2));
    let listed = home.runs(&["notification", "subscriptions", &told.client]);
    assert!(!listed.stdout.contains("whsec_"), "{listed:?}");
}

#[test]
fn a_log_that_is_not_there_is_not_made() {
    let home = Home::new();
    for command in [&["list", "x"][..], &["show", "msg_1_1"], &["replay", "x", "--since", "1h"]] {
        let ran = home.runs(&[&["notification"], command].concat());
        assert!(ran.failed(1).contains("no store"), "{ran:?}");
    }
    assert!(!home.data().exists());
}
