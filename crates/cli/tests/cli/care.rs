//! Programmes of care and diagnoses, as an operator makes them and as an application then meets
//! them.

use crate::home::Home;
use serde_json::json;

#[test]
fn a_programme_is_made_and_a_person_is_put_into_it() {
    let home = Home::new();
    let organization =
        home.json(&["organization", "create", "--name", "Clinic", "--entitlement", "rpm"]);
    let number = organization["organization_id"].to_string();
    let of = ["--organization", &number];
    let client = home.json(
        &[
            &["client", "create", "--name", "Ward", "--redirect-uri", "https://ward.example/"][..],
            &["--entitlement", "rpm"],
            &of,
        ]
        .concat(),
    );
    let text = |name: &str| client[name].as_str().expect("a text");
    let person = home.json(&[
        "user",
        "create",
        "--email",
        "anna@example.org",
        "--owned-by",
        text("client_id"),
    ]);
    let add = ["care", "program", "add", "--name", "Team", "--time-zone", "Europe/Paris"];
    let program = home.json(&[&add[..], &of].concat());
    let codes = home.json(&[&["care", "code", "add", "I10", "e11.9"][..], &of].concat());
    assert_eq!((&codes[0]["code"], &codes[1]["code"]), (&json!("I10"), &json!("E11.9")));
    assert_eq!(home.json(&["care", "program", "list"]), json!([program]));
    assert_eq!(home.json(&["care", "code", "list"]).as_array().map(Vec::len), Some(2));
    let answer = home.json(&[
        "call",
        "user",
        "addtorpm",
        &format!("userid={}", person["userid"]),
        &format!("programid={}", program["programid"]),
        &format!("icdcodeids={}", codes[0]["icdcodeid"]),
        "external_ids=[{\"type\":\"MRN\",\"identifier\":\"7\"}]",
        "--client-id",
        text("client_id"),
        "--client-secret",
        text("client_secret"),
    ]);
    let body = &answer["body"];
    assert_eq!(body["program"]["cohortid"], program["cohortid"]);
    assert_eq!(body["user"]["icd_codes"], json!([codes[0]["icdcodeid"]]));
    assert_eq!(body["user"]["external_ids"], json!([{ "type": "MRN", "identifier": "7" }]));
    let wrong = home.runs(&[&["care", "code", "add", "moon"][..], &of].concat());
    assert!(wrong.failed(3).contains("code"));
    let nobody = home.runs(&["care", "code", "add", "I10", "--organization", "7"]);
    assert!(nobody.failed(3).contains("organization"));
}
