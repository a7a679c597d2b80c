//! What was said of a fault beside its name: few short texts, kept as JSON.

use crate::{Error, Result};
use std::collections::BTreeMap;

/// Names and values, as they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(pub BTreeMap<String, String>);

impl Settings {
    /// What was given under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// As they are kept.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|_| "{}".to_owned())
    }

    /// What [`Settings::to_json`] made.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map(Self).map_err(Error::internal)
    }
}
