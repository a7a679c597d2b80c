//! What a run finds at its beginning: an application, people with devices, and their tokens; and
//! what the store says at the end of what was to be delivered.

use crate::ledger::Event;
use anyhow::{Context as _, Result};
use api::admin;
use domain::{Profile, UserId};
use server::clock::SystemClock;
use server::entropy::SystemEntropy;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::delivery::{self, Filter, Logged, State};
use store::secrets::Keyring;
use store::{Access, Db, Environment, Limits, Target, Tx};

/// A scale that analyses the body.
const MODEL: i64 = 4;
/// Rows of the outbox that are read at once.
const PAGE: i64 = 500;

/// Where the data of a run is.
pub(crate) struct Site {
    target: Target,
    environment: Environment,
}

/// Somebody with a device.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    /// The application's token for them.
    pub(crate) token: String,
    /// Their device's token.
    pub(crate) device: String,
}

/// What is there when the server starts.
pub(crate) struct Made {
    pub(crate) client_id: String,
    pub(crate) people: Vec<Person>,
}

impl Site {
    pub(crate) fn new(folder: &Path, database: Option<&str>) -> Result<Self> {
        let keyring = Keyring::open(&folder.join("vitald.key"), &SystemEntropy)?;
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        let (keyring, profile) = (Arc::new(keyring), Profile::default());
        let target = match database {
            Some(address) => Target::Postgres(address.to_owned()),
            None => Target::Sqlite(folder.join("vitald.db")),
        };
        Ok(Self { target, environment: Environment { clock, entropy, keyring, profile } })
    }

    fn open(&self) -> Result<Db> {
        Ok(Db::open(&self.target, self.environment.clone(), Limits::default())?)
    }

    /// Makes everything.
    pub(crate) fn make(&self, people: usize) -> Result<Made> {
        let db = self.open()?;
        let made = db.run_blocking(Access::Write, move |tx| {
            let application = admin::NewApplication {
                name: "faults".to_owned(),
                redirect_uris: vec!["http://127.0.0.1/".to_owned()],
                ..admin::NewApplication::default()
            };
            let client_id = admin::create_application(tx, &application)?.client_id;
            let people = (0..people).map(|number| person(tx, &client_id, number));
            Ok(Made { people: people.collect::<domain::Result<_>>()?, client_id })
        })?;
        db.close();
        Ok(made)
    }

    /// The rows of the outbox. `receivers` are the ports.
    pub(crate) fn outbox(
        &self,
        made: &Made,
        receivers: &[u16],
    ) -> Result<BTreeMap<Event, Vec<State>>> {
        let db = self.open()?;
        let mut rows = BTreeMap::<Event, Vec<State>>::new();
        for person in &made.people {
            let mut before = None;
            loop {
                let client_id = made.client_id.clone();
                let filter = Filter { user: Some(person.user), ..Filter::default() };
                let page = db.run_blocking(Access::Read, move |tx| {
                    delivery::log(tx, &client_id, &filter, before, PAGE)
                })?;
                let Some(last) = page.last() else { break };
                before = Some(last.id);
                for row in &page {
                    let event = event(row, receivers).context("a row of the outbox is strange")?;
                    rows.entry(event).or_default().push(row.state);
                }
            }
        }
        db.close();
        Ok(rows)
    }
}

fn person(tx: &mut Tx<'_>, client_id: &str, number: usize) -> domain::Result<Person> {
    let email = format!("faults-{number}@example.org");
    let account = admin::NewAccount { email, ..admin::NewAccount::default() };
    let user = admin::create_account(tx, &account)?.id;
    let (mac, name) = (format!("00:24:e4:00:00:{number:02x}"), user.to_string());
    let users = vec![name.clone()];
    let device =
        admin::NewDevice { mac: mac.clone(), model_id: MODEL, users, ..Default::default() };
    admin::register_device(tx, &device)?;
    let (_, device) = admin::issue_device_token(tx, &mac, false)?;
    let token = admin::issue_token(tx, client_id, &name, None)?.access_token;
    Ok(Person { user, token, device })
}

fn event(row: &Logged, receivers: &[u16]) -> Option<Event> {
    let port = row.callback.parse::<url::Url>().ok()?.port()?;
    let receiver = receivers.iter().position(|known| *known == port)?;
    let mut fields = url::form_urlencoded::parse(row.body.as_bytes());
    let start = fields.find(|(name, _)| name == "startdate")?.1.parse().ok()?;
    Some((receiver, row.user.0, start))
}
