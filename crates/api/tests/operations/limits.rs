//! What the reference does not want together, and what its types do not hold: refused by name, or
//! taken for a reason that stands here.

use crate::app::{App, assert_names, error, status};
use crate::facts::{calls, texts};
use crate::parameters::Case;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the reference excludes and is taken: the operation, the two parameters, why.
const TAKEN: &[(&str, [&str; 2], &str)] = &[
    ("measurev2-getactivity", ["lastupdate", "startdateymd"], UNION),
    ("measurev2-getactivity", ["enddateymd", "lastupdate"], UNION),
    ("measurev2-getworkouts", ["lastupdate", "startdateymd"], UNION),
    ("measurev2-getworkouts", ["enddateymd", "lastupdate"], UNION),
    ("sleepv2-getsummary", ["lastupdate", "startdateymd"], UNION),
    ("sleepv2-getsummary", ["enddateymd", "lastupdate"], UNION),
    ("notify-update", ["new_appli", "new_callbackurl"], ANY),
    ("notify-update", ["comment", "new_callbackurl"], ANY),
    ("notify-update", ["comment", "new_appli"], ANY),
    ("notify-subscribe", ["access_token", "client_id"], BOTH),
    ("notify-subscribe", ["access_token", "nonce"], BOTH),
    ("notify-subscribe", ["access_token", "signature"], BOTH),
    ("heartv2-get", ["access_token", "client_id"], BOTH),
    ("heartv2-get", ["access_token", "nonce"], BOTH),
    ("heartv2-get", ["access_token", "signature"], BOTH),
    ("heartv2-get", ["access_token", "signal_token"], OWN),
    ("heartv2-get", ["client_id", "signalid"], OWN),
    ("heartv2-get", ["nonce", "signalid"], OWN),
    ("heartv2-get", ["signalid", "signature"], OWN),
    ("heartv2-get", ["signal_token", "signalid"], OWN),
];

const UNION: &str = "programs send all three, and get what either asks for (wire-quirks 44)";
const ANY: &str = "at least one of the three, and any of them (wire-quirks 45)";
const BOTH: &str = "programs give both credentials (wire-quirks 46): `access.rs` tries them";
const OWN: &str = "the credential says which of the two names counts; the other is passed over";

/// The credentials there are: what they are good for is tried in `access.rs`.
const CREDENTIALS: [&str; 4] = ["access_token", "client_id", "nonce", "signature"];

/// What a parameter can hold where the good call of `access.rs` does not have it.
fn value(name: &str) -> &'static str {
    match name {
        "startdateymd" => "2026-09-01",
        "enddateymd" => "2026-09-21",
        "lastupdate" => "1790000000",
        "order_ids" => "[\"D12345678\"]",
        "customer_ref_ids" => "[\"A\"]",
        "new_callbackurl" => "https://app.example/another",
        "new_appli" => "4",
        "comment" => "Another",
        other => panic!("say here what {other} can hold"),
    }
}

/// The pairs of parameters that the reference does not want together.
fn pairs(fact: &Value) -> BTreeSet<[String; 2]> {
    let params = fact["params"].as_array().unwrap().iter();
    let params =
        params.map(|param| (param["name"].as_str().unwrap().to_owned(), &param["not_with"]));
    let credentials = fact["credentials_not_with"].as_object().into_iter().flatten();
    let credentials = credentials.map(|(name, others)| (name.clone(), others));
    let all = params.chain(credentials);
    let pairs = all.flat_map(|(name, others)| {
        texts(others).into_iter().map(move |other| {
            let mut pair = [name.clone(), other];
            pair.sort_unstable();
            pair
        })
    });
    pairs.collect()
}

#[test]
fn what_the_reference_excludes_is_refused_by_both_names_or_taken_for_a_reason() {
    let app = App::new();
    app.person("anna");
    let (mut taken, mut refused) = (BTreeSet::new(), 0);
    for (entry, fact) in calls() {
        let id = fact["id"].as_str().unwrap();
        for pair in pairs(&fact) {
            let row = TAKEN.iter().find(|(of, names, _)| *of == id && *names == pair);
            if let Some((.., reason)) = row {
                assert!(!reason.is_empty());
                taken.insert((id.to_owned(), pair.clone()));
            }
            let is_credential = |name: &String| CREDENTIALS.contains(&name.as_str());
            if pair.iter().any(is_credential) {
                assert!(row.is_some(), "{id}: {pair:?}");
                continue;
            }
            let case = Case::of(&app, entry, entry.built().unwrap());
            // One day alone is none.
            let days = ["startdateymd", "enddateymd"].into_iter();
            let days = days.filter(|_| pair.iter().any(|name| name == "lastupdate"));
            let names: BTreeSet<&str> = pair.iter().map(String::as_str).chain(days).collect();
            let fields: Vec<(&str, &str)> = names
                .into_iter()
                .filter(|name| !case.has(name))
                .map(|name| (name, value(name)))
                .collect();
            let answer = case.with_all(&fields);
            if row.is_some() {
                assert_eq!(status(&answer), 0, "{id} {pair:?}: {answer}");
            } else {
                assert_eq!(status(&answer), 503, "{id}: {pair:?}");
                assert!(pair.iter().all(|name| error(&answer).contains(name.as_str())), "{answer}");
                refused += 1;
            }
        }
    }
    let told = TAKEN.iter().map(|(of, names, _)| ((*of).to_owned(), names.map(str::to_owned)));
    assert_eq!(taken, told.collect());
    assert_eq!(refused, 2, "orders are named in one way or in the other");
}

#[test]
fn what_a_type_of_the_reference_does_not_hold_is_refused_by_name() {
    let app = App::new();
    app.person("anna");
    let mut tried = 0;
    for (entry, fact) in calls() {
        for param in fact["params"].as_array().unwrap() {
            let outside: &[&str] = match param["type"].as_str().unwrap() {
                "id16" => &["-1", "65536", "1.0", "x"],
                "id32" => &["-1", "4294967296", "1.0", "x"],
                "rawint32" => &["-2147483649", "4294967296", "1.0", "x"],
                "id64" | "id64n" => &["-1", "9223372036854775808", "1.0", "x"],
                // In its name are 32 bits of another number: ours are below 2^53.
                "id32m64" => &["-1", "9007199254740992", "1.0", "x"],
                "pgboolean" => &["2", "yes", "x"],
                "macaddress" => &["00:24:e4", "00:24:e4:00:00:zz", "x"],
                "timezone" => &["Europe/Nowhere", "+01:00", "x"],
                "email" => &["anna", "anna@", "@example.com", "a b@example.com"],
                "partner_redirect_uri" => &["https://other.example/", "x"],
                _ => continue,
            };
            let name = param["name"].as_str().unwrap();
            let case = Case::of(&app, entry, entry.built().unwrap());
            for text in outside {
                assert_names(&case.with(name, text), name);
                tried += 1;
            }
        }
    }
    assert!(tried > 80, "only {tried} were tried");
}
