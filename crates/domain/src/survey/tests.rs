//! Surveys: the example of the documents, limits against exact arithmetic, and what is refused.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const EXAMPLE: &str = include_str!("../../../../docs/examples/survey-high-blood-pressure.json");

fn example() -> Survey {
    serde_json::from_str(EXAMPLE).expect("the example of the docs")
}

fn raw() -> Value {
    serde_json::from_str(EXAMPLE).expect("JSON")
}

fn limit(value: &str) -> Option<Measure> {
    Condition { kind: MeasureType::SYSTOLIC, value: value.to_owned() }.limit()
}

fn measure(kind: MeasureType, value: i64, unit: i8) -> Vec<Measure> {
    vec![Measure::new(kind, value, unit)]
}

#[test]
fn the_example_of_the_documents_can_be_asked() {
    assert_eq!(example().check(), Ok(()));
    let again: Survey =
        serde_json::from_value(serde_json::to_value(example()).expect("JSON")).expect("a survey");
    assert_eq!(again, example());
}

#[test]
fn one_condition_is_enough_and_the_limit_itself_is_not() {
    let survey = example();
    let (systolic, diastolic) = (MeasureType::SYSTOLIC, MeasureType::DIASTOLIC);
    for (kind, value, unit, is_due) in [
        (systolic, 181, 0, true),
        (systolic, 180, 0, false),
        (systolic, 180_000, -3, false),
        (systolic, 180_001, -3, true),
        (systolic, 18, 1, false),
        (systolic, 2, 2, true),
        (diastolic, 121, 0, true),
        (diastolic, 120, 0, false),
        (MeasureType::HEART_PULSE, 181, 0, false),
        (systolic, i64::MAX, i8::MAX, true),
        (systolic, i64::MIN, i8::MAX, false),
    ] {
        assert_eq!(survey.is_triggered_by(&measure(kind, value, unit)), is_due, "{value}e{unit}");
    }
    assert!(!survey.is_triggered_by(&[]));
    let below = Survey { trigger_type: Trigger::ThresholdBelow, ..survey };
    assert!(below.is_triggered_by(&measure(systolic, 179, 0)));
    assert!(!below.is_triggered_by(&measure(systolic, 180, 0)));
}

#[test]
fn a_limit_is_a_plain_decimal_number() {
    for (text, value, unit) in
        [("180", 180, 0), ("37.50", 3_750, -2), ("-0.5", -5, -1), ("0", 0, 0)]
    {
        let expected = Measure::new(MeasureType::SYSTOLIC, value, unit);
        assert_eq!(limit(text), Some(expected), "{text}");
    }
    let bad = ["", "-", ".5", "5.", "1e3", "+1", " 1", "1,5", "0x1", "--1", "1.2.3", "NaN", "１"];
    let long = ["1".repeat(19), format!("0.{}", "1".repeat(10))];
    for bad in bad.into_iter().chain(long.iter().map(String::as_str)) {
        assert_eq!(limit(bad), None, "{bad}");
    }
}

proptest! {
    /// Against exact decimal arithmetic: both numbers as whole numbers of 10^-9.
    #[test]
    fn a_measure_is_beyond_a_limit_exactly_when_it_is_greater(
        (whole, places, digits) in (-99_999_i64..99_999, 0_usize..=9, 0_i64..1_000_000_000),
        (value, unit) in (-1_000_000_i64..1_000_000, -9_i8..=4),
    ) {
        let fraction = digits % 10_i64.pow(u32::try_from(places).expect("small"));
        let sign = if whole < 0 { "-" } else { "" };
        let text = match places {
            0 => whole.to_string(),
            _ => format!("{sign}{}.{fraction:0places$}", whole.unsigned_abs()),
        };
        let nano = |value: i64, unit: i32| {
            i128::from(value) * 10_i128.pow(u32::try_from(unit + 9).expect("at least 0"))
        };
        let places = i32::try_from(places).expect("small");
        let fraction = nano(fraction, -places) * if whole < 0 { -1 } else { 1 };
        let (limit, given) = (nano(whole, 0) + fraction, nano(value, unit.into()));
        let kind = MeasureType::TEMPERATURE;
        let survey = |trigger_type| Survey {
            trigger_type,
            trigger_conditions: vec![Condition { kind, value: text.clone() }],
            ..example()
        };
        let measures = measure(kind, value, unit);
        prop_assert_eq!(
            survey(Trigger::ThresholdAbove).is_triggered_by(&measures),
            given > limit,
        );
        prop_assert_eq!(
            survey(Trigger::ThresholdBelow).is_triggered_by(&measures),
            given < limit,
        );
    }
}

#[test]
fn a_language_falls_back_to_its_first_part_and_then_to_english() {
    let mut survey = example();
    let canadian = Translation { name: Some("Haute tension".to_owned()), ..Default::default() };
    survey.translations.insert("fr_CA".to_owned(), canadian);
    let name = |language| survey.in_language(language).name;
    for french in ["fr", "fr_FR", "FR", "fr-BE", "fr_Latn_FR"] {
        assert_eq!(name(Some(french)), "Tension élevée", "{french}");
    }
    assert_eq!(name(Some("fr-ca")), "Haute tension");
    for other in [None, Some("en"), Some("en_US"), Some("de_DE"), Some("")] {
        assert_eq!(name(other), "High blood pressure", "{other:?}");
    }
    let french = survey.in_language(Some("fr"));
    assert_eq!(french.data[0].suggestions[0].text, "Oui");
    assert_eq!(french.data[1].content, "Reposez-vous cinq minutes, puis mesurez de nouveau.");
    // What nobody translated stays English.
    assert_eq!(survey.in_language(Some("fr_CA")).description, survey.description);
    assert!(french.translations.is_empty());
}

/// A change to the example, and where it is then wrong.
fn assert_wrong(at: &str, value: Value, place: &str) {
    let mut changed = raw();
    *changed.pointer_mut(at).expect("a place of the example") = value.clone();
    let survey: Survey = serde_json::from_value(changed).expect("types are right");
    let problem = survey.check().expect_err("it is wrong");
    assert_eq!(problem.place, place, "{at} {value}");
}

#[test]
fn what_is_wrong_is_told_by_its_place() {
    let long = |count: usize| json!("x".repeat(count));
    for (at, value, place) in [
        ("/id", json!(0), "id"),
        ("/id", json!(1_i64 << 31), "id"),
        ("/name", json!(" "), "name"),
        ("/name", json!("a\nb"), "name"),
        ("/name", long(101), "name"),
        ("/description", long(2_001), "description"),
        ("/trigger_conditions", json!([]), "trigger_conditions"),
        ("/trigger_conditions/1/value", json!("high"), "trigger_conditions[1].value"),
        ("/trigger_conditions/1/type", json!(0), "trigger_conditions[1].type"),
        ("/data", json!([]), "data"),
        ("/data/2/id", json!("q1"), "data[2].id"),
        ("/data/2/id", json!("q 3"), "data[2].id"),
        ("/data/1/title", json!(""), "data[1].title"),
        ("/data/1/content", json!("a\u{7}b"), "data[1].content"),
        ("/data/1/type", json!("single_choice"), "data[1].suggestions"),
        ("/data/0/type", json!("statement"), "data[0].suggestions"),
        ("/data/0/suggestions/1/id", json!(1), "data[0].suggestions[1].id"),
        ("/data/0/suggestions/1/id", json!(-1), "data[0].suggestions[1].id"),
        ("/data/0/suggestions/1/text", json!(""), "data[0].suggestions[1].text"),
        ("/translations", json!({ "french": {} }), "translations"),
        ("/translations", json!({ "en": {} }), "translations.en"),
        ("/translations", json!({ "fr-CA": {}, "fr_ca": {} }), "translations.fr_ca"),
        ("/translations/fr/name", json!(""), "translations.fr.name"),
        ("/translations/fr/data", json!({ "q9": {} }), "translations.fr.data"),
        ("/translations/fr/data/q1/title", json!(""), "translations.fr.data.q1.title"),
        (
            "/translations/fr/data/q1/suggestions",
            json!({ "9": "?" }),
            "translations.fr.data.q1.suggestions",
        ),
        (
            "/translations/fr/data/q1/suggestions/1",
            json!(""),
            "translations.fr.data.q1.suggestions.1",
        ),
    ] {
        assert_wrong(at, value, place);
    }
    let many = |count: usize, one: Value| Value::from(vec![one; count]);
    assert_wrong("/data", many(QUESTIONS_MAX + 1, raw()["data"][0].clone()), "data");
    let condition = raw()["trigger_conditions"][0].clone();
    assert_wrong("/trigger_conditions", many(CONDITIONS_MAX + 1, condition), "trigger_conditions");
    let suggestion = raw()["data"][0]["suggestions"][0].clone();
    let suggestions = many(SUGGESTIONS_MAX + 1, suggestion);
    assert_wrong("/data/0/suggestions", suggestions, "data[0].suggestions");
}

#[test]
fn what_is_unknown_in_a_file_is_refused() {
    for (at, value) in [
        ("/trigger_type", json!(12)),
        ("/trigger_type", json!("threshold_above")),
        ("/answer_type", json!(2)),
        ("/category", json!(0)),
        ("/data/0/type", json!("slider")),
        ("/trigger_conditions/0/value", json!(180)),
        ("/data/0/suggestions/0", json!({ "id": 1, "text": "Yes", "colour": "red" })),
        ("/translations/fr", json!({ "titel": "?" })),
    ] {
        let mut changed = raw();
        *changed.pointer_mut(at).expect("a place of the example") = value;
        assert!(serde_json::from_value::<Survey>(changed).is_err(), "{at}");
    }
}

#[test]
fn answers_are_of_the_survey() {
    let survey = example();
    let check = |answers: Value| {
        let answers: Answers = serde_json::from_value(answers).expect("answers");
        survey.check_answers(&answers).map_err(|problem| problem.place)
    };
    for good in [json!({ "q1": [2] }), json!({ "q1": [1], "q3": [1, 3] }), json!({ "q3": [4] })] {
        assert_eq!(check(good.clone()), Ok(()), "{good}");
    }
    for (bad, place) in [
        (json!({}), ""),
        (json!({ "q9": [1] }), ""),
        (json!({ "q1": [1, 2] }), "q1"),
        (json!({ "q1": [] }), "q1"),
        (json!({ "q1": [3] }), "q1[0]"),
        (json!({ "q2": [] }), "q2"),
        (json!({ "q3": [] }), "q3"),
        (json!({ "q3": [1, 1] }), "q3[1]"),
        (json!({ "q1": [1], "q3": [2, 9] }), "q3[1]"),
    ] {
        assert_eq!(check(bad.clone()), Err(place.to_owned()), "{bad}");
    }
    // What is only said is answered by nothing.
    let mut said = survey;
    said.data.truncate(2);
    said.data.remove(0);
    assert_eq!(said.check_answers(&Answers::new()), Ok(()));
}
