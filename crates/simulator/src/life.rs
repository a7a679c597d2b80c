//! What makes one simulated person live another life than the next: how their days are, what grows
//! or ails, how they hand over. Plain numbers; what follows from them is for the modules to say.
//!
//! What it deliberately does not do: it draws nothing. See [`crate::Preset`] for that.

use crate::preset::Preset;

/// How somebody lives. That of [`crate::Persona::demo`] changes nothing of what the modules do by
/// themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Life {
    /// What they were made from; none for the demo person, whose bytes are a promise.
    pub preset: Option<Preset>,
    /// How their days go.
    pub routine: Routine,
    /// What they do for exercise.
    pub training: Training,
    /// How much they move about, in thousandths of the usual.
    pub pace_permille: i64,
    /// The most oxygen they take up, in thousandths of the median of their age and sex.
    pub fitness_permille: i64,
    /// Beats per minute at rest above what sex, age and weight let expect.
    pub rate_shift_bpm: i64,
    /// The variability of their heart, in thousandths of the median of their age.
    pub variability_permille: i64,
    /// How long they are in bed, in minutes.
    pub in_bed_minutes: i64,
    /// Of 100 minutes of light sleep, those with snoring.
    pub snoring_percent: i64,
    /// Apnoeas and hypopnoeas in an hour of sleep, in tenths.
    pub apnoea_tenths: i64,
    /// Of 100 days, those on which the atria fibrillate for some hours.
    pub fibrillation_percent: i64,
    /// What the weight gains in a year, in g.
    pub gain_g_per_year: i64,
    /// What the body is about.
    pub body: Body,
    /// The day somebody begins to take a drug against high pressure.
    pub treated_from: Option<i64>,
    /// Whether they travel to other zones: [`crate::Persona::zone_on`].
    pub travels: bool,
    /// Whether they have a fever now and then.
    pub falls_ill: bool,
    /// How what their devices notice comes to the server.
    pub hands_over: HandsOver,
    /// What a scale that is shared is known by; people with the same number share it.
    pub household: Option<u64>,
}

/// How somebody's days go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Routine {
    /// Walks to work and back.
    Commuter,
    /// Sits at work and in the car.
    Office,
    /// Does not work any more.
    Retired,
    /// Goes to school.
    School,
    /// Works early, late and at night, two days each, and has two days off.
    Shifts,
}

/// What somebody does for exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Training {
    /// A bit of everything, two to four times a week.
    Mixed,
    /// Runs, four to six times a week.
    Runner,
    /// Brisk walks, one to three a week.
    Walks,
    /// Nothing.
    Never,
}

/// What a body is about, beside ageing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Grown.
    Grown,
    /// Carries a child.
    Expecting {
        /// The first day of the last period: weeks are counted from it.
        since: i64,
        /// What is gained in all, in g.
        gain_g: i64,
        /// How many days it takes.
        days: i64,
    },
    /// Grows along its percentiles: standard deviations from the median, in thousandths.
    Growing {
        /// Of weight.
        weight_z: i64,
        /// Of height.
        height_z: i64,
    },
}

/// How what devices notice comes to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandsOver {
    /// As devices do it: scales at once, watches every few hours, mats after getting up.
    Promptly,
    /// Only when somebody thinks of it: after days.
    Late,
    /// As devices do it, until this day; then never again.
    Until(i64),
}

impl Life {
    /// The life of the demo person.
    pub fn usual() -> Self {
        Self {
            preset: None,
            routine: Routine::Commuter,
            training: Training::Mixed,
            pace_permille: 1_000,
            fitness_permille: 1_100,
            rate_shift_bpm: 0,
            variability_permille: 1_000,
            in_bed_minutes: 458,
            snoring_percent: 12,
            apnoea_tenths: 20,
            fibrillation_percent: 0,
            gain_g_per_year: 0,
            body: Body::Grown,
            treated_from: None,
            travels: false,
            falls_ill: false,
            hands_over: HandsOver::Promptly,
            household: None,
        }
    }
}
