//! Faults of a sandbox: what goes wrong on demand, for whom, at which call and how often. It knows
//! what there is and when it strikes; what then happens is done by whoever serves the call. It
//! draws nothing from the machine: the same seed decides alike everywhere. What was drawn is kept
//! by `store`, so that several servers count as one.

mod kind;
mod scenario;
mod settings;

use crate::{Refusal, Status, UserId};
pub use kind::{Kind, Place, Setting, Takes};
pub use scenario::{Living, Part, SCENARIOS, Scenario};
pub use settings::Settings;

/// A probability is counted in these: 1,000,000 is always.
pub const PARTS: u32 = 1_000_000;

/// A fault that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number in the sandbox.
    pub id: i64,
    /// What goes wrong.
    pub kind: Kind,
    /// The scenario it is part of.
    pub scenario: Option<String>,
    /// Only for this application.
    pub client_id: Option<String>,
    /// Only at these calls.
    pub operation: Option<Calls>,
    /// When it strikes.
    pub when: When,
    /// How it goes wrong, where that can be said.
    pub settings: Settings,
    /// What it has done up to now.
    pub draws: Draws,
    /// When it was asked for.
    pub created: i64,
}

/// Calls of a service: one, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// The service.
    pub service: String,
    /// The action; none: every one.
    pub action: Option<String>,
}

impl Calls {
    /// Whether a call is one of these.
    #[must_use]
    pub fn has(&self, service: &str, action: &str) -> bool {
        self.service == service && self.action.as_deref().is_none_or(|own| own == action)
    }
}

impl std::fmt::Display for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.service, self.action.as_deref().unwrap_or("*"))
    }
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Each time.
    Always,
    /// The first so many times, then never again.
    Count(u32),
    /// With this probability, drawn from a seed.
    Probability {
        /// Of 1,000,000.
        parts: u32,
        /// The same seed decides alike.
        seed: i64,
    },
}

/// How often a fault could have struck, and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Draws {
    /// Could have.
    pub drawn: u32,
    /// Did.
    pub struck: u32,
}

impl When {
    /// Whether it strikes this time. It can: who calls, what and where is as it was asked for.
    pub fn decide(self, draws: &mut Draws) -> bool {
        let strikes = match self {
            Self::Always => true,
            Self::Count(count) => draws.struck < count,
            Self::Probability { parts, seed } => {
                mixed(seed.cast_unsigned(), draws.drawn) % u64::from(PARTS) < u64::from(parts)
            }
        };
        draws.drawn = draws.drawn.saturating_add(1);
        draws.struck = draws.struck.saturating_add(u32::from(strikes));
        strikes
    }

    /// How often it still strikes, if that is known.
    #[must_use]
    pub fn remaining(self, draws: Draws) -> Option<u32> {
        match self {
            Self::Count(count) => Some(count.saturating_sub(draws.struck)),
            _ => None,
        }
    }
}

/// The n-th number of a seed: splitmix64.
fn mixed(seed: u64, number: u32) -> u64 {
    let step = 0x9e37_79b9_7f4a_7c15_u64;
    let mut mixed = seed.wrapping_add(step.wrapping_mul(u64::from(number) + 1));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Fault {
    /// Whether it may strike at all any more.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.when.remaining(self.draws) != Some(0)
    }

    /// Whether it is for an application; who is not known is nobody's.
    #[must_use]
    pub fn is_for(&self, client_id: Option<&str>) -> bool {
        self.client_id.is_none() || self.client_id.as_deref() == client_id
    }

    /// Whether it is for a call.
    #[must_use]
    pub fn is_at(&self, service: &str, action: &str) -> bool {
        let asked = self.operation.as_ref().is_none_or(|calls| calls.has(service, action));
        asked && self.kind.is_at(service, action)
    }

    /// Decides, and says what it does if it strikes.
    pub fn strike(&mut self) -> Option<Strike> {
        self.when.decide(&mut self.draws).then(|| Strike {
            id: self.id,
            kind: self.kind,
            settings: self.settings.clone(),
            number: self.draws.struck,
        })
    }
}

/// A fault that strikes now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// The fault.
    pub id: i64,
    /// What goes wrong.
    pub kind: Kind,
    /// How.
    pub settings: Settings,
    /// The how manieth time: 1, 2, 3 …
    pub number: u32,
}

impl Strike {
    /// A setting that is a number: as it was asked for, or the usual one.
    #[must_use]
    pub fn number_of(&self, name: &str) -> i64 {
        self.kind.number(&self.settings, name).unwrap_or_default()
    }

    /// A setting that is text: as it was asked for, or the usual one.
    #[must_use]
    pub fn text_of(&self, name: &str) -> String {
        self.kind.text(&self.settings, name).unwrap_or_default()
    }

    /// What an operator reads.
    #[must_use]
    pub fn cause(&self) -> String {
        format!("fault {} of this sandbox: {}", self.id, self.kind.name())
    }

    /// The refusal of a call, of the kinds that refuse one.
    #[must_use]
    pub fn refusal(&self, presented: Presented<'_>) -> Refusal {
        match self.kind {
            Kind::TokenExpired => Refusal::invalid_token(self.cause()),
            Kind::CodeExpired => Refusal::rejected("code", self.cause()),
            Kind::RefreshRace if self.text_of("answer") == "601" => self.too_many(),
            Kind::RefreshRace => Refusal::rejected("refresh_token", self.cause()),
            // Whatever is presented, it is unknown there.
            Kind::OtherHost => match presented {
                Presented { grant: Some(_), .. } => Refusal::invalid_client(self.cause()),
                Presented { user: Some(_), .. } => Refusal::invalid_token(self.cause()),
                _ => Refusal::invalid_signature(self.cause()),
            },
            Kind::TooMany => self.too_many(),
            _ => {
                let code = u16::try_from(self.number_of("status")).unwrap_or(u16::MAX);
                let text = Some(self.text_of("text")).filter(|text| !text.is_empty());
                let text = text.unwrap_or_else(|| recorded(code).to_owned());
                Refusal::new(Status::of_fault(code), text, self.cause())
            }
        }
    }

    fn too_many(&self) -> Refusal {
        let wait = self.number_of("wait_seconds");
        Refusal::too_many("Same arguments in less than 10 seconds", self.cause(), wait)
    }
}

/// The text that goes with a status: the recorded one where there is one, else the contract's.
fn recorded(code: u16) -> &'static str {
    use crate::status::{Family, family};
    match (code, family(code)) {
        (401, _) => "XRequestID: Not provided invalid_token: The access token provided is invalid",
        (293, _) => "The callback URL is either unknown or invalid",
        (503, _) => "Invalid Params: invalid parameter",
        (_, Family::Success) => "",
        (_, Family::AuthenticationFailed) => "Authentication failed",
        (_, Family::InvalidParams) => "Invalid params",
        (_, Family::Unauthorized) => "Unauthorized",
        (_, Family::NotImplemented) => "Not implemented",
        (_, Family::Timeout) => "Timeout",
        (_, Family::BadState) => "Bad state",
        (_, Family::TooManyRequests) => "Too many request",
        (_, Family::AnErrorOccurred) => "An error occurred",
    }
}

/// What a refusal may depend on beside who calls what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presented<'p> {
    /// The host that is called, without a port.
    pub host: &'p str,
    /// Whose data a token opens, if the call has one.
    pub user: Option<UserId>,
    /// What is exchanged for tokens, if anything is.
    pub grant: Option<Grant>,
}

/// What is exchanged for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh {
        /// Whether the same one was used a moment ago; the seconds since.
        after: Option<i64>,
    },
}

impl Fault {
    /// Whether a kind that refuses calls can refuse this one.
    #[must_use]
    pub fn can_refuse(&self, presented: Presented<'_>) -> bool {
        match (self.kind, presented.grant) {
            (Kind::Status | Kind::TooMany, _) => true,
            (Kind::TokenExpired, None) => presented.user.is_some(),
            (Kind::CodeExpired, Some(Grant::Code)) => true,
            (Kind::OtherHost, _) => {
                let host = self.kind.text(&self.settings, "host").unwrap_or_default();
                !host.trim().eq_ignore_ascii_case(presented.host)
            }
            (Kind::RefreshRace, Some(Grant::Refresh { after: Some(after) })) => {
                let window = self.kind.number(&self.settings, "window").unwrap_or_default();
                after < window
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
