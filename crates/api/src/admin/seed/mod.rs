//! A seed: a known world that somebody wrote down, for a sandbox to begin with. It is read and
//! compared with itself before anything is made; `make.rs` makes it, whole or not at all.

mod check;
mod make;

use crate::admin::NewAccount;
use crate::sync::read;
use domain::person::Gender;
use domain::survey::Survey;
use domain::{Refusal, Result, UserId};
use jiff::Timestamp;
pub use make::{
    Made, MadeApplication, MadeDevice, MadeOrganization, MadePerson, MadeSubscription, MadeToken,
    Makers, describe_sandbox, make_seed,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A file with a seed has at most this many bytes.
pub const SEED_BYTES_MAX: u64 = 1 << 20;
/// A table of a seed has at most this many rows.
const ROWS_MAX: usize = 1_000;

/// What a sandbox begins with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// What the clock shows.
    pub clock: Option<Clock>,
    organizations: Vec<Organization>,
    applications: Vec<Application>,
    people: Vec<Person>,
    devices: Vec<Device>,
    tokens: Vec<Token>,
    subscriptions: Vec<Subscription>,
    products: Vec<Product>,
    surveys: Vec<OneSurvey>,
    faults: Vec<SeedFault>,
}

/// What a sandbox's clock shows at the beginning.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    #[serde(deserialize_with = "moment")]
    /// Unix seconds.
    pub now: i64,
    /// Whether it stands still.
    #[serde(default)]
    pub frozen: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    name: String,
    #[serde(default)]
    entitlements: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    redirect_uris: Vec<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    organization: Option<String>,
    #[serde(default)]
    entitlements: Vec<String>,
    description: Option<String>,
    environment: Option<String>,
    notify_uri: Option<String>,
    requests_per_minute: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    email: String,
    password: Option<String>,
    #[serde(skip)]
    password_hash: Option<String>,
    short_name: Option<String>,
    zone: Option<String>,
    #[serde(default, deserialize_with = "written")]
    birth_date: Option<String>,
    gender: Option<String>,
    #[serde(default, deserialize_with = "written")]
    height: Option<String>,
    #[serde(default, deserialize_with = "written")]
    weight: Option<String>,
    goals: Option<Goals>,
    userid: Option<i64>,
    persona: Option<String>,
    seed: Option<i64>,
    days: Option<i64>,
    #[serde(default)]
    demo: bool,
}

/// Somebody of a seed who does not exist: an account whose body and devices follow from a persona.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// The name of the persona.
    pub persona: String,
    /// What their life is drawn from.
    pub seed: i64,
    /// So many days of it are over when the sandbox begins.
    pub days: i64,
    /// What the seed says of the account. The body is the persona's.
    pub account: NewAccount,
}

impl Person {
    /// The account, as the seed has it.
    fn account(&self) -> NewAccount {
        NewAccount {
            userid: self.userid.map(UserId),
            email: self.email.clone(),
            password_hash: self.password_hash.clone(),
            short_name: self.short_name.clone(),
            time_zone: self.zone.clone(),
            birth_date: self.birth_date.as_deref().and_then(|day| day.parse().ok()),
            gender: self.gender.as_deref().map(|gender| match gender {
                "man" => Gender::Man,
                _ => Gender::Woman,
            }),
            height_m: self.height.clone(),
            weight_kg: self.weight.clone(),
            goal_weight_kg: self.goals.as_ref().and_then(|goals| goals.weight.clone()),
            is_demo: self.demo,
            ..NewAccount::default()
        }
    }

    /// Who is simulated, if it is somebody who is.
    fn simulation(&self) -> Option<Simulation> {
        Some(Simulation {
            persona: self.persona.clone()?,
            seed: self.seed.unwrap_or_default(),
            days: self.days.unwrap_or_default(),
            account: self.account(),
        })
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Goals {
    #[serde(default, deserialize_with = "written")]
    weight: Option<String>,
    steps: Option<i64>,
    #[serde(default, deserialize_with = "written")]
    sleep: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    mac: String,
    model: i64,
    #[serde(default)]
    users: Vec<String>,
    organization: Option<String>,
    serial: Option<String>,
    token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    application: String,
    person: String,
    scope: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscription {
    application: String,
    person: Option<String>,
    appli: i64,
    callback: String,
    comment: Option<String>,
    secret: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    ean: Option<String>,
    partner_ref: Option<String>,
    name: String,
    organization: Option<String>,
    #[serde(default)]
    models: Vec<i64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OneSurvey {
    file: String,
    organization: Option<String>,
    #[serde(skip)]
    survey: Option<Survey>,
}

/// A fault, or a scenario, as it is asked for elsewhere, but for the application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedFault {
    application: Option<String>,
    name: Option<String>,
    scenario: Option<String>,
    operation: Option<String>,
    #[serde(default, deserialize_with = "written")]
    count: Option<String>,
    #[serde(default, deserialize_with = "written")]
    probability: Option<String>,
    #[serde(default, deserialize_with = "written")]
    seed: Option<String>,
    settings: Option<Map<String, Value>>,
}

impl SeedFault {
    /// Whether it is for one application alone.
    pub fn is_for_one(&self) -> bool {
        self.application.is_some()
    }

    /// What is asked for, as fields of a form.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("name", self.name.clone()),
            ("scenario", self.scenario.clone()),
            ("operation", self.operation.clone()),
            ("count", self.count.clone()),
            ("probability", self.probability.clone()),
            ("seed", self.seed.clone()),
            ("settings", self.settings.clone().map(|all| Value::Object(all).to_string())),
        ];
        given.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
    }
}

/// What a seed names that others know.
pub struct Outside<'o> {
    /// Reads a survey that is named.
    pub survey: &'o dyn Fn(&str) -> Result<Survey>,
    /// Hashes a password.
    pub hash: &'o dyn Fn(&str) -> Result<String>,
    /// Refuses somebody who cannot be simulated.
    pub persona: &'o dyn Fn(&Simulation) -> Result<()>,
    /// Refuses a fault that cannot be asked for.
    pub fault: &'o dyn Fn(&SeedFault) -> Result<()>,
}

/// Reads a seed and compares it with itself.
pub fn read_seed(written: Value, outside: &Outside<'_>) -> Result<Seed> {
    let mut seed: Seed = read(written, "")?;
    check::check(&seed)?;
    for (at, one) in seed.surveys.iter_mut().enumerate() {
        let survey = (outside.survey)(&one.file);
        one.survey = Some(survey.map_err(|error| within(&format!("surveys[{at}]"), error))?);
    }
    for (at, one) in seed.people.iter_mut().enumerate() {
        let place = format!("people[{at}]");
        if let Some(simulation) = one.simulation() {
            (outside.persona)(&simulation).map_err(|error| within(&place, error))?;
        }
        let hashed = one.password.as_deref().map(outside.hash).transpose();
        one.password_hash = hashed.map_err(|error| within(&place, error))?;
    }
    for (at, one) in seed.faults.iter().enumerate() {
        (outside.fault)(one).map_err(|error| within(&format!("faults[{at}]"), error))?;
    }
    Ok(seed)
}

/// What a sandbox has that nobody wrote a seed for: an application, and a person who lets it read
/// everything.
#[must_use]
pub fn small_seed() -> Value {
    let (name, email) = ("Sandbox application", "person@example.org");
    serde_json::json!({
        "applications": [{ "name": name, "redirect_uris": ["http://localhost:8888"] }],
        "people": [{ "email": email, "password": "sandbox password" }],
        "tokens": [{ "application": name, "person": email }],
    })
}

/// What the checks call a thing, as commands do, and its key in a seed.
const KEYS: [(&str, &str); 10] = [
    ("redirect-uri", "redirect_uris"),
    ("entitlement", "entitlements"),
    ("notify-uri", "notify_uri"),
    ("requests-per-minute", "requests_per_minute"),
    ("shortname", "short_name"),
    ("timezone", "zone"),
    ("goal-weight", "goals.weight"),
    ("user", "users"),
    ("client", "application"),
    ("client_id", "application"),
];

/// The place in the seed of what a refusal names.
fn within(place: &str, error: domain::Error) -> domain::Error {
    let domain::Error::Refused(refusal) = error else { return error };
    let cause = refusal.cause.as_str();
    let said = cause.strip_prefix("Invalid Params: ").unwrap_or(cause);
    let (name, problem) = match (said.strip_prefix("missing "), said.strip_prefix("invalid ")) {
        (Some(name), _) => (name, "it has to be there"),
        (_, Some(said)) => said.split_once(": ").unwrap_or((said, "it cannot be used")),
        _ => ("", said),
    };
    // One of a device, several of a product.
    let name = if place.starts_with("products") && name == "model" { "models" } else { name };
    let dot = if name.is_empty() { "" } else { "." };
    let name = KEYS.iter().find(|(known, _)| *known == name).map_or(name, |(_, key)| *key);
    Refusal::invalid_param(&format!("{place}{dot}{name}"), problem).into()
}

/// A text, or what TOML has a form of its own for: numbers, digit for digit, and dates.
fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(mut fields) => match fields.remove("$__toml_private_datetime") {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn written<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<String>, D::Error> {
    let text = text_of(Value::deserialize(from)?);
    text.map(Some).ok_or_else(|| serde::de::Error::custom("wrong, expected a text or a number"))
}

fn moment<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<i64, D::Error> {
    // 2000 to 2100: what stands around it is not at the end of time either.
    const MOMENTS: std::ops::Range<i64> = 946_684_800..4_102_444_800;
    let text = text_of(Value::deserialize(from)?).unwrap_or_default();
    let written = || text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    let moment = text.parse().ok().or_else(written).filter(|at| MOMENTS.contains(at));
    let problem = "wrong, expected a time of this century such as 2026-11-22T07:30:00Z, or Unix \
                   seconds";
    moment.ok_or_else(|| serde::de::Error::custom(problem))
}
