//! The vocabulary of vitald: ids, time, errors, scopes, measures, devices, and the pure rules
//! (token rotation, redirect addresses, signatures, whose weighing it is). It does no I/O, reads no
//! clock and draws no random number: those are parameters.

pub mod account;
pub mod activity;
pub mod attribution;
pub mod calendar;
pub mod care;
pub mod contact;
pub mod device;
mod entitlement;
mod entropy;
mod error;
pub mod fault;
pub mod feature;
pub mod fields;
mod id;
pub mod kept;
pub mod measure;
pub mod notification;
pub mod nudge;
pub mod order;
pub mod person;
pub mod pkce;
mod profile;
pub mod recording;
pub mod redirect;
mod scope;
pub mod signature;
pub mod sleep;
pub mod status;
pub mod survey;
mod time;
pub mod token;
pub mod workout;
pub mod yields;

pub use entitlement::Entitlement;
pub use entropy::{Entropy, EntropyExt, SeededEntropy};
pub use error::{Error, Failure, Refusal, Result};
pub use id::{DeviceId, GroupId, OrganizationId, UserId};
pub use profile::Profile;
pub use scope::{Scope, ScopeSet};
pub use status::Status;
pub use time::{Clock, DAY_SECONDS, ManualClock, UnixTime};
