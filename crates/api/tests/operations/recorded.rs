//! Answers of the live service, where they lie beside the project: what was recorded there is what
//! is answered here, word by word. They are no part of the project.

use crate::app::{App, NOW, by_hand, groups, keys};
use domain::measure::Measure;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const SKIPPED: &str = "skipped: no recorded answers beside the project";

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/answers");
    beside.is_dir().then_some(beside)
}

fn read(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn quirk_02_errors_are_the_recorded_ones() {
    let Some(folder) = folder() else {
        println!("{SKIPPED}");
        return;
    };
    let app = App::new();
    let ask = |form: &str| {
        let form = format!("action=requesttoken&{}&{form}", app.program.credentials());
        app.call("/v2/oauth2", &form, None)
    };
    let code =
        ask("grant_type=authorization_code&code=x&redirect_uri=https://app.example/callback");
    let refresh_token = ask("grant_type=refresh_token&refresh_token=x");
    let token = app.call("/measure", "action=getmeas", Some("x"));
    assert_eq!(code, read(&folder, "errors/503_invalid_code.json"));
    assert_eq!(refresh_token, read(&folder, "errors/503_invalid_refresh_token.json"));
    assert_eq!(token, read(&folder, "errors/401_invalid_token.json"));
}

#[test]
fn recorded_measures_are_served_as_they_were_recorded() {
    let Some(folder) = folder() else {
        println!("{SKIPPED}");
        return;
    };
    let app = App::new();
    for (number, name) in [
        "account-2021/sample_measure.json",
        "oslo-2020/getmeas_type9.json",
        "oslo-2020/getmeas_type10.json",
        "tokyo-2022/Measure-Getmeas.json",
    ]
    .into_iter()
    .enumerate()
    {
        let person = app.person(&format!("person{number}"));
        let recorded = read(&folder, name);
        let measures: Vec<&Value> =
            groups(&recorded).iter().map(|group| &group["measures"]).collect();
        assert!(!measures.is_empty(), "{name}");
        let stored = (0..).zip(&measures).map(|(second, measures)| {
            let measures: Vec<Measure> = serde_json::from_value((*measures).clone()).unwrap();
            by_hand(NOW - second, &measures)
        });
        app.stores(&person, &stored.collect::<Vec<_>>());
        let answer = app.measures(&person, "");
        let served: Vec<&Value> = groups(&answer).iter().map(|group| &group["measures"]).collect();
        assert_eq!(served, measures, "{name}");
        let ours: BTreeSet<&str> = keys(&groups(&answer)[0]).into_iter().collect();
        for group in groups(&recorded) {
            assert!(keys(group).iter().all(|key| ours.contains(key)), "{name}: {group}");
        }
    }
}
