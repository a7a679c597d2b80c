//! Device sync: what a device hands over, what becomes of it, and what it is told.

use crate::app::{App, NOW, assert_names, dates, groups, status};
use api::admin::{Account, NewDevice};
use api::{dispatch, sync};
use domain::{Error, UserId};
use serde_json::{Value, json};
use store::{Access, weighing};

const MAC: &str = "00:24:e4:00:00:77";

/// A device with a token.
pub(crate) struct Bridge<'a> {
    app: &'a App,
    mac: &'static str,
    token: String,
}

impl App {
    /// A scale of these people that can be programmed.
    fn bridge(&self, people: &[&Account]) -> Bridge<'_> {
        self.bridge_of(MAC, 4, people)
    }

    /// A watch of these people.
    pub(crate) fn watch(&self, people: &[&Account]) -> Bridge<'_> {
        self.bridge_of("00:24:e4:00:00:78", 93, people)
    }

    /// A sensor under the mattress of these people.
    pub(crate) fn mat(&self, people: &[&Account]) -> Bridge<'_> {
        self.bridge_of("00:24:e4:00:00:79", 63, people)
    }

    /// Any device of these people that can be programmed.
    pub(crate) fn bridge_of(
        &self,
        mac: &'static str,
        model_id: i64,
        people: &[&Account],
    ) -> Bridge<'_> {
        let users = people.iter().map(|person| person.id.to_string()).collect();
        let new = NewDevice { mac: mac.to_owned(), model_id, users, ..Default::default() };
        let token = self.does(move |tx| {
            api::admin::register_device(tx, &new)?;
            Ok(api::admin::issue_device_token(tx, mac, false)?.1)
        });
        Bridge { app: self, mac, token }
    }

    /// A device that is registered already.
    pub(crate) fn bridge_to(&self, mac: &'static str) -> Bridge<'_> {
        let token = self.does(move |tx| Ok(api::admin::issue_device_token(tx, mac, false)?.1));
        Bridge { app: self, mac, token }
    }

    /// What `server::devices` answers.
    fn syncs(&self, token: Option<&str>, batch: &str) -> Value {
        let (token, batch) = (token.map(str::to_owned), sync::Batch::read(batch.as_bytes()));
        let work = move |tx: &mut store::Tx<'_>| sync::answer(tx, token.as_deref(), &batch);
        let bytes = self.db.run_blocking(Access::Write, work).unwrap_or_else(|error| {
            assert!(matches!(error, Error::Refused(_)), "{error}");
            dispatch::envelope(&error).1
        });
        serde_json::from_slice(&bytes).unwrap()
    }
}

impl Bridge<'_> {
    /// Its `hash_deviceid`.
    pub(crate) fn hash(&self) -> String {
        let mac = self.mac;
        self.app.does(move |tx| store::device::find_by_mac(tx, mac.parse().unwrap())).unwrap().hash
    }

    /// How many of the records are kept; none is refused.
    #[track_caller]
    pub(crate) fn stores(&self, records: &[Value]) -> i64 {
        let answer = self.sends(records);
        assert_eq!(status(&answer), 0, "{answer}");
        answer["body"]["stored"].as_i64().unwrap()
    }

    pub(crate) fn sends(&self, records: &[Value]) -> Value {
        self.app.syncs(Some(&self.token), &json!({ "records": records }).to_string())
    }

    #[track_caller]
    pub(crate) fn counts(&self, records: &[Value]) -> [i64; 3] {
        let answer = self.sends(records);
        assert_eq!(status(&answer), 0, "{answer}");
        ["stored", "known", "unclaimed"].map(|name| answer["body"][name].as_i64().unwrap())
    }
}

fn weighing(id: &str, at: i64, grams: i64) -> Value {
    let measures = json!([{ "type": 1, "value": grams, "unit": -3 }]);
    json!({ "id": id, "type": "measures", "taken_at": at, "measures": measures })
}

fn of(mut record: Value, user: UserId) -> Value {
    record["userid"] = json!(user);
    record
}

#[test]
fn what_a_device_hands_over_is_read_by_a_program() {
    let app = App::new();
    let anna = app.person("anna");
    let bridge = app.bridge(&[&anna]);
    let measures = json!([
        { "type": 9, "value": 78, "unit": 0 },
        { "type": 10, "value": 121, "unit": 0, "algo": 2, "fm": 131 },
    ]);
    let pressure = json!({ "id": "b", "type": "measures", "taken_at": NOW, "measures": measures });
    assert_eq!(bridge.counts(&[weighing("a", NOW - 60, 64_250), pressure]), [2, 0, 0]);
    let answer = app.call("/measure", "action=getmeas", Some(&app.token(&anna, "user.metrics")));
    assert_eq!(dates(&answer), [NOW, NOW - 60]);
    let read = &groups(&answer)[0];
    assert_eq!((&read["attrib"], &read["model_id"]), (&json!(0), &json!(4)));
    let systolic = json!({ "value": 121, "type": 10, "unit": 0, "algo": 2, "fm": 131 });
    assert_eq!(read["measures"][1], systolic);
}

#[test]
fn a_record_that_comes_again_is_known_whatever_it_holds_now() {
    let app = App::new();
    let anna = app.person("anna");
    let bridge = app.bridge(&[&anna]);
    assert_eq!(bridge.counts(&[weighing("a", NOW, 64_000)]), [1, 0, 0]);
    assert_eq!(bridge.counts(&[weighing("a", NOW, 64_000)]), [0, 1, 0]);
    assert_eq!(bridge.counts(&[weighing("a", NOW - 5, 70_000)]), [0, 1, 0]);
    // Under another name it is known by what it says.
    assert_eq!(bridge.counts(&[weighing("b", NOW, 64_000)]), [0, 1, 0]);
    assert_eq!(bridge.counts(&[weighing("c", NOW, 64_000), weighing("c", NOW - 9, 1)]), [0, 2, 0]);
    assert_eq!(dates(&app.measures(&anna, "")), [NOW]);
}

#[test]
fn of_a_batch_with_a_flaw_nothing_is_kept_and_the_flaw_is_named() {
    let app = App::new();
    let anna = app.person("anna");
    let bridge = app.bridge(&[&anna]);
    let good = || weighing("good", NOW, 64_000);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut record = weighing("bad", NOW, 65_000);
        change(&mut record);
        record
    };
    let planted = "s3cr3t-7f9c";
    for (bad, place) in [
        (json!({}), "records[1].id"),
        (with(&|record| record["id"] = json!("")), "records[1].id"),
        (with(&|record| record["id"] = json!("x".repeat(65))), "records[1].id"),
        (with(&|record| record["id"] = json!("ä")), "records[1].id"),
        (with(&|record| record["type"] = json!(planted)), "records[1].type"),
        (with(&|record| record["taken_at"] = json!(planted)), "records[1].taken_at"),
        (with(&|record| record["userid"] = json!(planted)), "records[1].userid"),
        (with(&|record| record["measures"] = json!([])), "records[1].measures"),
        (with(&|record| record["measures"] = json!({})), "records[1].measures"),
        (
            with(&|record| record["measures"][0]["value"] = json!(64.25)),
            "records[1].measures[0].value",
        ),
        (
            with(&|record| record["measures"][0]["value"] = json!(planted)),
            "records[1].measures[0].value",
        ),
        (
            with(&|record| record["measures"][0]["unit"] = json!(-300)),
            "records[1].measures[0].unit",
        ),
        (
            json!({ "id": "s", "type": "status", "battery_percent": 101 }),
            "records[1].battery_percent",
        ),
        (json!({ "id": "s", "type": "status", "timezone": planted }), "records[1].timezone"),
        (json!({ "id": "s", "type": "status", "firmware": "a\nb" }), "records[1].firmware"),
    ] {
        let answer = bridge.sends(&[good(), bad]);
        assert_names(&answer, place);
        assert!(!answer.to_string().contains(planted), "{answer}");
    }
    assert!(groups(&app.measures(&anna, "")).is_empty());
    assert_eq!(bridge.counts(&[good()]), [1, 0, 0]);
}

#[test]
fn what_is_no_batch_is_refused() {
    let app = App::new();
    let bridge = app.bridge(&[&app.person("anna")]);
    for (batch, place) in [
        ("", "body"),
        ("nonsense", "body"),
        ("\u{feff}{}", "body"),
        ("[]", "body"),
        ("{}", "body"),
        ("{\"records\":{}}", "records"),
        ("{\"records\":[1]}", "records[0]"),
    ] {
        assert_names(&app.syncs(Some(&bridge.token), batch), place);
    }
    let many: Vec<Value> =
        (0..=sync::RECORDS_MAX).map(|at| weighing(&at.to_string(), NOW, 64_000)).collect();
    assert_names(&bridge.sends(&many), "records");
    assert_eq!(bridge.counts(&[]), [0, 0, 0]);
}

#[test]
fn only_a_token_of_a_device_opens_it() {
    let app = App::new();
    let anna = app.person("anna");
    let bridge = app.bridge(&[&anna]);
    let (access, batch) = (app.token(&anna, "user.metrics"), "{\"records\":[]}");
    for wrong in [None, Some(""), Some(access.as_str()), Some(&bridge.token[..39])] {
        assert_eq!(status(&app.syncs(wrong, batch)), 401);
    }
    let second = app.does(|tx| api::admin::issue_device_token(tx, MAC, false)).1;
    for good in [&bridge.token, &second] {
        assert_eq!(status(&app.syncs(Some(good), batch)), 0);
    }
    let third = app.does(|tx| api::admin::issue_device_token(tx, MAC, true)).1;
    assert_eq!(status(&app.syncs(Some(&third), batch)), 0);
    for ended in [&bridge.token, &second] {
        assert_eq!(status(&app.syncs(Some(ended), batch)), 401);
    }
    assert_eq!(app.does(|tx| api::admin::revoke_device_tokens(tx, MAC)).1, 1);
    assert_eq!(status(&app.syncs(Some(&third), batch)), 401);
    // A device token opens no operation.
    let operation = app.call("/measure", "action=getmeas", Some(&second));
    assert_eq!(status(&operation), 401);
}

#[test]
fn of_several_people_the_one_who_is_named_or_near_has_it_and_else_nobody() {
    let app = App::new();
    let (anna, ben, eve) = (app.person("anna"), app.person("ben"), app.person("eve"));
    let bridge = app.bridge(&[&anna, &ben]);
    let first =
        [of(weighing("a", NOW - 90, 64_000), anna.id), of(weighing("b", NOW - 80, 90_000), ben.id)];
    assert_eq!(bridge.counts(&first), [2, 0, 0]);
    assert_eq!(bridge.counts(&[weighing("c", NOW - 70, 64_500)]), [1, 0, 0]);
    assert_eq!(dates(&app.measures(&anna, "")), [NOW - 70, NOW - 90]);
    // A stranger to the device is nobody to it, and nobody is near.
    assert_eq!(bridge.counts(&[of(weighing("d", NOW - 60, 20_000), eve.id)]), [0, 0, 1]);
    // A clock that was never set.
    assert_eq!(bridge.counts(&[of(weighing("e", 17, 64_000), anna.id)]), [0, 0, 1]);
    assert!(groups(&app.measures(&eve, "")).is_empty());
    assert_eq!(app.does(|tx| weighing::list(tx, None, 10)).len(), 2);
}

#[test]
fn what_a_model_is_not_known_to_yield_is_kept_and_pointed_at() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.bridge(&[&anna]);
    let fever = json!({ "id": "a", "type": "measures", "taken_at": NOW, "measures": [
        { "type": 71, "value": 385, "unit": -1 }, { "type": 1, "value": 64_000, "unit": -3 },
    ] });
    let minute = json!({ "id": "b", "type": "intraday", "startdate": NOW - 60,
                         "values": { "steps": [7] } });
    let answer = scale.sends(&[fever, minute]);
    assert_eq!(answer["body"]["stored"], 2);
    assert_eq!(answer["body"]["unusual"], json!(["intraday", "measures of type 71"]));
    assert_eq!(groups(&app.measures(&anna, ""))[0]["measures"].as_array().unwrap().len(), 2);
    let moments = app.call(
        "/v2/measure",
        "action=getintradayactivity&data_fields=steps",
        Some(&app.token(&anna, "user.activity")),
    );
    assert_eq!(moments["body"]["series"][(NOW - 60).to_string()]["steps"], 7);
    // A model that no table knows may yield anything.
    let news = app.bridge_of("00:24:e4:00:00:91", 4_711, &[&anna]);
    let fever = json!({ "id": "c", "type": "measures", "taken_at": NOW, "measures": [
        { "type": 9_999, "value": 1, "unit": 0 },
    ] });
    assert_eq!(news.sends(&[fever])["body"]["unusual"], Value::Null);
}

#[test]
fn a_device_is_told_its_people_and_the_time_and_says_how_it_is() {
    let app = App::new();
    let anna = app.person("anna");
    let bridge = app.bridge(&[&anna]);
    bridge.sends(&[weighing("a", NOW, 64_250)]);
    let said = json!({ "id": "s", "type": "status", "battery_percent": 20, "firmware": "2.1 b",
                       "network": "wifi", "timezone": "Asia/Tokyo" });
    let answer = bridge.sends(&[said]);
    let user = json!({ "userid": anna.id, "shortname": "ANN", "timezone": "Europe/Paris",
                       "weight": { "value": 64_250, "unit": -3 } });
    let expected = json!({
        "stored": 1, "known": 0, "unclaimed": 0, "unwanted": 0, "now": NOW, "users": [user],
        "rawdata": [],
    });
    assert_eq!(answer, json!({ "status": 0, "body": expected }));
    let devices = app.call("/v2/user", "action=getdevice", Some(&app.token(&anna, "user.info")));
    let device = &devices["body"]["devices"][0];
    assert_eq!((&device["battery"], &device["timezone"]), (&json!("low"), &json!("Asia/Tokyo")));
    assert_eq!(
        (&device["first_session_date"], &device["last_session_date"]),
        (&json!(NOW), &json!(NOW))
    );
    // What is left out stays.
    bridge.sends(&[json!({ "id": "t", "type": "status", "battery_percent": 90 })]);
    let devices = app.call("/v2/user", "action=getdevice", Some(&app.token(&anna, "user.info")));
    assert_eq!(devices["body"]["devices"][0]["timezone"], "Asia/Tokyo");
}
