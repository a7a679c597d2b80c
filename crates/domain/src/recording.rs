//! Recordings: electrocardiograms and the sounds of a stethoscope, and what is known of one besides
//! its signal. How a signal is kept is not decided here.

use crate::fields::fields;

/// The most samples of one signal: ten minutes at 1 kHz.
pub const SAMPLES_MAX: usize = 600_000;

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An electrocardiogram, in microvolts.
    Ecg,
    /// Sounds, in bytes of G.711 A-law.
    Stetho,
}

impl Kind {
    /// The number it is stored under.
    pub const fn number(self) -> i64 {
        match self {
            Self::Ecg => 1,
            Self::Stetho => 2,
        }
    }

    /// The kind of that number.
    pub const fn of(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Ecg),
            2 => Some(Self::Stetho),
            _ => None,
        }
    }
}

fields! {
    /// What is known of a recording.
    pub struct About {
        /// Samples a second.
        1 frequency: i64,
        /// Where the device was (`wearposition`, or `position` of sounds).
        2 position: i64,
        /// What the device made of the rhythm: 0 regular, 1 atrial fibrillation, 2 inconclusive.
        3 afib: i64,
        /// Mean heart rate, in beats per minute.
        4 heart_rate: i64,
        /// Systolic blood pressure taken with it, in mmHg.
        5 systole: i64,
        /// Diastolic blood pressure taken with it, in mmHg.
        6 diastole: i64,
        /// The number of the person's recording of sounds taken with it.
        7 stetho: i64,
        /// What the device made of the sounds of the valves.
        8 vhd: i64,
        /// How the sounds are coded, as the device says.
        9 format: i64,
        /// Bits of a sample.
        10 resolution: i64,
        /// Channels.
        11 channel: i64,
        /// Interval from P to R, in milliseconds.
        12 pr: i64,
        /// Length of QRS, in milliseconds.
        13 qrs: i64,
        /// Interval from Q to T, in milliseconds.
        14 qt: i64,
        /// That interval corrected for the heart rate, in milliseconds.
        15 qtc: i64,
        /// How many samples there are.
        16 samples: i64,
    }
}
