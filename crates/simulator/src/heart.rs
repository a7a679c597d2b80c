//! Electrocardiograms on the watch: about one a week, sitting still.
//!
//! What it deliberately does not do: anything but regular beats, fibrillating atria and noise. The
//! signal is `signal`'s.

use crate::calendar::{Calendar, MINUTE, weekend};
use crate::fibrillation::Episodes;
use crate::habit::Habit;
use crate::person::{Course, Persona, Sex};
use crate::random::{Kind, Stream};
use crate::{motion, night, plan};
use signal::synth::ecg::{self, Recorder, Recording};
use signal::synth::{Origin, Patient};

/// Days with an electrocardiogram: nearly always one a week. \[choice\]
const TAKEN: Habit = Habit { counts: &[8, 84], days: [2, 2, 3, 2, 2, 2, 3] };
/// Of whoever was told to watch their heart, besides the days on which it stumbles. \[choice\]
const WATCHED: Habit = Habit { counts: &[0, 20, 50], days: [2, 2, 3, 2, 2, 2, 3] };
/// Minutes after the heart began to stumble at which somebody looks.
const FELT_MINUTES: (i64, u32) = (12, 40);
/// Of 100 at home, those that are all noise (3 to 6 \[choice\]).
const NOISY: i64 = 4;
/// Minutes without a step before it.
const STILL_MINUTES: i64 = 3;
/// Minutes in which somebody waits for that; else there is none that day.
const PATIENCE_MINUTES: i64 = 90;

/// An electrocardiogram.
#[derive(Clone, Debug, PartialEq)]
pub struct Heart {
    /// When it was taken, in Unix seconds.
    pub taken_at: i64,
    /// Whether it is too noisy to tell the rhythm.
    pub is_inconclusive: bool,
    /// Whether the atria fibrillate; else the rhythm is regular.
    pub fibrillates: bool,
    /// The signal, its rate and its intervals.
    pub recording: Recording,
}

/// The electrocardiogram of a day of the person's calendar, if there is one that is over at `now`.
///
/// Its rate is that of the minute it is taken in, as the watch tells it.
pub fn hearts(persona: &Persona, day: i64, now: i64) -> Vec<Heart> {
    planned(persona, day)
        .filter(|(taken_at, _)| taken_at + i64::from(Recorder::Watch.seconds()) <= now)
        .map(|(taken_at, bpm)| recorded(persona, day, taken_at, bpm))
        .into_iter()
        .collect()
}

/// When it is taken, and the heart rate of that minute.
fn planned(persona: &Persona, day: i64) -> Option<(i64, i64)> {
    let calendar = Calendar::of(persona);
    calendar.span(day)?;
    let draws = Stream::new(persona.seed, Kind::Heart);
    let (start, end) = calendar.span(day)?;
    let episodes = Episodes::about(persona, &calendar, day);
    let felt = episodes.first_in(start, end).map(|(begins, _)| begins).filter(|begins| {
        // Who sleeps feels nothing.
        (start + 8 * 3_600..start + 20 * 3_600).contains(begins)
    });
    let habit = if persona.life.fibrillation_percent > 0 { WATCHED } else { TAKEN };
    let wished = if let Some(begins) = felt {
        begins + (FELT_MINUTES.0 + draws.below(day, 3, FELT_MINUTES.1)) * MINUTE
    } else if habit.picks(&Stream::new(persona.seed, Kind::HeartDays), day) {
        let earliest = if weekend(day) { 20 * 60 } else { 9 * 60 + 30 };
        calendar.instant(day, (earliest + draws.below(day, 0, 60)) * MINUTE)?
    } else {
        return None;
    };
    let asleep = asleep(persona, &calendar, day);
    let minutes = motion::minutes(persona, day, i64::MAX);
    let still = |at: i64| {
        let around = minutes.iter().filter(|minute| {
            (at - STILL_MINUTES * MINUTE..=at).contains(&minute.at) && minute.steps == 0
        });
        around.count() as i64 == STILL_MINUTES + 1
    };
    let in_time = wished..wished + PATIENCE_MINUTES * MINUTE;
    let is_awake = |at: i64| !asleep.iter().any(|(start, end)| (*start..*end).contains(&at));
    let mut waited =
        minutes.iter().filter(|minute| in_time.contains(&minute.at) && is_awake(minute.at));
    let found = waited.find(|minute| still(minute.at))?;
    // Within the minute, so that its rate is this minute's.
    Some((found.at + draws.below(day, 1, 29), found.heart_rate_bpm?))
}

/// When a preset's person is in bed; of the demo person nobody asked when its bytes were promised.
fn asleep(persona: &Persona, calendar: &Calendar, day: i64) -> Vec<(i64, i64)> {
    if persona.life.preset.is_none() {
        return Vec::new();
    }
    let nights = [day, day + 1].into_iter().filter_map(|day| night::bed(persona, calendar, day));
    let nap = plan::nap(persona, calendar, day);
    let nap = nap.map(|(start, minutes)| (start, start + minutes * MINUTE));
    nights.chain(nap).collect()
}

fn recorded(persona: &Persona, day: i64, taken_at: i64, bpm: i64) -> Heart {
    let course = Course::of(persona);
    let person = 0;
    let is_woman = course.sex() == Sex::Woman;
    let patient = Patient::of(persona.seed, person, course.age(day) as u8, is_woman);
    let day_number = i32::try_from(day).unwrap_or(0);
    let origin = Origin { seed: persona.seed, person, day: day_number, instance: 0 };
    let bpm = u16::try_from(bpm).unwrap_or(ecg::HEART_RATE_MAX_BPM);
    let is_inconclusive = Stream::new(persona.seed, Kind::Heart).below(day, 2, 100) < NOISY;
    let episodes = Episodes::about(persona, &Calendar::of(persona), day);
    let fibrillates = episodes.has(taken_at) && !is_inconclusive;
    let make = match (is_inconclusive, fibrillates) {
        (true, _) => ecg::noisy,
        (_, true) => ecg::atrial_fibrillation,
        _ => ecg::sinus,
    };
    let recording = make(&patient, origin, Recorder::Watch, bpm);
    Heart { taken_at, is_inconclusive, fibrillates, recording }
}
