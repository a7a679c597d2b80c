//! Programmes of care: people are put into them, and what is then said of them.

use crate::app::{App, NOW, Program, assert_names, assert_refuses, by_hand, error, status};
use api::admin::{self, Account, NewProgram};
use domain::OrganizationId;
use domain::measure::{Measure, MeasureType};
use serde_json::{Value, json};

/// What a good call of `user addtorpm` says.
pub(crate) fn good_form(app: &App, person: &Account) -> String {
    app.grants(&app.program, person, "user.metrics");
    format!("userid={}&programid={}", person.id, app.care_program(&app.program))
}

impl App {
    fn own(&self, program: &Program) -> OrganizationId {
        self.organization(program).unwrap()
    }

    /// A programme of the organization of an application: its number.
    pub(crate) fn care_program(&self, program: &Program) -> i64 {
        let organization = self.own(program);
        self.does(move |tx| {
            let known = admin::list_programs(tx, 0)?;
            if let Some(known) = known.iter().find(|known| known.organization == organization) {
                return Ok(known.id);
            }
            let (name, time_zone) = ("Glucose Care Team".to_owned(), "Europe/Paris".to_owned());
            let new = NewProgram { organization, name, time_zone, cohort: Some(18_035) };
            Ok(admin::add_program(tx, &new)?.id)
        })
    }

    /// A diagnosis that the organization of an application knows: its number.
    pub(crate) fn diagnosis(&self, program: &Program, code: &'static str) -> i64 {
        let organization = self.own(program);
        self.does(move |tx| Ok(admin::add_codes(tx, organization, &[code.to_owned()])?[0].id))
    }

    #[track_caller]
    fn adds(&self, program: &Program, form: &str) -> Value {
        let proof = self.signed(program, "addtorpm");
        self.call("/v2/user", &format!("action=addtorpm&{proof}&{form}"), None)
    }
}

#[test]
fn a_person_is_put_into_a_programme_with_what_is_known_of_them() {
    let app = App::new();
    let anna = app.person("anna");
    let form = good_form(&app, &anna);
    let programid = app.care_program(&app.program);
    let answer = app.adds(&app.program, &form);
    let program = json!({
        "id": programid, "cohortid": 18_035, "name": "Glucose Care Team",
        "timezone": "Europe/Paris",
    });
    let user = json!({
        "preflang": "", "height": null, "sms_reminder": false, "sms_onboarding": false,
        "assistance_onboarding": false, "category": 0, "device_types": [], "device_models": [],
        "external_ids": [], "sms_notification": false, "icd_codes": [], "userid": anna.id,
    });
    assert_eq!(answer["body"], json!({ "user": user, "program": program }));
    // Now everything is said.
    app.stores(&anna, &[by_hand(NOW, &[Measure::new(MeasureType::HEIGHT, 170, -2)])]);
    app.bridge_of("00:24:e4:00:00:81", 47, &[&anna]);
    app.bridge_of("00:24:e4:00:00:82", 17, &[&anna]);
    app.bridge_of("00:24:e4:00:00:83", 18, &[&anna]);
    app.bridge_of("00:24:e4:00:00:84", 22, &[&anna]);
    let codes = ["I10", "E11.9"].map(|code| app.diagnosis(&app.program, code));
    let ids = json!([{ "type": "MRN", "identifier": "BB8C3P0R2D2" }]);
    let more = format!(
        "{form}&category=-6&sms_onboarding=1&assistance_onboarding=true\
         &icdcodeids=[{},{},{}]&external_ids={ids}",
        codes[1], codes[0], codes[1]
    );
    let answer = app.adds(&app.program, &more);
    let user = &answer["body"]["user"];
    let height = json!({ "value_measure": 170, "unit_measure": -2, "type_measure": 4 });
    assert_eq!((&user["height"], &user["category"]), (&height, &json!(-6)));
    assert_eq!(user["device_models"], json!([17, 18, 22, 47]));
    assert_eq!(user["device_types"], json!([1, 4]), "a camera has no number");
    assert_eq!((&user["icd_codes"], &user["external_ids"]), (&json!([codes[1], codes[0]]), &ids));
    assert_eq!((&user["sms_onboarding"], &user["sms_reminder"]), (&json!(true), &json!(false)));
    // What is left out stays, what is empty goes.
    let answer = app.adds(&app.program, &format!("{form}&icdcodeids=[]&sms_onboarding=f"));
    let user = &answer["body"]["user"];
    assert_eq!((&user["category"], &user["assistance_onboarding"]), (&json!(-6), &json!(true)));
    assert_eq!((&user["icd_codes"], &user["sms_onboarding"]), (&json!([]), &json!(false)));
    assert_eq!(user["external_ids"], ids);
}

#[test]
fn what_is_no_json_list_of_ids_is_named_and_nothing_is_kept() {
    let app = App::new();
    let anna = app.person("anna");
    let form = good_form(&app, &anna);
    let with = |ids: &str| app.adds(&app.program, &format!("{form}&external_ids={ids}"));
    for (ids, place) in [
        ("x", "external_ids"),
        ("{}", "external_ids"),
        ("[1]", "external_ids"),
        ("[{}]", "external_ids"),
        ("[{\"type\":\"MRN\"}]", "external_ids"),
        ("[{\"type\":\"MRN\",\"identifier\":7}]", "external_ids"),
        ("[{\"type\":\"MRN\",\"identifier\":\"1\",\"x\":1}]", "external_ids"),
        ("[{\"type\":\"\",\"identifier\":\"1\"}]", "external_ids[0].type"),
        ("[{\"type\":\"MRN\",\"identifier\":\"\"}]", "external_ids[0].identifier"),
    ] {
        assert_names(&with(ids), place);
    }
    let many = vec![json!({ "type": "MRN", "identifier": "s3cr3t" }); 33];
    let answer = with(&Value::from(many).to_string());
    assert_names(&answer, "external_ids");
    assert!(!error(&answer).contains("s3cr3t"), "{answer}");
    for (name, wrong) in [("category", "1"), ("category", "-5"), ("sms_onboarding", "perhaps")] {
        assert_names(&app.adds(&app.program, &format!("{form}&{name}={wrong}")), name);
    }
    let many: Vec<String> = (0..101).map(|id| id.to_string()).collect();
    let answer = app.adds(&app.program, &format!("{form}&icdcodeids={}", many.join(",")));
    assert_names(&answer, "icdcodeids");
    let (user, program) = (anna.id, app.care_program(&app.program));
    assert_eq!(app.does(move |tx| store::care::patient(tx, user, program)), None);
}

#[test]
fn what_is_another_organizations_is_like_nothing() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let other = app.another_partner();
    let form = good_form(&app, &anna);
    let (theirs, code) = (app.care_program(&other), app.diagnosis(&other, "I10"));
    let of = |user: &Account, program: i64| format!("userid={}&programid={program}", user.id);
    let own = app.care_program(&app.program);
    for (form, name) in [
        (of(&ben, own), "userid"),
        (of(&anna, theirs), "programid"),
        (of(&anna, 7), "programid"),
        (format!("{form}&icdcodeids={code}"), "icdcodeids"),
        (format!("{form}&icdcodeids=7"), "icdcodeids"),
    ] {
        let answer = app.adds(&app.program, &form);
        assert_eq!(error(&answer), format!("Invalid Params: invalid {name}"), "{form}");
    }
    assert_eq!(status(&app.adds(&app.program, &form)), 0);
}

#[test]
fn an_operator_makes_programmes_and_diagnoses() {
    let app = App::new();
    let organization = app.own(&app.program);
    let adds = |name: &str, zone: &str, cohort: Option<i64>| {
        let (name, time_zone) = (name.to_owned(), zone.to_owned());
        let new = NewProgram { organization, name, time_zone, cohort };
        app.tries(move |tx| admin::add_program(tx, &new))
    };
    assert_refuses(adds(" ", "UTC", None), "name");
    assert_refuses(adds("Team", "Mars/Olympus", None), "time-zone");
    assert_refuses(adds("Team", "UTC", Some(0)), "cohort");
    let made = [adds("Team", "europe/paris", None), adds("Team", "UTC", None)];
    let [first, second] = made.map(|made| made.unwrap());
    assert_eq!((first.time_zone.as_str(), second.time_zone.as_str()), ("Europe/Paris", "UTC"));
    assert_ne!((first.id, first.cohort), (second.id, second.cohort));
    let codes = |organization: OrganizationId, code: &'static str| {
        app.tries(move |tx| admin::add_codes(tx, organization, &[code.to_owned()]))
    };
    assert_refuses(codes(organization, "high"), "code");
    assert_refuses(codes(OrganizationId(1), "I10"), "organization");
    assert_eq!(codes(organization, "i10"), codes(organization, " I10"));
    assert_eq!(app.does(|tx| admin::list_codes(tx, 0)).len(), 1);
}
