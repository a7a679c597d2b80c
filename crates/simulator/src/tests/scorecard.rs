//! The people against published physiology: statistics over many seeds, each with where its target
//! is from. Marks as in the crate's first lines.

use super::*;
use crate::calendar::Calendar;
use crate::life::Body;
use crate::person::Course;

const ZONE: &str = "Europe/Berlin";
/// 2026-02-16, a Monday, six weeks into the stories.
const FROM: i64 = 20_500;
const LATER: i64 = i64::MAX;

fn person(preset: Preset, seed: u64) -> Persona {
    Persona::of(preset, seed, ZONE).unwrap()
}

fn mean(numbers: &[f64]) -> f64 {
    spread(numbers).0
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The slope of a line through points.
fn slope(points: &[(f64, f64)]) -> f64 {
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let (x, y) = (mean(&x), mean(&y));
    let over: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    over / points.iter().map(|point| (point.0 - x) * (point.0 - x)).sum::<f64>()
}

fn in_range(what: &str, found: f64, range: std::ops::Range<f64>) {
    assert!(range.contains(&found), "{what}: {found} is not in {range:?}");
}

/// Nights of a person, without naps.
fn slept(persona: &Persona, days: std::ops::Range<i64>) -> Vec<Night> {
    let nights = days.flat_map(|day| nights(persona, day, LATER));
    nights.filter(|night| !night.is_nap).collect()
}

fn seconds(night: &Night, is: impl Fn(State) -> bool) -> f64 {
    let stages = night.stages.iter().filter(|stage| is(stage.state));
    stages.map(|stage| stage.end - stage.start).sum::<i64>() as f64
}

fn steps(persona: &Persona, day: i64) -> f64 {
    minutes(persona, day, LATER).iter().map(|minute| minute.steps).sum::<i64>() as f64
}

/// Deep and REM sleep in parts of sleep, and sleep of the time in bed.
fn shares(people: &[Persona]) -> (f64, f64, f64) {
    let all: Vec<Night> = people.iter().flat_map(|one| slept(one, FROM..FROM + 14)).collect();
    let share = |is: fn(State) -> bool, of: fn(State) -> bool| {
        mean(&all.iter().map(|one| seconds(one, is) / seconds(one, of)).collect::<Vec<_>>())
    };
    let deep = share(|state| state == State::Deep, State::is_sleep);
    (deep, share(|state| state == State::Rem, State::is_sleep), share(State::is_sleep, |_| true))
}

/// Boulos et al., Lancet Respir Med 2019: deep sleep 24 per cent at 20 and 2 less a decade, REM 23
/// and 0.6 less, efficiency 2.1 points less; Ohayon et al., Sleep 2004, for children.
#[test]
fn sleep_is_that_of_the_age() {
    let of = |preset: Preset| -> Vec<Persona> { (0..5).map(|seed| person(preset, seed)).collect() };
    let (child, old) = (shares(&of(Preset::Child)), shares(&of(Preset::Elderly)));
    let grown = shares(&of(Preset::Runner));
    in_range("deep, child", child.0, 0.2..0.3);
    in_range("deep, grown", grown.0, 0.18..0.25);
    in_range("deep, old", old.0, 0.09..0.16);
    in_range("REM, child", child.1, 0.19..0.27);
    in_range("REM, grown", grown.1, 0.18..0.25);
    in_range("REM, old", old.1, 0.16..0.22);
    assert!(child.2 > grown.2 && grown.2 > old.2 + 0.02, "{child:?} {grown:?} {old:?}");
    in_range("efficiency, old", old.2, 0.78..0.89);
    let child = person(Preset::Child, 1);
    let hours: Vec<f64> = slept(&child, FROM..FROM + 14)
        .iter()
        .map(|night| seconds(night, State::is_sleep) / 3_600.0)
        .collect();
    in_range("hours, child", mean(&hours), 8.7..10.3);
}

/// Deep sleep comes first and REM sleep last (physiology of cycles); REM latency 60 to 110 min.
#[test]
fn nights_have_their_architecture() {
    let (mut first, mut last, mut latency) = (0.0, 0.0, vec![]);
    for seed in 0..6 {
        for night in slept(&person(Preset::Sedentary, seed), FROM..FROM + 14) {
            let begin = night.stages[0].start;
            let end = night.stages[night.stages.len() - 1].end;
            let third = (end - begin) / 3;
            for stage in night.stages.iter().filter(|stage| stage.state == State::Deep) {
                let long = (stage.end - stage.start) as f64;
                if stage.end <= begin + third {
                    first += long;
                } else if stage.start >= end - third {
                    last += long;
                }
            }
            let begins = |is: fn(State) -> bool| {
                night.stages.iter().find(|stage| is(stage.state)).map(|stage| stage.start)
            };
            let sleep = begins(State::is_sleep).unwrap();
            latency.extend(begins(|state| state == State::Rem).map(|rem| (rem - sleep) as f64));
        }
    }
    assert!(first > 3.0 * last, "{first} {last}");
    in_range("REM latency", median(latency) / 60.0, 60.0..110.0);
}

/// Heinzer et al., Lancet Respir Med 2015: more than 15 an hour is moderate, more than 30 severe;
/// snoring of 30 to 60 per cent of the night \[mem\]; oxygen asleep 96.5, and 95.1 above 60 (Gries
/// & Brooks, Chest 1996).
#[test]
fn whoever_stops_breathing_snores_and_lacks_oxygen() {
    let found = |preset: Preset| {
        let (mut index, mut snoring, mut oxygen) = (vec![], vec![], vec![]);
        for seed in 0..8 {
            let persona = person(preset, seed);
            for night in slept(&persona, FROM..FROM + 8) {
                let events = night.apnoea_tenths as f64 / 10.0;
                index.push(events);
                let snored: i64 = night.vitals.iter().map(|one| one.snoring_seconds).sum();
                snoring.push(snored as f64 / seconds(&night, State::is_sleep));
                let years = Course::of(&persona).years(FROM);
                oxygen.extend(night.vitals.iter().step_by(10).map(|one| {
                    oxygen::asleep(&persona, years, night.apnoea_tenths, one.at) as f64
                }));
            }
        }
        let dips = oxygen.iter().filter(|percent| **percent < 92.0).count() as f64;
        (mean(&index), mean(&snoring), dips / oxygen.len() as f64, median(oxygen))
    };
    let (ill, well, old) =
        (found(Preset::SleepApnoea), found(Preset::Runner), found(Preset::Elderly));
    in_range("events, ill", ill.0, 20.0..55.0);
    in_range("events, well", well.0, 0.0..5.0);
    in_range("events, old", old.0, 5.0..20.0);
    in_range("snoring, ill", ill.1, 0.2..0.6);
    in_range("snoring, well", well.1, 0.0..0.05);
    in_range("dips, ill", ill.2, 0.12..0.45);
    in_range("dips, well", well.2, 0.0..0.03);
    in_range("oxygen, well", well.3, 95.5..97.5);
    in_range("oxygen, old", old.3, 94.0..96.5);
}

/// The cosinor of hourly means: amplitude 5 to 13, acrophase 14 to 17 h of day workers, lowest some
/// hours before getting up (Chronobiol Int 2025, doi 10.1080/07420528.2024.2446622).
#[test]
fn hearts_follow_the_day() {
    let (mut amplitudes, mut peaks, mut lowest) = (vec![], vec![], vec![]);
    for (preset, seed) in [(Preset::Sedentary, 1), (Preset::Sedentary, 2), (Preset::Traveller, 3)] {
        let persona = person(preset, seed);
        let mut hours = [(0.0, 0.0); 24];
        for day in FROM..FROM + 14 {
            for minute in minutes(&persona, day, LATER) {
                // At home in winter: an hour ahead of UTC.
                let hour = (minute.at + 3_600).rem_euclid(DAY) / 3_600;
                let sum = &mut hours[hour as usize];
                sum.0 += minute.heart_rate_bpm.unwrap() as f64;
                sum.1 += 1.0;
            }
        }
        if persona.zone_on(FROM) != ZONE || persona.zone_on(FROM + 13) != ZONE {
            continue;
        }
        let means = hours.map(|(sum, count)| sum / count);
        let wave = |shift: f64| -> f64 {
            let of =
                |(hour, bpm): (usize, &f64)| bpm * wave::cosine((hour as f64 + 0.5 - shift) / 24.0);
            means.iter().enumerate().map(of).sum::<f64>() / 12.0
        };
        let (best, amplitude) = (0..240)
            .map(|tenth| (tenth as f64 / 10.0, wave(tenth as f64 / 10.0)))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap();
        amplitudes.push(amplitude);
        peaks.push(best);
        let low = (0..24).min_by(|one, other| means[*one].total_cmp(&means[*other])).unwrap();
        lowest.push(low as f64);
    }
    in_range("amplitude", mean(&amplitudes), 5.0..13.0);
    in_range("acrophase", mean(&peaks), 13.0..17.5);
    in_range("lowest", mean(&lowest), 2.0..6.0);
}

/// Quer et al., PLoS ONE 2020: 65.5 ± 7.7 of 92,457 adults, about two higher in January than in
/// July; endurance athletes 40 to 55 \[mem\]; a child of eight 80 to 90 (Ostchega et al. 2011, less
/// what a clinic adds).
#[test]
fn hearts_at_rest_are_those_of_their_people() {
    let rest = |preset: Preset, day: i64| -> Vec<f64> {
        (0..150).map(|seed| Course::of(&person(preset, seed)).rest_bpm(day)).collect()
    };
    let (usual, between) = spread(&rest(Preset::LateUploads, FROM));
    in_range("mean", usual, 62.0..69.0);
    in_range("spread", between, 5.0..9.0);
    in_range("runners", mean(&rest(Preset::Runner, FROM)), 47.0..57.0);
    in_range("children", mean(&rest(Preset::Child, FROM)), 74.0..90.0);
    let season =
        mean(&rest(Preset::LateUploads, 20_468)) - mean(&rest(Preset::LateUploads, 20_649));
    in_range("January less July", season, 0.8..3.2);
}

/// Steps: within a person 0.25 to 0.5 of their mean; Sundays 0.7 to 0.95 of working days; the
/// sedentary below 5,000 and pupils about 11,500 (bands of Tudor-Locke & Bassett \[mem\]).
#[test]
fn people_walk_as_their_kind_does() {
    let mut medians = Vec::new();
    for preset in [Preset::Sedentary, Preset::Traveller, Preset::Child, Preset::Elderly] {
        let (mut all, mut sundays, mut workdays) = (vec![], vec![], vec![]);
        for seed in 0..5 {
            let persona = person(preset, seed);
            let days: Vec<f64> = (FROM..FROM + 28).map(|day| steps(&persona, day)).collect();
            let (usual, varies) = spread(&days);
            in_range("varies", varies / usual, 0.15..0.55);
            all.push(usual);
            for (at, steps) in days.iter().enumerate() {
                match at % 7 {
                    6 => sundays.push(*steps),
                    5 => {}
                    _ => workdays.push(*steps),
                }
            }
        }
        let sunday = mean(&sundays) / mean(&workdays);
        in_range(preset.name(), sunday, 0.62..1.05);
        medians.push(mean(&all));
    }
    in_range("sedentary", medians[0], 3_500.0..5_600.0);
    in_range("commuting", medians[1], 7_000.0..11_000.0);
    in_range("children", medians[2], 9_500.0..14_000.0);
    in_range("elderly", medians[3], 4_000.0..7_500.0);
}

/// Distances vary by 0.15 to 0.40 of their mean while the atria fibrillate, by 0.02 to 0.10 in
/// sinus rhythm (Hennig et al.; Tateno & Glass 2001); there is no P wave then.
#[test]
fn fibrillating_atria_are_irregular_and_without_p() {
    let (mut irregular, mut regular) = (vec![], vec![]);
    let (mut with_p, mut without_p, mut inconclusive) = (vec![], vec![], 0);
    for seed in 0..4 {
        let persona = person(Preset::AtrialFibrillation, seed);
        for heart in (FROM..FROM + 60).flat_map(|day| hearts(&persona, day, LATER)) {
            let recording = &heart.recording;
            let since: Vec<f64> =
                recording.beats.iter().map(|beat| beat.since_last_seconds).collect();
            let (usual, varies) = spread(&since);
            if heart.is_inconclusive {
                inconclusive += 1;
                continue;
            }
            assert_eq!(heart.fibrillates, recording.intervals.pr_ms.is_none());
            // The mean line before each beat: P stands where it should, or nothing does.
            let bump = mean(
                &recording
                    .beats
                    .iter()
                    .map(|beat| p_wave(recording, beat.at_seconds))
                    .collect::<Vec<_>>(),
            );
            if heart.fibrillates {
                irregular.push(varies / usual);
                without_p.push(bump);
            } else {
                regular.push(varies / usual);
                with_p.push(bump);
            }
        }
    }
    assert!(irregular.len() > 20 && regular.len() > 40, "{} {}", irregular.len(), regular.len());
    in_range("irregular", mean(&irregular), 0.15..0.4);
    in_range("regular", mean(&regular), 0.02..0.1);
    in_range("P", mean(&with_p), 15.0..120.0);
    // What the wave before leaves of its slope.
    in_range("no P", mean(&without_p), -14.0..8.0);
    let all = inconclusive + irregular.len() + regular.len();
    in_range("inconclusive", inconclusive as f64 / all as f64, 0.01..0.1);
}

/// How much higher the line is where P is than before it, in µV.
fn p_wave(recording: &signal::synth::ecg::Recording, at_seconds: f64) -> f64 {
    let around = |from: f64, to: f64| {
        let sample = |seconds: f64| ((at_seconds + seconds) * f64::from(recording.hertz)) as usize;
        let range = sample(from)..sample(to);
        let values: Vec<f64> =
            recording.samples.get(range).unwrap_or_default().iter().map(|uv| *uv as f64).collect();
        if values.is_empty() { 0.0 } else { mean(&values) }
    };
    if at_seconds < 0.3 {
        return 0.0;
    }
    around(-0.175, -0.125) - around(-0.26, -0.22)
}

/// IOM 2009 for women of usual weight: 0.5 to 2 kg in the first trimester, then 0.35 to 0.5 kg a
/// week, 11.5 to 16 kg in all. Heart rate 12 to 18 higher in the third trimester, steps a third
/// fewer. \[mem\]
#[test]
fn a_pregnancy_goes_as_it_should() {
    let mut faster = Vec::new();
    for seed in 0..40 {
        let persona = person(Preset::Pregnant, seed);
        let Body::Expecting { since, days, .. } = persona.life.body else { panic!() };
        let course = Course::of(&persona);
        // Without the season, which is another's.
        let kg = |week: i64| course.expecting(since + week * 7).kg;
        in_range("first trimester", kg(13), 0.5..2.0);
        for week in 14..38 {
            in_range("a week", kg(week + 1) - kg(week), 0.33..0.53);
        }
        in_range("in all", course.expecting(since + days - 1).kg, 11.0..16.5);
        let bpm = |week: i64| -> f64 {
            let days = since + week * 7..since + week * 7 + 7;
            mean(
                &days.map(|day| course.rest_bpm(day) - 8.0 * course.fever(day)).collect::<Vec<_>>(),
            )
        };
        faster.push(bpm(34) - bpm(-2));
        let lost = course.weight_kg(since + days - 2) - course.weight_kg(since + days + 2);
        in_range("birth", lost, 4.0..8.0);
    }
    in_range("heart", mean(&faster), 11.5..18.0);
    let persona = person(Preset::Pregnant, 1);
    let Body::Expecting { since, .. } = persona.life.body else { panic!() };
    let walked = |week: i64| {
        let days = since + week * 7..since + week * 7 + 14;
        mean(&days.map(|day| steps(&persona, day)).collect::<Vec<_>>())
    };
    let (early, late) = (walked(2) + walked(6), walked(34) + walked(36));
    in_range("steps", late / early, 0.5..0.9);
}

/// A child keeps to its percentile: 2 to 5 kg and 4.5 to 8 cm a year from 7 to 13 (WHO 2007, CDC).
#[test]
fn children_grow_along_their_percentiles() {
    let mut all = Vec::new();
    for seed in 0..60 {
        let persona = person(Preset::Child, seed);
        let course = Course::of(&persona);
        for year in 0..3 {
            let (day, next) = (FROM + year * 365, FROM + year * 365 + 365);
            let gained = course.weight_kg(next) - course.weight_kg(day);
            in_range("kg", gained, 1.6..7.0);
            all.push(gained);
            in_range("cm", (course.height_m(next) - course.height_m(day)) * 100.0, 4.0..8.5);
            in_range("BMI", course.index(day), 12.5..23.0);
            in_range("fat", course.fat_kg(day) / course.weight_kg(day), 0.08..0.32);
        }
    }
    in_range("a year", mean(&all), 2.5..5.0);
}

/// Night over day 0.82 to 0.93 (Hinderliter et al., PMC3865136), a surge after getting up;
/// untreated hypertension 146/85 (Wright et al. 2011), −8/−5 with a drug in three weeks \[mem\];
/// 1.05 mmHg a kilogram (Neter et al. 2003); day to day SD 5 to 11 (Kato et al.; Kim et al.).
#[test]
fn pressure_follows_the_day_the_drug_and_the_weight() {
    let (mut dips, mut before, mut after, mut varies) = (vec![], vec![], vec![], vec![]);
    let (mut morning, mut evening) = (vec![], vec![]);
    for seed in 0..30 {
        let persona = person(Preset::Hypertensive, seed);
        let calendar = Calendar::of(&persona);
        let night = FROM * DAY + 2 * 3_600;
        let at = |clock: i64| pressure(&persona, FROM * DAY + clock * 3_600 - 3_600).0 as f64;
        let day = (at(9) + at(12) + at(15) + at(18)) / 4.0;
        dips.push(pressure(&persona, night).0 as f64 / day);
        morning.push(at(9));
        evening.push(at(22));
        let systolic = |days: std::ops::Range<i64>| -> Vec<f64> {
            let readings = days.flat_map(|day| cuff::of_day(&persona, &calendar, day));
            readings.map(|reading| must(&reading, Value::SYSTOLIC) as f64).collect()
        };
        let untreated = systolic(FROM..FROM + 40);
        varies.push(spread(&untreated).1);
        before.extend(untreated);
        let treated = persona.life.treated_from.unwrap() + 30;
        after.extend(systolic(treated..treated + 40));
    }
    in_range("night over day", mean(&dips), 0.82..0.93);
    in_range("surge", mean(&morning) - mean(&evening), 2.0..8.0);
    in_range("untreated", mean(&before), 141.0..152.0);
    in_range("drug and spring", mean(&before) - mean(&after), 6.0..14.0);
    in_range("day to day", mean(&varies), 5.0..11.0);
    let usual = person(Preset::Runner, 3);
    let dip = pressure(&usual, FROM * DAY + 2 * 3_600).0 as f64;
    in_range("a dipper", dip / pressure(&usual, FROM * DAY + 11 * 3_600).0 as f64, 0.8..0.92);
    let mut heavy = usual.clone();
    heavy.start_weight_g += 10_000;
    let noon = FROM * DAY + 11 * 3_600;
    let more = pressure(&heavy, noon).0 - pressure(&usual, noon).0;
    assert!((8..=13).contains(&more), "{more}");
}

/// ln RMSSD falls by 0.022 to 0.035 a year from 20 to 60 (Tegegne et al. 2019), with SD 0.45
/// between people \[mem\]; breath asleep 15.4, 90 per cent within 11.8 to 19.2 (Natarajan et al.
/// 2021).
#[test]
fn hearts_vary_less_with_age() {
    let (mut points, mut breaths) = (vec![], vec![]);
    let kinds = [Preset::Sedentary, Preset::Traveller, Preset::Hypertensive, Preset::LateUploads];
    for preset in kinds {
        for seed in 0..16 {
            let persona = person(preset, seed);
            let vitals: Vec<Vitals> =
                slept(&persona, FROM..FROM + 2).into_iter().flat_map(|one| one.vitals).collect();
            let rmssd = vitals.iter().filter_map(|one| Some(one.variability_ms?.0 as f64));
            let usual = mean(&rmssd.collect::<Vec<_>>());
            // Without what is the person's own.
            let own = persona.life.variability_permille as f64 / 1_000.0;
            let years = Course::of(&persona).years(FROM);
            if years < 60.0 {
                points.push((years, libm_free_ln(usual / own)));
            }
            breaths.push(mean(
                &vitals.iter().map(|one| one.breaths_per_minute as f64).collect::<Vec<_>>(),
            ));
        }
    }
    in_range("slope", slope(&points), -0.037..-0.02);
    in_range("breath", mean(&breaths), 14.0..16.5);
    assert!(breaths.iter().all(|rate| (10.5..20.5).contains(rate)), "{breaths:?}");
}

/// A logarithm for the test alone: by halving and a series.
fn libm_free_ln(mut x: f64) -> f64 {
    let mut whole = 0.0;
    while x > 1.5 {
        x /= 2.0;
        whole += std::f64::consts::LN_2;
    }
    let part = (x - 1.0) / (x + 1.0);
    let square = part * part;
    whole
        + 2.0 * part * (1.0 + square / 3.0 + square * square / 5.0 + square * square * square / 7.0)
}

/// The core is coldest at 4 to 6 h and half a degree below its height (medicalalgorithms.com, via
/// physiology of sleepers); a fever adds one to two and a half.
#[test]
fn the_core_is_coldest_before_dawn() {
    let persona = person(Preset::Pregnant, 2);
    let calendar = Calendar::of(&persona);
    let course = Course::of(&persona);
    let core =
        |hour: i64| warmth::core(&persona, &course, &calendar, FROM * DAY + (hour - 1) * 3_600);
    let lowest = (0..24).min_by(|one, other| core(*one).total_cmp(&core(*other))).unwrap();
    assert!((4..=7).contains(&lowest), "{lowest}");
    in_range("swing", core(18) - core(6), 0.4..0.6);
    in_range("level", (core(18) + core(6)) / 2.0, 36.2..37.4);
}

/// Day-to-day changes of weight have SD 0.35 to 0.75 kg (after Orsama et al., Obes Facts 2014);
/// parts add up; a year of sitting adds 0.3 to 0.9 kg. \[choice\]
#[test]
fn weights_are_those_of_scales() {
    let persona = person(Preset::Hypertensive, 4);
    let calendar = Calendar::of(&persona);
    let weighed: Vec<(i64, f64)> = (FROM..FROM + 200)
        .filter_map(|day| Some((day, scale::of_day(&persona, &calendar, day)?.1)))
        .map(|(day, found)| {
            assert_eq!(found.fat + found.lean, found.weight);
            (day, found.weight as f64 / 100.0)
        })
        .collect();
    let steps = weighed.windows(2).filter(|pair| pair[1].0 == pair[0].0 + 1);
    let (_, spread) = spread(&steps.map(|pair| pair[1].1 - pair[0].1).collect::<Vec<_>>());
    in_range("day to day", spread, 0.35..0.75);
    for seed in 0..20 {
        let course = Course::of(&person(Preset::Sedentary, seed));
        let gained = course.weight_kg(FROM + 365) - course.weight_kg(FROM);
        in_range("a year", gained, 0.25..1.0);
    }
}

/// Whoever works at night sleeps five to six hours of the day (Pilcher et al. 2000 \[mem\]).
#[test]
fn after_a_night_at_work_somebody_sleeps_by_day() {
    let persona = person(Preset::ShiftWorker, 2);
    let (mut by_day, mut by_night) = (vec![], vec![]);
    for night in slept(&persona, FROM..FROM + 64) {
        let hours = seconds(&night, State::is_sleep) / 3_600.0;
        let begins = (night.stages[0].start + 3_600).rem_euclid(DAY) / 3_600;
        if (5..12).contains(&begins) { by_day.push(hours) } else { by_night.push(hours) }
    }
    assert_eq!(by_day.len(), 16);
    in_range("by day", mean(&by_day), 4.3..6.0);
    in_range("by night", mean(&by_night), 6.0..7.8);
}
