//! What the days of a person must keep to: minutes, workouts, nights and electrocardiograms, each
//! for itself and with one another.

use super::*;
use crate::calendar::MINUTE;

/// [`hash`]es of the demo person's sixty days before [`NOW`]: minutes, workouts, nights,
/// electrocardiograms. They change only on purpose.
const SIXTY_DAYS: [u64; 4] = [
    5_992_866_844_544_078_596,
    6_662_775_663_721_573_455,
    8_021_042_165_530_002_798,
    13_425_148_315_645_289_246,
];
const LATER: i64 = i64::MAX;

/// A day of somebody.
#[derive(Debug, PartialEq)]
struct Lived {
    minutes: Vec<Minute>,
    workouts: Vec<Workout>,
    nights: Vec<Night>,
    hearts: Vec<Heart>,
}

fn lived(persona: &Persona, day: i64, now: i64) -> Lived {
    Lived {
        minutes: minutes(persona, day, now),
        workouts: workouts(persona, day, now),
        nights: nights(persona, day, now),
        hearts: hearts(persona, day, now),
    }
}

/// The demo person's days up to that of [`NOW`], which is not over.
fn sixty() -> Vec<Lived> {
    let demo = Persona::demo();
    let today = local_day(&demo, NOW);
    (today - 60..=today).map(|day| lived(&demo, day, NOW)).collect()
}

fn steps(lived: &Lived) -> i64 {
    lived.minutes.iter().map(|minute| minute.steps).sum()
}

/// Seconds of a night in a state.
fn seconds(night: &Night, is: impl Fn(State) -> bool) -> i64 {
    let of_state = night.stages.iter().filter(|stage| is(stage.state));
    of_state.map(|stage| stage.end - stage.start).sum()
}

fn bounds(night: &Night) -> (i64, i64) {
    (night.stages[0].start, night.stages[night.stages.len() - 1].end)
}

fn mean(numbers: impl Iterator<Item = i64>) -> f64 {
    spread(&numbers.map(|number| number as f64).collect::<Vec<_>>()).0
}

#[test]
fn the_same_seed_gives_the_same_days() {
    let days = sixty();
    let minutes = days.iter().flat_map(|day| &day.minutes).flat_map(|minute| {
        let Minute { at, steps, distance_m, floors, tenths_kcal, heart_rate_bpm } = *minute;
        [at, steps, distance_m, floors, tenths_kcal, heart_rate_bpm.unwrap_or(0)]
    });
    let workouts = days.iter().flat_map(|day| &day.workouts);
    let workouts = workouts.flat_map(|one| [one.start, one.end, one.sport.category()]);
    let nights = days.iter().flat_map(|day| &day.nights).flat_map(|night| {
        let stages = night.stages.iter();
        let stages = stages.flat_map(|stage| [stage.start, stage.end, stage.state.code()]);
        let vitals = night.vitals.iter().flat_map(|vitals| {
            let (rmssd, sdnn) = vitals.variability_ms.unwrap_or_default();
            let Vitals { at, heart_rate_bpm, breaths_per_minute, snoring_seconds, .. } = *vitals;
            let movement = vitals.movement;
            [at, heart_rate_bpm, breaths_per_minute, snoring_seconds, movement, rmssd, sdnn]
        });
        stages.chain(vitals).chain(night.score).collect::<Vec<_>>()
    });
    let hearts = days.iter().flat_map(|day| &day.hearts).flat_map(|heart| {
        let samples = heart.recording.samples.iter().copied();
        [heart.taken_at, i64::from(heart.is_inconclusive)].into_iter().chain(samples)
    });
    assert_eq!([hash(minutes), hash(workouts), hash(nights), hash(hearts)], SIXTY_DAYS);
}

#[test]
fn days_are_like_those_of_a_man_who_walks_to_work() {
    let days = sixty();
    let whole = &days[..60];
    let all: Vec<f64> = whole.iter().map(|day| steps(day) as f64).collect();
    let (usual, varies) = spread(&all);
    assert!((7_000.0..12_000.0).contains(&usual), "{usual}");
    assert!((0.25..0.5).contains(&(varies / usual)), "{}", varies / usual);
    let trained = days.iter().map(|day| day.workouts.len()).sum::<usize>();
    assert!((17..=36).contains(&trained), "{trained}");
    let taken = days.iter().map(|day| day.hearts.len()).sum::<usize>();
    assert!((6..=11).contains(&taken), "{taken}");
    let nights: Vec<&Night> = days.iter().flat_map(|day| &day.nights).collect();
    let naps = nights.iter().filter(|night| night.is_nap).count();
    assert!((1..=8).contains(&naps), "{naps}");
    let up = nights.iter().filter(|night| seconds(night, |state| state == State::OutOfBed) > 0);
    assert!((1..=15).contains(&up.count()));
    let with_variability =
        nights.iter().filter(|night| night.vitals.iter().any(|one| one.variability_ms.is_some()));
    assert!((20..=55).contains(&with_variability.count()));
    let charged = whole.iter().filter(|day| day.minutes.len() < 1_380).count();
    assert!((0..60).contains(&charged));
    let floors = mean(whole.iter().map(|day| day.minutes.iter().map(|one| one.floors).sum()));
    assert!((2.0..15.0).contains(&floors), "{floors}");
}

#[test]
fn nights_are_like_those_of_a_man_of_forty() {
    let days = sixty();
    let nights = days.iter().flat_map(|day| &day.nights).filter(|night| !night.is_nap);
    let (mut deep_part, mut rem_part, mut efficiency) = (vec![], vec![], vec![]);
    let (mut deep_bpm, mut rem_bpm, mut deep_rr, mut rem_rr) = (vec![], vec![], vec![], vec![]);
    for night in nights {
        let slept = seconds(night, State::is_sleep) as f64;
        let (start, end) = bounds(night);
        deep_part.push(seconds(night, |state| state == State::Deep) as f64 / slept);
        rem_part.push(seconds(night, |state| state == State::Rem) as f64 / slept);
        efficiency.push(slept / (end - start) as f64);
        for vitals in &night.vitals {
            let stage = night.stages.iter().find(|one| (one.start..one.end).contains(&vitals.at));
            let (bpm, rr) = (vitals.heart_rate_bpm as f64, vitals.breaths_per_minute as f64);
            match stage.unwrap().state {
                State::Deep => (deep_bpm.push(bpm), deep_rr.push(rr)),
                State::Rem => (rem_bpm.push(bpm), rem_rr.push(rr)),
                _ => continue,
            };
        }
    }
    // 24 − 2 and 23 − 0.6 points a decade from 20, four points about it.
    let mean = |numbers: &[f64]| spread(numbers).0;
    assert!((0.14..0.25).contains(&mean(&deep_part)), "{}", mean(&deep_part));
    assert!((0.18..0.25).contains(&mean(&rem_part)), "{}", mean(&rem_part));
    assert!((0.82..0.93).contains(&mean(&efficiency)), "{}", mean(&efficiency));
    let rise = mean(&rem_bpm) - mean(&deep_bpm);
    assert!((0.5..4.0).contains(&rise), "{rise}");
    let slower = mean(&deep_rr) / mean(&rem_rr);
    assert!((0.88..0.96).contains(&slower), "{slower}");
}

#[test]
fn workouts_are_in_the_minutes() {
    let persona = Persona::demo();
    let mut seen = std::collections::HashSet::new();
    for day in 20_000..20_400 {
        let Lived { minutes, workouts, .. } = lived(&persona, day, LATER);
        for Workout { start, end, sport } in workouts {
            seen.insert(sport);
            let inside = || minutes.iter().filter(|one| (start..end).contains(&one.at));
            assert_eq!(inside().count() as i64, (end - start) / MINUTE, "{sport:?}");
            let rate = mean(inside().skip(4).filter_map(|one| one.heart_rate_bpm));
            let cadence = mean(inside().map(|one| one.steps));
            let (rates, cadences) = match sport {
                Sport::Walk => (90.0..125.0, 95.0..130.0),
                Sport::Run => (135.0..175.0, 140.0..180.0),
                Sport::Hike => (105.0..145.0, 95.0..110.0),
                Sport::Ride => (115.0..160.0, 0.0..0.1),
                Sport::Weights => (85.0..120.0, 0.0..30.0),
            };
            assert!(rates.contains(&rate), "{sport:?} {rate}");
            assert!(cadences.contains(&cadence), "{sport:?} {cadence}");
            let kcal: i64 = inside().map(|one| one.tenths_kcal).sum::<i64>() / 10;
            let per_minute = kcal as f64 / ((end - start) / MINUTE) as f64;
            assert!((2.0..16.0).contains(&per_minute), "{sport:?} {per_minute}");
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
}

#[test]
fn electrocardiograms_are_of_the_minute_they_are_taken_in() {
    let persona = Persona::demo();
    let (mut taken, mut inconclusive) = (0, 0);
    for day in 20_000..20_400 {
        let Lived { minutes, hearts, .. } = lived(&persona, day, LATER);
        for heart in hearts {
            let at = heart.taken_at - heart.taken_at.rem_euclid(MINUTE);
            let minute = minutes.iter().find(|minute| minute.at == at).expect("worn");
            assert_eq!(minute.steps, 0);
            let off = heart.recording.heart_rate_bpm - minute.heart_rate_bpm.unwrap();
            assert!(off.abs() <= 5, "{off}");
            assert_eq!(heart.recording.samples.len(), 9_000);
            taken += 1;
            inconclusive += i32::from(heart.is_inconclusive);
        }
    }
    assert!((50..70).contains(&taken), "{taken}");
    assert!((1..=6).contains(&inconclusive), "{inconclusive}");
}

#[test]
fn a_day_that_was_skipped_is_empty() {
    let samoan = Persona { zone: "Pacific/Apia", ..Persona::demo() };
    let empty = Lived { minutes: vec![], workouts: vec![], nights: vec![], hearts: vec![] };
    assert_eq!(lived(&samoan, 15_338, LATER), empty);
    for day in [i64::MIN, -1, 3_000_000, i64::MAX] {
        assert_eq!(lived(&Persona::demo(), day, LATER), empty);
    }
}

fn days() -> impl Strategy<Value = i64> {
    prop_oneof![11_000_i64..40_000, (0_i64..8).prop_map(|near| 15_334 + near), 20_170_i64..20_180]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_after_now_and_what_was_before_stays(
        persona in personas(), day in days(), part in 0_i64..100_000,
    ) {
        let now = day * DAY - 8 * 3_600 + part;
        let (early, late) = (lived(&persona, day, now), lived(&persona, day, LATER));
        let over = |end: i64| end <= now;
        let minutes = late.minutes.iter().copied().filter(|one| over(one.at + MINUTE));
        prop_assert_eq!(minutes.collect::<Vec<_>>(), early.minutes);
        let workouts = late.workouts.iter().copied().filter(|one| over(one.end));
        prop_assert_eq!(workouts.collect::<Vec<_>>(), early.workouts);
        let nights = late.nights.iter().filter(|night| over(bounds(night).1)).cloned();
        prop_assert_eq!(nights.collect::<Vec<_>>(), early.nights);
        let hearts = late.hearts.iter().filter(|heart| over(heart.taken_at + 30)).cloned();
        prop_assert_eq!(hearts.collect::<Vec<_>>(), early.hearts);
    }

    #[test]
    fn neighbouring_days_fit_together(persona in personas(), day in days()) {
        let (first, second) = (lived(&persona, day, LATER), lived(&persona, day + 1, LATER));
        let minutes: Vec<&Minute> = first.minutes.iter().chain(&second.minutes).collect();
        prop_assert!(minutes.windows(2).all(|pair| pair[0].at < pair[1].at));
        for minute in &minutes {
            prop_assert_eq!(minute.at % MINUTE, 0);
        }
        let of_day = |minute: &Minute, day| local_day(&persona, minute.at) == day;
        prop_assert!(first.minutes.iter().all(|minute| of_day(minute, day)));
        prop_assert!(second.minutes.iter().all(|minute| of_day(minute, day + 1)));
        let mut nights: Vec<&Night> = first.nights.iter().chain(&second.nights).collect();
        nights.sort_by_key(|night| bounds(night).0);
        // Far enough apart to be two.
        let apart = |pair: &[&Night]| bounds(pair[1]).0 - bounds(pair[0]).1 > 2 * 3_600;
        prop_assert!(nights.windows(2).all(apart));
        for night in &nights {
            prop_assert_eq!(local_day(&persona, bounds(night).1), night.day);
        }
    }

    #[test]
    fn stages_tile_the_night_and_vitals_are_in_it(persona in personas(), day in days()) {
        for night in nights(&persona, day, LATER) {
            prop_assert!(night.stages.iter().all(|stage| stage.start < stage.end));
            prop_assert!(night.stages.iter().all(|stage| (stage.end - stage.start) % MINUTE == 0));
            let meet = |pair: &[Stage]| {
                pair[0].end == pair[1].start && pair[0].state != pair[1].state
            };
            prop_assert!(night.stages.windows(2).all(meet));
            let in_bed = seconds(&night, |state| state != State::OutOfBed);
            prop_assert_eq!(night.vitals.len() as i64 * MINUTE, in_bed);
            for vitals in &night.vitals {
                let is_in = |stage: &&Stage| (stage.start..stage.end).contains(&vitals.at);
                let stage = night.stages.iter().find(is_in).unwrap();
                prop_assert!(stage.state != State::OutOfBed);
                prop_assert!((40..=120).contains(&vitals.heart_rate_bpm));
                prop_assert!((8..=26).contains(&vitals.breaths_per_minute));
                prop_assert!((0..=60).contains(&vitals.snoring_seconds));
                prop_assert!(vitals.snoring_seconds == 0 || stage.state.is_sleep());
                prop_assert!((0..=255).contains(&vitals.movement));
            }
            let slept = seconds(&night, State::is_sleep);
            if night.is_nap {
                prop_assert!((10 * MINUTE..90 * MINUTE).contains(&slept), "{}", slept);
                prop_assert_eq!(night.score, None);
            } else {
                // The shortest stay in bed, less the slowest start, an hour awake and a way out.
                prop_assert!((4 * 3_600..10 * 3_600).contains(&slept), "{}", slept);
                prop_assert!((30..=100).contains(&night.score.unwrap()));
            }
        }
    }

    #[test]
    fn days_are_plausible(persona in personas(), day in days()) {
        let day = lived(&persona, day, LATER);
        prop_assume!(!day.minutes.is_empty());
        let all = steps(&day);
        prop_assert!((2_000..=20_000).contains(&all), "{}", all);
        let distance: i64 = day.minutes.iter().map(|minute| minute.distance_m).sum();
        let length = distance as f64 / all as f64;
        prop_assert!(day.workouts.iter().any(|one| one.sport == Sport::Run)
            || (0.5..0.95).contains(&length), "{}", length);
        for minute in &day.minutes {
            prop_assert!((40..=190).contains(&minute.heart_rate_bpm.unwrap()));
            prop_assert!((0..=200).contains(&minute.steps) && minute.tenths_kcal >= 0);
            prop_assert!(minute.steps > 0 || (minute.distance_m, minute.floors) == (0, 0));
            prop_assert!(minute.tenths_kcal < 300, "{}", minute.tenths_kcal);
        }
    }

    #[test]
    fn the_watch_and_the_bed_agree(persona in personas(), day in days()) {
        let nights = nights(&persona, day, LATER);
        for minute in minutes(&persona, day, LATER) {
            for night in &nights {
                let stage = |one: &&Stage| (one.start..one.end).contains(&minute.at);
                let Some(stage) = night.stages.iter().find(stage) else { continue };
                let gets_up = stage.state == State::OutOfBed;
                prop_assert!(minute.steps == 0 || gets_up);
                prop_assert_eq!(minute.tenths_kcal == 0, minute.steps == 0);
                let bed = night.vitals.iter().find(|vitals| vitals.at == minute.at);
                let Some(bed) = bed.filter(|_| minute.at > bounds(night).0 + 600) else { continue };
                let off = bed.heart_rate_bpm - minute.heart_rate_bpm.unwrap();
                prop_assert!(off.abs() <= 15, "{}", off);
            }
        }
    }
}
