//! Surveys as an operator handles them: from the file to the people, and what they answered.

use crate::home::Home;
use serde_json::{Value, json};
use std::path::Path;

/// The file of the documents.
fn example() -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let file = docs.join("examples/survey-high-blood-pressure.json");
    file.to_str().expect("a path").to_owned()
}

/// A file beside the data.
fn written(home: &Home, name: &str, text: &str) -> String {
    let file = home.data().parent().expect("a folder").join(name);
    std::fs::write(&file, text).expect("a file");
    file.to_str().expect("a path").to_owned()
}

#[test]
fn a_survey_is_loaded_shown_withdrawn_and_loaded_again() {
    let home = Home::new();
    let organization = home.json(&["organization", "create", "--name", "Clinic"]);
    let number = organization["organization_id"].to_string();
    let load = ["survey", "load", &example(), "--organization", &number];
    let outcome = |more: &[&str]| home.json(&[&load[..], more].concat())["outcome"].clone();
    assert_eq!(outcome(&["--dry-run"]), "new");
    assert_eq!(home.json(&["survey", "list"]), json!([]));
    assert_eq!((outcome(&[]), outcome(&[])), (json!("new"), json!("same")));
    let listed = home.json(&["survey", "list"]);
    assert_eq!((&listed[0]["surveyid"], &listed[0]["questions"]), (&json!(120), &json!(3)));
    assert_eq!(listed[0]["organization_id"], organization["organization_id"]);
    assert_eq!(listed[0]["languages"], json!(["en", "fr"]));
    // What is shown is a file again.
    let shown = home.json(&["survey", "show", "120"]);
    let again = written(&home, "again.json", &shown.to_string());
    let same = home.json(&["survey", "load", &again, "--organization", &number, "--dry-run"]);
    assert_eq!(same["outcome"], "same");
    let french = home.json(&["survey", "show", "120", "--lang", "fr_FR"]);
    assert_eq!(french["name"], "Tension élevée");
    assert_eq!(home.json(&["survey", "withdraw", "120"])["withdrawn"], true);
    assert_eq!(home.json(&["survey", "withdraw", "120"])["withdrawn"], true);
    assert_eq!((outcome(&["--dry-run"]), outcome(&[])), (json!("replaced"), json!("replaced")));
    assert_eq!(home.json(&["survey", "list"])[0]["withdrawn"], false);
    // It is the organization's.
    assert!(home.runs(&["survey", "load", &example()]).failed(3).contains("invalid id"));
    assert!(home.runs(&["survey", "show", "7"]).failed(3).contains("survey"));
}

#[test]
fn a_file_that_is_no_survey_is_refused_with_the_place() {
    let home = Home::new();
    home.json(&["organization", "create", "--name", "Clinic"]);
    let toml = "id = 7\nname = \"Warm\"\ndescription = \"\"\ntrigger_type = 10\nanswer_type = 1\n\
                category = 1\ntrigger_conditions = [{ type = 71, value = \"38.5\" }]\n\
                [[data]]\nid = \"q1\"\ntitle = \"Fever\"\ntype = \"statement\"\n";
    let file = written(&home, "warm.toml", toml);
    assert_eq!(home.json(&["survey", "load", &file])["outcome"], "new");
    let wrong = written(&home, "wrong.toml", &toml.replace("statement", "single_choice"));
    let said = home.runs(&["survey", "load", &wrong]);
    assert!(said.failed(3).contains("data[0].suggestions"), "{said:?}");
    let broken = written(&home, "broken.json", "{\"id\": ");
    assert!(home.runs(&["survey", "load", &broken]).failed(1).contains("is no JSON"));
    let absent = home.runs(&["survey", "load", "nowhere.json"]);
    assert!(absent.failed(1).contains("cannot read nowhere.json"));
    let mut value: Value =
        serde_json::from_str(&std::fs::read_to_string(example()).expect("a file")).expect("JSON");
    value["data"][0]["colour"] = json!("red");
    let wrong = written(&home, "wrong.json", &value.to_string());
    assert!(home.runs(&["survey", "load", &wrong]).failed(3).contains("data[0]"));
}

#[test]
fn a_survey_is_activated_for_an_applications_people() {
    let home = Home::new();
    let client = home.json(&[
        "client",
        "create",
        "--name",
        "Ward",
        "--redirect-uri",
        "https://ward.example/",
    ]);
    let client = client["client_id"].as_str().expect("an id");
    for name in ["anna", "ben"] {
        home.json(&["user", "create", "--email", &format!("{name}@example.org")]);
    }
    home.json(&["token", "issue", "--client", client, "--user", "anna@example.org"]);
    home.json(&["survey", "load", &example()]);
    let changes = |action: &str, user: &str| {
        home.runs(&["survey", action, "120", "--client", client, "--user", user, "--json"])
    };
    let set = changes("activate", "anna@example.org").json();
    assert_eq!(set["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(changes("deactivate", "anna@example.org").json(), set);
    assert!(changes("activate", "ben@example.org").failed(3).contains("user"));
    assert!(changes("activate", "eve@example.org").failed(3).contains("user"));
    let answers = ["survey", "answers", "--user", "anna@example.org", "--since", "7d"];
    assert_eq!(home.json(&answers), json!([]));
    home.json(&["survey", "withdraw", "120"]);
    assert!(changes("activate", "anna@example.org").failed(3).contains("withdrawn"));
}
