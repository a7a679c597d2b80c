//! Who the person is, and the slow course of their body: weight, fat and heart rate at rest.
//!
//! The course is a function of the calendar day alone. Its causes are few (a diet, the season, the
//! years), and everything a device measures is derived from it, so that the signals agree.
//!
//! What it deliberately does not do: the southern seasons. Growth, pregnancy and fever are
//! `body`'s.

use crate::body::{self, Expecting};
use crate::calendar::{Calendar, day_of_year};
use crate::curve::{Point, smooth, straight, whole};
use crate::life::{Body, Life};
use crate::random::{Kind, Stream};

/// Days in a mean year of the calendar.
const YEAR: f64 = 365.242_5;

/// How long the course of the weight is before it begins again, in days: four years. \[choice\]
const CYCLE: i64 = 1_461;

/// The share of the loss reached on a day of the course. \[choice\]
///
/// Water first (−1 … 2 kg in the first weeks of a diet), then tissue ever more slowly as the
/// expenditure falls (Hall et al., Lancet 2011), a plateau, a second effort, a year of holding, and
/// the regain most diets end in.
const EFFORT: [Point; 7] = [
    (0.0, 0.0),
    (21.0, 0.14),
    (250.0, 0.66),
    (430.0, 0.63),
    (700.0, 1.0),
    (900.0, 0.98),
    (1_461.0, 0.0),
];

/// The weight by day of the year, in per cent of it.
///
/// 0.4 to 0.6 % over Christmas and New Year, half lost by February (Helander et al., N Engl J Med
/// 2016, from memory); low in late summer.
const SEASON: [Point; 7] = [
    (1.0, 0.45),
    (36.0, 0.22),
    (100.0, 0.05),
    (235.0, -0.2),
    (310.0, 0.0),
    (350.0, 0.05),
    (367.0, 0.45),
];

/// The heart rate at rest by day of the year, bpm: highest in January, lowest in July, about two
/// apart (Quer et al., PLoS ONE 2020;15:e0227709).
const RATE_SEASON: [Point; 4] = [(-168.0, -1.0), (15.0, 1.0), (197.0, -1.0), (380.0, 1.0)];

/// Beats per minute at rest of a child above those of grown people by age.
const YOUNG_BPM: [Point; 5] = [(1.0, 45.0), (5.0, 28.0), (9.0, 18.0), (13.0, 11.0), (18.0, 0.0)];

/// The most oxygen men and women take up by age, ml/kg/min: see [`Course::hardest_met`].
const OXYGEN_MEN: [Point; 6] =
    [(25.0, 48.0), (35.0, 42.4), (45.0, 37.8), (55.0, 32.6), (65.0, 28.2), (75.0, 24.4)];
const OXYGEN_WOMEN: [Point; 6] =
    [(25.0, 37.6), (35.0, 30.2), (45.0, 26.7), (55.0, 23.4), (65.0, 20.0), (75.0, 18.3)];

/// Sex, as the formulas of the literature know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// A woman.
    Woman,
    /// A man.
    Man,
}

/// A simulated person: what is fixed about them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Persona {
    /// What all chance in this life is drawn from.
    pub seed: u64,
    /// Sex.
    pub sex: Sex,
    /// The day of birth, in days after 1970-01-01.
    pub born: i64,
    /// Height, in mm.
    pub height_mm: i64,
    /// Weight when the course begins, before season and noise, in g.
    pub start_weight_g: i64,
    /// What the course takes off at its lowest, in g.
    pub loss_g: i64,
    /// The day the course of the weight begins, in days after 1970-01-01.
    ///
    /// It is a calendar day and not a distance from the present, so that the past stays what it
    /// was when tomorrow comes. The course begins again every four years.
    pub course_begins: i64,
    /// Systolic pressure above what age, sex and weight let expect, in mmHg.
    pub systolic_shift: i64,
    /// Diastolic pressure above what age, sex and weight let expect, in mmHg.
    pub diastolic_shift: i64,
    /// The IANA name of the time zone they live in.
    pub zone: &'static str,
    /// How they live, what ails them, how they hand over.
    pub life: Life,
}

impl Persona {
    /// The person of the demonstration: a man of 40 in Paris, who begins a diet on 2025-01-06.
    pub fn demo() -> Self {
        Self {
            seed: 1,
            sex: Sex::Man,
            born: 5_250,
            height_mm: 1_780,
            start_weight_g: 88_400,
            loss_g: 6_200,
            course_begins: 20_094,
            systolic_shift: 5,
            diastolic_shift: 3,
            zone: "Europe/Paris",
            life: Life::usual(),
        }
    }

    /// The zone somebody is in on a day, counted from 1970-01-01: the one they live in, unless they
    /// travel.
    pub fn zone_on(&self, day: i64) -> &'static str {
        Calendar::of(self).zone_name(day).unwrap_or(self.zone)
    }
}

/// The slow course of a person's body, by local day counted from 1970-01-01.
#[derive(Clone, Debug)]
pub struct Course {
    persona: Persona,
    sex: Sex,
    born: i64,
    begins: i64,
    height_m: f64,
    start_kg: f64,
    loss_kg: f64,
    start_fat_kg: f64,
    rate: Stream,
}

impl Course {
    /// The course of a person. Sizes no adult has are brought to the nearest that one may have.
    pub fn of(persona: &Persona) -> Self {
        let start_kg = persona.start_weight_g.clamp(30_000, 300_000) as f64 / 1_000.0;
        let loss_kg = persona.loss_g as f64 / 1_000.0;
        let mut course = Self {
            persona: persona.clone(),
            sex: persona.sex,
            born: persona.born,
            begins: persona.course_begins,
            height_m: persona.height_mm.clamp(1_000, 2_500) as f64 / 1_000.0,
            start_kg,
            loss_kg: loss_kg.clamp(-0.4 * start_kg, 0.4 * start_kg),
            start_fat_kg: 0.0,
            rate: Stream::new(persona.seed, Kind::RestingRate),
        };
        course.start_fat_kg = course.usual_fat_kg();
        course
    }

    /// The slow weight of a day, in g: diet and season, without water and noise.
    pub fn weight_g(&self, day: i64) -> i64 {
        whole(self.weight_kg(day) * 1_000.0)
    }

    /// The fat in the slow weight of a day, in g.
    pub fn fat_g(&self, day: i64) -> i64 {
        whole(self.fat_kg(day) * 1_000.0)
    }

    /// The heart rate at rest of a day, in beats per minute.
    pub fn resting_rate(&self, day: i64) -> i64 {
        whole(self.rest_bpm(day))
    }

    /// The age on a day, in years, kept between 18 and 90, where the formulas hold.
    pub(crate) fn age(&self, day: i64) -> f64 {
        (day.saturating_sub(self.born) as f64 / YEAR).clamp(18.0, 90.0)
    }

    /// The person's sex.
    pub(crate) fn sex(&self) -> Sex {
        self.sex
    }

    /// The age on a day, in years, as it is.
    pub(crate) fn years(&self, day: i64) -> f64 {
        day.saturating_sub(self.born) as f64 / YEAR
    }

    /// What carrying a child does on a day.
    pub(crate) fn expecting(&self, day: i64) -> Expecting {
        Expecting::on(self.persona.life.body, day)
    }

    /// The fever of a day, in °C.
    pub(crate) fn fever(&self, day: i64) -> f64 {
        body::fever(&self.persona, day)
    }

    /// The height, in m.
    pub(crate) fn height_m(&self, day: i64) -> f64 {
        match self.persona.life.body {
            Body::Growing { height_z, .. } => {
                let z = height_z as f64 / 1_000.0;
                body::child_m(self.sex == Sex::Woman, self.years(day), z)
            }
            _ => self.height_m,
        }
    }

    /// The body mass index of a day.
    pub(crate) fn index(&self, day: i64) -> f64 {
        let height = self.height_m(day);
        self.weight_kg(day) / (height * height)
    }

    /// The slow weight of a day, in kg.
    pub(crate) fn weight_kg(&self, day: i64) -> f64 {
        let season = 1.0 + smooth(&SEASON, day_of_year(day)) / 100.0;
        if let Body::Growing { weight_z, .. } = self.persona.life.body {
            let z = weight_z as f64 / 1_000.0;
            return body::child_kg(self.sex == Sex::Woman, self.years(day), z) * season;
        }
        let since = day.saturating_sub(self.begins);
        let weight = self.start_kg - self.loss_kg * smooth(&EFFORT, since.rem_euclid(CYCLE) as f64);
        let years = (since as f64 / YEAR).clamp(-15.0, 15.0);
        let gained = self.persona.life.gain_g_per_year as f64 / 1_000.0 * years;
        (weight + gained) * season + self.expecting(day).kg
    }

    /// The fat in the slow weight of a day, in kg.
    ///
    /// Of each kg lost the share 10.4 / (10.4 + fat) is lean (dFFM/dFM = 10.4 / FM: Forbes, from
    /// memory), taken at the fat of the start; 0.23 points of the weight become fat each year
    /// (Deurenberg et al., Br J Nutr 1991).
    ///
    /// A child's is 1.51 BMI − 0.70 age − 3.6 for boys + 1.4 per cent (the same authors). \[mem\]
    pub(crate) fn fat_kg(&self, day: i64) -> f64 {
        if let Body::Growing { .. } = self.persona.life.body {
            return self.child_fat_kg(day);
        }
        let expecting = self.expecting(day);
        let weight = self.weight_kg(day) - expecting.kg;
        let lean_share = 10.4 / (10.4 + self.start_fat_kg);
        let years = self.age(day) - self.age(self.begins);
        let fat = self.start_fat_kg
            + (weight - self.start_kg) * (1.0 - lean_share)
            + weight * 0.002_3 * years;
        fat.clamp(weight * 0.05, weight * 0.6) + expecting.fat_kg
    }

    fn child_fat_kg(&self, day: i64) -> f64 {
        let boys = if self.sex == Sex::Man { 3.6 } else { 0.0 };
        let percent = 1.51 * self.index(day) - 0.7 * self.years(day).min(18.0) - boys + 1.4;
        self.weight_kg(day) * percent.clamp(8.0, 45.0) / 100.0
    }

    /// The heart rate at rest of a day, in beats per minute.
    ///
    /// 63 + 3 for women + 0.25 (BMI − 25), after Quer et al., PLoS ONE 2020;15:e0227709; from day
    /// to day SD 2.5, correlation 0.6 \[choice\].
    ///
    /// A child's heart is faster (Ostchega et al., NHSR 41, 2011), so is that of a woman who
    /// carries one, and a degree of fever adds 8. \[mem\]
    pub(crate) fn rest_bpm(&self, day: i64) -> f64 {
        let (expecting, height) = (self.expecting(day), self.height_m(day));
        let index = (self.weight_kg(day) - expecting.kg) / (height * height);
        let women = if self.sex == Sex::Woman { 3.0 } else { 0.0 };
        let season = smooth(&RATE_SEASON, day_of_year(day));
        let wander = 2.5 * self.rate.wandering(day, 0.6, 2.5);
        let own = self.persona.life.rate_shift_bpm as f64 + self.young_bpm(day);
        let more = own + expecting.bpm + 8.0 * self.fever(day);
        (63.0 + women + 0.25 * (index - 25.0) + season + wander + more).clamp(36.0, 125.0)
    }

    /// What a child's heart beats faster than a grown one's.
    fn young_bpm(&self, day: i64) -> f64 {
        match self.persona.life.body {
            Body::Growing { .. } => straight(&YOUNG_BPM, self.years(day)),
            _ => 0.0,
        }
    }

    /// The hardest the person can work on a day, in MET: the median by age (Kaminsky et al., Mayo
    /// Clin Proc 2015;90:1515, the middle decades from memory) and a tenth more, as for whoever
    /// trains.
    pub(crate) fn hardest_met(&self, day: i64) -> f64 {
        self.oxygen(day) / 3.5
    }

    /// The most oxygen the person takes up on a day, in ml/kg/min.
    pub(crate) fn oxygen(&self, day: i64) -> f64 {
        let table = if self.sex == Sex::Man { &OXYGEN_MEN } else { &OXYGEN_WOMEN };
        straight(table, self.age(day)) * (self.persona.life.fitness_permille as f64 / 1_000.0)
    }

    /// The fat usual at the start, in kg: 1.20 BMI + 0.23 age − 10.8 for men − 5.4 per cent
    /// (Deurenberg et al., Br J Nutr 1991).
    fn usual_fat_kg(&self) -> f64 {
        let index = self.start_kg / (self.height_m * self.height_m);
        let men = if self.sex == Sex::Man { 10.8 } else { 0.0 };
        let percent = 1.2 * index + 0.23 * self.age(self.begins) - men - 5.4;
        self.start_kg * percent.clamp(6.0, 55.0) / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_years_take_six_kilograms_with_a_plateau() {
        let persona = Persona::demo();
        let course = Course::of(&persona);
        let after = |days| course.weight_g(persona.course_begins + days);
        let loss = after(0) - after(720);
        assert!((5_500..=7_000).contains(&loss), "{loss}");
        assert!((after(270) - after(430)).abs() < 700);
        assert!((after(720) - after(880)).abs() < 700);
    }

    #[test]
    fn the_course_has_no_jumps() {
        let course = Course::of(&Persona::demo());
        for day in 19_000..24_000 {
            let step = course.weight_g(day + 1) - course.weight_g(day);
            assert!(step.abs() <= 85, "{step} g on day {day}");
        }
    }

    #[test]
    fn new_year_weighs_more_than_late_summer() {
        // A person without a diet, 2025-01-01 and 2025-08-23.
        let course = Course::of(&Persona { loss_g: 0, ..Persona::demo() });
        let bump = course.weight_g(20_089) - course.weight_g(20_323);
        assert!((400..=700).contains(&bump), "{bump}");
    }

    #[test]
    fn lost_weight_is_mostly_fat() {
        let persona = Persona::demo();
        let course = Course::of(&persona);
        let (first, last) = (persona.course_begins, persona.course_begins + 720);
        let weight = course.weight_g(first) - course.weight_g(last);
        let fat = course.fat_g(first) - course.fat_g(last);
        assert!(fat * 100 > weight * 55 && fat * 100 < weight * 80, "{fat} of {weight}");
    }

    #[test]
    fn extreme_people_and_days_stay_finite() {
        for loss_g in [i64::MIN, i64::MAX] {
            let persona = Persona {
                born: i64::MIN,
                height_mm: 0,
                start_weight_g: i64::MAX,
                loss_g,
                course_begins: i64::MAX,
                ..Persona::demo()
            };
            let course = Course::of(&persona);
            for day in [i64::MIN, 0, i64::MAX] {
                assert!((30_000..450_000).contains(&course.weight_g(day)));
                assert!(course.fat_g(day) * 10 <= course.weight_g(day) * 6 + 10);
                assert!((36..=125).contains(&course.resting_rate(day)));
            }
        }
    }
}
