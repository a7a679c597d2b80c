//! What partners do for people whose accounts they make: accounts, features of devices, the end of
//! a programme.

use crate::app::{App, CALLBACK, NOW, Program, assert_names, error, status};
use crate::sync::Bridge;
use crate::told::reads;
use api::admin::Account;
use api::operation::Entry;
use domain::device::Sim;
use form_urlencoded::Serializer;
use serde_json::{Value, json};
use store::{application, device, measure, partner, person};

/// The hardware address of the scale of a good call.
pub(crate) const SCALE: &str = "00:24:e4:00:00:60";

/// What a good call of these operations says besides its credential; none for others.
pub(crate) fn good_form(app: &App, person: &Account, entry: &Entry) -> Option<String> {
    Some(match (entry.service(), entry.action.unwrap()) {
        ("user", "activate") => {
            app.registers(SCALE, 17);
            member("nina", SCALE)
        }
        ("dropshipment", "createuserorder") => {
            app.sells_scales();
            let name = app.fresh_ref();
            let orders = crate::orders::list(&[crate::orders::order(&name)]);
            format!("{}&order={orders}", member("nina", SCALE))
        }
        ("user", "get") => {
            app.owns(person);
            format!("userid={}", person.id)
        }
        ("device", "enablefeature" | "disablefeature") => {
            app.owns(person);
            format!("feature_name=feature_pwv&userid={}&model=17", person.id)
        }
        ("device", "getfeatures") => {
            app.owns(person);
            format!("userid={}&model=17", person.id)
        }
        ("device", "endpartnerprogram") => {
            app.registers(SCALE, 17);
            format!("mac_address={SCALE}&status=STANDBY")
        }
        _ => return None,
    })
}

/// The form of an account for somebody with a device.
pub(crate) fn member(name: &str, mac: &str) -> String {
    let email = format!("{name}@example.com");
    let macs = json!([mac]).to_string();
    let (measures, units) = (measures(168, 71_500), r#"{"weight":1,"height":6}"#);
    let mut form = Serializer::new(String::new());
    for (name, text) in [
        ("mailingpref", "0"),
        ("birthdate", "-320630400"),
        ("measures", measures.as_str()),
        ("gender", "1"),
        ("preflang", "fr_FR"),
        ("unit_pref", units),
        ("email", email.as_str()),
        ("timezone", "Europe/Paris"),
        ("shortname", "NIN"),
        ("external_id", name),
        ("mac_addresses", macs.as_str()),
    ] {
        form.append_pair(name, text);
    }
    form.finish()
}

fn measures(height_cm: i64, weight_g: i64) -> String {
    let height = json!({ "value": height_cm, "unit": -2, "type": 4 });
    json!([height, { "value": weight_g, "unit": -3, "type": 1 }]).to_string()
}

/// A form with another text for some of its parameters.
pub(crate) fn with(form: &str, changes: &[(&str, &str)]) -> String {
    let kept = form_urlencoded::parse(form.as_bytes());
    let kept = kept.filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    Serializer::new(String::new()).extend_pairs(kept).extend_pairs(changes).finish()
}

impl App {
    /// Says that the account is one the application of the test made.
    pub(crate) fn owns(&self, person: &Account) {
        let (id, client) = (person.id, self.program.id.clone());
        self.does(move |tx| person::set_owner(tx, id, Some(&client)));
    }

    /// Registers a device for the organization of the application of the test.
    pub(crate) fn registers(&self, mac: &'static str, model: i64) {
        let client = self.program.id.clone();
        self.does(move |tx| {
            let id = device::register(tx, mac.parse().unwrap(), model, "Europe/Paris")?;
            let organization = application::find(tx, &client)?.unwrap().about.organization;
            device::describe(tx, id, organization, Some("S-1001"))
        });
    }

    /// A signed call of a partner.
    #[track_caller]
    pub(crate) fn signs(&self, path: &str, action: &str, form: &str) -> Value {
        self.signs_as(&self.program, path, action, form)
    }

    #[track_caller]
    pub(crate) fn signs_as(&self, by: &Program, path: &str, action: &str, form: &str) -> Value {
        let proof = self.signed(by, action);
        self.call(path, &format!("action={action}&{proof}&{form}"), None)
    }

    fn activates(&self, form: &str) -> Value {
        self.signs("/v2/user", "activate", form)
    }
}

#[test]
fn an_account_is_made_with_its_devices_and_its_code_opens_it() {
    let app = App::new();
    app.registers(SCALE, 17);
    let answer = app.activates(&with(
        &member("nina", SCALE),
        &[
            ("firstname", "Nina"),
            ("phonenumber", "+33612345678"),
            ("goals", r#"{"steps":8000,"weight":{"value":68,"unit":0}}"#),
        ],
    ));
    assert_eq!(status(&answer), 0, "{answer}");
    assert_eq!(answer["body"]["user"]["external_id"], "nina");
    let scale = &answer["body"]["devices"][0];
    assert_eq!((&scale["mac_address"], &scale["model_id"]), (&json!(SCALE), &json!(17)));
    assert_eq!(scale["serial_number"], "S-1001");
    let code = answer["body"]["user"]["code"].as_str().unwrap().to_owned();
    app.waits(599);
    let form = format!(
        "action=requesttoken&{}&grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}",
        app.program.credentials()
    );
    let tokens = app.call("/v2/oauth2", &form, None);
    let token = tokens["body"]["access_token"].as_str().unwrap();
    let devices = app.call("/v2/user", "action=getdevice", Some(token));
    let scale = &devices["body"]["devices"][0];
    assert_eq!((&scale["sim_status"], &scale["mac_address"]), (&json!("ACTIVE"), &json!(SCALE)));
    let goals = app.call("/v2/user", "action=getgoals", Some(token));
    assert_eq!(goals["body"]["goals"]["steps"], 8_000);
    let weights = app.call("/measure", "action=getmeas&meastype=1&category=1", Some(token));
    assert_eq!(weights["body"]["measuregrps"][0]["measures"][0]["value"], 71_500, "{weights}");
    let found = app.signs("/v2/user", "get", "email=NINA@example.com");
    let expected = json!({
        "email": "nina@example.com", "firstname": "Nina", "lastname": "NIN", "shortname": "NIN",
        "gender": 1, "birthdate": -320_630_400, "preflang": "fr_FR", "timezone": "Europe/Paris",
        "mailingpref": false,
        "unit_pref": { "weight": 1, "height": 6, "temperature": 11, "distance": 6 },
        "phonenumber": "+33612345678",
    });
    assert_eq!(found["body"]["user"], expected);
}

#[test]
fn the_same_address_finds_the_account_again() {
    let app = App::new();
    app.registers(SCALE, 17);
    app.registers("00:24:e4:00:00:61", 47);
    let first = app.activates(&member("nina", SCALE));
    assert_eq!(status(&first), 0, "{first}");
    let id = |email: &'static str| app.does(move |tx| person::find_by_email(tx, email)).unwrap().id;
    let before = id("nina@example.com");
    let form = member("NINA", "00:24:e4:00:00:61");
    let again = app.activates(&with(&form, &[("external_id", "nina"), ("shortname", "NNA")]));
    assert_eq!(status(&again), 0, "{again}");
    assert_ne!(again["body"]["user"]["code"], first["body"]["user"]["code"]);
    let user = id("nina@example.com");
    assert_eq!(user, before);
    let (person, devices, groups) = app.does(move |tx| {
        let filter = measure::Filter::default();
        Ok((
            person::get(tx, user)?,
            device::of_user(tx, user)?,
            measure::page(tx, user, &filter, None, 10)?.groups,
        ))
    });
    assert_eq!((person.short_name.as_str(), devices.len()), ("NNA", 2));
    assert_eq!(groups.len(), 2, "what is said again is not stored again");
    // What an application calls somebody it calls nobody else.
    let other = member("otto", "00:24:e4:00:00:61");
    assert_names(&app.activates(&with(&other, &[("external_id", "nina")])), "external_id");
    // A device is one person's.
    assert_names(&app.activates(&other), "mac_addresses");
    assert_eq!(app.does(|tx| person::find_by_email(tx, "otto@example.com")), None);
}

#[test]
fn an_account_that_others_made_is_refused_like_any_address_that_is_taken() {
    let app = App::new();
    app.registers(SCALE, 17);
    let stranger = app.person("nina");
    let answer = app.activates(&member("nina", SCALE));
    assert_eq!((status(&answer), error(&answer)), (503, "Invalid Params: invalid email"));
    let kept = app.does(move |tx| person::get(tx, stranger.id));
    assert_eq!((kept.owner, kept.short_name), (None, stranger.short_name));
    for form in ["email=nina@example.com", "email=nobody@example.com"] {
        let found = app.signs("/v2/user", "get", form);
        assert_eq!((status(&found), error(&found)), (503, "Invalid Params: invalid email"));
    }
    assert_names(&app.signs("/v2/user", "get", ""), "email or userid");
}

#[test]
fn an_account_that_was_claimed_is_its_persons_to_describe() {
    let app = App::new();
    app.registers(SCALE, 17);
    app.activates(&member("nina", SCALE));
    let user = app.does(|tx| person::find_by_email(tx, "nina@example.com")).unwrap().id;
    app.does(move |tx| person::set_password(tx, user, "a hash"));
    let again = app.activates(&with(&member("nina", SCALE), &[("shortname", "XXX")]));
    assert_eq!(status(&again), 0, "{again}");
    assert_eq!(app.does(move |tx| person::get(tx, user)).short_name, "NIN");
}

#[test]
fn whatever_is_wrong_with_an_account_is_named_and_nothing_is_made() {
    let app = App::new();
    app.registers(SCALE, 17);
    let form = member("nina", SCALE);
    let floats = r#"[{"value":1.68,"unit":0,"type":4},{"value":71,"unit":0,"type":1}]"#;
    let (small, heavy) = (measures(9, 71_500), measures(168, 600_001));
    let long = "x".repeat(200);
    for (name, texts) in [
        ("mailingpref", vec!["2", "yes"]),
        ("birthdate", vec!["0x0", "1e9", "4102444800", "1850-01-01"]),
        ("measures", vec![floats, "[]", "{}", "nonsense", &small, &heavy]),
        ("gender", vec!["2", "-1", "f"]),
        ("preflang", vec!["f", "french!", &long]),
        ("unit_pref", vec!["1", r#"{"weight":2.0}"#, r#"{"weight":6}"#]),
        ("email", vec!["nina", "nina@", "Nina <nina@example.com>", &long]),
        ("timezone", vec!["Europe", "UTC+1", "Mars/Olympus"]),
        ("shortname", vec!["NI", "NINA", "N A", "N-A"]),
        ("external_id", vec![&long]),
        ("mac_addresses", vec!["[]", "[1]", "00:24", "00:24:e4:ff:ff:ff"]),
        ("firstname", vec![&long, "a\tb"]),
        ("lastname", vec![&long]),
        ("phonenumber", vec!["0612345678", "+999123456789", "call me"]),
        ("recovery_code", vec!["12345", &long]),
        ("goals", vec!["[]", r#"{"steps":-1}"#, r#"{"weight":{"value":70.5,"unit":0}}"#]),
        ("redirect_uri", vec!["https://elsewhere.example/", "app.example"]),
    ] {
        for text in texts {
            assert_names(&app.activates(&with(&form, &[(name, text)])), name);
        }
    }
    let answer = app.activates(&with(&form, &[("measures", floats)]));
    assert!(error(&answer).contains("whole number"), "{answer}");
    assert_eq!(app.does(|tx| person::find_by_email(tx, "nina@example.com")), None);
    // A code that is bound to an address comes with that address alone.
    let answer = app.activates(&with(&form, &[("redirect_uri", CALLBACK)]));
    let code = answer["body"]["user"]["code"].as_str().unwrap();
    for (address, expected) in [("https://app.example/callback/other", 503), (CALLBACK, 503)] {
        // The first try burns it: a code is good for one.
        let form = format!(
            "action=requesttoken&{}&grant_type=authorization_code&code={code}&redirect_uri={address}",
            app.program.credentials()
        );
        assert_eq!(status(&app.call("/v2/oauth2", &form, None)), expected);
    }
}

#[test]
fn what_a_person_can_claim_the_account_with_is_sealed() {
    let app = App::new();
    app.registers(SCALE, 17);
    let form = with(&member("nina", SCALE), &[("recovery_code", "open sesame")]);
    assert_eq!(status(&app.activates(&form)), 0);
    let user = app.does(|tx| person::find_by_email(tx, "nina@example.com")).unwrap().id;
    let code = app.does(move |tx| partner::recovery(tx, user));
    assert_eq!(code.as_deref(), Some("open sesame"));
}

/// A scale of people, registered for the application's organization, that can be programmed.
fn scale<'a>(app: &'a App, model: i64, people: &[&Account]) -> Bridge<'a> {
    let bridge = app.bridge_of(SCALE, model, people);
    app.registers(SCALE, model);
    bridge
}

#[test]
fn a_feature_reaches_the_device_in_its_next_sync() {
    let app = App::new();
    let anna = app.person("anna");
    app.owns(&anna);
    let scale = scale(&app, 17, &[&anna]);
    assert_eq!(scale.sends(&[])["body"].get("features"), None);
    let form = format!("feature_name=feature_eyes_closed_mode&userid={}&model=17", anna.id);
    let switch = |action: &str| assert_eq!(status(&app.signs("/v2/device", action, &form)), 0);
    let told = || scale.sends(&[])["body"]["features"].clone();
    let expected = |active: bool| {
        let name = "feature_eyes_closed_mode";
        json!([{ "userid": anna.id, "feature_name": name, "active": active }])
    };
    switch("enablefeature");
    assert_eq!(told(), expected(true));
    let listed = app.signs("/v2/device", "getfeatures", &format!("userid={}&model=17", anna.id));
    let listed = &listed["body"]["features"];
    let name = "feature_eyes_closed_mode";
    assert_eq!(listed, &json!([{ "feature_name": name, "active": true }]));
    app.waits(1);
    switch("disablefeature");
    assert_eq!(told(), expected(false));
    for (name, form) in [
        ("feature_name", format!("feature_name=feature_sleep_rx&userid={}&model=17", anna.id)),
        ("model", format!("feature_name=feature_pwv&userid={}&model=93", anna.id)),
        ("userid", format!("feature_name=feature_pwv&userid={}&model=17", app.person("ben").id)),
    ] {
        assert_names(&app.signs("/v2/device", "enablefeature", &form), name);
    }
}

#[test]
fn of_two_applications_the_later_choice_holds_and_each_lists_its_own() {
    let app = App::new();
    let anna = app.person("anna");
    let scale = scale(&app, 17, &[&anna]);
    let other = app.another_partner();
    app.token(&anna, "user.info");
    let (client, email) = (other.id.clone(), anna.email.clone());
    app.does(move |tx| api::admin::issue_token(tx, &client, &email, None));
    let form = format!("feature_name=feature_pwv&userid={}&model=17", anna.id);
    app.signs("/v2/device", "disablefeature", &form);
    app.waits(1);
    app.signs_as(&other, "/v2/device", "enablefeature", &form);
    assert_eq!(scale.sends(&[])["body"]["features"][0]["active"], true);
    let form = format!("userid={}&model=17", anna.id);
    let own = app.signs("/v2/device", "getfeatures", &form);
    assert_eq!(own["body"]["features"][0]["active"], false);
}

#[test]
fn a_programme_ends_and_the_device_is_told_and_leaves_it() {
    let app = App::new();
    let anna = app.person("anna");
    app.owns(&anna);
    let scale = scale(&app, 17, &[&anna]);
    let form = format!("feature_name=feature_pwv&userid={}&model=17", anna.id);
    app.signs("/v2/device", "enablefeature", &form);
    let end = |word: &str| {
        let form = format!("mac_address={SCALE}&status={word}");
        app.signs("/v2/device", "endpartnerprogram", &form)
    };
    let ended = end("TERMINATED");
    let date = NOW + 48 * 3_600;
    let terminated = json!({ "new_sim_status": "TERMINATED", "termination_date": date });
    assert_eq!(ended["body"], terminated);
    assert_eq!(scale.sends(&[])["body"]["program_ends"], date);
    // It can be undone for ten minutes; again is the same end.
    app.waits(599);
    assert_eq!(end("TERMINATED")["body"], terminated);
    assert_eq!(end("STANDBY")["body"], json!({ "new_sim_status": "STANDBY" }));
    assert_eq!(scale.sends(&[])["body"].get("program_ends"), None);
    assert_eq!(status(&end("TERMINATED")), 0);
    app.waits(600);
    assert_names(&end("STANDBY"), "status");
    assert_names(&end("ACTIVE"), "status");
    // Its applications can link it to nobody any more; it tells its person's data as before.
    let link = |person: &Account| {
        let form = format!("action=link&mac_addresses={SCALE}");
        app.call("/v2/user", &form, Some(&app.token(person, "user.info")))
    };
    assert_names(&link(&anna), "mac_addresses");
    let body = scale.sends(&[])["body"].clone();
    assert_eq!(body["features"].as_array().map(Vec::len), Some(1));
    // Raw data is the person's word, not the programme's.
    let raw = format!("action=activate&hash_deviceid={}&rawdata_type=1", scale.hash());
    reads(&app, &anna, "/v2/rawdata", &raw);
    app.waits(48 * 3_600);
    let left = scale.sends(&[])["body"].clone();
    assert_eq!(left.get("features"), None);
    assert_eq!(left["rawdata"][0]["rawdata_type"], 1);
    let token = app.token(&anna, "user.info");
    let devices = app.call("/v2/user", "action=getdevice", Some(&token));
    assert_eq!(devices["body"]["devices"][0]["sim_status"], "TERMINATED");
}

#[test]
fn only_devices_of_a_programme_leave_one() {
    let app = App::new();
    app.registers(SCALE, 93);
    app.registers("00:24:e4:00:00:61", 17);
    let end = |by: &Program, mac: &str| {
        let form = format!("mac_address={mac}&status=STANDBY");
        app.signs_as(by, "/v2/device", "endpartnerprogram", &form)
    };
    assert_names(&end(&app.program, SCALE), "mac_address");
    assert_names(&end(&app.program, "00:24:e4:00:00:62"), "mac_address");
    assert_names(&end(&app.program, "0024"), "mac_address");
    let foreign = end(&app.another_partner(), "00:24:e4:00:00:61");
    let unknown = end(&app.program, "00:24:e4:00:00:62");
    assert_eq!(foreign, unknown);
    let sim = |mac: &'static str| {
        app.does(move |tx| device::find_by_mac(tx, mac.parse().unwrap())).unwrap().sim
    };
    assert_eq!(sim("00:24:e4:00:00:61"), None);
    assert_eq!(status(&end(&app.program, "00:24:e4:00:00:61")), 0);
    assert_eq!(sim("00:24:e4:00:00:61"), Some(Sim::Standby));
}

#[test]
fn an_order_makes_the_account_and_the_devices_are_its_persons_when_they_are_shipped() {
    let app = App::new();
    app.sells_scales();
    let orders = |name: &str| crate::orders::list(&[crate::orders::order(name)]);
    let order = |who: &str, name: &str| {
        let form = format!("{}&order={}", member(who, SCALE), orders(name));
        app.signs("/v2/dropshipment", "createuserorder", &form)
    };
    let ordered = order("nina", "REF-1");
    assert_eq!(status(&ordered), 0, "{ordered}");
    assert_eq!(ordered["body"]["user"]["external_id"], "nina");
    assert_eq!(ordered["body"]["orders"][0]["status"], "VERIFIED");
    let user = app.does(|tx| person::find_by_email(tx, "nina@example.com")).unwrap().id;
    // A later order of the same person is the same account's; a name that is taken makes nothing.
    let again = order("nina", "REF-2");
    assert_ne!(again["body"]["user"]["code"], ordered["body"]["user"]["code"]);
    assert_names(&order("otto", "REF-2"), "order");
    assert_eq!(app.does(|tx| person::find_by_email(tx, "otto@example.com")), None);
    let id = ordered["body"]["orders"][0]["order_id"].as_str().unwrap().to_owned();
    app.does(move |tx| {
        let shipping = api::orders::Shipping {
            carrier: Some("UPS".to_owned()),
            devices: vec![api::orders::ShippedDevice {
                mac: SCALE.to_owned(),
                model: Some(17),
                ..Default::default()
            }],
            ..Default::default()
        };
        api::orders::ship(tx, id.parse().unwrap(), &shipping).map(|_| ())
    });
    let devices = app.does(move |tx| device::of_user(tx, user));
    assert_eq!((devices.len(), devices[0].sim), (1, Some(Sim::Active)));
}
