//! The connected blood pressure monitor: a morning or an evening about three days a week.
//!
//! What it deliberately does not do: series of three readings, the effect of a clinic.

use crate::calendar::{Calendar, DAY, LONGEST, MINUTE, SIMULATED, day_of_year};
use crate::curve::{Point, smooth, straight, whole};
use crate::fibrillation::{self, Episodes};
use crate::habit::Habit;
use crate::life::Routine;
use crate::person::{Course, Persona, Sex};
use crate::random::{Kind, Stream};
use crate::{Preset, Reading, Value, night, scale};

/// Days with a blood pressure: two to four a week. \[choice\]
const MEASURED: Habit = Habit { counts: &[0, 0, 20, 60], days: [4, 3, 3, 3, 3, 2, 4] };

/// Of 100 days with a blood pressure: those with a morning only, and those up to an evening only;
/// the rest have both. \[choice\]
const MORNING_ONLY: i64 = 45;
const EVENING_ONLY: i64 = 70;

/// Mean systolic pressure of men and women by age, mmHg (after Wright et al., National Health
/// Statistics Reports 35, 2011; the decades from memory).
const SYSTOLIC_MEN: [Point; 6] =
    [(25.0, 118.0), (35.0, 119.0), (45.0, 122.0), (55.0, 126.0), (65.0, 131.0), (75.0, 135.0)];
const SYSTOLIC_WOMEN: [Point; 6] =
    [(25.0, 110.0), (35.0, 112.0), (45.0, 118.0), (55.0, 126.0), (65.0, 133.0), (75.0, 141.0)];

/// Mean diastolic pressure of men and women by age, mmHg: highest between 45 and 55, men 76, women
/// 73 (as above; the ends are a choice).
const DIASTOLIC_MEN: [Point; 6] =
    [(25.0, 69.0), (35.0, 73.0), (45.0, 76.0), (55.0, 76.0), (65.0, 72.0), (75.0, 68.0)];
const DIASTOLIC_WOMEN: [Point; 6] =
    [(25.0, 66.0), (35.0, 69.0), (45.0, 73.0), (55.0, 73.0), (65.0, 70.0), (75.0, 67.0)];

/// The body mass index at which the means above are taken. \[choice\]
const MEAN_INDEX: f64 = 27.0;

/// mmHg per kg of weight, systolic and diastolic (Neter et al., Hypertension 2003;42:878).
const PER_KG: (f64, f64) = (1.05, 0.92);

/// Systolic pressure by day of the year, mmHg: highest in late January, 3.5 from peak to peak in
/// healthy people (Hanazawa et al., HOMED-BP, found 6.7 in treated ones). Diastolic follows with
/// 2.9 / 6.7 of it.
const SEASON: [Point; 4] = [(-160.0, -1.75), (23.0, 1.75), (205.0, -1.75), (388.0, 1.75)];
const SEASON_DIASTOLIC: f64 = 0.43;

/// Spread of the day and of the reading, systolic, mmHg. \[choice\]
const DAY_SYSTOLIC: f64 = 5.0;
const READING_SYSTOLIC: f64 = 4.0;
/// The part of them that diastolic pressure shares, and what it has alone, mmHg: a correlation of
/// 0.6 within a person. \[mem\]
const SHARED: (f64, f64) = (0.45, 0.4);
const ALONE: f64 = 2.5;

/// Beats per minute of a seated pulse above rest \[choice\]; mmHg diastolic per beat. \[mem\]
const SEATED: f64 = 3.0;
const PER_BEAT: f64 = 0.2;

/// Days with a blood pressure of those who were told to take it, and of others. \[choice\]
const TOLD: Habit = Habit { counts: &[0, 0, 0, 0, 0, 15, 40], days: [3, 3, 3, 3, 3, 2, 2] };
/// When evenings are of those who go to bed early, in minutes of the clock; of others see below.
const EVENING_EARLY: i64 = 19 * 60 + 20;

/// mmHg, systolic, by hours after getting up: a surge in the morning, the lowest before bed
/// \[choice\]; diastolic follows with half of it.
const TIDE: [Point; 6] =
    [(0.0, 1.0), (1.0, 3.0), (3.0, 1.5), (8.0, 0.0), (14.0, -2.0), (17.0, -3.0)];
/// Systolic and diastolic pressure asleep in parts of those awake, and their spread between people
/// (Hinderliter et al., PMC3865136), and how much less it falls in those with high pressure, of age
/// and with disturbed breathing. \[choice\]
const ASLEEP: (f64, f64, f64) = (0.87, 0.82, 0.025);
const ASLEEP_HIGHER: f64 = 0.035;

/// What a drug takes off in three weeks, mmHg. \[mem\]
const DRUG: (f64, f64) = (9.0, 5.5);
/// What fibrillating atria add to the chance of a reading, in parts of it. \[choice\]
const IRREGULAR: f64 = 0.6;

/// The last stretch before now that always holds a reading, in seconds.
const ALWAYS: i64 = 3 * DAY;

/// A moment at which the person may put on the cuff.
struct Moment {
    day: i64,
    evening: bool,
    at: i64,
    measured: bool,
}

/// Blood pressures later than `days` days of 24 hours before `now` and not after it, in order of
/// time.
///
/// About three days a week, in the morning some minutes after the scale's time, in the evening
/// between 20:30 and 22:00, or both. What a day holds does not depend on `now` or `days`, with one
/// exception: the last 72 hours before `now` hold at least one reading, for which a morning without
/// one may be made up for.
///
/// Each reading holds the diastolic (type 9) and systolic pressure (10, both mmHg) and the pulse
/// (11, bpm).
///
/// Up to a century is made; outside the years 1970 to 9998 nothing is.
pub fn blood_pressures(persona: &Persona, now: i64, days: i64) -> Vec<Reading> {
    if !SIMULATED.contains(&now) {
        return Vec::new();
    }
    let days = days.clamp(0, LONGEST);
    let mut moments = moments(persona, now, days.max(ALWAYS / DAY));
    let recent = |moment: &Moment| moment.at <= now && moment.at > now - ALWAYS;
    if !moments.iter().any(|moment| moment.measured && recent(moment))
        && let Some(made_up) =
            moments.iter_mut().rev().find(|moment| !moment.evening && recent(moment))
    {
        made_up.measured = true;
    }
    let cuff = Cuff::of(persona);
    moments
        .iter()
        .filter(|moment| moment.measured && moment.at <= now && moment.at > now - days * DAY)
        .map(|moment| Reading { taken_at: moment.at, values: cuff.measure(moment) })
        .collect()
}

/// The blood pressures of a day of a preset's person, in order of time. They do not depend on any
/// present.
pub(crate) fn of_day(persona: &Persona, calendar: &Calendar, day: i64) -> Vec<Reading> {
    let told = matches!(
        persona.life.preset,
        Some(Preset::Hypertensive | Preset::AtrialFibrillation | Preset::Elderly)
    );
    let habit = if told { TOLD } else { MEASURED };
    let cuff = Cuff::of(persona);
    let moments = moments_of(persona, calendar, day, &habit);
    let taken = moments.into_iter().filter(|moment| moment.measured);
    taken.map(|moment| Reading { taken_at: moment.at, values: cuff.measure(&moment) }).collect()
}

/// Systolic and diastolic pressure of somebody at an instant, mmHg: what a cuff would find on
/// average. Asleep it is lower by a tenth and more.
pub fn pressure(persona: &Persona, at: i64) -> (i64, i64) {
    let calendar = Calendar::of(persona);
    let (cuff, day) = (Cuff::of(persona), calendar.day(at));
    let bed = |day: i64| night::bed(persona, &calendar, day);
    let (systolic, diastolic) = cuff.means(day);
    let is_in_bed =
        [day, day + 1].into_iter().filter_map(bed).any(|(from, to)| (from..to).contains(&at));
    if is_in_bed {
        let own = ASLEEP.2 * cuff.day.normal(i64::MIN, 0).clamp(-2.0, 2.0) + cuff.higher_asleep();
        return (whole(systolic * (ASLEEP.0 + own)), whole(diastolic * (ASLEEP.1 + own)));
    }
    let up = bed(day).map_or(at, |(_, up)| up);
    let tide = straight(&TIDE, (at - up) as f64 / 3_600.0);
    (whole(systolic + tide), whole(diastolic + tide / 2.0))
}

/// The mornings and evenings from a little before the span to the end of today.
fn moments(persona: &Persona, now: i64, days: i64) -> Vec<Moment> {
    let calendar = Calendar::of(persona);
    let today = calendar.day(now);
    let days = today - days - 2..=today + 1;
    days.flat_map(|day| moments_of(persona, &calendar, day, &MEASURED)).collect()
}

/// The morning and the evening of a day.
fn moments_of(persona: &Persona, calendar: &Calendar, day: i64, habit: &Habit) -> Vec<Moment> {
    let which = Stream::new(persona.seed, Kind::PressureDays);
    let times = Stream::new(persona.seed, Kind::PressureTime);
    let mut moments = Vec::new();
    let picked = habit.picks(&which, day);
    let lot = times.below(day, 0, 100);
    let after = 8 * MINUTE + times.below(day, 1, 12 * MINUTE as u32);
    if let Some(at) = scale::morning(persona, calendar, day) {
        let measured = picked && !(MORNING_ONLY..EVENING_ONLY).contains(&lot);
        moments.push(Moment { day, evening: false, at: at + after, measured });
    }
    let early = persona.life.routine == Routine::Retired;
    let earliest = if early { EVENING_EARLY } else { 20 * 60 + 30 };
    let clock = earliest * MINUTE + times.below(day, 2, 90 * MINUTE as u32);
    if let Some(at) = calendar.instant(day, clock) {
        let measured = picked && lot >= MORNING_ONLY;
        moments.push(Moment { day, evening: true, at, measured });
    }
    moments
}

/// What the cuff sees of a person.
struct Cuff {
    persona: Persona,
    course: Course,
    shift: (f64, f64),
    day: Stream,
    reading: Stream,
}

impl Cuff {
    fn of(persona: &Persona) -> Self {
        Self {
            persona: persona.clone(),
            course: Course::of(persona),
            shift: (persona.systolic_shift as f64, persona.diastolic_shift as f64),
            day: Stream::new(persona.seed, Kind::PressureDay),
            reading: Stream::new(persona.seed, Kind::PressureReading),
        }
    }

    /// The values of one reading: the mean of the day, its chance, and that of the reading.
    fn measure(&self, moment: &Moment) -> Vec<Value> {
        let (mean_systolic, mean_diastolic) = self.means(moment.day);
        let (tide, tide_diastolic, tide_pulse) =
            if moment.evening { (-2.0, -1.0, 2.0) } else { (2.0, 1.0, 0.0) };
        let place = moment.day * 2 + i64::from(moment.evening);
        let of_day = DAY_SYSTOLIC * bounded(&self.day, moment.day, 0);
        let irregular = if self.fibrillates(moment) { 1.0 } else { 0.0 };
        let of_reading =
            READING_SYSTOLIC * bounded(&self.reading, place, 0) * (1.0 + IRREGULAR * irregular);
        let alone = ALONE * (bounded(&self.day, moment.day, 1) + bounded(&self.reading, place, 1));
        let stir = 2.0 * bounded(&self.reading, place, 2);
        let pulse = self.course.rest_bpm(moment.day) + SEATED + tide_pulse + stir;
        let pulse = pulse + fibrillation::FASTER_BPM * irregular;
        let systolic = whole(mean_systolic + tide + of_day + of_reading).clamp(80, 220);
        let diastolic = mean_diastolic
            + tide_diastolic
            + SHARED.0 * of_day
            + SHARED.1 * of_reading
            + alone
            + PER_BEAT * stir;
        let diastolic = whole(diastolic).clamp(40, systolic - 25);
        vec![
            Value { kind: Value::DIASTOLIC, value: diastolic, unit: 0 },
            Value { kind: Value::SYSTOLIC, value: systolic, unit: 0 },
            Value { kind: Value::PULSE, value: whole(pulse), unit: 0 },
        ]
    }

    /// Systolic and diastolic pressure to expect on a day: age, sex, weight and season.
    fn means(&self, day: i64) -> (f64, f64) {
        let age = self.course.age(day);
        let (systolic, diastolic) = match self.course.sex() {
            Sex::Man => (straight(&SYSTOLIC_MEN, age), straight(&DIASTOLIC_MEN, age)),
            Sex::Woman => (straight(&SYSTOLIC_WOMEN, age), straight(&DIASTOLIC_WOMEN, age)),
        };
        let height = self.course.height_m(day);
        let expecting = self.course.expecting(day);
        let weight = self.course.weight_kg(day) - expecting.kg;
        let excess = weight - MEAN_INDEX * height * height;
        let season = smooth(&SEASON, day_of_year(day));
        let treated = self
            .persona
            .life
            .treated_from
            .map_or(0.0, |from| (day.saturating_sub(from) as f64 / 21.0).clamp(0.0, 1.0));
        let other = |drug: f64, part: f64| expecting.systolic * part - drug * treated;
        (
            systolic + self.shift.0 + PER_KG.0 * excess + season + other(DRUG.0, 1.0),
            diastolic
                + self.shift.1
                + PER_KG.1 * excess
                + season * SEASON_DIASTOLIC
                + other(DRUG.1, 1.2),
        )
    }

    fn fibrillates(&self, moment: &Moment) -> bool {
        let calendar = Calendar::of(&self.persona);
        Episodes::about(&self.persona, &calendar, moment.day).has(moment.at)
    }

    /// How much less the pressure falls asleep.
    fn higher_asleep(&self) -> f64 {
        let reasons = [
            self.persona.life.treated_from.is_some(),
            self.persona.life.apnoea_tenths >= 150,
            self.course.years(self.persona.course_begins) >= 70.0,
        ];
        ASLEEP_HIGHER * f64::from(u8::from(reasons.contains(&true)))
    }
}

/// A normal draw without the far tails.
fn bounded(stream: &Stream, index: i64, draw: u64) -> f64 {
    stream.normal(index, draw).clamp(-2.5, 2.5)
}
