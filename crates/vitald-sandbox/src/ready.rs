//! What a sandbox says when it listens: everything that opens it.

use serde::Deserialize;
use std::path::PathBuf;

/// What a sandbox says when it listens. Each list is in the order of the seed.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Ready {
    /// Where it listens.
    pub base_url: String,
    /// Its folder.
    pub data: PathBuf,
    /// What its clock showed, in Unix seconds.
    pub now: i64,
    /// Whether it stood still.
    pub frozen: bool,
    /// What programs on other machines prove themselves with.
    pub sandbox_token: Option<String>,
    /// The organizations.
    pub organizations: Vec<Organization>,
    /// The applications.
    pub applications: Vec<Application>,
    /// The people.
    pub people: Vec<Person>,
    /// The devices.
    pub devices: Vec<Device>,
    /// The tokens; none of a sandbox that goes on in its folder.
    pub tokens: Vec<Tokens>,
    /// The subscriptions.
    pub subscriptions: Vec<Subscription>,
}

/// An organization.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// Its number.
    pub organization_id: i64,
}

/// An application.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where it has people sent back to.
    pub redirect_uris: Vec<String>,
}

/// Somebody with an account.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Person {
    /// Their e-mail address.
    pub email: String,
    /// Their number.
    pub userid: i64,
    /// Their password, if the seed has one.
    pub password: Option<String>,
}

/// A device.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Device {
    /// Its hardware address.
    pub mac: String,
    /// Its id.
    pub deviceid: String,
    /// What it proves itself with in device sync.
    pub token: String,
}

/// The tokens of an application for a person.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Tokens {
    /// Whose application's.
    pub client_id: String,
    /// Who let it.
    pub userid: i64,
    /// What it may.
    pub scope: String,
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// After so many seconds the access token ends.
    pub expires_in: i64,
}

/// What an application is told of.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// Which application is told.
    pub client_id: String,
    /// Of whom; none: of what is nobody's.
    pub userid: Option<i64>,
    /// Of what.
    pub appli: i64,
    /// Where.
    pub callback: String,
    /// Its number.
    pub subscription_id: i64,
}
