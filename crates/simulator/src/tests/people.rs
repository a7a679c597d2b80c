//! What the days of everybody must keep to, whatever their kind, zone and seed.

use super::*;
use crate::calendar::MINUTE;

const LATER: i64 = i64::MAX;

fn anybody() -> impl Strategy<Value = Persona> {
    let presets = prop::sample::select(Preset::ALL.to_vec());
    (presets, 0_u64..100_000, zones()).prop_map(|(preset, seed, zone)| {
        let zone = if zone == "Nowhere/AtAll" { "Asia/Tokyo" } else { zone };
        Persona::of(preset, seed, zone).unwrap()
    })
}

fn days() -> impl Strategy<Value = i64> {
    prop_oneof![20_000_i64..23_000, 20_535_i64..20_545]
}

fn bounds(night: &Night) -> (i64, i64) {
    (night.stages[0].start, night.stages[night.stages.len() - 1].end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn days_and_nights_fit_together(persona in anybody(), day in days()) {
        let (first, second) =
            (minutes(&persona, day, LATER), minutes(&persona, day + 1, LATER));
        let all: Vec<&Minute> = first.iter().chain(&second).collect();
        prop_assert!(all.windows(2).all(|pair| pair[0].at < pair[1].at));
        prop_assert!(first.iter().all(|minute| local_day(&persona, minute.at) == day));
        let mut nights: Vec<Night> =
            (day..day + 3).flat_map(|day| nights(&persona, day, LATER)).collect();
        nights.sort_by_key(|night| bounds(night).0);
        for pair in nights.windows(2) {
            let apart = bounds(&pair[1]).0 - bounds(&pair[0]).1;
            prop_assert!(apart > 2 * 3_600, "{} {}", apart, day);
        }
        for night in &nights {
            prop_assert!(night.stages.iter().all(|stage| stage.start < stage.end));
            let meet = |pair: &[Stage]| pair[0].end == pair[1].start;
            prop_assert!(night.stages.windows(2).all(meet));
            for vitals in &night.vitals {
                prop_assert!((34..=120).contains(&vitals.heart_rate_bpm));
                prop_assert!((8..=26).contains(&vitals.breaths_per_minute));
            }
        }
        for minute in all {
            let stages = nights.iter().flat_map(|night| &night.stages);
            let stage = stages.into_iter().find(|one| (one.start..one.end).contains(&minute.at));
            let up = stage.is_none_or(|stage| stage.state == State::OutOfBed);
            prop_assert!(minute.steps == 0 || up);
            prop_assert!((34..=190).contains(&minute.heart_rate_bpm.unwrap()));
            prop_assert!(minute.steps > 0 || (minute.distance_m, minute.floors) == (0, 0));
        }
    }

    #[test]
    fn workouts_and_walks_are_of_people_who_are_up(persona in anybody(), day in days()) {
        let asleep: Vec<(i64, i64)> =
            (day..day + 2).flat_map(|day| nights(&persona, day, LATER)).map(|one| bounds(&one))
            .collect();
        for Workout { start, end, .. } in workouts(&persona, day, LATER) {
            for (from, to) in &asleep {
                prop_assert!(end <= *from || start >= *to, "{start} {end} in {from} {to}");
            }
        }
        for heart in hearts(&persona, day, LATER) {
            let still = |span: &(i64, i64)| !(span.0..span.1).contains(&heart.taken_at);
            prop_assert!(asleep.iter().all(still));
            prop_assert_eq!(heart.taken_at.div_euclid(MINUTE) * MINUTE <= heart.taken_at, true);
        }
    }
}
