//! Nights against nights by hand.

use super::*;
use proptest::prelude::*;

/// Stages one after the other from `start`, in minutes; a number below 0 is a gap.
fn stages(start: i64, told: &[(i64, i64)]) -> Vec<Stage> {
    let mut at = start;
    let mut stages = Vec::new();
    for (minutes, state) in told {
        let end = at + minutes * 60;
        if *state >= 0 {
            stages.push(Stage { start: at, end, state: State(*state) });
        }
        at = end;
    }
    stages
}

fn vital(at: i64, values: Vitals) -> Vital {
    Vital { at, values }
}

#[test]
fn a_night_by_hand() {
    // In bed for 20 minutes, sleep, awake for 5, sleep, up for 10, awake for 3, sleep, awake for 8.
    let told = [
        (20, 0),
        (60, 1),
        (40, 2),
        (20, 3),
        (5, 0),
        (5, 3),
        (30, 1),
        (10, -1),
        (3, 0),
        (25, 1),
        (10, 3),
        (8, 0),
    ];
    let stages = stages(1_000, &told);
    let (night, events) = summary(&stages, &[]);
    let minutes = |minutes: i64| Some(minutes * 60);
    assert_eq!(night.total_timeinbed, minutes(226));
    assert_eq!(night.total_sleep_time, minutes(190));
    assert_eq!(night.lightsleepduration, minutes(115));
    assert_eq!(night.deepsleepduration, minutes(40));
    assert_eq!(night.remsleepduration, minutes(35));
    assert_eq!(night.asleepduration, None);
    assert_eq!((night.sleep_latency, night.durationtosleep), (minutes(20), minutes(20)));
    assert_eq!((night.wakeup_latency, night.durationtowakeup), (minutes(8), minutes(8)));
    assert_eq!((night.wakeupduration, night.waso), (minutes(36), minutes(16)));
    // 190 / 226 = 0.8407
    assert_eq!(night.sleep_efficiency, Some(Decimal(84)));
    // The five minutes alone: he got up before the three, and did not sleep after the eight.
    assert_eq!((night.wakeupcount, night.out_of_bed_count), (Some(1), Some(1)));
    // 20 and 5 minutes with 5 between are one; the 10 come 68 minutes later.
    assert_eq!(night.nb_rem_episodes, Some(2));
    let at = |minutes: &[i64]| minutes.iter().map(|minute| minute * 60).collect::<Vec<_>>();
    assert_eq!(events[&1], at(&[0, 190]));
    assert_eq!(events[&2], at(&[20, 145, 193]));
    assert_eq!(events[&3], at(&[140, 180, 228]));
    assert_eq!(events[&4], at(&[180, 236]));
}

#[test]
fn what_is_noticed_counts_asleep_alone() {
    let stages = stages(0, &[(2, 0), (6, 1), (2, 0)]);
    let rates = [90, 90, 50, 51, 0, 52, 53, 57, 99, 99];
    let vitals: Vec<Vital> = (0..10)
        .map(|minute| {
            let at = minute as usize;
            vital(
                minute * 60,
                Vitals {
                    hr: Some(rates[at]),
                    rr: Some(12),
                    snoring: Some([0, 0, 0, 30, 30, 0, 50, 0, 0, 60][at]),
                    rmssd: Some(10 * minute),
                    mvt_score: Some([9, 0, 0, 0, 0, 0, 0, 0, 0, 11][at]),
                    ..Vitals::default()
                },
            )
        })
        .collect();
    let (night, _) = summary(&stages, &vitals);
    // (50 + 51 + 52 + 53 + 57) / 5 = 52.6
    assert_eq!((night.hr_average, night.hr_min, night.hr_max), (Some(53), Some(50), Some(57)));
    assert_eq!((night.rr_average, night.rr_max), (Some(12), Some(12)));
    assert_eq!(night.chest_movement_rate_average, None);
    assert_eq!(night.chest_movement_rate_wellness_average, Some(12));
    // 30 + 30 is a minute, 50 is none, 60 is one.
    assert_eq!((night.snoring, night.snoringepisodecount), (Some(170), Some(2)));
    assert_eq!(
        (night.rmssd_start_avg, night.rmssd_end_avg),
        (Some(Decimal(250)), Some(Decimal(650)))
    );
    assert_eq!((night.mvt_score_avg, night.mvt_active_duration), (Some(2), Some(120)));
    assert_eq!(night.breathing_sounds, None);
}

#[test]
fn sleep_without_stages_says_nothing_of_light_and_deep() {
    let (night, _) = summary(&stages(0, &[(10, 0), (400, 5)]), &[]);
    assert_eq!((night.asleepduration, night.total_sleep_time), (Some(24_000), Some(0)));
    assert_eq!((night.lightsleepduration, night.deepsleepduration), (None, None));
    assert_eq!(night.sleep_efficiency, Some(Decimal(98)));
}

#[test]
fn two_hours_out_of_bed_end_a_night() {
    let cut = |told: &[(i64, i64)]| {
        let stages = stages(0, told);
        nights(&stages).iter().map(|night| night.len()).collect::<Vec<_>>()
    };
    assert_eq!(cut(&[(60, 1), (119, -1), (60, 1)]), [2]);
    assert_eq!(cut(&[(60, 1), (120, -1), (60, 1)]), [1, 1]);
    // Told or not, out of bed is out of bed.
    assert_eq!(cut(&[(60, 1), (119, 15), (60, 1)]), [3]);
    assert_eq!(cut(&[(60, 1), (120, 15), (60, 1)]), [1, 1]);
    assert_eq!(cut(&[(5, 15), (60, 1), (5, 15)]), [1]);
    assert_eq!(cut(&[(5, 15)]), [0; 0]);
    assert_eq!(cut(&[]), [0; 0]);
}

#[test]
fn nobody_sleeps_for_longer_than_a_day() {
    let told = vec![(10 * 60, 1); 7];
    let stages = stages(0, &told);
    let lengths: Vec<_> = nights(&stages).iter().map(|night| night.len()).collect();
    assert_eq!(lengths, [2, 2, 2, 1]);
}

#[test]
fn what_is_said_later_lies_over_what_was_said_first() {
    let first = stages(0, &[(60, 1)]);
    let later = stages(20 * 60, &[(10, 0)]);
    let both = overlaid(&first, &later);
    let told: Vec<_> = both.iter().map(|one| (one.start / 60, one.end / 60, one.state.0)).collect();
    assert_eq!(told, [(0, 20, 1), (20, 30, 0), (30, 60, 1)]);
    // Stages that only touch stay as they are, also of one state.
    let touching = stages(0, &[(2, 1), (3, 1)]);
    assert_eq!(overlaid(&[], &touching), touching);
    assert_eq!(overlaid(&touching, &[]), touching);
}

fn some_stages() -> impl Strategy<Value = Vec<Stage>> {
    let stage =
        (0..400_i64, 0..90_i64, prop_oneof![0..6_i64, Just(15)]).prop_map(|(at, long, state)| {
            Stage { start: at * 60, end: (at + long) * 60, state: State(state) }
        });
    proptest::collection::vec(stage, 0..20)
}

proptest! {
    #[test]
    fn of_every_minute_the_last_word_counts(first in some_stages(), second in some_stages()) {
        let told = [first.clone(), second.clone()].concat();
        let all = overlaid(&overlaid(&[], &first), &second);
        for pair in all.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start);
        }
        for minute in 0..500 {
            let at = minute * 60;
            let is_at = |stage: &&Stage| stage.start <= at && at < stage.end;
            let last = told.iter().rev().find(is_at).map(|stage| stage.state);
            prop_assert_eq!(all.iter().find(is_at).map(|stage| stage.state), last);
        }
    }

    #[test]
    fn the_times_of_a_night_are_its_parts(told in some_stages()) {
        let all = overlaid(&[], &told);
        let mut in_bed = 0;
        for stages in nights(&all) {
            let (night, events) = summary(stages, &[]);
            let of = |field: Option<i64>| field.unwrap_or(0);
            let slept = of(night.total_sleep_time) + of(night.asleepduration);
            let total = of(night.total_timeinbed);
            in_bed += total;
            prop_assert_eq!(total, of(night.sleep_latency) + slept + of(night.waso));
            prop_assert_eq!(total, slept + of(night.wakeupduration));
            prop_assert!(stages[0].state.is_in_bed() && stages[stages.len() - 1].state.is_in_bed());
            for times in events.values() {
                prop_assert!(times.is_sorted());
            }
        }
        let all_in_bed: i64 =
            all.iter().filter(|one| one.state.is_in_bed()).map(Stage::seconds).sum();
        prop_assert_eq!(in_bed, all_in_bed);
    }
}
