//! The connected scale: morning weigh-ins with body composition and standing heart rate.
//!
//! What it deliberately does not do: weigh-ins at other times of the day, failed electrodes, and
//! the segments of a body scan.

use crate::calendar::{Calendar, DAY, LONGEST, MINUTE, SIMULATED, weekday};
use crate::curve::whole;
use crate::habit::Habit;
use crate::person::{Course, Persona};
use crate::random::{Kind, Stream};
use crate::{Preset, Reading, Value, roster};

/// Missed mornings: nearly always one a week, more often at weekends, so five to seven weigh-ins
/// (people who weigh themselves do so 3 to 7 times a week, between 6:30 and 8:30). \[choice\]
const MISSED: Habit = Habit { counts: &[15, 75], days: [2, 2, 2, 2, 2, 5, 5] };

/// Days on the scale in a week of people of presets: who was told to, who wants to know, who thinks
/// of it, and a child. \[choice\]
const TOLD: Habit = Habit { counts: &[0, 0, 0, 0, 0, 10, 45], days: [3, 3, 3, 3, 3, 2, 2] };
const CURIOUS: Habit = Habit { counts: &[0, 0, 0, 15, 40, 30], days: [3, 3, 3, 3, 3, 2, 2] };
const NOW_AND_THEN: Habit = Habit { counts: &[4, 20, 36, 28], days: [4, 3, 3, 3, 3, 2, 3] };
const SUNDAYS: Habit = Habit { counts: &[15, 75], days: [1, 0, 0, 1, 0, 3, 8] };

/// The weight by day of the week from Monday to Sunday, in per cent of it: highest at the turn of
/// the week, falling from Tuesday to Friday (Orsama et al., Obes Facts 2014;7:36).
const WEEK: [f64; 7] = [0.16, 0.08, 0.0, -0.08, -0.16, -0.04, 0.08];

/// Spread of water and gut content, kg, at 70 kg or more. With the limit and the persistence
/// below, a third of the day-to-day changes is near half a kilogram and none reaches one
/// (published for young adults: 32 % at least 0.5 kg, 6 % at least 1 kg).
const LIGHT_KG: f64 = 0.42;
const LIGHT_LIMIT: f64 = 1.0;
const LIGHT_PERSISTENCE: f64 = 0.3;

/// Points of the fat ratio that a kilogram of water hides, and spread of the bioimpedance, points
/// (day noise about ±0.5, water the other way). \[mem\]
const HIDDEN: f64 = 0.3;
const IMPEDANCE: f64 = 0.35;

/// Water in the fat-free mass (0.73), and bone in it: 2.6 to 3.7 kg for men, 1.8 to 2.9 for women.
/// \[mem\]
const WATER: f64 = 0.73;
const BONE: f64 = 0.05;

/// Beats per minute that standing adds to rest \[choice\], and weigh-ins of 100 that catch them.
const STANDING: f64 = 10.0;
const CAUGHT: i64 = 88;

/// The last windows of 24 hours before now that always hold a weigh-in.
const ALWAYS: i64 = 3;

/// A morning on which the person may step on the scale.
struct Morning {
    day: i64,
    at: i64,
    weighed: bool,
}

/// Morning weigh-ins later than `days` days of 24 hours before `now` and not after it, in order of
/// time.
///
/// Five to seven mornings a week, between 6:30 and 8:00 in the person's zone. What a day weighs and
/// when does not depend on `now` or `days`, with one exception: each of the last three windows of
/// 24 hours that end at `now` holds at least one weigh-in. For that a missed morning may be made up
/// for, or one that is yet to come moved to a few minutes before the end of its window.
///
/// Each reading holds the weight (type 1, in 10^-3 kg, whole multiples of 10 g), the fat ratio (6,
/// 10^-3 %), the fat mass (8, 10^-2 kg), the fat-free mass (5, 10^-3 kg), muscle (76), hydration
/// (77) and bone (88, all 10^-2 kg), and on most days the standing heart rate (11, bpm). Fat and
/// fat-free mass add up to the weight, muscle and bone to the fat-free mass.
///
/// Up to a century is made; outside the years 1970 to 9998 nothing is.
pub fn weigh_ins(persona: &Persona, now: i64, days: i64) -> Vec<Reading> {
    if !SIMULATED.contains(&now) {
        return Vec::new();
    }
    let days = days.clamp(0, LONGEST);
    let mut mornings = mornings(persona, now, days.max(ALWAYS));
    hold_last(persona, now, &mut mornings);
    let scale = Scale::of(persona);
    mornings
        .iter()
        .filter(|morning| morning.weighed && morning.at <= now && morning.at > now - days * DAY)
        .map(|morning| Reading { taken_at: morning.at, values: scale.weigh(morning.day) })
        .collect()
}

/// The instant at which the person would step on the scale on a day, weighed or missed.
pub(crate) fn morning(persona: &Persona, calendar: &Calendar, day: i64) -> Option<i64> {
    let (earliest, minutes) = roster::morning(persona, day);
    let stream = Stream::new(persona.seed, Kind::MorningTime);
    let late = stream.below(day, 0, (minutes * MINUTE) as u32);
    calendar.instant(day, earliest * MINUTE + late)
}

/// The mornings from a little before the span to a little after now.
fn mornings(persona: &Persona, now: i64, days: i64) -> Vec<Morning> {
    let calendar = Calendar::of(persona);
    let today = calendar.day(now);
    let missed = Stream::new(persona.seed, Kind::MissedMornings);
    (today - days - 2..=today + 2)
        .filter_map(|day| {
            let at = morning(persona, &calendar, day)?;
            Some(Morning { day, at, weighed: !MISSED.picks(&missed, day) })
        })
        .collect()
}

/// Sees to it that each of the last windows of 24 hours before now holds a weigh-in.
///
/// From the oldest to the newest, because a morning moved into one window leaves the next.
fn hold_last(persona: &Persona, now: i64, mornings: &mut [Morning]) {
    let early = Stream::new(persona.seed, Kind::EarlyRise);
    for back in (0..ALWAYS).rev() {
        let end = now - back * DAY;
        let inside = |morning: &Morning| morning.at > end - DAY && morning.at <= end;
        if mornings.iter().any(|morning| morning.weighed && inside(morning)) {
            continue;
        }
        if let Some(made_up) = mornings.iter_mut().rev().find(|morning| inside(morning)) {
            made_up.weighed = true;
        } else if let Some(moved) = mornings.iter_mut().find(|morning| morning.at > end) {
            moved.at = end - MINUTE - early.below(moved.day, 0, 9 * MINUTE as u32);
            moved.weighed = true;
        }
    }
}

/// What a weigh-in found: masses in 10 g, the ratio in thousandths of a per cent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighed {
    pub(crate) weight: i64,
    pub(crate) fat: i64,
    pub(crate) lean: i64,
    pub(crate) bone: i64,
    pub(crate) water: i64,
    pub(crate) fat_ratio: i64,
    pub(crate) rate_bpm: Option<i64>,
}

/// The weigh-in of a day of a preset's person, if there is one, and when. It does not depend on any
/// present. Who is away has no scale.
pub(crate) fn of_day(persona: &Persona, calendar: &Calendar, day: i64) -> Option<(i64, Weighed)> {
    let habit = match persona.life.preset? {
        Preset::Hypertensive | Preset::Pregnant | Preset::Elderly => TOLD,
        Preset::Runner | Preset::AtrialFibrillation | Preset::LateUploads => CURIOUS,
        Preset::Child => SUNDAYS,
        _ => NOW_AND_THEN,
    };
    let steps_on = habit.picks(&Stream::new(persona.seed, Kind::MissedMornings), day);
    if !steps_on || calendar.zone_name(day).is_some() {
        return None;
    }
    Some((morning(persona, calendar, day)?, Scale::of(persona).weighed(day)))
}

/// What the scale sees of a person.
struct Scale {
    course: Course,
    light: Stream,
    impedance: Stream,
    standing: Stream,
}

impl Scale {
    fn of(persona: &Persona) -> Self {
        Self {
            course: Course::of(persona),
            light: Stream::new(persona.seed, Kind::LightWeight),
            impedance: Stream::new(persona.seed, Kind::Impedance),
            standing: Stream::new(persona.seed, Kind::StandingRate),
        }
    }

    /// The values of a day's weigh-in.
    fn weigh(&self, day: i64) -> Vec<Value> {
        let Weighed { weight, fat, lean, bone, water, fat_ratio, rate_bpm } = self.weighed(day);
        let value = |kind, value, unit| Value { kind, value, unit };
        let mut values = vec![
            value(Value::WEIGHT, weight * 10, -3),
            value(Value::FAT_FREE_MASS, lean * 10, -3),
            value(Value::FAT_RATIO, fat_ratio, -3),
            value(Value::FAT_MASS, fat, -2),
            value(Value::MUSCLE, lean - bone, -2),
            value(Value::HYDRATION, water, -2),
            value(Value::BONE, bone, -2),
        ];
        values.extend(rate_bpm.map(|rate| value(Value::PULSE, rate, 0)));
        values
    }

    fn weighed(&self, day: i64) -> Weighed {
        let slow = self.course.weight_kg(day);
        let light = self.light_kg(day, slow);
        // In units of 10 g, so that the parts add up exactly.
        let weight = whole((slow + light) * 100.0);
        let fat = whole(weight as f64 * self.fat_share(day, slow, light));
        let lean = weight - fat;
        let caught = self.standing.below(day, 99, 100) < CAUGHT;
        Weighed {
            weight,
            fat,
            lean,
            bone: whole(lean as f64 * BONE),
            water: whole(lean as f64 * WATER),
            fat_ratio: whole(fat as f64 * 100_000.0 / weight as f64),
            rate_bpm: caught.then(|| {
                let noise = 2.0 * self.standing.normal(day, 0);
                whole(self.course.rest_bpm(day) + STANDING + noise)
            }),
        }
    }

    /// What comes and goes within days, in kg: the week's rhythm, water and gut content.
    fn light_kg(&self, day: i64, slow: f64) -> f64 {
        let size = (slow / 70.0).min(1.0);
        let week = slow * WEEK[weekday(day)] / 100.0;
        week + LIGHT_KG * size * self.light.wandering(day, LIGHT_PERSISTENCE, LIGHT_LIMIT)
    }

    /// The fat of the weight as the scale sees it, from 0 to 1.
    fn fat_share(&self, day: i64, slow: f64, light: f64) -> f64 {
        let points = IMPEDANCE * self.impedance.normal(day, 0).clamp(-2.5, 2.5) - HIDDEN * light;
        (self.course.fat_kg(day) / slow + points / 100.0).clamp(0.04, 0.65)
    }
}
