//! What partners say of people is read strictly, and what is refused is never repeated.

use super::*;

fn fails<T: FromStr<Err = Problem> + std::fmt::Debug>(texts: &[&str]) {
    for text in texts {
        let problem = text.parse::<T>().expect_err(text);
        assert!(!problem.is_empty(), "{text}");
        let repeats = text.len() > 4 && problem.contains(text);
        assert!(!repeats, "{problem} repeats {text}");
    }
}

#[test]
fn a_short_name_is_three_letters_or_digits() {
    assert_eq!("Rob".parse(), Ok(ShortName("Rob".to_owned())));
    assert_eq!("R2D".parse(), Ok(ShortName("R2D".to_owned())));
    fails::<ShortName>(&["", "RO", "ROBE", "R B", "R-B", "ZOÉ", "é12"]);
}

#[test]
fn measures_are_a_height_and_a_weight_in_whole_numbers() {
    let text = r#"[{"value":180,"unit":-2,"type":4},{"value":8000,"unit":-2,"type":1}]"#;
    let read: Measures = text.parse().expect("the reference's example");
    assert_eq!(read.height, Measure::new(MeasureType::HEIGHT, 180, -2));
    assert_eq!(read.weight, Measure::new(MeasureType::WEIGHT, 8_000, -2));
    let of = |height: &str, weight: &str| {
        let items: Vec<_> = [height, weight].into_iter().filter(|one| !one.is_empty()).collect();
        format!("[{}]", items.join(",")).parse::<Measures>()
    };
    let tall = r#"{"value":180,"unit":-2,"type":4}"#;
    let heavy = r#"{"value":80,"unit":0,"type":1}"#;
    assert!(of(tall, heavy).is_ok());
    // The bounds are part of the range.
    for (height, weight) in [("1,\"unit\":-1", "1,\"unit\":0"), ("3,\"unit\":0", "6,\"unit\":2")] {
        let height = format!(r#"{{"value":{height},"type":4}}"#);
        let weight = format!(r#"{{"value":{weight},"type":1}}"#);
        assert!(of(&height, &weight).is_ok(), "{height} {weight}");
    }
    for bad in [
        r#"{"value":99,"unit":-3,"type":4}"#,
        r#"{"value":3001,"unit":-3,"type":4}"#,
        r#"{"value":-180,"unit":-2,"type":4}"#,
        r#"{"value":"180","unit":-2,"type":4}"#,
        r#"{"value":9223372036854775807,"unit":3,"type":4}"#,
        r#"{"value":180,"unit":99,"type":4}"#,
        r#"{"unit":-2,"type":4}"#,
        r#"{"value":180,"unit":-2,"type":9}"#,
        "180",
        "",
    ] {
        assert!(of(bad, heavy).is_err(), "{bad}");
    }
    assert!(of(tall, r#"{"value":601,"unit":0,"type":1}"#).is_err());
    assert!(of(tall, r#"{"value":999,"unit":-3,"type":1}"#).is_err());
    assert!(of(tall, tall).is_err(), "two heights");
    fails::<Measures>(&["", "{}", "[]", "null", "[1,2]", "not json"]);
}

#[test]
fn a_fraction_among_the_measures_is_explained() {
    let text = r#"[{"value":1.8,"unit":0,"type":4},{"value":80,"unit":0,"type":1}]"#;
    let problem = text.parse::<Measures>().expect_err("a fraction");
    assert!(problem.starts_with("[0].value has to be a whole number"), "{problem}");
    // Also where the fraction is none: 180.0 is written as one.
    let text = r#"[{"value":180.0,"unit":-2,"type":4},{"value":80,"unit":0,"type":1}]"#;
    assert!(text.parse::<Measures>().is_err());
}

#[test]
fn units_are_the_numbers_of_the_reference() {
    let units: Units = r#"{"weight":14,"height":7,"distance":8,"temperature":13}"#
        .parse()
        .expect("the reference's example");
    let all = [units.weight, units.height, units.distance, units.temperature];
    assert_eq!(all, [Some(14), Some(7), Some(8), Some(13)]);
    assert_eq!("{}".parse(), Ok(Units::default()));
    fails::<Units>(&[
        "",
        "[]",
        "1",
        r#"{"weight":3}"#,
        r#"{"weight":"1"}"#,
        r#"{"weight":1.0}"#,
        r#"{"mass":1}"#,
    ]);
}

#[test]
fn goals_are_whole_numbers_in_bounds() {
    let goals: Goals = r#"{"steps":10000,"sleep":28800,"weight":{"value":70500,"unit":-3}}"#
        .parse()
        .expect("the reference's example");
    assert_eq!(goals.steps, Some(10_000));
    assert_eq!(goals.sleep_seconds, Some(28_800));
    assert_eq!(goals.weight, Some(Measure::new(MeasureType::WEIGHT, 70_500, -3)));
    assert_eq!("{}".parse(), Ok(Goals::default()));
    fails::<Goals>(&[
        "[]",
        r#"{"steps":0}"#,
        r#"{"steps":1.5}"#,
        r#"{"sleep":86401}"#,
        r#"{"weight":70}"#,
        r#"{"weight":{"value":70.5,"unit":0}}"#,
        r#"{"weight":{"value":70,"unit":3}}"#,
        r#"{"calories":2000}"#,
    ]);
}

#[test]
fn a_day_of_birth_is_the_day_that_was_meant() {
    let paris = time_zone("Europe/Paris").expect("a zone");
    let chicago = time_zone("America/Chicago").expect("a zone");
    let now = 1_795_000_000;
    let day = |text: &str, zone| text.parse::<Birth>().expect(text).day(zone, now);
    let expected = Some(Date::constant(1959, 11, 4));
    assert_eq!(day("1959-11-04", &paris), expected);
    // Midnight of UTC, and midnight of the person's own zone.
    assert_eq!(day("-320630400", &paris), expected);
    assert_eq!(day("-320630400", &chicago), expected);
    assert_eq!(day("-320634000", &paris), expected);
    assert_eq!(day("-320608800", &chicago), expected);
    assert_eq!(Birth::moment(Date::constant(1959, 11, 4)), -320_630_400);
    assert_eq!(day("1899-12-31", &paris), None);
    assert_eq!(day("2030-01-01", &paris), None);
    fails::<Birth>(&["", "yesterday", "1959-13-01", "04.11.1959", "1e9", "99999999999999"]);
}

#[test]
fn the_other_fields_are_what_they_say() {
    assert_eq!("0".parse::<Sex>().map(|sex| sex.0), Ok(Gender::Man));
    assert_eq!("1".parse::<Sex>().map(|sex| sex.0), Ok(Gender::Woman));
    fails::<Sex>(&["", "2", "male", "1.0"]);
    assert_eq!("europe/paris".parse(), Ok(Zone("Europe/Paris".to_owned())));
    fails::<Zone>(&["", "Rome", "Mars/Olympus", "+01:00"]);
    fails::<Phone>(&["", "0612345678"]);
    fails::<Name>(&["", "a\nb", &"x".repeat(65)]);
    fails::<ExternalId>(&["", "a\u{7}", &"x".repeat(129)]);
    fails::<RecoveryCode>(&["", "12345"]);
}

#[test]
fn a_language_is_a_tag() {
    for tag in ["en", "en_US", "de-CH-1996", "zh-Hans-CN", "gsw"] {
        assert!(is_language(tag), "{tag}");
    }
    let long = format!("en{}", "-abcdefgh".repeat(4));
    for other in ["", "e", "english", "en_", "_US", "en US", "1n", "en\r\nx: y", long.as_str()] {
        assert!(!is_language(other), "{other}");
    }
}
