//! How strictly the rules of OAuth are kept. What follows of it is said where each rule stands.

use serde::{Deserialize, Serialize};

/// The rules a server keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// As the real service does (field-notes §4): programs written for it work unchanged.
    #[default]
    Compatible,
    /// As RFC 9700 asks: redirect addresses letter for letter, PKCE, `iss`, and a refresh token
    /// that comes twice ends its grant.
    Strict,
}

impl Profile {
    /// Whether it is [`Self::Strict`].
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Strict)
    }
}
