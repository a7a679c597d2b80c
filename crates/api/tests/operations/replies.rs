//! Every key the reference has in an answer is seen with a value in an answer that was given. That
//! answers are what the schemas say is seen with every call (`documented.rs`), that the schemas are
//! those of the reference in `tests/reference`.

use crate::access::{call_every, wearable};
use crate::app::{App, NOW, by_hand, status, weight};
use crate::documented::seen;
use crate::facts::{calls, facts, texts};
use crate::order_states::sent;
use crate::orders::{order, with};
use crate::partners::member;
use crate::surveys::{answered, reading};
use crate::told::{ALL_NIGHTS, MIDNIGHT, night, reads};
use api::admin::{Account, NewAccount};
use domain::measure::{Measure, MeasureType};
use domain::order::Kind;
use domain::person::Gender;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Keys that are in no answer: the operation (or all), the key, why not.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("oauth2-listusers", "hash_userid", LISTED),
    ("oauth2-listusers", "userid", LISTED),
    ("oauth2-listusers", "email", LISTED),
    ("oauth2-listusers", "fully_owned", LISTED),
    ("measure-getmeas", "measuregrps[].comment", "always null, as recorded (wire-quirks 12)"),
    ("dropshipmentv2-createorder", "invalid_address_customer_ref_ids", REFUSED),
    ("dropshipmentv2-createorder", "invalid_address_customer_ref_ids[]", REFUSED),
    ("dropshipmentv2-createuserorder", "invalid_address_customer_ref_ids", REFUSED),
    ("dropshipmentv2-createuserorder", "invalid_address_customer_ref_ids[]", REFUSED),
    ("sleepv2-getsummary", "series[].data.night_events[]", "an object of lists (wire-quirks 32)"),
];

const LISTED: &str = "a list of people: the same keys are in `users[]`";
const REFUSED: &str = "in the body of status 503: seen by `orders.rs`";

/// The names of fields an operation gives, each with a value.
fn values(operation: &str) -> serde_json::Map<String, Value> {
    let facts = facts("operations.json");
    let fact = facts.as_array().unwrap().iter().find(|fact| fact["id"] == operation).unwrap();
    let params = fact["params"].as_array().unwrap().iter();
    let names = params.flat_map(|param| texts(&param["fields"]));
    let value = |name: &str| match name {
        "core_body_temperature_status" => json!("usual"),
        "duration" => json!(60),
        "heart_rate" | "hr" => json!(61),
        _ => json!(3),
    };
    names.map(|name| (name.clone(), value(&name))).collect()
}

/// The same as a list of one for each.
fn columns(operation: &str, count: usize) -> Value {
    let list = |(name, value): (String, Value)| (name, json!(vec![value; count]));
    values(operation).into_iter().map(list).collect()
}

/// Everything devices can tell of a day and a night, and its reading.
fn day_and_night(app: &App, anna: &Account) {
    let watch = app.watch(&[anna]);
    let workout = Value::from(values("measurev2-getworkouts"));
    watch.stores(&[
        json!({ "id": "i", "type": "intraday", "startdate": MIDNIGHT + 36_000,
                "values": columns("measurev2-getintradayactivity", 10) }),
        json!({ "id": "w", "type": "workout", "startdate": MIDNIGHT + 36_000,
                "enddate": MIDNIGHT + 36_600, "category": 2, "data": workout }),
    ]);
    let mut asleep = night("s", MIDNIGHT, &[(9, 1), (9, 3), (5, 2), (4, 5)]);
    asleep["series"] = json!({ "startdate": MIDNIGHT, "values": columns("sleepv2-get", 27) });
    let mut summary = Value::from(values("sleepv2-getsummary"));
    summary.as_object_mut().unwrap().remove("night_events");
    (asleep["summary"], asleep["completed"]) = (summary, json!(true));
    app.mat(&[anna]).stores(&[asleep]);
    reads(app, anna, "/v2/measure", &format!("action=getactivity&{ALL_NIGHTS}"));
    reads(app, anna, "/v2/measure", &format!("action=getworkouts&{ALL_NIGHTS}"));
    let of_day = format!("startdate={MIDNIGHT}&enddate={NOW}");
    reads(app, anna, "/v2/measure", &format!("action=getintradayactivity&{of_day}"));
    for (action, operation, when) in
        [("get", "sleepv2-get", of_day.as_str()), ("getsummary", "sleepv2-getsummary", ALL_NIGHTS)]
    {
        let names: Vec<String> = values(operation).into_iter().map(|(name, _)| name).collect();
        let form = format!("action={action}&{when}&data_fields={}", names.join(","));
        reads(app, anna, "/v2/sleep", &form);
    }
}

/// What is taken at one moment: measures and recordings, and how many pages of them there are.
fn moments(app: &App, anna: &Account) {
    let core = app.bridge_of("00:24:e4:00:00:73", 44, &[anna]);
    core.stores(&[
        json!({ "id": "e", "type": "ecg", "taken_at": NOW - 60, "signal": [1, 2, 3],
                "frequency": 300, "wearposition": 2, "afib": 1, "heart_rate": 77,
                "bloodpressure": { "systole": 121, "diastole": 79 },
                "intervals": { "pr": 150, "qrs": 90, "qt": 400, "qtc": 410 } }),
        json!({ "id": "s", "type": "stetho", "taken_at": NOW - 60, "signal": [213, 85],
                "position": 15, "vhd": 1 }),
        json!({ "id": "m", "type": "measures", "taken_at": NOW, "measures": [
            { "type": 174, "value": 7, "unit": 0, "algo": 1, "fm": 3, "position": 2,
              "apppfmid": 7, "appliver": 8 },
        ] }),
    ]);
    let all = "with_filtered=1&with_intervals=1";
    for (path, place) in [("/v2/heart", "/ecg/signalid"), ("/v2/stetho", "/signalid")] {
        let list = reads(app, anna, path, "action=list");
        for id in list["series"].as_array().unwrap().iter().map(|row| row.pointer(place).unwrap()) {
            reads(app, anna, path, &format!("action=get&signalid={id}&{all}"));
        }
    }
    let mut typed = weight(NOW - 1, 67_000);
    let one = &mut typed.measures[0];
    (one.apppfmid, one.appliver) = (Some(7), Some(8));
    app.stores(anna, &[typed]);
    crate::paging::fill(app, anna, 5_001, |minute| weight(NOW - 60 * (minute + 9), 64_000));
    app.measures(anna, "");
}

/// What a sensor told, as it was asked to.
fn sensors(app: &App, anna: &Account) {
    let hash = wearable(app, anna, "00:24:e4:00:00:78").hash;
    let of_watch = format!("hash_deviceid={hash}&rawdata_type=1");
    reads(app, anna, "/v2/rawdata", &format!("action=activate&{of_watch}&enddate={}", NOW + 99));
    let watch = app.watch(&[anna]);
    watch.stores(&[
        json!({ "id": "r", "type": "rawdata", "rawdata_type": 1, "startdate": NOW,
                "enddate": NOW + 1, "format_version": 2, "firmware_version": 2371,
                "sensor_name": "X", "data": { "id": [1], "timestamp": [NOW], "acc_x": [3] } }),
        json!({ "id": "t", "type": "status", "battery_percent": 80, "firmware": "2371",
                "network": "wifi" }),
    ]);
    let when = format!("startdate={}&enddate={}", NOW - 9, NOW + 9);
    reads(app, anna, "/v2/rawdata", &format!("action=get&{of_watch}&{when}"));
}

/// A nudge that was shown as often as it should, and a survey that was answered.
fn screens(app: &App, anna: &Account) {
    app.owns(anna);
    let scale = app.bridge_of("00:24:e4:00:00:61", 17, &[anna]);
    let nudge = app.nudge(17);
    let campaign = app.campaign(nudge);
    app.brings(campaign, &[anna]);
    for id in ["a", "b", "c"] {
        crate::nudges::says(&scale, id, campaign, "displayed");
    }
    app.campaign_users(campaign);
    app.signs("/v2/nudge", "list", "");
    app.signs("/v2/nudge", "get", &format!("nudgeid={nudge}"));
    app.questions(&[anna]);
    app.signs("/v2/survey", "listusers", &format!("surveyid={}", crate::surveys::ID));
    let cuff = app.cuff(&[anna]);
    cuff.stores(&[reading("a", NOW, 190), answered("b", NOW, json!({ "q1": [2] }))]);
    app.answered(&app.program, &format!("userid={}&startdate=1", anna.id));
}

/// An order of both kinds of products, shipped and replaced.
fn parcels(app: &App) {
    app.sells_scales();
    app.sells(None, Kind::PartnerRef, "KIT", &[17]);
    let products = json!([
        { "ean": crate::orders::SCALE, "quantity": 1 }, { "partner_ref": "KIT", "quantity": 1 },
    ]);
    let both = |name: &str| with(order(name), "/products", products.clone());
    let id = app.placed(both("BOTH"));
    let changed = crate::orders::list(&[both("CHANGED")]);
    let form = format!("order_id={id}&order={changed}");
    assert_eq!(status(&app.orders(&app.program, "update", &form)), 0);
    let scale =
        api::orders::ShippedDevice { serial: Some("SN-1".to_owned()), ..sent("00:24:e4:00:02:01") };
    app.ships(&id, &[scale]).unwrap();
    app.does({
        let id = id.clone();
        move |tx| api::admin::replace_order(tx, &id, Some("AGAIN"))
    });
    app.detail("CHANGED");
    app.detail("AGAIN");
    let orders = crate::orders::list(&[both("THEIRS")]);
    let form = format!("{}&order={orders}", member("olga", "00:24:e4:00:00:63"));
    let ordered = app.signs("/v2/dropshipment", "createuserorder", &form);
    assert_eq!(status(&ordered), 0, "{ordered}");
}

/// A device that has talked to the server, and is nobody's.
fn used_before(app: &App, mac: &'static str) {
    let status = json!({ "id": "u", "type": "status", "battery_percent": 9, "network": "lte" });
    app.registers(mac, 17);
    app.bridge_to(mac).stores(&[status]);
}

/// Somebody whose account a partner makes, with everything there is to say.
fn partners(app: &App, anna: &Account) {
    let (scale, other) = ("00:24:e4:00:00:62", "00:24:e4:00:00:65");
    used_before(app, scale);
    used_before(app, other);
    let goals = json!({ "steps": 1, "sleep": 2, "weight": { "value": 70, "unit": 0 } }).to_string();
    let said = [("goals", goals.as_str()), ("phonenumber", "+33612345678")];
    let activated =
        app.signs("/v2/user", "activate", &crate::partners::with(&member("otto", scale), &said));
    assert_eq!(status(&activated), 0, "{activated}");
    let token = crate::models::token(app, &activated);
    for action in ["getdevice", "getgoals"] {
        app.call("/v2/user", &format!("action={action}"), Some(&token));
    }
    app.call("/v2/user", &format!("action=link&mac_addresses={other}"), Some(&token));
    let found = app.signs("/v2/user", "get", "email=otto@example.com");
    assert_eq!(status(&found), 0, "{found}");
    let form = format!("mac_address={scale}&status=TERMINATED");
    app.signs("/v2/device", "endpartnerprogram", &form);
    app.stores(anna, &[by_hand(NOW, &[Measure::new(MeasureType::HEIGHT, 170, -2)])]);
    let known = format!(
        "icdcodeids={}&external_ids={}",
        app.diagnosis(&app.program, "I10"),
        json!([{ "type": "MRN", "identifier": "1" }])
    );
    let added = app.signs(
        "/v2/user",
        "addtorpm",
        &format!("{}&{known}", crate::care::good_form(app, anna)),
    );
    assert_eq!(status(&added), 0, "{added}");
    let token = app.token(anna, "user.metrics");
    let told = format!("callbackurl={}&appli=4", crate::subscribes::HERE);
    for form in [format!("subscribe&comment=mine&{told}"), format!("get&{told}"), "list".into()] {
        app.call("/notify", &format!("action={form}"), Some(&token));
    }
}

#[test]
fn every_key_of_an_answer_of_the_reference_is_seen_with_a_value() {
    let app = App::new();
    let anna = app.account(NewAccount {
        time_zone: Some("Europe/Paris".to_owned()),
        birth_date: Some("1990-01-01".parse().unwrap()),
        gender: Some(Gender::Woman),
        ..crate::app::new("anna")
    });
    call_every(&app, &anna);
    for story in [day_and_night, moments, sensors, screens, partners] {
        story(&app, &anna);
    }
    parcels(&app);
    let mut unseen = BTreeSet::new();
    for (entry, fact) in calls() {
        let seen = seen(entry);
        let id = fact["id"].as_str().unwrap();
        // A list in every recorded answer, an object in the reference (wire-quirks 26).
        let flat = |key: &str| if id == "sleepv2-get" { key.replace("[]", "") } else { key.into() };
        let seen: BTreeSet<String> = seen.iter().map(|key| flat(key)).collect();
        for key in fact["reply"].as_object().unwrap().keys() {
            if !seen.contains(key) {
                unseen.insert((id.to_owned(), key.clone()));
            }
        }
    }
    let told = UNSEEN.iter().map(|(of, key, _)| ((*of).to_owned(), (*key).to_owned()));
    assert_eq!(unseen, told.collect());
    assert!(UNSEEN.iter().all(|(.., reason)| !reason.is_empty()));
}
