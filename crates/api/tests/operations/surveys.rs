//! Surveys from the file to the answer: loaded, activated, asked by a device, made due by a
//! measure, answered, read, told.

use crate::app::{App, NOW, Program, assert_names, assert_refuses, error, status};
use crate::sync::Bridge;
use api::admin::{self, Account};
use domain::OrganizationId;
use serde_json::{Value, json};
use store::application;

const EXAMPLE: &str = include_str!("../../../../docs/examples/survey-high-blood-pressure.json");
/// The number of the survey of the example.
pub(crate) const ID: i64 = 120;

/// The survey of the documents under a number.
pub(crate) fn example(id: i64) -> Value {
    let mut example: Value = serde_json::from_str(EXAMPLE).unwrap();
    example["id"] = json!(id);
    example
}

/// What a good call of `survey` or `answers` says: there is a survey.
pub(crate) fn good_form(app: &App, person: &Account, service: &str, action: &str) -> String {
    app.loads(&app.program, example(ID));
    app.grants(&app.program, person, "user.metrics");
    match (service, action) {
        ("answers", _) => format!("userid={}&startdate=1", person.id),
        (_, "list") => String::new(),
        (_, "get" | "listusers") => format!("surveyid={ID}"),
        _ => format!("surveyid={ID}&userids={}", person.id),
    }
}

impl App {
    pub(crate) fn organization(&self, program: &Program) -> Option<OrganizationId> {
        let id = program.id.clone();
        self.does(move |tx| application::find(tx, &id)).unwrap().about.organization
    }

    /// Loads a survey for the organization of an application.
    pub(crate) fn loads(&self, program: &Program, survey: Value) {
        let organization = self.organization(program);
        self.does(move |tx| {
            let survey = admin::read_survey(survey.clone())?;
            admin::load_survey(tx, organization, &survey)
        });
    }

    /// The same for everybody.
    fn loads_for_all(&self, survey: Value) {
        self.does(move |tx| {
            let survey = admin::read_survey(survey.clone())?;
            admin::load_survey(tx, None, &survey)
        });
    }

    /// A signed call of `survey`.
    #[track_caller]
    fn surveys(&self, program: &Program, action: &str, form: &str) -> Value {
        let proof = self.signed(program, action);
        self.call("/v2/survey", &format!("action={action}&{proof}&{form}"), None)
    }

    /// The same, of the application of the test, which is not refused.
    #[track_caller]
    fn survey(&self, action: &str, form: &str) -> Value {
        let answer = self.surveys(&self.program, action, form);
        assert_eq!(status(&answer), 0, "{answer}");
        answer["body"].clone()
    }

    #[track_caller]
    pub(crate) fn answered(&self, program: &Program, form: &str) -> Value {
        let proof = self.signed(program, "get");
        self.call("/v2/answers", &format!("action=get&{proof}&{form}"), None)
    }

    /// Activates the survey of the example for people of the application of the test.
    pub(crate) fn questions(&self, people: &[&Account]) {
        self.loads(&self.program, example(ID));
        for person in people {
            self.grants(&self.program, person, "user.metrics,user.data");
        }
        let ids: Vec<String> = people.iter().map(|person| person.id.to_string()).collect();
        self.survey("activate", &format!("surveyid={ID}&userids={}", ids.join(",")));
    }

    /// A blood pressure monitor that asks surveys.
    pub(crate) fn cuff(&self, people: &[&Account]) -> Bridge<'_> {
        self.bridge_of("00:24:e4:00:00:80", 47, people)
    }

    fn speaks(&self, person: &Account, language: &'static str) {
        let user = person.id;
        self.does(move |tx| {
            let mut person = store::person::get(tx, user)?;
            person.taste.language = Some(language.to_owned());
            store::person::set_profile(tx, &person)
        });
    }
}

/// A reading of a cuff.
pub(crate) fn reading(id: &str, at: i64, systolic: i64) -> Value {
    let measures = json!([
        { "type": 10, "value": systolic, "unit": 0 },
        { "type": 9, "value": 80, "unit": 0 },
    ]);
    json!({ "id": id, "type": "measures", "taken_at": at, "measures": measures })
}

/// What somebody answers.
pub(crate) fn answered(id: &str, date: i64, answers: Value) -> Value {
    json!({ "id": id, "type": "survey", "surveyid": ID, "date": date, "answers": answers })
}

/// What a sync without records is told.
#[track_caller]
fn told(cuff: &Bridge<'_>) -> Value {
    let answer = cuff.sends(&[]);
    assert_eq!(status(&answer), 0, "{answer}");
    answer["body"].clone()
}

#[track_caller]
pub(crate) fn due(cuff: &Bridge<'_>) -> Vec<Value> {
    told(cuff)["due"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_survey_is_asked_after_a_measure_and_its_answer_is_told_and_read() {
    let app = App::new();
    let anna = app.person("anna");
    let cuff = app.cuff(&[&anna]);
    // Nothing is said of surveys where there are none.
    assert_eq!((&told(&cuff)["surveys"], &told(&cuff)["due"]), (&json!(null), &json!(null)));
    app.questions(&[&anna]);
    app.listens(&anna, &[60]);
    let asked = told(&cuff)["surveys"].clone();
    assert_eq!((&asked[0]["userid"], &asked[0]["surveyid"]), (&json!(anna.id), &json!(ID)));
    assert_eq!(asked[0]["trigger_type"], 10);
    let conditions = json!([{ "type": 10, "value": "180" }, { "type": 9, "value": "120" }]);
    assert_eq!(
        (&asked[0]["trigger_conditions"], &asked[0]["answer_type"]),
        (&conditions, &json!(1))
    );
    assert_eq!(asked[0]["data"][0]["suggestions"][0], json!({ "id": 1, "text": "Yes" }));
    assert_eq!(asked[0]["data"][1]["suggestions"], json!([]));
    // The limit itself is not above it.
    let answer = cuff.sends(&[reading("a", NOW - 120, 180)]);
    assert_eq!(answer["body"]["due"], json!(null));
    // The very answer that acknowledges the measure says what is due.
    let answer = cuff.sends(&[reading("b", NOW - 60, 185)]);
    let due = answer["body"]["due"].as_array().unwrap();
    let [due] = &due[..] else { panic!("{due:?}") };
    assert_eq!((&due["userid"], &due["surveyid"]), (&json!(anna.id), &json!(ID)));
    assert_eq!(due["expires"], NOW - 60 + 86_400);
    let grpid = due["grpid"].clone();
    let mut record = answered("c", NOW - 10, json!({ "q1": [1], "q3": [1, 3] }));
    record["grpid"] = grpid.clone();
    let answer = cuff.sends(std::slice::from_ref(&record));
    assert_eq!((&answer["body"]["stored"], &answer["body"]["due"]), (&json!(1), &json!(null)));
    // The same again is known, by its id and by its second.
    assert_eq!(cuff.counts(std::slice::from_ref(&record)), [0, 1, 0]);
    record["id"] = json!("d");
    assert_eq!(cuff.counts(&[record]), [0, 1, 0]);
    let read = app.answered(&app.program, &format!("userid={}&startdate={}", anna.id, NOW - 60));
    let expected = json!([{
        "surveyid": ID, "grpid": grpid, "answers": [{ "q1": [1], "q3": [1, 3] }],
        "timestamp": NOW - 10,
    }]);
    assert_eq!(read["body"]["answers"], expected);
    let (from, to) = (NOW - 10, NOW - 9);
    let told = format!("userid={}&appli=60&startdate={from}&enddate={to}", anna.id);
    assert_eq!(app.told(&app.program), [told]);
}

#[test]
fn a_survey_is_asked_in_the_persons_language() {
    let app = App::new();
    let anna = app.person("anna");
    app.speaks(&anna, "fr_FR");
    app.questions(&[&anna]);
    let asked = told(&app.cuff(&[&anna]))["surveys"].clone();
    assert_eq!(asked[0]["name"], "Tension élevée");
    assert_eq!(asked[0]["data"][0]["suggestions"][1], json!({ "id": 2, "text": "Non" }));
    let get =
        |lang: &str| app.survey("get", &format!("surveyid={ID}&lang={lang}"))["survey"].clone();
    assert_eq!(get("fr-CA")["data"][2]["title"], "Symptômes");
    assert_eq!(get("de"), get("en"));
    let survey = get("");
    assert_eq!(survey["name"], "High blood pressure");
    let words = ["trigger_type_name", "answer_type_name", "category_name"].map(|key| &survey[key]);
    assert_eq!(words, ["threshold_above", "various_choice", "symptom"]);
    for wrong in ["english", "f", "fr_", &"fr_".repeat(20)] {
        let answer = app.surveys(&app.program, "get", &format!("surveyid={ID}&lang={wrong}"));
        assert_names(&answer, "lang");
    }
}

#[test]
fn old_measures_wishes_and_other_models_ask_nothing() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.questions(&[&anna, &ben]);
    let cuff = app.cuff(&[&anna]);
    cuff.stores(&[reading("a", NOW - 86_400, 185)]);
    assert!(due(&cuff).is_empty(), "a day old");
    cuff.stores(&[reading("b", NOW - 86_399, 185)]);
    assert_eq!(due(&cuff).len(), 1);
    app.waits(1);
    assert!(due(&cuff).is_empty(), "over");
    let wish = store::measure::NewGroup {
        category: domain::measure::Category(2),
        ..crate::app::by_hand(NOW, &[systolic(200)])
    };
    app.stores(&anna, &[wish]);
    assert!(due(&cuff).is_empty(), "a wish");
    // Whatever brings a measure makes a survey due; other models are told nothing of it.
    app.stores(&anna, &[crate::app::by_hand(NOW, &[systolic(200)])]);
    assert_eq!(due(&cuff).len(), 1);
    let watch = app.watch(&[&anna, &ben]);
    let other = told(&watch);
    assert_eq!((&other["surveys"], &other["due"]), (&json!(null), &json!(null)));
}

pub(crate) fn systolic(value: i64) -> domain::measure::Measure {
    domain::measure::Measure::new(domain::measure::MeasureType::SYSTOLIC, value, 0)
}

#[test]
fn what_is_deactivated_is_not_asked_and_its_answers_stay() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.questions(&[&anna, &ben]);
    let cuff = app.cuff(&[&anna]);
    cuff.stores(&[reading("a", NOW - 60, 185), answered("b", NOW - 30, json!({ "q1": [1] }))]);
    cuff.stores(&[reading("c", NOW, 185)]);
    assert_eq!(due(&cuff).len(), 1);
    let users = || app.survey("listusers", &format!("surveyid={ID}"))["users"].clone();
    let mut ids = [anna.id, ben.id];
    ids.sort();
    let both = json!(ids.map(|id| json!({ "userid": id, "activation_date": NOW })));
    assert_eq!(users(), both);
    app.waits(10);
    let form = format!("surveyid={ID}&userids[]={}&userids[]={}", anna.id, anna.id);
    app.survey("activate", &form);
    assert_eq!(users(), both, "active already");
    app.survey("deactivate", &form);
    app.survey("deactivate", &form);
    assert_eq!(users().as_array().unwrap().len(), 1);
    assert!(due(&cuff).is_empty());
    assert_eq!(told(&cuff)["surveys"], json!(null));
    let read = app.answered(&app.program, &format!("userid={}&startdate=1", anna.id));
    assert_eq!(read["body"]["answers"].as_array().unwrap().len(), 1);
    // An answer on its way is kept.
    assert_eq!(cuff.stores(&[answered("d", NOW + 5, json!({ "q1": [2] }))]), 1);
    // Again: from now on. What was due before is not any more.
    app.survey("activate", &format!("surveyid={ID}&userids=[{}]", anna.id));
    assert!(due(&cuff).is_empty());
    let list = users();
    let mut list = list.as_array().unwrap().iter();
    let again = list.find(|user| user["userid"] == json!(anna.id)).unwrap();
    assert_eq!(again["activation_date"], NOW + 10);
}

#[test]
fn the_names_of_the_guide_do_the_same_and_sign_themselves() {
    let app = App::new();
    let anna = app.person("anna");
    app.loads(&app.program, example(ID));
    app.grants(&app.program, &anna, "user.metrics");
    let form = format!("surveyid={ID}&userids={}", anna.id);
    let users = || app.survey("listusers", &format!("surveyid={ID}"))["users"].clone();
    app.survey("addusers", &form);
    assert_eq!(users()[0]["userid"], json!(anna.id));
    app.survey("removeusers", &form);
    assert_eq!(users(), json!([]));
    // What is signed is what is sent.
    for (signed, sent) in [("activate", "addusers"), ("addusers", "activate")] {
        let proof = app.signed(&app.program, signed);
        let answer = app.call("/v2/survey", &format!("action={sent}&{proof}&{form}"), None);
        assert_eq!(status(&answer), 342, "{answer}");
    }
    // The names are those of surveys alone.
    let proof = app.signed(&app.program, "addusers");
    let answer = app.call("/v2/rawdata", &format!("action=addusers&{proof}&{form}"), None);
    assert_eq!(status(&answer), 2554, "{answer}");
}

#[test]
fn an_organization_sees_its_own_surveys_and_everybodys() {
    let app = App::new();
    let anna = app.person("anna");
    let other = app.another_partner();
    app.grants(&other, &anna, "user.metrics");
    app.questions(&[&anna]);
    app.loads(&other, example(7));
    app.loads_for_all(example(300));
    let listed = |program: &Program| -> Vec<i64> {
        let answer = app.surveys(program, "list", "");
        let surveys = answer["body"]["surveys"].as_array().unwrap();
        assert!(surveys.iter().all(|survey| survey["answers_type"] == 1), "{answer}");
        surveys.iter().map(|survey| survey["id"].as_i64().unwrap()).collect()
    };
    assert_eq!((listed(&app.program), listed(&other)), (vec![ID, 300], vec![7, 300]));
    let users = format!("&userids={}", anna.id);
    for action in ["get", "listusers", "activate", "deactivate"] {
        let [theirs, nothing] = ["7", "8"]
            .map(|id| app.surveys(&app.program, action, &format!("surveyid={id}{users}")));
        assert_eq!(error(&theirs), "Invalid Params: invalid surveyid");
        assert_eq!(theirs, nothing, "{action}");
    }
    // Answers: of an own survey all, of everybody's those that the application asked for.
    let cuff = app.cuff(&[&anna]);
    app.survey("activate", &format!("surveyid=300{users}"));
    let mut record = answered("a", NOW, json!({ "q1": [1] }));
    record["surveyid"] = json!(300);
    cuff.stores(&[answered("b", NOW, json!({ "q1": [1] })), record]);
    let read = |program: &Program, more: &str| -> Vec<i64> {
        let form = format!("userid={}&startdate=1{more}", anna.id);
        let answer = app.answered(program, &form);
        let answers = answer["body"]["answers"].as_array().unwrap();
        answers.iter().map(|answer| answer["surveyid"].as_i64().unwrap()).collect()
    };
    assert_eq!(read(&app.program, ""), [ID, 300]);
    assert_eq!(read(&app.program, "&surveyid=300"), [300]);
    assert_eq!(read(&other, ""), [0; 0]);
    assert_eq!(read(&other, "&surveyid=300"), [0; 0]);
    let asked = format!("userid={}&startdate=1&surveyid={ID}", anna.id);
    assert_names(&app.answered(&other, &asked), "surveyid");
    // A withdrawn survey is one of nothing, but for its answers.
    app.does(|tx| admin::withdraw_survey(tx, 300));
    assert_eq!(listed(&app.program), [ID]);
    let answer = app.surveys(&app.program, "get", "surveyid=300");
    assert_eq!(error(&answer), "Invalid Params: invalid surveyid");
    assert_eq!(read(&app.program, "&surveyid=300"), [300]);
    assert_eq!(told(&cuff)["surveys"].as_array().unwrap().len(), 1);
}

#[test]
fn a_person_who_takes_back_what_an_application_could_see_is_asked_no_longer() {
    let app = App::new();
    let anna = app.person("anna");
    app.questions(&[&anna]);
    let cuff = app.cuff(&[&anna]);
    cuff.stores(&[reading("a", NOW, 185)]);
    let (client, user) = (app.program.id.clone(), anna.id);
    app.does(move |tx| store::grant::revoke(tx, &client, user));
    let told = told(&cuff);
    assert_eq!((&told["surveys"], &told["due"]), (&json!(null), &json!(null)));
    let answer = app.answered(&app.program, &format!("userid={}&startdate=1", anna.id));
    assert_eq!(error(&answer), "Invalid Params: invalid userid");
    assert_eq!(app.survey("listusers", &format!("surveyid={ID}"))["users"], json!([]));
}

#[test]
fn what_names_nothing_is_refused_and_nobody_is_asked() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.questions(&[&anna]);
    let unactivated = || app.survey("listusers", &format!("surveyid={ID}"))["users"].clone();
    let before = unactivated();
    app.survey("deactivate", &format!("surveyid={ID}&userids={}", anna.id));
    for wrong in ["x", "-1", "+1", "1.5", "0x1", " ", "99999999999999999999", "1,2", "[1]"] {
        let form = format!("surveyid={wrong}&userids={}", anna.id);
        assert_names(&app.surveys(&app.program, "activate", &form), "surveyid");
    }
    // All of them, or none: somebody else's person is like nobody.
    let [theirs, nobody] = [ben.id.0, 2_000_000_000].map(|id| {
        let form = format!("surveyid={ID}&userids={},{id}", anna.id);
        app.surveys(&app.program, "activate", &form)
    });
    assert_eq!(error(&theirs), "Invalid Params: invalid userids");
    assert_eq!(theirs, nobody);
    for wrong in ["[]", "x", "0", "-1"] {
        let form = format!("surveyid={ID}&userids={wrong}");
        assert_names(&app.surveys(&app.program, "activate", &form), "userids");
    }
    let many: Vec<String> = (1..=1_001).map(|id| id.to_string()).collect();
    let form = format!("surveyid={ID}&userids={}", many.join(","));
    assert_names(&app.surveys(&app.program, "activate", &form), "userids");
    assert_eq!(unactivated(), json!([]));
    assert_eq!(before[0]["userid"], json!(anna.id));
    let of = format!("userid={}", anna.id);
    for (form, name) in [
        (format!("{of}&startdate=2&enddate=1"), "enddate"),
        (format!("{of}&startdate=monday"), "startdate"),
        (of.clone(), "startdate"),
        (format!("userid={}&startdate=1", ben.id), "userid"),
        (format!("{of}&startdate=1&surveyid=no"), "surveyid"),
    ] {
        assert_names(&app.answered(&app.program, &form), name);
    }
}

#[test]
fn surveys_are_listed_in_pages() {
    let app = App::new();
    let organization = app.organization(&app.program);
    app.does(move |tx| {
        for id in 1..=201 {
            let survey = admin::read_survey(example(id))?;
            admin::load_survey(tx, organization.filter(|_| id % 2 == 0), &survey)?;
        }
        Ok(())
    });
    let (mut offset, mut seen, mut pages) = (0, Vec::new(), Vec::new());
    loop {
        let page = app.survey("list", &format!("offset={offset}"));
        let surveys = page["surveys"].as_array().unwrap();
        pages.push(surveys.len());
        seen.extend(surveys.iter().map(|survey| survey["id"].as_i64().unwrap()));
        offset = page["offset"].as_i64().unwrap();
        assert_eq!(page["more"] == json!(true), offset != 0);
        if offset == 0 {
            break;
        }
    }
    assert_eq!((pages, seen), (vec![100, 100, 1], (1..=201).collect()));
}

#[test]
fn a_file_is_read_strictly_and_replaces_its_organizations_survey_alone() {
    let app = App::new();
    let organization = app.organization(&app.program);
    let wrong = |at: &str, value: Value, place: &str| {
        let mut survey = example(ID);
        *survey.pointer_mut(at).unwrap() = value;
        assert_refuses(admin::read_survey(survey), place);
    };
    wrong("/data/0/suggestions/1/text", json!(7), "data[0].suggestions[1].text: expected");
    wrong("/trigger_conditions/0/value", json!(180), "trigger_conditions[0].value: expected");
    wrong("/trigger_type", json!(12), "trigger_type: expected 10 or 11");
    wrong("/data/1/title", json!(""), "data[1].title: expected 1 to 200");
    wrong("/translations/fr", json!({ "nom": "x" }), "translations.fr");
    app.loads(&app.program, example(ID));
    let loads = |organization: Option<OrganizationId>| {
        app.tries(move |tx| {
            let survey = admin::read_survey(example(ID))?;
            admin::load_survey(tx, organization, &survey)
        })
    };
    assert_refuses(loads(app.organization(&app.another_partner())), "id");
    assert_refuses(loads(None), "id");
    assert_refuses(loads(Some(OrganizationId(1))), "organization");
    assert_eq!(loads(organization), Ok(store::survey::Loaded::Same));
}
