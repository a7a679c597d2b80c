//! What applications are told: the categories of the reference (`appli`), what a notification says,
//! and when it is tried again. It sends nothing and stores nothing. Sources: field-notes 1.1 to
//! 1.4; what they leave open is decided here and listed in docs/notifications.md.

mod attempt;
mod callback;
mod message;
mod rule;
pub mod signing;

pub use attempt::{Attempt, Outcome, packed, unpacked};
pub use callback::{CALLBACK_CHARS_MAX, Callbacks, Unfit};
pub use message::MessageId;
pub use rule::{Rule, RuleName, Verdict, WAIT_SECONDS_MAX};

use crate::measure::MeasureType as Kind;
use crate::{Scope, UserId, device};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A category of notifications: `appli` on the wire.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Appli(pub i64);

/// What is known of a category.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its number.
    pub appli: Appli,
    /// What a token must open for it; none: the application itself subscribes, by a signed call.
    pub scope: Option<Scope>,
    /// What it tells of, in a few words.
    pub name: &'static str,
}

macro_rules! categories {
    ($($constant:ident = $number:literal, $scope:expr, $name:literal;)*) => {
        impl Appli {
            $(#[doc = concat!($name, ".")] pub const $constant: Self = Self($number);)*

            /// Every category, by number.
            pub const KNOWN: &[Known] = &[
                $(Known { appli: Appli::$constant, scope: $scope, name: $name },)*
            ];
        }
    };
}

categories! {
    WEIGHT = 1, Some(Scope::Metrics), "Weight and body composition";
    TEMPERATURE = 2, Some(Scope::Metrics), "Temperature";
    PRESSURE = 4, Some(Scope::Metrics), "Blood pressure, heart rate and blood oxygen";
    ACTIVITY = 16, Some(Scope::Activity), "Steps, distance and workouts";
    SLEEP = 44, Some(Scope::Activity), "Sleep";
    PROFILE = 46, Some(Scope::Info), "The person's profile";
    BED_IN = 50, Some(Scope::SleepEvents), "Somebody went to bed";
    BED_OUT = 51, Some(Scope::SleepEvents), "Somebody got up";
    INFLATED = 52, Some(Scope::SleepEvents), "A sleep sensor was inflated";
    NO_ACCOUNT = 53, None, "A device was set up by somebody without an account";
    ECG = 54, Some(Scope::Metrics), "An electrocardiogram";
    ECG_FAILED = 55, Some(Scope::Metrics), "An electrocardiogram came to nothing";
    GLUCOSE = 58, Some(Scope::Metrics), "Blood glucose";
    SURVEY = 60, Some(Scope::Data), "A survey was answered";
    STETHO = 61, Some(Scope::Metrics), "A sound of a stethoscope";
    HRV = 62, Some(Scope::Metrics), "Heart rate variability";
    URINE = 63, Some(Scope::Metrics), "A urine analysis";
    BED_OCCUPIED = 98, Some(Scope::SleepEvents), "Somebody is in bed";
    BED_EMPTY = 99, Some(Scope::SleepEvents), "Nobody is in bed";
    BED_STATE = 100, Some(Scope::SleepEvents), "Somebody is in bed, or nobody is";
}

impl Appli {
    /// What is known of this category, if it is one.
    #[must_use]
    pub fn known(self) -> Option<&'static Known> {
        Self::KNOWN.iter().find(|known| known.appli == self)
    }

    /// The categories a measure belongs to (field-notes 1.3). Types the table does not name belong
    /// to none.
    #[must_use]
    pub const fn of_measure(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::BODY_TEMPERATURE | Kind::SKIN_TEMPERATURE => &[Self::WEIGHT, Self::TEMPERATURE],
            Kind::WEIGHT
            | Kind::FAT_FREE_MASS
            | Kind::FAT_RATIO
            | Kind::FAT_MASS
            | Kind::MUSCLE_MASS
            | Kind::HYDRATION
            | Kind::BONE_MASS
            | Kind::PULSE_WAVE_VELOCITY => &[Self::WEIGHT],
            Kind::TEMPERATURE => &[Self::TEMPERATURE],
            Kind::DIASTOLIC | Kind::SYSTOLIC | Kind::HEART_PULSE | Kind::SPO2 => &[Self::PRESSURE],
            Kind::GLUCOSE => &[Self::GLUCOSE],
            Kind::URINE_PH
            | Kind::URINE_SPECIFIC_GRAVITY
            | Kind::URINE_NITRITES
            | Kind::URINE_KETONES
            | Kind::URINE_VITAMIN_C
            | Kind::URINE_CALCIUM
            | Kind::URINE_CREATININE
            | Kind::URINE_CALCIUM_CREATININE => &[Self::URINE],
            _ => &[],
        }
    }

    /// The categories an event at a device belongs to.
    #[must_use]
    pub const fn of_event(event: device::Event) -> &'static [Self] {
        match event {
            device::Event::BedIn => &[Self::BED_IN],
            device::Event::BedOut => &[Self::BED_OUT],
            device::Event::SensorInflated => &[Self::INFLATED],
            device::Event::EcgFailed => &[Self::ECG_FAILED],
            device::Event::SetUpWithoutAccount => &[Self::NO_ACCOUNT],
            device::Event::BedOccupied => &[Self::BED_OCCUPIED, Self::BED_STATE],
            device::Event::BedEmpty => &[Self::BED_EMPTY, Self::BED_STATE],
        }
    }
}

/// What happened to a person's profile: `action` of category 46.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// The person changed what they say of themselves.
    Update,
    /// The person took from the application what they had let it see.
    Unlink,
    /// The person's account is gone.
    Delete,
}

impl Action {
    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Unlink => "unlink",
            Self::Delete => "delete",
        }
    }
}

/// What a notification says besides whom it is about and of which category it is. What comes
/// together in one write is told once: see [`Detail::joined`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Something between two moments, both included.
    Between(i64, i64),
    /// A recording; the newest one's token goes along, made anew for each application.
    Recorded(i64, i64, crate::GroupId),
    /// Days.
    Days(Date, Date),
    /// Something at a device, once or more than once between two moments.
    AtDevice(String, i64, i64),
    /// A device that nobody uses, by its address too: it is what it can be linked by.
    Unowned(String, String, i64),
    /// Something about the profile.
    Profile(Action),
}

impl Detail {
    /// Both, told as one; none if they cannot be.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Between(a, b), Self::Between(c, d)) => Self::Between(*a.min(c), *b.max(d)),
            (Self::Recorded(a, b, first), Self::Recorded(c, d, second)) => {
                let newest = if d >= b { second } else { first };
                Self::Recorded(*a.min(c), *b.max(d), *newest)
            }
            (Self::Days(a, b), Self::Days(c, d)) => Self::Days(*a.min(c), *b.max(d)),
            (Self::AtDevice(one, a, b), Self::AtDevice(two, c, d)) if one == two => {
                Self::AtDevice(one.clone(), *a.min(c), *b.max(d))
            }
            (Self::Profile(a), Self::Profile(b)) => Self::Profile(*a.max(b)),
            (one, two) if one == two => one.clone(),
            _ => return None,
        })
    }

    /// The form that is sent. `token` makes the token of a recording.
    #[must_use]
    pub fn form(
        &self,
        user: Option<UserId>,
        appli: Appli,
        token: impl FnOnce(crate::GroupId) -> String,
    ) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::with_capacity(96));
        if let Some(user) = user {
            form.append_pair("userid", &user.to_string());
        }
        form.append_pair("appli", &appli.0.to_string());
        let mut number = |name: &str, at: i64| {
            form.append_pair(name, &at.to_string());
        };
        match self {
            // The end is the first second after it, so that it can be asked for either way.
            Self::Between(start, end) => {
                number("startdate", *start);
                number("enddate", end.saturating_add(1));
            }
            Self::Recorded(start, end, id) => {
                number("startdate", *start);
                number("enddate", end.saturating_add(1));
                form.append_pair("signal_token", &token(*id));
            }
            Self::Days(first, last) => {
                form.append_pair("date", &last.to_string());
                if first != last {
                    form.append_pair("startdateymd", &first.to_string());
                    form.append_pair("enddateymd", &last.to_string());
                }
            }
            Self::AtDevice(device, first, last) => {
                number("date", *last);
                if first != last {
                    number("startdate", *first);
                    number("enddate", last.saturating_add(1));
                }
                form.append_pair("deviceid", device);
            }
            Self::Unowned(device, mac, at) => {
                number("date", *at);
                form.append_pair("deviceid", device).append_pair("mac_address", mac);
            }
            Self::Profile(action) => {
                form.append_pair("action", action.name());
            }
        }
        form.finish()
    }
}

#[cfg(test)]
mod tests;
