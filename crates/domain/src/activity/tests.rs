//! The sums of a day against sums by hand.

use super::*;
use crate::person::Gender;

const ANNA: Body = Body {
    age_years: Some(40),
    weight_g: Some(60_000),
    height_mm: Some(1_650),
    gender: Some(Gender::Woman),
};

fn minute(minute: i64, values: Intraday) -> Sample {
    Sample { at: minute * 60, values }
}

fn steps(at: i64, steps: i64) -> Sample {
    minute(at, Intraday { steps: Some(steps), ..Intraday::default() })
}

fn beats(at: i64, rate: i64) -> Sample {
    minute(at, Intraday { heart_rate: Some(rate), ..Intraday::default() })
}

#[test]
fn a_day_by_hand() {
    let samples = [
        steps(0, 10),
        steps(1, 60),
        steps(2, 110),
        steps(3, 150),
        beats(10, 60),
        beats(11, 90),
        beats(12, 126),
        beats(13, 162),
    ];
    let day = day(samples.iter(), &ANNA, 86_400);
    assert_eq!(day.steps, Some(330));
    // 330 steps of 0.413 * 1.65 m.
    assert_eq!(day.distance, Some(Decimal(224_878)));
    assert_eq!(day.elevation, Some(Decimal(0)));
    assert_eq!((day.soft, day.moderate, day.intense), (Some(60), Some(60), Some(60)));
    assert_eq!(day.active, Some(120));
    // Beyond rest: 10/90, 60/90, 3 and 7 METs of 60 kg for a minute each.
    let active = (111 + 667 + 3_000 + 7_000) as i64;
    assert_eq!(day.calories, Some(Decimal(active)));
    // Mifflin: 600 + 1031.25 - 200 - 161 = 1270.25 a day.
    assert_eq!(day.totalcalories, Some(Decimal(active + 1_270_250)));
    // The highest is 180: 60 is 33 percent, 90 is 50, 126 is 70, 162 is 90.
    assert_eq!((day.hr_average, day.hr_min, day.hr_max), (Some(110), Some(60), Some(162)));
    let zones = [day.hr_zone_0, day.hr_zone_1, day.hr_zone_2, day.hr_zone_3];
    assert_eq!(zones, [Some(60); 4]);
}

#[test]
fn what_the_device_counted_is_not_counted_anew() {
    let values = Intraday {
        steps: Some(100),
        distance: Some(Decimal(70_000)),
        calories: Some(Decimal(5_500)),
        elevation: Some(Decimal(1_000)),
        ..Intraday::default()
    };
    let day = day([minute(0, values)].iter(), &ANNA, 86_400);
    assert_eq!(day.distance, Some(Decimal(70_000)));
    assert_eq!(day.calories, Some(Decimal(5_500)));
    assert_eq!(day.elevation, Some(Decimal(1_000)));
    // 5.5 kcal in a minute are 330 an hour: 6.5 METs of 60 kg, more than the steps say.
    assert_eq!((day.moderate, day.intense), (Some(0), Some(60)));
}

#[test]
fn a_day_without_a_heart_rate_says_nothing_of_it() {
    let day = day([steps(0, 50), beats(1, 0)].iter(), &ANNA, 86_400);
    assert_eq!((day.hr_average, day.hr_zone_0), (None, None));
}

#[test]
fn a_mean_is_rounded_and_long_samples_count_longer() {
    let long = Intraday { heart_rate: Some(60), duration: Some(180), ..Intraday::default() };
    let day = day([minute(0, long), beats(3, 62)].iter(), &ANNA, 86_400);
    // (60 * 180 + 62 * 60) / 240 = 60.5
    assert_eq!((day.hr_average, day.hr_zone_0), (Some(61), Some(240)));
}

#[test]
fn a_short_day_burns_less_at_rest_and_a_child_by_its_own_formula() {
    let nothing: [Sample; 0] = [];
    let of = |body: &Body, hours: i64| day(nothing.iter(), body, hours * 3_600).totalcalories;
    assert_eq!(of(&ANNA, 23), Some(Decimal(1_217_323)));
    assert_eq!(of(&ANNA, 25), Some(Decimal(1_323_177)));
    let boy = Body {
        age_years: Some(9),
        weight_g: Some(30_000),
        gender: Some(Gender::Man),
        height_mm: None,
    };
    // 22.706 * 30 + 504.3
    assert_eq!(of(&boy, 24), Some(Decimal(1_185_480)));
    // 70 kg, 170 cm, 40 years, half way between the sexes: 700 + 1062.5 - 200 - 78.
    assert_eq!(of(&Body::default(), 24), Some(Decimal(1_484_500)));
}

#[test]
fn a_minute_of_two_devices_counts_once_and_the_first_has_the_say() {
    let watch = vec![steps(0, 100), beats(5, 70)];
    // Its samples begin elsewhere, and one lies over a minute of the watch.
    let long = Intraday { steps: Some(500), duration: Some(300), ..Intraday::default() };
    let phone = vec![Sample { at: 30, values: long.clone() }, Sample { at: 360, values: long }];
    let merged = merged(vec![watch, phone]);
    let told: Vec<_> = merged.iter().map(|(source, one)| (*source, one.at)).collect();
    assert_eq!(told, [(0, 0), (0, 300), (1, 360)]);
    let total = day(merged.iter().map(|(_, sample)| sample), &ANNA, 86_400);
    assert_eq!((total.steps, total.hr_average), (Some(600), Some(70)));
}

#[test]
fn what_the_first_device_does_not_say_the_second_may() {
    let watch = vec![beats(0, 70)];
    let phone = vec![steps(0, 40)];
    let merged = merged(vec![watch, phone]);
    let both = Intraday {
        steps: Some(40),
        heart_rate: Some(70),
        duration: Some(60),
        ..Intraday::default()
    };
    assert_eq!(merged, [(0, minute(0, both))]);
}

#[test]
fn absurd_numbers_do_not_overflow() {
    let values = Intraday {
        steps: Some(i64::MAX),
        duration: Some(i64::MAX),
        heart_rate: Some(i64::MAX),
        calories: Some(Decimal(i64::MAX)),
        ..Intraday::default()
    };
    let sample = Sample { at: i64::MAX, values };
    let day = day([sample.clone(), sample].iter(), &ANNA, 86_400);
    assert_eq!(day.steps, Some(i64::MAX));
}
