//! What the stages of one night add up to, and what happened in it.

use super::{Night, Stage, State, Vital, Vitals};
use crate::fields::Decimal;
use std::collections::BTreeMap;

/// Kinds of events of a night with the seconds after its beginning, rising.
pub type Events = BTreeMap<u8, Vec<i64>>;

const GOT_IN_BED: u8 = 1;
const FELL_ASLEEP: u8 = 2;
const WOKE_UP: u8 = 3;
const GOT_OUT_OF_BED: u8 = 4;

/// REM sleep that is broken for less than this is one episode.
const REM_BREAK_SECONDS: i64 = 15 * 60;
/// A stretch of sounds counts from this length on.
const EPISODE_SECONDS: i64 = 60;
/// Moments of a series are this far apart, where there are too few to see it.
const STEP_SECONDS: i64 = 60;
/// Moments that are further apart than this are told apart by a gap.
const STEP_SECONDS_MAX: i64 = 10 * 60;

/// Sums up a night: at least one stage, as [`super::nights`] cuts them, and what was noticed in it,
/// in order.
pub fn summary(stages: &[Stage], vitals: &[Vital]) -> (Night, Events) {
    let durations = Durations::of(stages);
    let events = events(stages);
    let mut night = durations.night(stages, &events);
    add_vitals(&mut night, stages, vitals);
    (night, events)
}

#[derive(Default)]
struct Durations {
    in_bed: i64,
    awake: i64,
    light: i64,
    deep: i64,
    rem: i64,
    asleep: i64,
    before_sleep: i64,
    after_sleep: i64,
    has_slept: bool,
}

impl Durations {
    fn of(stages: &[Stage]) -> Self {
        let mut sums = Self::default();
        for stage in stages.iter().filter(|stage| stage.state.is_in_bed()) {
            let seconds = stage.seconds();
            sums.in_bed += seconds;
            match stage.state {
                State::LIGHT => sums.light += seconds,
                State::DEEP => sums.deep += seconds,
                State::REM => sums.rem += seconds,
                State::MANUAL | State::UNSPECIFIED => sums.asleep += seconds,
                _ => sums.awake += seconds,
            }
            if stage.state.is_sleep() {
                (sums.has_slept, sums.after_sleep) = (true, 0);
            } else if sums.has_slept {
                sums.after_sleep += seconds;
            } else {
                sums.before_sleep += seconds;
            }
        }
        sums
    }

    fn night(&self, stages: &[Stage], events: &Events) -> Night {
        let slept = self.light + self.deep + self.rem;
        let share = (slept + self.asleep) as f64 / self.in_bed.max(1) as f64;
        let some_if = |has: bool, seconds: i64| has.then_some(seconds);
        // Of sleep without stages nobody knows how light it was.
        let has_stages = slept > 0 || self.asleep == 0;
        let out = events.get(&GOT_OUT_OF_BED).map_or(0, Vec::len) as i64;
        Night {
            total_timeinbed: Some(self.in_bed),
            total_sleep_time: Some(slept),
            asleepduration: some_if(self.asleep > 0, self.asleep),
            lightsleepduration: some_if(has_stages, self.light),
            remsleepduration: some_if(has_stages, self.rem),
            deepsleepduration: some_if(has_stages, self.deep),
            sleep_efficiency: Decimal::nearest(share),
            sleep_latency: Some(self.before_sleep),
            wakeup_latency: Some(self.after_sleep),
            wakeupduration: Some(self.awake),
            wakeupcount: Some(wakeups(stages)),
            waso: Some(self.awake - self.before_sleep),
            nb_rem_episodes: Some(rem_episodes(stages)),
            durationtosleep: Some(self.before_sleep),
            durationtowakeup: Some(self.after_sleep),
            // The last time is the end of the night.
            out_of_bed_count: Some((out - 1).max(0)),
            ..Night::default()
        }
    }
}

/// How often sleep is followed by being awake in bed, and that by sleep, without getting up.
fn wakeups(stages: &[Stage]) -> i64 {
    let (mut count, mut after) = (0, None);
    let mut slept_until = None;
    for stage in stages {
        if !stage.state.is_in_bed() || after.is_some_and(|end| stage.start > end) {
            slept_until = None;
        }
        if stage.state.is_sleep() {
            count += i64::from(slept_until.is_some_and(|end| stage.start > end));
            slept_until = Some(stage.end);
        }
        after = Some(stage.end);
    }
    count
}

fn rem_episodes(stages: &[Stage]) -> i64 {
    let mut ended = None;
    let mut count = 0;
    for stage in stages.iter().filter(|stage| stage.state == State::REM) {
        let is_new = ended.is_none_or(|end| stage.start - end >= REM_BREAK_SECONDS);
        count += i64::from(is_new);
        ended = Some(stage.end);
    }
    count
}

/// Into bed, asleep, awake, out of bed: each time.
fn events(stages: &[Stage]) -> Events {
    let mut events = Events::new();
    let Some(start) = stages.first().map(|stage| stage.start) else { return events };
    let mut note = |kind: u8, at: i64| events.entry(kind).or_default().push(at - start);
    let (mut bed_until, mut is_asleep) = (None, false);
    for stage in stages.iter().filter(|stage| stage.state.is_in_bed()) {
        if bed_until != Some(stage.start) {
            if let Some(left) = bed_until {
                if is_asleep {
                    note(WOKE_UP, left);
                }
                note(GOT_OUT_OF_BED, left);
            }
            note(GOT_IN_BED, stage.start);
            is_asleep = false;
        }
        if stage.state.is_sleep() != is_asleep {
            is_asleep = !is_asleep;
            note(if is_asleep { FELL_ASLEEP } else { WOKE_UP }, stage.start);
        }
        bed_until = Some(stage.end);
    }
    if let Some(left) = bed_until {
        if is_asleep {
            note(WOKE_UP, left);
        }
        note(GOT_OUT_OF_BED, left);
    }
    events
}

fn add_vitals(night: &mut Night, stages: &[Stage], vitals: &[Vital]) {
    let asleep: Vec<&Vital> = during_sleep(stages, vitals);
    // 0 says that none was found.
    let found = |field: fn(&Vitals) -> Option<i64>| -> Vec<i64> {
        asleep.iter().filter_map(|vital| field(&vital.values)).filter(|one| *one > 0).collect()
    };
    let rates = found(|vitals| vitals.hr);
    [night.hr_average, night.hr_min, night.hr_max] = spread(&rates);
    let breaths = found(|vitals| vitals.rr);
    let breathing = spread(&breaths);
    [night.rr_average, night.rr_min, night.rr_max] = breathing;
    let chest = spread(&found(|vitals| vitals.chest_movement_rate));
    let [average, min, max] = chest;
    (night.chest_movement_rate_average, night.chest_movement_rate_min) = (average, min);
    night.chest_movement_rate_max = max;
    let [average, min, max] = if chest[0].is_some() { chest } else { breathing };
    night.chest_movement_rate_wellness_average = average;
    night.chest_movement_rate_wellness_min = min;
    night.chest_movement_rate_wellness_max = max;
    let temperatures = found(|vitals| vitals.core_body_temperature.map(|degrees| degrees.0));
    let [average, min, max] = spread(&temperatures).map(|digits| digits.map(Decimal));
    night.core_body_temperature_avg = average;
    (night.core_body_temperature_min, night.core_body_temperature_max) = (min, max);
    let variability = found(|vitals| vitals.rmssd);
    let third = variability.len().div_ceil(3);
    night.rmssd_start_avg = tenths(&variability[..third]);
    night.rmssd_end_avg = tenths(&variability[variability.len() - third..]);
    // No event in an hour is a finding.
    let indices: Vec<i64> = asleep.iter().filter_map(|vital| vital.values.withings_index).collect();
    night.withings_index = spread(&indices)[0];
    add_sounds(night, vitals);
}

/// What is noticed in bed, asleep or not.
fn add_sounds(night: &mut Night, vitals: &[Vital]) {
    let snoring = sounds(vitals, |vitals| vitals.snoring);
    (night.snoring, night.snoringepisodecount) = snoring.unzip();
    let breathing = sounds(vitals, |vitals| vitals.breathing_sounds);
    (night.breathing_sounds, night.breathing_sounds_episode_count) = breathing.unzip();
    let scores: Vec<i64> = vitals.iter().filter_map(|vital| vital.values.mvt_score).collect();
    night.mvt_score_avg = spread(&scores)[0];
    let moved = scores.iter().filter(|score| **score > 0).count() as i64;
    night.mvt_active_duration = (!scores.is_empty()).then_some(moved * step(vitals));
}

/// How far moments are apart: as far as the nearest two.
fn step(vitals: &[Vital]) -> i64 {
    let steps = vitals.windows(2).map(|two| two[1].at - two[0].at).filter(|step| *step > 0);
    steps.min().unwrap_or(STEP_SECONDS).min(STEP_SECONDS_MAX)
}

/// What was noticed while the person slept.
fn during_sleep<'v>(stages: &[Stage], vitals: &'v [Vital]) -> Vec<&'v Vital> {
    let mut sleep = stages.iter().filter(|stage| stage.state.is_sleep()).peekable();
    let is_asleep = |vital: &&Vital| {
        while sleep.next_if(|stage| stage.end <= vital.at).is_some() {}
        sleep.peek().is_some_and(|stage| stage.start <= vital.at)
    };
    vitals.iter().filter(is_asleep).collect::<Vec<_>>()
}

/// Mean, rounded half up; lowest; highest.
fn spread(values: &[i64]) -> [Option<i64>; 3] {
    let count = values.len() as i64;
    let sum = values.iter().fold(0_i64, |sum, value| sum.saturating_add(*value));
    let mean = (count > 0).then(|| (sum.saturating_mul(2) / count.max(1) + 1).div_euclid(2));
    [mean, values.iter().min().copied(), values.iter().max().copied()]
}

fn tenths(values: &[i64]) -> Option<Decimal<1>> {
    let tens: Vec<i64> = values.iter().map(|value| value.saturating_mul(10)).collect();
    spread(&tens)[0].map(Decimal)
}

/// Seconds of a sound, and how many stretches of it lasted a minute or more; nothing if nobody
/// listened.
fn sounds(vitals: &[Vital], field: fn(&Vitals) -> Option<i64>) -> Option<(i64, i64)> {
    let heard: Vec<(i64, i64)> =
        vitals.iter().filter_map(|vital| Some((vital.at, field(&vital.values)?.max(0)))).collect();
    if heard.is_empty() {
        return None;
    }
    let step = step(vitals);
    let (mut total, mut episodes, mut episode, mut last) = (0_i64, 0, 0_i64, None);
    for (at, seconds) in heard {
        let goes_on = seconds > 0 && last.is_some_and(|last: i64| at - last <= step);
        if !goes_on {
            episodes += i64::from(episode >= EPISODE_SECONDS);
            episode = 0;
        }
        episode = episode.saturating_add(seconds);
        total = total.saturating_add(seconds);
        last = Some(at);
    }
    episodes += i64::from(episode >= EPISODE_SECONDS);
    Some((total, episodes))
}
