//! `/v2/answers`

mod get;

pub use get::{ANSWERS_MAX, GetAnswers};
