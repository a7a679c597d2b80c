//! `user getgoals`: what a person aims at, and how an operator sets it.

use crate::app::{App, NOW, assert_refuses, new, status, weight};
use api::admin::{self, Account, Goals, NewAccount, NewGoals};
use domain::measure::Category;
use serde_json::{Value, json};
use store::measure::NewGroup;
use store::person;

impl App {
    #[track_caller]
    fn goals(&self, person: &Account) -> Value {
        let token = self.token(person, "user.metrics");
        let mut answer = self.call("/v2/user", "action=getgoals", Some(&token));
        assert_eq!(status(&answer), 0, "{answer}");
        answer["body"].take()
    }

    fn sets(&self, person: &Account, goals: NewGoals) -> domain::Result<Goals> {
        let user = person.email.clone();
        self.tries(move |tx| admin::set_goals(tx, &user, &goals))
    }
}

fn goals(steps: Option<i64>, sleep: Option<&str>, weight: Option<&str>) -> NewGoals {
    let text = |text: &str| text.to_owned();
    NewGoals { clear: false, steps, sleep: sleep.map(text), weight_kg: weight.map(text) }
}

#[test]
fn goals_have_the_shape_of_the_reference() {
    let app = App::new();
    let anna = app.person("anna");
    app.sets(&anna, goals(Some(10_000), Some("8h"), Some("70.500"))).unwrap();
    let expected = json!({
        "goals": { "steps": 10_000, "sleep": 28_800, "weight": { "value": 70_500, "unit": -3 } },
    });
    assert_eq!(app.goals(&anna), expected);
}

#[test]
fn quirk_41_a_goal_that_is_not_set_is_left_out_and_none_is_an_empty_object() {
    let app = App::new();
    let anna = app.person("anna");
    assert_eq!(app.goals(&anna), json!({ "goals": {} }));
    app.sets(&anna, goals(None, Some("27000"), None)).unwrap();
    assert_eq!(app.goals(&anna), json!({ "goals": { "sleep": 27_000 } }));
    app.sets(&anna, goals(Some(8_000), None, None)).unwrap();
    assert_eq!(app.goals(&anna), json!({ "goals": { "sleep": 27_000, "steps": 8_000 } }));
}

#[test]
fn the_weight_aimed_at_is_the_newest_objective() {
    let app = App::new();
    let anna = app.account(NewAccount { goal_weight_kg: Some("62".to_owned()), ..new("anna") });
    let ben = app.person("ben");
    assert_eq!(app.goals(&anna)["goals"], json!({ "weight": { "value": 62, "unit": 0 } }));
    let objective = |date, grams| NewGroup { category: Category::OBJECTIVE, ..weight(date, grams) };
    app.stores(&anna, &[objective(NOW - 10, 63_000), weight(NOW + 10, 66_000)]);
    assert_eq!(app.goals(&anna)["goals"], json!({ "weight": { "value": 62, "unit": 0 } }));
    app.waits(60);
    app.sets(&anna, goals(None, None, Some("61.5"))).unwrap();
    assert_eq!(app.goals(&anna)["goals"], json!({ "weight": { "value": 615, "unit": -1 } }));
    assert_eq!(app.goals(&ben), json!({ "goals": {} }));
}

#[test]
fn goals_are_cleared_before_any_is_set() {
    let app = App::new();
    let anna = app.person("anna");
    app.sets(&anna, goals(Some(10_000), Some("8h"), Some("70"))).unwrap();
    let cleared = NewGoals { clear: true, ..goals(Some(5_000), None, None) };
    let told = app.sets(&anna, cleared).unwrap();
    assert_eq!((told.steps, told.sleep_seconds, told.weight), (Some(5_000), None, None));
    assert_eq!(app.goals(&anna), json!({ "goals": { "steps": 5_000 } }));
    app.sets(&anna, NewGoals { clear: true, ..NewGoals::default() }).unwrap();
    assert_eq!(app.goals(&anna), json!({ "goals": {} }));
    let objectives = app.measures(&anna, "category=2");
    assert!(crate::app::groups(&objectives).is_empty());
}

#[test]
fn a_goal_that_cannot_be_is_refused_by_name_and_sets_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    let before = goals(Some(10_000), Some("8h"), Some("70"));
    app.sets(&anna, before).unwrap();
    let kept = app.goals(&anna);
    let changes = || {
        let id = anna.id;
        app.does(move |tx| Ok(person::get(tx, id)?.change_seq))
    };
    let before = changes();
    for steps in [0, -1, 1_000_001, i64::MAX] {
        assert_refuses(app.sets(&anna, goals(Some(steps), None, Some("60"))), "steps");
    }
    for sleep in ["", "25h", "eight", "-1"] {
        assert_refuses(app.sets(&anna, goals(Some(1), Some(sleep), None)), "sleep");
    }
    for weight in ["", "0", "70,5", "70.1234", "1e2"] {
        assert_refuses(app.sets(&anna, goals(Some(1), None, Some(weight))), "weight");
    }
    assert_refuses(app.tries(|tx| admin::set_goals(tx, "nobody", &NewGoals::default())), "user");
    // Nor does asking, or setting what is set, change anything.
    app.sets(&anna, NewGoals::default()).unwrap();
    app.sets(&anna, goals(Some(10_000), Some("28800"), None)).unwrap();
    assert_eq!((app.goals(&anna), changes()), (kept, before));
}
