//! The conversation of an older scale (field-notes §15), call by call.

use crate::app::{
    App, INVALID_TOKEN, NOW, assert_names, error, groups, keys, new, status, without_draws,
};
use crate::scale::{percent, weights};
use api::admin::NewAccount;
use domain::measure::{Measure, MeasureType};
use domain::person::Gender;
use serde_json::{Value, json};
use store::device::SESSION_SECONDS;

/// 2026-10-25T01:00:00Z: winter time begins in Paris.
const WINTER: i64 = 1_792_890_000;
/// 2027-03-28T01:00:00Z: summer time begins in Paris.
const SUMMER: i64 = 1_806_195_600;

#[test]
fn the_whole_conversation() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let once = app.scale_call("/cgi-bin/once", "action=get");
    assert_eq!(status(&once), 0);
    let token = once["body"]["once"].as_str().unwrap();
    let is_hex = |part: &str| part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert_eq!(token.split('-').filter(|part| is_hex(part)).count(), 2, "{token}");
    assert_ne!(app.scale_call("/cgi-bin/once", "action=get"), once);

    let greeting = scale.greeting("currentfw=200&batterylvl=92&zreboot=1");
    let session = app.scale_call("/cgi-bin/session", &greeting);
    assert_eq!(status(&session), 0);
    let id = session["body"]["sessionid"].as_str().unwrap();
    let mac = percent(&scale.mac);

    let measures = percent(r#"{"measures":[{"value":66850,"type":1,"unit":-3}]}"#);
    let form = format!(
        "action=store&sessionid={id}&macaddress={mac}&userid={}&meastime={}&devtype=1\
         &attribstatus=0&measures={measures}",
        anna.id,
        NOW - 5,
    );
    assert_eq!(app.scale_text("/cgi-bin/measure", &form), r#"{"status":0}"#);

    let end = format!("action=delete&sessionid={id}");
    assert_eq!(app.scale_text("/cgi-bin/session", &end), r#"{"status":0}"#);
    for (path, form) in [("/cgi-bin/session", &end), ("/cgi-bin/measure", &form)] {
        let answer = app.scale_call(path, form);
        assert_eq!((status(&answer), error(&answer)), (401, INVALID_TOKEN), "{path}");
    }

    let answer = app.measures(&anna, "");
    let stored = &groups(&answer)[0];
    assert_eq!((&stored["date"], &stored["attrib"]), (&json!(NOW - 5), &json!(0)));
    let expected = json!([{"value": 66850, "type": 1, "unit": -3, "algo": 0, "fm": 3}]);
    assert_eq!(stored["measures"], expected);
}

#[test]
fn an_unknown_call_answers_255() {
    let app = App::new();
    for (path, form) in [
        ("/cgi-bin/once", ""),
        ("/cgi-bin/once", "action=new"),
        ("/cgi-bin/session", "action=get"),
        ("/cgi-bin/session", "action=NEW"),
        ("/cgi-bin/measure", "action=delete"),
        ("/cgi-bin/association", "action=get"),
        ("/once", "action=get"),
    ] {
        let answer = app.scale_call(path, form);
        assert_eq!((status(&answer), error(&answer)), (255, "unknown action"), "{path} {form}");
    }
    assert_eq!(status(&app.scale_call("/cgi-bin/once/", "action=get")), 0);
}

#[test]
fn a_session_answers_with_everything_a_scale_reads() {
    let app = App::new();
    let anna = app.account(NewAccount {
        time_zone: Some("Europe/Paris".to_owned()),
        short_name: Some("ann".to_owned()),
        birth_date: Some("1980-09-22".parse().unwrap()),
        gender: Some(Gender::Woman),
        height_m: Some("1.70".to_owned()),
        weight_kg: Some("66.850".to_owned()),
        ..new("anna")
    });
    let ben = app.person("ben");
    app.scale(1, &[&ben]);
    app.waits(10);
    let body = app.scale(1, &[&anna]).begins("");
    let users = body["sp"]["users"].as_array().unwrap();
    let ids: Vec<&Value> = users.iter().map(|user| &user["id"]).collect();
    assert_eq!(ids, [&json!(ben.id), &json!(anna.id)]);
    insta::assert_json_snapshot!(without_draws(body));
}

#[test]
fn a_profile_has_the_digits_of_the_last_measures() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let text = |more: &str| app.scale_text("/cgi-bin/session", &scale.greeting(more));
    assert!(text("").contains(r#""wt":0,"ht":0,"#), "{}", text(""));
    for (value, unit, digits) in [
        (66_850, -3, "66.850"),
        (6_685, -2, "66.85"),
        (67, 0, "67"),
        (7, 1, "70"),
        (67_000_001, -6, "67.000001"),
        (660, -1, "66.0"),
    ] {
        app.waits(1);
        let weight = Measure::new(MeasureType::WEIGHT, value, unit);
        let height = Measure::new(MeasureType::HEIGHT, 170, -2);
        app.stores(&anna, &[crate::app::by_hand(app.now(), &[height, weight])]);
        let expected = format!(r#""wt":{digits},"ht":1.70,"#);
        assert!(text("").contains(&expected), "{expected} in {}", text(""));
    }
    // An older weight that arrives later is not the last one.
    app.stores(&anna, &[crate::app::weight(NOW - 100, 50_000)]);
    assert!(text("").contains(r#""wt":66.0,"#));
}

#[test]
fn a_profile_has_the_age_of_the_persons_day() {
    let app = App::new();
    let born = |day: &str, zone: &str, name: &str| {
        app.account(NewAccount {
            time_zone: Some(zone.to_owned()),
            birth_date: Some(day.parse().unwrap()),
            ..new(name)
        })
    };
    // It is the 21st of September, except in Kiritimati.
    for (number, day, zone, age) in [
        (1, "1980-09-21", "Europe/Paris", 46),
        (2, "1980-09-22", "Europe/Paris", 45),
        (3, "1980-09-22", "Pacific/Kiritimati", 46),
    ] {
        let person = born(day, zone, &format!("person{number}"));
        let body = app.scale(number, &[&person]).begins("");
        assert_eq!(body["sp"]["users"][0]["agt"], age, "{day} {zone}");
    }
}

#[test]
fn the_clock_of_a_scale_is_told_the_next_change() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.account(new("ben")));
    let (paris, utc) = (app.scale(1, &[&anna]), app.scale(2, &[&ben]));
    let clock = |body: &Value| (body["syp"]["utc"].clone(), body["ctp"].clone());
    let summer = json!({"goff": 7_200, "dst": WINTER, "ngoff": 3_600});
    let winter = json!({"goff": 3_600, "dst": SUMMER, "ngoff": 7_200});
    assert_eq!(clock(&paris.begins("")), (json!(NOW), summer.clone()));
    app.waits(u32::try_from(WINTER - NOW - 1).unwrap());
    assert_eq!(clock(&paris.begins("")), (json!(WINTER - 1), summer));
    app.waits(1);
    assert_eq!(clock(&paris.begins("")), (json!(WINTER), winter));
    let never = json!({"goff": 0, "dst": 0, "ngoff": 0});
    assert_eq!(clock(&utc.begins("")), (json!(WINTER), never));
}

#[test]
fn an_unknown_or_contradictory_hardware_address_is_refused() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let call = |form: &str| app.scale_call("/cgi-bin/session", &format!("action=new&{form}"));
    assert_names(&call("auth=00:24:e4:00:00:99"), "macaddress");
    assert_names(&call(""), "auth");
    assert_names(&call("auth=&macaddress=00:24:e4:00:00:01"), "auth");
    assert_names(&call("auth=00:24:e4"), "macaddress");
    assert_names(&call(&format!("auth={}&macaddress=x", scale.mac)), "macaddress");
    assert_names(&call(&format!("auth={}&macaddress=00:24:e4:00:00:02", scale.mac)), "auth");
    for spelling in ["00:24:e4:00:00:01", "0024e4000001", "00-24-E4-00-00-01"] {
        assert_eq!(status(&call(&format!("auth={spelling}"))), 0, "{spelling}");
    }
    let planted = call("auth=s3cr3t-7f9c");
    assert!(!error(&planted).contains("s3cr3t"), "{planted}");
}

#[test]
fn a_session_is_of_one_device_and_lasts_an_hour() {
    let app = App::new();
    let anna = app.person("anna");
    let (scale, other) = (app.scale(1, &[&anna]), app.scale(2, &[&anna]));
    let session = scale.session();
    let store = |session: &str, mac: &str| {
        let measures = percent(&weights(&[64_000]));
        let form = format!(
            "action=store&sessionid={session}&macaddress={mac}&userid=0&meastime={NOW}\
             &attribstatus=1&measures={measures}"
        );
        let answer = app.scale_call("/cgi-bin/measure", &form);
        (status(&answer), answer["error"].as_str().map(str::to_owned))
    };
    let refused = (401, Some(INVALID_TOKEN.to_owned()));
    assert_eq!(store(&session, &other.mac), refused);
    assert_eq!(store("0123456789abcdef0123456789abcdef01234567", &scale.mac), refused);
    assert!(groups(&app.measures(&anna, "")).is_empty());
    app.waits(u32::try_from(SESSION_SECONDS).unwrap() - 1);
    assert_eq!(store(&session, &scale.mac), (0, None));
    app.waits(1);
    assert_eq!(store(&session, &scale.mac), refused);
    assert_names(&app.scale_call("/cgi-bin/measure", "action=store"), "sessionid");
    assert_names(&app.scale_call("/cgi-bin/session", "action=delete"), "sessionid");
}

#[test]
fn two_sessions_of_a_scale_end_by_themselves() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let (one, other) = (scale.session(), scale.session());
    assert_ne!(one, other);
    let end = |session: &str| {
        let form = format!("action=delete&sessionid={session}");
        status(&app.scale_call("/cgi-bin/session", &form))
    };
    assert_eq!((end(&one), end(&one), end(&other)), (0, 401, 0));
}

#[test]
fn measures_that_cannot_be_read_are_refused_by_name_and_store_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let many = weights(&[64_000; 257]);
    for measures in [
        "",
        "x",
        "[]",
        "{}",
        r#"{"measures":{}}"#,
        r#"{"measures":[]}"#,
        r#"{"measures":[5]}"#,
        r#"{"measures":[{"value":66.85,"type":1,"unit":0}]}"#,
        r#"{"measures":[{"value":66850.0,"type":1,"unit":-3}]}"#,
        r#"{"measures":[{"value":66850,"type":1.0,"unit":-3}]}"#,
        r#"{"measures":[{"value":66850,"type":1,"unit":-3.5}]}"#,
        r#"{"measures":[{"value":66850,"type":1,"unit":-3000}]}"#,
        r#"{"measures":[{"value":"66850","type":1,"unit":-3}]}"#,
        r#"{"measures":[{"value":66850,"type":1}]}"#,
        r#"{"measures":[{"value":99999999999999999999,"type":1,"unit":-3}]}"#,
        r#"{"measures":[{"value":66850,"type":1,"unit":-3},{"value":1e3,"type":6,"unit":0}]}"#,
        r#"{"measures":[{"value":66850,"type":1,"unit":-3}]} x"#,
        &many,
    ] {
        let answer = scale.sends(NOW, measures, "userid=0&attribstatus=0");
        assert_names(&answer, "measures");
        assert!(!error(&answer).contains("66"), "{answer}");
    }
    assert!(groups(&app.measures(&anna, "")).is_empty());
    let most = weights(&[64_000; 256]);
    assert_eq!(status(&scale.sends(NOW, &most, "userid=0&attribstatus=0")), 0);
    assert_eq!(groups(&app.measures(&anna, ""))[0]["measures"].as_array().unwrap().len(), 256);
}

#[test]
fn other_parameters_that_cannot_be_read_are_refused_by_name() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let (session, measures) = (scale.session(), percent(&weights(&[64_000])));
    let call = |form: &str| {
        let form = format!("action=store&sessionid={session}&measures={measures}&{form}");
        app.scale_call("/cgi-bin/measure", &form)
    };
    assert_names(&call("userid=0"), "meastime");
    assert_names(&call("userid=0&meastime="), "meastime");
    assert_names(&call("userid=0&meastime=yesterday"), "meastime");
    assert_names(&call("userid=0&meastime=1790000000.5"), "meastime");
    assert_names(&call(&format!("userid=anna&meastime={NOW}")), "userid");
    assert_names(&call(&format!("attribstatus=maybe&meastime={NOW}")), "attribstatus");
    assert_names(&call(&format!("macaddress=x&meastime={NOW}")), "macaddress");
    assert!(groups(&app.measures(&anna, "")).is_empty());
}

#[test]
fn an_unknown_measure_is_stored_and_served_as_it_came() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let measures = json!({"measures": [
        {"value": -9_223_372_036_854_775_808_i64, "type": 54_321, "unit": -128, "algo": 1, "fm": 2,
         "position": 3, "apppfmid": 4, "appliver": 5, "later": {"x": [1.5]}},
        {"value": 0, "type": -7, "unit": 127},
    ]});
    let opinion = format!("userid={}&attribstatus=0", anna.id);
    assert_eq!(status(&scale.sends(NOW, &measures.to_string(), &opinion)), 0);
    let answer = app.measures(&anna, "");
    let expected = json!([
        {"value": i64::MIN, "type": 54_321, "unit": -128, "algo": 1, "fm": 2, "position": 3,
         "apppfmid": 4, "appliver": 5},
        {"value": 0, "type": -7, "unit": 127, "algo": 0, "fm": 3},
    ]);
    assert_eq!(groups(&answer)[0]["measures"], expected);
    assert_eq!(dates(&app, &anna, "meastype=54321"), [NOW]);
}

fn dates(app: &App, anna: &api::admin::Account, form: &str) -> Vec<i64> {
    crate::app::dates(&app.measures(anna, form))
}

#[test]
fn a_repeat_is_answered_alike_and_stored_once() {
    let app = App::new();
    let anna = app.person("anna");
    let (scale, other) = (app.scale(1, &[&anna]), app.scale(2, &[&anna]));
    let opinion = format!("userid={}&attribstatus=0", anna.id);
    for _ in 0..3 {
        scale.weighs_for(&opinion, NOW - 10, 64_000);
        app.waits(100);
    }
    assert_eq!(dates(&app, &anna, ""), [NOW - 10]);
    // Another second, another weight, another scale: no repeats.
    scale.weighs_for(&opinion, NOW - 9, 64_000);
    scale.weighs_for(&opinion, NOW - 10, 64_001);
    other.weighs_for(&opinion, NOW - 10, 64_000);
    assert_eq!(dates(&app, &anna, ""), [NOW - 9, NOW - 10, NOW - 10, NOW - 10]);
    let answer = app.measures(&anna, "");
    let created: Vec<_> = groups(&answer).iter().map(|group| group["created"].as_i64()).collect();
    assert_eq!(created, [300, 300, 300, 0].map(|after| Some(NOW + after)));
}

#[test]
fn what_a_scale_says_of_itself_is_bounded() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = app.scale(1, &[&anna]);
    let firmware = || {
        let devices = app.does(|tx| api::admin::list_devices(tx, domain::DeviceId(0)));
        devices[0].device.firmware.clone()
    };
    assert_eq!(firmware(), None);
    scale.begins("currentfw=200");
    assert_eq!(firmware().as_deref(), Some("200"));
    scale.begins("currentfw=");
    assert_eq!(firmware().as_deref(), Some("200"));
    scale.begins(&format!("currentfw={}", "A".repeat(1_000)));
    assert_eq!(firmware(), Some("A".repeat(32)));
    // It is shown on terminals.
    scale.begins("currentfw=2%1B[31m0%0A0%C3%A9");
    assert_eq!(firmware().as_deref(), Some("2[31m00"));
}

#[test]
fn the_answers_keys_stand_in_the_order_of_the_recorded_ones() {
    let app = App::new();
    let anna = app.person("anna");
    let body = app.scale(1, &[&anna]).begins("");
    assert_eq!(keys(&body), ["sessionid", "sp", "ind", "syp", "ctp"]);
    assert_eq!(keys(&body["ctp"]), ["goff", "dst", "ngoff"]);
}
