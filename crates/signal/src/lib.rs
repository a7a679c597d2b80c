//! Series and signals: how they are kept small, and the signals themselves.
//!
//! Chunks of samples over time and single signals, near what an entropy coder can do; A-law, as
//! heart sounds have it; the filtered version of an electrocardiogram; and electrocardiograms and
//! heart sounds of people who do not exist. It knows nothing of people, devices and storage that
//! do, and what a column means is for others to say.

pub mod alaw;
pub mod chunk;
pub mod filter;
mod framing;
mod numbers;
pub mod raw;
pub mod synth;

pub use framing::Damaged;
