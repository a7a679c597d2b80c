//! What a history must keep to, whoever the person is and whenever it is asked for.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

mod days;
mod people;
mod scorecard;
mod uploads;
mod years;

const DAY: i64 = 86_400;
/// 2026-11-22T19:48:00Z.
const NOW: i64 = 1_795_376_880;
/// [`fingerprint`]s of the demo person's two years before [`NOW`]. They change only on purpose:
/// a seed then means another history.
const WEIGH_INS: u64 = 8_410_408_023_024_973_701;
const BLOOD_PRESSURES: u64 = 4_875_988_248_389_199_897;

/// The value of a kind in a reading.
fn of(reading: &Reading, kind: i32) -> Option<i64> {
    reading.values.iter().find(|value| value.kind == kind).map(|value| value.value)
}

/// The value of a kind that must be there.
fn must(reading: &Reading, kind: i32) -> i64 {
    of(reading, kind).unwrap()
}

/// The [`hash`] of all numbers of a history.
fn fingerprint(readings: &[Reading]) -> u64 {
    hash(readings.iter().flat_map(|reading| {
        let values = reading.values.iter();
        let values =
            values.flat_map(|value| [i64::from(value.kind), value.value, i64::from(value.unit)]);
        [reading.taken_at].into_iter().chain(values)
    }))
}

/// FNV-1a.
fn hash(numbers: impl IntoIterator<Item = i64>) -> u64 {
    let bytes = numbers.into_iter().flat_map(i64::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Mean and standard deviation.
fn spread(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|number| (number - mean) * (number - mean)).sum::<f64>();
    (mean, (variance / count).sqrt())
}

/// Instants of all kinds: any, near the morning, and near changes of the clock.
fn instants() -> impl Strategy<Value = i64> {
    // Around 2025-03-30, 2025-10-26, 2026-03-29, 2026-10-25 (Europe), 2026-03-08, 2026-11-01
    // (North America), 2026-04-05 (Australia), 2011-12-30 (Samoa).
    let changes = prop::sample::select(vec![
        1_743_296_400,
        1_761_440_400,
        1_774_746_000,
        1_792_890_000,
        1_772_953_200,
        1_793_512_800,
        1_775_318_400,
        1_325_239_200,
    ]);
    prop_oneof![
        1_000_000_000_i64..4_000_000_000,
        (11_000_i64..40_000, 4 * 3_600_i64..9 * 3_600).prop_map(|(day, clock)| day * DAY + clock),
        (changes, -5 * DAY..5 * DAY).prop_map(|(change, away)| change + away),
    ]
}

/// Zones with and without changes of the clock.
fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Europe/Paris",
        "Europe/London",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "UTC",
        "Nowhere/AtAll",
    ])
}

/// People of all seeds, sizes and ages.
fn personas() -> impl Strategy<Value = Persona> {
    let body = (any::<bool>(), 1_500_i64..2_000, 18_i64..35);
    (any::<u64>(), zones(), body, -7_000_i64..12_000).prop_map(
        |(seed, zone, (man, height_mm, index), born)| Persona {
            seed,
            sex: if man { Sex::Man } else { Sex::Woman },
            born,
            height_mm,
            start_weight_g: index * height_mm * height_mm / 1_000,
            zone,
            ..Persona::demo()
        },
    )
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let demo = Persona::demo();
    assert_eq!(fingerprint(&weigh_ins(&demo, NOW, 730)), WEIGH_INS);
    assert_eq!(fingerprint(&blood_pressures(&demo, NOW, 730)), BLOOD_PRESSURES);
    let other = Persona { seed: 2, ..demo };
    assert_ne!(fingerprint(&weigh_ins(&other, NOW, 730)), WEIGH_INS);
    assert_ne!(fingerprint(&blood_pressures(&other, NOW, 730)), BLOOD_PRESSURES);
}

#[test]
fn the_demo_begins_its_diet_on_a_monday_at_forty() {
    let demo = Persona::demo();
    let date = |day: i64| {
        let midnight = Timestamp::from_second(day * DAY).unwrap();
        TimeZone::UTC.to_datetime(midnight).date().to_string()
    };
    assert_eq!(date(demo.course_begins), "2025-01-06");
    assert_eq!(date(demo.born), "1984-05-17");
}

#[test]
fn nothing_is_made_outside_the_calendar() {
    let demo = Persona::demo();
    for now in [i64::MIN, -1, 300_000_000_000, i64::MAX] {
        assert!(weigh_ins(&demo, now, 730).is_empty());
        assert!(blood_pressures(&demo, now, 730).is_empty());
    }
    assert!(weigh_ins(&demo, NOW, i64::MIN).is_empty());
    assert!(blood_pressures(&demo, NOW, 0).is_empty());
    assert!(weigh_ins(&demo, NOW, i64::MAX).len() > 30_000);
    assert!(weigh_ins(&demo, 0, 30).len() > 20);
}

#[test]
fn every_reading_has_its_kinds_and_units() {
    let demo = Persona::demo();
    let shape = |reading: &Reading| -> Vec<(i32, i8)> {
        reading.values.iter().map(|value| (value.kind, value.unit)).collect()
    };
    let body = vec![(1, -3), (5, -3), (6, -3), (8, -2), (76, -2), (77, -2), (88, -2)];
    let mut with_pulse = body.clone();
    with_pulse.push((11, 0));
    let readings = weigh_ins(&demo, NOW, 730);
    let caught = readings.iter().filter(|reading| shape(reading) == with_pulse).count();
    assert!(readings.iter().all(|r| shape(r) == body || shape(r) == with_pulse));
    assert!(caught * 100 > readings.len() * 80 && caught < readings.len());
    assert!(
        blood_pressures(&demo, NOW, 730).iter().all(|r| shape(r) == [(9, 0), (10, 0), (11, 0)])
    );
}

#[test]
fn the_demo_loses_six_kilograms() {
    let readings = weigh_ins(&Persona::demo(), NOW, 730);
    let weights: Vec<f64> =
        readings.iter().map(|r| must(r, Value::WEIGHT) as f64 / 1_000.0).collect();
    let ends = spread(&weights[..20]).0 - spread(&weights[weights.len() - 20..]).0;
    assert!((5.0..7.5).contains(&ends), "{ends}");
}

#[test]
fn weight_moves_as_published() {
    // Day-to-day differences have a spread of 0.35 to 0.75 kg; from Friday to Sunday and Monday
    // the weight rises by 0.1 to 0.5 per cent (Orsama et al., Obes Facts 2014;7:36).
    let readings = weigh_ins(&Persona::demo(), NOW, 3_650);
    let mut steps = Vec::new();
    for pair in readings.windows(2) {
        if pair[1].taken_at - pair[0].taken_at < 26 * 3_600 {
            let step = must(&pair[1], Value::WEIGHT) - must(&pair[0], Value::WEIGHT);
            steps.push(step as f64 / 1_000.0);
        }
    }
    let (_, size) = spread(&steps);
    assert!((0.35..0.5).contains(&size), "{size}");
    let on = |wanted: &[usize]| {
        let picked: Vec<f64> = readings
            .iter()
            .filter(|r| wanted.contains(&calendar::weekday((r.taken_at + 3_600).div_euclid(DAY))))
            .map(|r| must(r, Value::WEIGHT) as f64)
            .collect();
        spread(&picked).0
    };
    let swing = (on(&[6, 0]) / on(&[4]) - 1.0) * 100.0;
    assert!((0.1..0.5).contains(&swing), "{swing}");
}

#[test]
fn blood_pressure_moves_as_published() {
    // 0.6 to 1.5 mmHg per kg (Neter et al., 2003), 2 to 8 mmHg from July to January (Hanazawa et
    // al.), over eight years to keep chance out.
    let demo = Persona { course_begins: 20_094 - 2 * 1_461, ..Persona::demo() };
    let course = person::Course::of(&demo);
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let (mut heavy, mut light, mut january, mut july) = (vec![], vec![], vec![], vec![]);
    let mut differences = HashMap::from([(false, vec![]), (true, vec![])]);
    for reading in blood_pressures(&demo, 20_094 * DAY, 2_922) {
        let systolic = must(&reading, Value::SYSTOLIC) as f64;
        let diastolic = must(&reading, Value::DIASTOLIC) as f64;
        let local = zone.to_datetime(Timestamp::from_second(reading.taken_at).unwrap());
        let weight = course.weight_g(reading.taken_at.div_euclid(DAY)) as f64 / 1_000.0;
        let plain = systolic - 1.05 * (weight - 85.0);
        match local.month() {
            1 => january.push(plain),
            7 => july.push(plain),
            _ => {}
        }
        if weight > 87.0 {
            heavy.push((systolic, weight));
        } else if weight < 83.5 {
            light.push((systolic, weight));
        }
        differences.entry(local.hour() < 12).or_default().push((systolic, diastolic));
    }
    let mean = |pairs: &[(f64, f64)]| {
        let count = pairs.len() as f64;
        let sum = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
        (sum.0 / count, sum.1 / count)
    };
    let (above, below) = (mean(&heavy), mean(&light));
    let slope = (above.0 - below.0) / (above.1 - below.1);
    assert!((0.6..1.5).contains(&slope), "{slope}");
    let season = spread(&january).0 - spread(&july).0;
    assert!((2.0..8.0).contains(&season), "{season}");
    let (morning, evening) = (mean(&differences[&true]), mean(&differences[&false]));
    assert!((2.5..5.5).contains(&(morning.0 - evening.0)), "{morning:?} {evening:?}");
    assert!((1.0..3.0).contains(&(morning.1 - evening.1)), "{morning:?} {evening:?}");
    assert!((5.0..11.0).contains(&spread(&january).1));
}

#[test]
fn mornings_are_mornings_on_the_clock() {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let readings = weigh_ins(&Persona::demo(), NOW, 730);
    for reading in &readings {
        let local = zone.to_datetime(Timestamp::from_second(reading.taken_at).unwrap());
        let minutes = i64::from(local.hour()) * 60 + i64::from(local.minute());
        assert!((390..480).contains(&minutes), "{local}");
    }
}

#[test]
fn each_weeks_habit_is_kept() {
    let demo = Persona::demo();
    let weighed = weigh_ins(&demo, NOW, 730).len();
    assert!((600..=680).contains(&weighed), "{weighed}");
    let pressures = blood_pressures(&demo, NOW, 730);
    let mut days: Vec<i64> = pressures.iter().map(|r| (r.taken_at + 3_600) / DAY).collect();
    days.dedup();
    assert!((270..=360).contains(&days.len()), "{}", days.len());
    assert!(pressures.len() > days.len());
}

#[test]
fn asking_in_the_morning_moves_a_weigh_in() {
    // The instants at which a window may be empty: those between 6:30 and 8:00 in Paris.
    let demo = Persona::demo();
    for step in 0..4_000 {
        let now = (20_000 + step) * DAY + 4 * 3_600 + step * 97 % 15_000;
        let readings = weigh_ins(&demo, now, 3);
        for back in 0..3 {
            let end = now - back * DAY;
            let inside = readings.iter().any(|r| r.taken_at > end - DAY && r.taken_at <= end);
            assert!(inside, "window {back} before {now}");
        }
        let today: Vec<Reading> = readings.into_iter().filter(|r| r.taken_at > now - DAY).collect();
        assert_eq!(weigh_ins(&demo, now, 1), today);
    }
}

proptest! {
    #[test]
    fn each_of_the_last_three_days_has_a_weigh_in(
        persona in personas(), now in instants(), days in 3_i64..40,
    ) {
        let readings = weigh_ins(&persona, now, days);
        for back in 0..3 {
            let end = now - back * DAY;
            prop_assert!(readings.iter().any(|r| r.taken_at > end - DAY && r.taken_at <= end));
        }
        let pressures = blood_pressures(&persona, now, days);
        prop_assert!(pressures.iter().any(|r| r.taken_at > now - 3 * DAY));
    }

    #[test]
    fn time_only_goes_forward_and_ends_now(persona in personas(), now in instants()) {
        for readings in [weigh_ins(&persona, now, 400), blood_pressures(&persona, now, 400)] {
            prop_assert!(readings.windows(2).all(|pair| pair[0].taken_at < pair[1].taken_at));
            prop_assert!(readings.iter().all(|r| r.taken_at <= now));
            prop_assert!(readings.iter().all(|r| r.taken_at > now - 400 * DAY));
        }
        // At most one weigh-in a day, even when a morning was moved.
        let zone = TimeZone::get(persona.zone).unwrap_or(TimeZone::UTC);
        let day = |r: &Reading| {
            zone.to_datetime(Timestamp::from_second(r.taken_at).unwrap()).date()
        };
        let readings = weigh_ins(&persona, now, 400);
        prop_assert!(readings.windows(2).all(|pair| day(&pair[0]) < day(&pair[1])));
    }

    #[test]
    fn a_shorter_span_is_the_end_of_a_longer_one(
        persona in personas(), now in instants(), days in 0_i64..60,
    ) {
        let from = now - days * DAY;
        let tail = |readings: Vec<Reading>| -> Vec<Reading> {
            readings.into_iter().filter(|r| r.taken_at > from).collect()
        };
        prop_assert_eq!(weigh_ins(&persona, now, days), tail(weigh_ins(&persona, now, 90)));
        let long = tail(blood_pressures(&persona, now, 90));
        prop_assert_eq!(blood_pressures(&persona, now, days), long);
    }

    #[test]
    fn the_past_stays_when_now_moves_on(
        persona in personas(), now in instants(), later in 0_i64..100 * DAY,
    ) {
        let settled = |readings: Vec<Reading>| -> Vec<Reading> {
            let span = now - 30 * DAY..now - 4 * DAY;
            readings.into_iter().filter(|r| span.contains(&r.taken_at)).collect()
        };
        prop_assert_eq!(
            settled(weigh_ins(&persona, now, 200)),
            settled(weigh_ins(&persona, now + later, 200))
        );
        prop_assert_eq!(
            settled(blood_pressures(&persona, now, 200)),
            settled(blood_pressures(&persona, now + later, 200))
        );
    }

    #[test]
    fn the_parts_of_the_body_add_up(persona in personas(), now in instants()) {
        for reading in weigh_ins(&persona, now, 60) {
            let weight = must(&reading, Value::WEIGHT);
            let fat = must(&reading, Value::FAT_MASS) * 10;
            let lean = must(&reading, Value::FAT_FREE_MASS);
            prop_assert_eq!(fat + lean, weight);
            let ratio = must(&reading, Value::FAT_RATIO);
            prop_assert!((ratio * weight - fat * 100_000).abs() * 2 <= weight);
            let muscle = must(&reading, Value::MUSCLE) * 10;
            let bone = must(&reading, Value::BONE) * 10;
            prop_assert_eq!(muscle + bone, lean);
            prop_assert!(bone > 1_000 && bone < 6_000);
            let water = must(&reading, Value::HYDRATION) * 10;
            prop_assert!((water * 100 - lean * 73).abs() <= 500);
        }
    }

    #[test]
    fn values_stay_plausible(persona in personas(), now in instants()) {
        for reading in weigh_ins(&persona, now, 60) {
            let off = must(&reading, Value::WEIGHT) - persona.start_weight_g;
            prop_assert!((-9_000..=3_000).contains(&off), "{}", off);
            prop_assert!((4_000..=60_000).contains(&must(&reading, Value::FAT_RATIO)));
            let pulse = of(&reading, Value::PULSE).unwrap_or(70);
            prop_assert!((50..=115).contains(&pulse), "{}", pulse);
        }
        for reading in blood_pressures(&persona, now, 60) {
            let systolic = must(&reading, Value::SYSTOLIC);
            let diastolic = must(&reading, Value::DIASTOLIC);
            prop_assert!((80..=200).contains(&systolic), "{}", systolic);
            prop_assert!((40..=130).contains(&diastolic), "{}", diastolic);
            prop_assert!(systolic - diastolic >= 20);
            prop_assert!((45..=110).contains(&must(&reading, Value::PULSE)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn two_years_of_any_demo(seed in any::<u64>(), now in 1_700_000_000_i64..2_000_000_000) {
        let persona = Persona { seed, ..Persona::demo() };
        let readings = weigh_ins(&persona, now, 730);
        prop_assert!((600..=680).contains(&readings.len()), "{}", readings.len());
        for pair in readings.windows(2) {
            let step = must(&pair[1], Value::WEIGHT) - must(&pair[0], Value::WEIGHT);
            let near = pair[1].taken_at - pair[0].taken_at < 26 * 3_600;
            prop_assert!(step.abs() <= if near { 1_000 } else { 1_500 }, "{}", step);
        }
    }
}
