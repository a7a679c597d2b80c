//! Signals of people who do not exist: electrocardiograms, heart sounds, light and acceleration at
//! a wrist, for demonstrations and tests. Whoever asks twice with one seed gets the same bytes, on
//! every machine and in any order.
//! Nothing here is fit to train or to judge a diagnosis, and no signal of a real person is in it.

pub mod ecg;
pub mod heart_sound;
pub mod light;
mod noise;
mod patient;
pub mod random;
mod rhythm;
pub mod wrist;

pub use patient::Patient;
pub use random::Origin;
pub use rhythm::Beat;
