//! What an application may do besides reading what people let it read: the solutions of the
//! reference that are open under a contract. Which operation needs which is said by the operation
//! itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A solution that an organization, and each of its applications, is let use.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// `app_to_app`: people are sent from the application to log in and back.
    AppToApp,
    /// `sdk`: the application makes accounts and sets up devices in an app of its own.
    Sdk,
    /// `cellular`: the application makes accounts for devices that need no app.
    Cellular,
    /// `logistics`: the application has devices sent to people.
    Logistics,
    /// `rpm`: remote patient monitoring.
    Rpm,
}

impl Entitlement {
    /// Every one, in the order of lists.
    pub const ALL: [Self; 5] =
        [Self::AppToApp, Self::Sdk, Self::Cellular, Self::Logistics, Self::Rpm];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AppToApp => "app_to_app",
            Self::Sdk => "sdk",
            Self::Cellular => "cellular",
            Self::Logistics => "logistics",
            Self::Rpm => "rpm",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|entitlement| entitlement.name() == name)
    }
}

impl fmt::Display for Entitlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
