//! What devices hand over as answers to surveys: which measures they are about, and what is none.

use crate::app::{App, NOW, assert_names};
use crate::surveys::{answered, due, example, reading, systolic};
use domain::GroupId;
use serde_json::{Value, json};

#[test]
fn an_answer_without_a_group_is_about_the_last_measure_that_asked_for_it() {
    let app = App::new();
    let anna = app.person("anna");
    app.questions(&[&anna]);
    let cuff = app.cuff(&[&anna]);
    cuff.stores(&[
        reading("a", NOW - 1_000, 190),
        reading("b", NOW - 600, 185),
        reading("c", NOW - 500, 120),
    ]);
    // Somebody else's device, and a measure after the answer.
    app.stores(&anna, &[crate::app::by_hand(NOW - 550, &[systolic(200)])]);
    let groups: Vec<Value> = due(&cuff).iter().map(|due| due["grpid"].clone()).collect();
    assert_eq!(groups.len(), 3);
    cuff.stores(&[answered("d", NOW - 450, json!({ "q1": [2] }))]);
    assert_eq!(due(&cuff).len(), 2);
    // Too late for any of them.
    cuff.stores(&[answered("e", NOW + 1_000, json!({ "q1": [2] }))]);
    assert_eq!(due(&cuff).len(), 2);
    let read = app.answered(&app.program, &format!("userid={}&startdate=1", anna.id));
    let about = |at: usize| &read["body"]["answers"][at]["grpid"];
    assert_eq!((about(0), about(1)), (&groups[1], &json!(null)));
}

#[test]
fn what_cannot_be_an_answer_is_refused_by_its_place() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.questions(&[&anna]);
    let cuff = app.cuff(&[&anna]);
    let theirs = app.stores(&ben, &[crate::app::weight(NOW, 64_000)])[0];
    let unknown = GroupId::new(anna.id, 4_000_000);
    let good = answered("x", NOW, json!({ "q1": [1] }));
    for (name, value, place) in [
        ("surveyid", json!(999), "surveyid"),
        ("surveyid", json!("120"), "surveyid"),
        ("grpid", json!(theirs), "grpid"),
        ("grpid", json!(unknown), "grpid"),
        ("userid", json!(ben.id), "userid"),
        ("date", json!(NOW + 90_000), "date"),
        ("answers", json!({}), "answers"),
        ("answers", json!([1]), "answers"),
        ("answers", json!({ "q9": [1] }), "answers"),
        ("answers", json!({ "q1": [1, 2] }), "answers.q1"),
        ("answers", json!({ "q1": [7] }), "answers.q1[0]"),
        ("answers", json!({ "q1": ["Yes"] }), "answers.q1[0]"),
        ("answers", json!({ "q2": [1] }), "answers.q2"),
        ("answers", json!({ "q3": [1, 1] }), "answers.q3[1]"),
    ] {
        let mut wrong = good.clone();
        wrong[name] = value.clone();
        let answer = cuff.sends(&[reading("r", NOW, 185), wrong]);
        assert_names(&answer, &format!("records[1].{place}: "));
        assert!(due(&cuff).is_empty(), "nothing is kept");
    }
    // A survey nobody activated for the person.
    app.loads(&app.program, example(121));
    let mut other = good.clone();
    other["surveyid"] = json!(121);
    assert_names(&cuff.sends(&[other]), "records[0].surveyid");
    assert_eq!(cuff.stores(&[good]), 1);
}
