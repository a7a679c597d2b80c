//! Simulated people: from a seed to a coherent history of what their devices notice.
//!
//! A [`Persona`] is a handful of numbers; [`Persona::of`] draws them from a [`Preset`] and a seed.
//! Everything else is a pure function of it: of (persona, day) for minutes, nights, workouts and
//! hearts, of (persona, instant) for a pressure, of (persona, span) for [`uploads`], which are what
//! reaches a server. There is no clock, no random source of the system and no state: the same
//! question has the same answer on every machine, and what a day holds does not depend on which
//! days are asked. docs/simulated-people.md tells who there is.
//!
//! Functions that take `now` leave out what is not over then. [`weigh_ins`] and
//! [`blood_pressures`], which are the demonstration's, bend the last three days before it a little,
//! so that it never looks abandoned; who asks in the small hours may find a weigh-in in the middle
//! of a night. Uploads know no present.
//!
//! Values go out as integers. Inside, floats meet only `+ - * /`, square root, rounding and
//! comparison, which IEEE 754 defines to the last bit; no function of a platform's mathematical
//! library is called, and `signal`, which makes what a sensor draws, has one of its own.
//!
//! What it deliberately does not do: it stores nothing and sends nothing, and it gives out no
//! person of a server. Of the wire format only [`upload`] and [`raw_data`] know, and of that the
//! records of device sync alone.
//!
//! The modules name the paper behind a number. Two marks stand for less: `[choice]` is a design
//! value with no publication behind it, `[mem]` a value common in the literature but not looked up.

mod artery;
mod beat;
mod body;
mod calendar;
mod check;
mod cuff;
mod curve;
mod device;
mod fibrillation;
mod habit;
mod heart;
pub mod life;
mod motion;
mod night;
mod oxygen;
pub mod person;
mod plan;
mod preset;
mod pulse;
pub mod random;
mod raw;
mod roster;
mod scale;
mod thermometer;
mod travel;
pub mod upload;
mod warmth;
mod wave;
mod workout;

pub use calendar::local_day;
pub use check::Impossible;
pub use cuff::{blood_pressures, pressure};
pub use device::{Device, DeviceKind};
pub use heart::{Heart, hearts};
pub use life::Life;
pub use motion::{Minute, minutes};
pub use night::{Night, Stage, State, Vitals, nights};
pub use person::{Persona, Sex};
pub use preset::{Preset, STORIES_BEGIN};
pub use raw::{Sensor, raw_data};
pub use scale::weigh_ins;
pub use upload::{Feed, Upload, uploads};
pub use workout::{Sport, Workout, workouts};

/// What a device gave in one session, at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// When it was taken, in Unix seconds.
    pub taken_at: i64,
    /// What was measured, each kind at most once.
    pub values: Vec<Value>,
}

/// One measured quantity: `value` times ten to the power `unit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    /// The measure type of the reference (`meastype`).
    pub kind: i32,
    /// The mantissa.
    pub value: i64,
    /// The power of ten.
    pub unit: i8,
}

impl Value {
    /// Weight, kg.
    pub const WEIGHT: i32 = 1;
    /// Fat-free mass, kg.
    pub const FAT_FREE_MASS: i32 = 5;
    /// Fat ratio, per cent.
    pub const FAT_RATIO: i32 = 6;
    /// Fat mass, kg.
    pub const FAT_MASS: i32 = 8;
    /// Diastolic blood pressure, mmHg.
    pub const DIASTOLIC: i32 = 9;
    /// Systolic blood pressure, mmHg.
    pub const SYSTOLIC: i32 = 10;
    /// Heart pulse, beats per minute.
    pub const PULSE: i32 = 11;
    /// Muscle mass, kg.
    pub const MUSCLE: i32 = 76;
    /// Hydration, kg.
    pub const HYDRATION: i32 = 77;
    /// Bone mass, kg.
    pub const BONE: i32 = 88;
}

#[cfg(test)]
mod tests;
