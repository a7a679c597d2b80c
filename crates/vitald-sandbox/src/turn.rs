//! Turning a sandbox that runs: its clock, its people, its faults, its states. What each means is
//! told in vitald's own documents; a refusal brings the sandbox's own sentence.

use crate::{Error, Result, Sandbox};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use ureq::Agent;

const CLOCK: &str = "clock";
const PERSONA: &str = "persona";
const FAULT: &str = "fault";
const SNAPSHOT: &str = "snapshot";

/// What a clock shows.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Clock {
    /// Unix seconds.
    pub now: i64,
    /// The same for people.
    pub time: String,
    /// Whether it stands still.
    pub frozen: bool,
    /// How it was turned, if it was.
    pub turned: Option<Turned>,
}

/// How a clock was turned.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Turned {
    /// So many seconds.
    pub seconds: i64,
    /// Moments on the way at which something was due.
    pub stops: u64,
}

/// Somebody to be simulated.
#[derive(Debug, Clone)]
pub struct NewPerson(Vec<(&'static str, String)>);

impl NewPerson {
    /// One of that kind, such as `runner`: `vitald persona names` lists them.
    #[must_use]
    pub fn of(persona: &str) -> Self {
        Self(vec![("persona", persona.to_owned())])
    }

    /// What all chance in this life is drawn from: the same seed is the same person.
    #[must_use]
    pub fn seed(self, seed: i64) -> Self {
        self.with("seed", seed)
    }

    /// So many days of their life are there at once.
    #[must_use]
    pub fn days(self, days: u32) -> Self {
        self.with("days", days)
    }

    /// Where they live, such as `Europe/Paris`.
    #[must_use]
    pub fn timezone(self, zone: &str) -> Self {
        self.with("timezone", zone)
    }

    /// Where they can be reached.
    #[must_use]
    pub fn email(self, email: &str) -> Self {
        self.with("email", email)
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.0.push((name, value.to_string()));
        self
    }
}

/// Somebody who is simulated.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AddedPerson {
    /// Their number.
    pub userid: i64,
    /// Which kind of person.
    pub persona: String,
    /// What their life is drawn from.
    pub seed: i64,
    /// 0: whom the persona names. From 1 on: who lives with them.
    pub member: i64,
    /// Where they live.
    pub timezone: String,
    /// Up to when what their devices hand over is there, in Unix seconds.
    pub lived: i64,
}

/// Something that is to go wrong. Unless it is said how often, it does each time.
#[derive(Debug, Clone)]
pub struct Fault {
    fields: Vec<(&'static str, String)>,
    settings: Map<String, Value>,
}

impl Fault {
    /// A fault of that name: `vitald fault kinds` lists them.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { fields: vec![("name", name.to_owned())], settings: Map::new() }
    }

    /// The faults of a scenario, which says itself where, when and how.
    #[must_use]
    pub fn scenario(name: &str) -> Self {
        Self { fields: vec![("scenario", name.to_owned())], settings: Map::new() }
    }

    /// Only for this application.
    #[must_use]
    pub fn client(self, client_id: &str) -> Self {
        self.with("client_id", client_id)
    }

    /// Only at this operation, such as `measure/getmeas`, or `measure/*` for all of a service.
    #[must_use]
    pub fn operation(self, operation: &str) -> Self {
        self.with("operation", operation)
    }

    /// The first so many times, then never again.
    #[must_use]
    pub fn count(self, count: u32) -> Self {
        self.with("count", count)
    }

    /// With this probability, above 0 and up to 1, drawn from a seed.
    #[must_use]
    pub fn probability(self, probability: f64, seed: i64) -> Self {
        self.with("probability", format!("{probability:.6}")).with("seed", seed)
    }

    /// How it goes wrong, such as `wait_seconds` and 30.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl ToString) -> Self {
        self.settings.insert(name.to_owned(), Value::String(value.to_string()));
        self
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = self.fields.clone();
        if !self.settings.is_empty() {
            fields.push(("settings", Value::Object(self.settings.clone()).to_string()));
        }
        fields
    }
}

/// A fault that was asked for.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct AddedFault {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The scenario it is of.
    pub scenario: Option<String>,
    /// Only for this application.
    pub client_id: Option<String>,
    /// Only there.
    pub operation: Option<String>,
    /// When, in words.
    pub when: String,
    /// How.
    pub settings: BTreeMap<String, String>,
    /// How often it has struck.
    pub struck: u32,
    /// How often it still will, where that has an end.
    pub remaining: Option<u32>,
}

/// A state that was saved.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// What the clock showed, in Unix seconds.
    pub now: i64,
    /// Whether it stood still.
    pub frozen: bool,
    /// How big it is.
    pub size_bytes: u64,
}

#[derive(Deserialize)]
struct People {
    people: Vec<AddedPerson>,
}

#[derive(Deserialize)]
struct Faults {
    faults: Vec<AddedFault>,
}

#[derive(Deserialize)]
struct Removed {
    removed: u64,
}

impl Sandbox {
    /// What the clock shows.
    pub fn clock(&self) -> Result<Clock> {
        self.caller.get(CLOCK)
    }

    /// Turns the clock forward by so much, in whole seconds. Everything that falls due on the way
    /// happens, in order; then this returns.
    pub fn advance(&self, by: Duration) -> Result<Clock> {
        self.caller.post(CLOCK, &[("advance", by.as_secs().to_string())])
    }

    /// The same up to a moment, in Unix seconds.
    pub fn advance_to(&self, moment: i64) -> Result<Clock> {
        self.caller.post(CLOCK, &[("to", moment.to_string())])
    }

    /// Lets the clock stand still.
    pub fn freeze(&self) -> Result<Clock> {
        self.caller.post(CLOCK, &[("freeze", "1".to_owned())])
    }

    /// Lets the clock go on from where it is.
    pub fn resume(&self) -> Result<Clock> {
        self.caller.post(CLOCK, &[("freeze", "0".to_owned())])
    }

    /// Makes somebody, with devices, and with whoever lives with them.
    pub fn add_person(&self, person: &NewPerson) -> Result<Vec<AddedPerson>> {
        self.caller.post(PERSONA, &person.0).map(|People { people }| people)
    }

    /// Everybody who is simulated.
    pub fn people(&self) -> Result<Vec<AddedPerson>> {
        self.caller.get(PERSONA).map(|People { people }| people)
    }

    /// Lets something go wrong: what was added, several faults of a scenario.
    pub fn add_fault(&self, fault: &Fault) -> Result<Vec<AddedFault>> {
        self.caller.post(FAULT, &fault.fields()).map(|Faults { faults }| faults)
    }

    /// What goes wrong.
    pub fn faults(&self) -> Result<Vec<AddedFault>> {
        self.caller.get(FAULT).map(|Faults { faults }| faults)
    }

    /// Takes one fault out.
    pub fn remove_fault(&self, id: i64) -> Result<()> {
        self.caller.delete(FAULT, "id", &id.to_string()).map(|Removed { .. }| ())
    }

    /// Takes all faults out: how many there were.
    pub fn remove_faults(&self) -> Result<u64> {
        self.caller.delete(FAULT, "all", "1").map(|Removed { removed }| removed)
    }

    /// Saves the state, clock and all, under a name; one of that name is replaced.
    pub fn save(&self, name: &str) -> Result<Snapshot> {
        self.caller.post(SNAPSHOT, &[("save", name.to_owned())])
    }

    /// Goes back to a state: what was done since is lost.
    pub fn restore(&self, name: &str) -> Result<Snapshot> {
        self.caller.post(SNAPSHOT, &[("restore", name.to_owned())])
    }

    /// The states that were saved.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.caller.get(SNAPSHOT)
    }

    /// Takes a state away.
    pub fn remove_snapshot(&self, name: &str) -> Result<Snapshot> {
        self.caller.post(SNAPSHOT, &[("remove", name.to_owned())])
    }
}

/// Whoever asks a sandbox below `/vitald/v1`.
#[derive(Debug)]
pub(crate) struct Caller {
    agent: Agent,
    base: String,
    token: Option<String>,
}

impl Caller {
    pub(crate) fn new(base_url: &str, token: Option<String>) -> Self {
        // It is on this machine, whatever proxy leads to others. A turn takes as long as it does.
        let config = Agent::config_builder().proxy(None).max_redirects(0);
        let agent = config.http_status_as_error(false).build().new_agent();
        Self { agent, base: format!("{}/vitald/v1/", base_url.trim_end_matches('/')), token }
    }

    fn get<T: DeserializeOwned>(&self, what: &str) -> Result<T> {
        let request = self.proven(self.agent.get(format!("{}{what}", self.base)));
        answered(request.call().map_err(Error::unreached)?)
    }

    fn delete<T: DeserializeOwned>(&self, what: &str, name: &str, value: &str) -> Result<T> {
        let request = self.proven(self.agent.delete(format!("{}{what}", self.base)));
        answered(request.query(name, value).call().map_err(Error::unreached)?)
    }

    fn post<T: DeserializeOwned>(&self, what: &str, fields: &[(&str, String)]) -> Result<T> {
        let request = self.proven(self.agent.post(format!("{}{what}", self.base)));
        let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
        answered(request.send_form(fields).map_err(Error::unreached)?)
    }

    fn proven<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

/// What is in the envelope of an answer, or the sentence of a refusal.
fn answered<T: DeserializeOwned>(mut response: ureq::http::Response<ureq::Body>) -> Result<T> {
    let text = response.body_mut().read_to_string().map_err(Error::unreached)?;
    let mut answer: Value = serde_json::from_str(&text).map_err(Error::strange)?;
    match answer["status"].as_i64() {
        Some(0) => serde_json::from_value(answer["body"].take()).map_err(Error::strange),
        Some(status) => {
            let text = answer["error"].as_str().unwrap_or_default();
            let text = text.strip_prefix("Invalid Params: ").unwrap_or(text).to_owned();
            Err(Error::Refused { status, text })
        }
        None => Err(Error::strange("an answer without a status")),
    }
}
