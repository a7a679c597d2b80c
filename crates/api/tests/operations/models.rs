//! The models of the reference's parameters, field by field: each is read, each that has to be
//! there is asked for by its place, and a code that is none is refused.

use crate::app::{App, CALLBACK, assert_names, status};
use crate::facts::facts;
use crate::orders::{list, order};
use crate::partners::{SCALE, member, with};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The fields of a model, and whether each has to be there.
fn fields(model: &str) -> Vec<(String, Option<bool>, Vec<i64>)> {
    let rows = facts("models.json")[model].as_array().unwrap().clone();
    let row = |row: &Value| {
        let codes = row["codes"].as_array().into_iter().flatten().flat_map(Value::as_i64);
        (row["name"].as_str().unwrap().to_owned(), row["required"].as_bool(), codes.collect())
    };
    rows.iter().map(row).collect()
}

/// Every field of a model is a key of what is given, and nothing else is.
#[track_caller]
fn assert_whole(model: &str, given: &Value) {
    let names: BTreeSet<String> = fields(model).into_iter().map(|(name, ..)| name).collect();
    let given: BTreeSet<String> = given.as_object().unwrap().keys().cloned().collect();
    assert_eq!(given, names, "{model}");
}

/// Makes an account with something said: the answer.
fn says(app: &App, name: &str, value: &Value) -> Value {
    let form = with(&member("nina", SCALE), &[(name, &value.to_string())]);
    app.signs("/v2/user", "activate", &form)
}

/// A token of the account an answer is about.
pub(crate) fn token(app: &App, answer: &Value) -> String {
    let code = answer["body"]["user"]["code"].as_str().unwrap();
    let form = format!(
        "action=requesttoken&{}&grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}",
        app.program.credentials()
    );
    let tokens = app.call("/v2/oauth2", &form, None);
    tokens["body"]["access_token"].as_str().unwrap().to_owned()
}

fn program() -> App {
    let app = App::new();
    app.registers(SCALE, 17);
    app
}

#[test]
fn every_unit_of_every_preference_is_taken_and_no_other() {
    let app = program();
    for (name, required, codes) in fields("Unit preferences") {
        assert_eq!(required, None, "nothing is said of {name}");
        for code in &codes {
            assert_eq!(status(&says(&app, "unit_pref", &json!({ &name: code }))), 0, "{name}");
            let found = app.signs("/v2/user", "get", "email=nina@example.com");
            assert_eq!(found["body"]["user"]["unit_pref"][&name], *code, "{found}");
        }
        for code in (-1..=20).filter(|code| !codes.contains(code)) {
            assert_names(&says(&app, "unit_pref", &json!({ &name: code })), "unit_pref");
        }
        for bad in [json!("1"), json!(1.0), json!(null), json!([])] {
            assert_names(&says(&app, "unit_pref", &json!({ &name: bad })), "unit_pref");
        }
    }
}

#[test]
fn every_field_of_measures_is_read_and_has_to_be_there() {
    let app = program();
    let height = json!({ "value": 171, "unit": -2, "type": 4 });
    let weight = json!({ "value": 715, "unit": -1, "type": 1 });
    assert_whole("Measures", &height);
    let answer = says(&app, "measures", &json!([&height, &weight]));
    assert_eq!(status(&answer), 0, "{answer}");
    let token = token(&app, &answer);
    let read = app.call("/measure", "action=getmeas&meastypes=1,4", Some(&token));
    let groups = read["body"]["measuregrps"].as_array().unwrap().iter();
    let measures: Vec<&Value> =
        groups.flat_map(|group| group["measures"].as_array()).flatten().collect();
    for told in [&height, &weight] {
        let is_it = |measure: &&&Value| {
            ["value", "unit", "type"].iter().all(|key| measure[key] == told[key])
        };
        assert!(measures.iter().any(|measure| is_it(&measure)), "{told}: {measures:?}");
    }
    for (name, required, codes) in fields("Measures") {
        assert_eq!(required, Some(true), "{name}");
        let mut without = height.clone();
        without.as_object_mut().unwrap().remove(&name);
        assert_names(&says(&app, "measures", &json!([without, &weight])), "measures");
        for bad in [json!("1"), json!(1.5), json!(null), json!(99)] {
            let mut other = height.clone();
            other[&name] = bad.clone();
            if bad == 99 && name == "value" {
                continue;
            }
            assert_names(&says(&app, "measures", &json!([other, &weight])), "measures");
        }
        for code in (0..=20).filter(|code| !codes.is_empty() && !codes.contains(code)) {
            let mut other = height.clone();
            other[&name] = json!(code);
            assert_names(&says(&app, "measures", &json!([other, &weight])), "measures");
        }
    }
}

#[test]
fn every_field_of_goals_is_read() {
    let app = program();
    let weight = json!({ "value": 70_500, "unit": -3 });
    let goals = json!({ "steps": 9_000, "sleep": 27_000, "weight": &weight });
    assert_whole("Goals", &goals);
    assert_whole("Weight", &weight);
    let answer = says(&app, "goals", &goals);
    assert_eq!(status(&answer), 0, "{answer}");
    let read = app.call("/v2/user", "action=getgoals", Some(&token(&app, &answer)));
    assert_eq!(read["body"]["goals"], goals);
    for (name, ..) in fields("Goals") {
        let answer = says(&app, "goals", &json!({ &name: &goals[&name] }));
        assert_eq!(status(&answer), 0, "{name} alone: {answer}");
        assert_names(&says(&app, "goals", &json!({ &name: "x" })), "goals");
    }
    for (name, ..) in fields("Weight") {
        let mut without = weight.clone();
        without.as_object_mut().unwrap().remove(&name);
        assert_names(&says(&app, "goals", &json!({ "weight": without })), "goals");
    }
}

/// An order with everything the models have.
fn whole() -> Value {
    let mut whole = order("WHOLE");
    whole["force_address"] = json!(true);
    whole["address"]["company_name"] = json!("Example SAS");
    whole["address"]["address2"] = json!("Apartment 12");
    whole["address"]["state"] = json!("75");
    whole["products"] = json!([
        { "ean": crate::orders::SCALE, "quantity": 2 },
        { "partner_ref": "KIT", "quantity": 1 },
    ]);
    whole
}

#[test]
fn every_field_of_an_order_is_read() {
    let app = App::new();
    app.sells_scales();
    app.sells(None, domain::order::Kind::PartnerRef, "KIT", &[17]);
    let whole = whole();
    assert_whole("Order", &whole);
    assert_whole("Address", &whole["address"]);
    let both = json!({ "ean": "", "partner_ref": "", "quantity": 1 });
    assert_whole("Products", &both);
    app.places(std::slice::from_ref(&whole));
    let (kept, lines) = app.does({
        let client = app.program.id.clone();
        move |tx| {
            let kept = store::order::by_ref(tx, &client, "WHOLE")?.unwrap();
            let lines = store::order::lines(tx, kept.id)?;
            Ok((kept, lines))
        }
    });
    assert!(kept.customer_ref == "WHOLE" && kept.force_address);
    assert_eq!(serde_json::to_value(&kept.address).unwrap(), whole["address"]);
    let named: Vec<Value> = lines
        .iter()
        .map(|line| json!({ line.kind.name(): line.code, "quantity": line.quantity }))
        .collect();
    assert_eq!(Value::from(named), whole["products"]);
}

#[test]
fn every_field_of_an_order_that_has_to_be_there_is_asked_for_and_no_other() {
    let app = App::new();
    app.sells_scales();
    app.sells(None, domain::order::Kind::PartnerRef, "KIT", &[17]);
    for (model, parent, place) in [
        ("Order", "", "order[0]"),
        ("Address", "/address", "order[0].address"),
        ("Products", "/products/0", "order[0].products[0]"),
    ] {
        for (name, required, _) in fields(model) {
            let mut order = whole();
            let reference = app.fresh_ref();
            order["customer_ref_id"] = json!(reference);
            let object = order.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            object.remove(&name);
            let answer =
                app.orders(&app.program, "createorder", &format!("order={}", list(&[order])));
            if required.unwrap() {
                assert_names(&answer, &format!("{place}.{name}"));
            } else if model == "Products" && name == "ean" {
                // One of the two names of a product has to be there.
                assert_names(&answer, place);
            } else {
                assert_eq!(status(&answer), 0, "{name}: {answer}");
            }
        }
    }
}
