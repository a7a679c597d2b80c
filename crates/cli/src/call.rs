//! `vitald call`: one operation, on a running server or straight on a store. What is sent is
//! decided in `api::client`.

mod http;
mod listing;

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use anyhow::{Context as _, bail};
use api::admin;
use api::caller::Proof;
use api::client::{Answer, Client, Credentials, InProcess, Pair, check, find};
use api::operation::Entry;
use clap::Args;
use http::Http;
use server::clock::SystemClock;
use std::sync::Arc;
use store::{Access, Db};
use url::Url;

/// Call an operation of the API, on the store or, with --url, on a running server.
///
/// Prints the body of the answer; with --json the whole answer on one line. Exit codes: 0 for
/// status 0; 1 when nothing answers; 2 for an operation or a parameter that does not exist; 3 for
/// another status.
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// The service, such as measure.
    #[arg(required_unless_present = "list")]
    service: Option<String>,
    /// The action, such as getmeas.
    #[arg(required_unless_present = "list")]
    action: Option<String>,
    /// Parameters. KEY=@FILE takes the text of a file, KEY=@@TEXT a text that begins with @.
    #[arg(value_name = "KEY=VALUE", value_parser = pair)]
    parameters: Vec<Pair>,
    /// A running server, such as `http://127.0.0.1:8080`; without it the store of --data is called.
    #[arg(long, value_name = "URL", value_parser = base_url)]
    url: Option<Url>,
    #[command(flatten)]
    proof: ProofArgs,
    /// Also send parameters the operation does not know.
    #[arg(long)]
    any: bool,
    /// List the operations, with their parameters.
    #[arg(long)]
    list: bool,
    /// Say what the operation is for and what its parameters mean, and call nothing.
    #[arg(long)]
    help_params: bool,
}

/// What proves who calls. An operation is sent the one proof it needs.
#[derive(Debug, Args)]
struct ProofArgs {
    /// An access token.
    #[arg(long, env = "VITALD_ACCESS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// An application's id.
    #[arg(long, env = "VITALD_CLIENT_ID", value_name = "ID", hide_env_values = true)]
    client_id: Option<String>,
    /// The application's secret; the environment keeps it out of the list of processes.
    #[arg(long, env = "VITALD_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// On a store: call with a new token for this person, instead of --token; an id or an e-mail
    /// address.
    #[arg(long, value_name = "ID_OR_EMAIL", requires = "client", conflicts_with = "url")]
    user: Option<String>,
    /// With --user: the application the token is for.
    #[arg(long, value_name = "CLIENT_ID", requires = "user")]
    client: Option<String>,
}

impl Call {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        if self.list {
            return listing::list(output);
        }
        let (service, action) = (self.service.as_deref(), self.action.as_deref());
        let entry = find(service.unwrap_or_default(), action.unwrap_or_default())?;
        if self.help_params {
            return listing::explain(entry, output);
        }
        // Before a token is issued for it.
        if !self.any {
            check(entry, &self.parameters)?;
        }
        let pairs = self.parameters.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
        let answer = match &self.url {
            Some(url) => {
                let client = Client::new(Http::to(url)?, self.proof.given(), clock());
                client.taking_any(self.any).send(entry, pairs)?
            }
            None => self.call_store(location, entry, pairs)?,
        };
        show(answer, output)
    }

    fn call_store(
        &self,
        location: &Location,
        entry: &Entry,
        pairs: Vec<Pair>,
    ) -> anyhow::Result<Answer> {
        if !location.exists() {
            bail!("{}", location.absent());
        }
        let (db, environment) = location.open()?;
        let credentials = self.proof.on_store(&db, entry)?;
        let client = Client::new(InProcess(db.clone()), credentials, environment.clock);
        let answer = client.taking_any(self.any).send(entry, pairs);
        db.close();
        Ok(answer?)
    }
}

impl ProofArgs {
    fn given(&self) -> Credentials {
        Credentials {
            access_token: self.token.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        }
    }

    /// A token that is issued opens no more than the operation needs.
    fn on_store(&self, db: &Db, entry: &Entry) -> anyhow::Result<Credentials> {
        let scope = match entry.built().map(|built| built.proof) {
            Some(Proof::Bearer(scope) | Proof::BearerOrSigned(scope)) => Some(scope.name()),
            // What it opens is the answer.
            Some(Proof::AnyBearer | Proof::AnyBearerOrSigned) | None => None,
            Some(Proof::SecretOrSigned | Proof::Signed(_) | Proof::Timestamp) => {
                return Ok(self.given());
            }
        };
        let (Some(client), Some(user)) = (self.client.clone(), self.user.clone()) else {
            return Ok(self.given());
        };
        let issue = move |tx: &mut store::Tx<'_>| {
            let tokens = admin::issue_token(tx, &client, &user, scope)?;
            audit::staff(tx, Some(tokens.user), "call")?;
            Ok(tokens)
        };
        let tokens = db.run_blocking(Access::Write, issue)?;
        Ok(Credentials { access_token: Some(tokens.access_token), ..self.given() })
    }
}

fn clock() -> Arc<SystemClock> {
    Arc::new(SystemClock::default())
}

fn pair(text: &str) -> Result<Pair, String> {
    let (name, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    let is_base = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_base { Ok(url) } else { Err("expected http://HOST or https://HOST".to_owned()) }
}

/// A parameter with the text of its file, if it names one. A line break at the end is the editor's.
fn read((name, value): &Pair) -> anyhow::Result<Pair> {
    let text = match value.strip_prefix('@') {
        None => value.clone(),
        Some(text) if text.starts_with('@') => text.to_owned(),
        Some(file) => {
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("{name}: cannot read {file}"))?;
            text.strip_suffix('\n')
                .map_or(text.as_str(), |line| line.trim_end_matches('\r'))
                .to_owned()
        }
    };
    Ok((name.clone(), text))
}

fn show(answer: Answer, output: &Output) -> anyhow::Result<()> {
    if output.is_json() {
        output.text(&tame(&answer.envelope().to_string()))?;
        answer.accepted()?;
        return Ok(());
    }
    let body = answer.accepted()?;
    output.text(&tame(&serde_json::to_string_pretty(&body)?))
}

/// JSON in which nothing that was sent to us moves the cursor of a terminal: JSON itself escapes
/// only the older half of the control characters.
fn tame(json: &str) -> String {
    let mut tamed = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() && c != '\n' {
            tamed.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            tamed.push(c);
        }
    }
    tamed
}
