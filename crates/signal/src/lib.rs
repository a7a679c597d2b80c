//! How series and signals are kept small: chunks of samples over time, near what an entropy coder
//! can do. It knows nothing of people, devices and storage; what a column means is for others to
//! say.

pub mod alaw;
pub mod chunk;
pub mod filter;
mod framing;
mod numbers;
pub mod raw;

pub use framing::Damaged;
