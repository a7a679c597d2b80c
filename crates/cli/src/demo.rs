//! `vitald demo`: a server with something to see, and what to try on it. The demo person's history
//! comes from `simulator` and goes in where devices bring theirs, one kind of way in, one file
//! beside this one.

mod scale;
mod sync;
mod text;

use crate::location::Location;
use crate::output::Output;
use crate::serve::{Signals, listen, runtime};
use anyhow::Context as _;
use api::admin;
use clap::Args;
use domain::notification::Callbacks;
use domain::{EntropyExt as _, Error, Refusal, UserId};
use serde::Serialize;
use serde_json::Value;
use server::entropy::SystemEntropy;
use server::sandbox::demo::{CUFF_MAC, HISTORY_DAYS, MAT_MAC, SCALE_MAC, WATCH_MAC};
use server::sandbox::seed;
use server::{Bound, Config, Delivery, Rules, Running, Sandbox, password};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use store::application::{self, Credentials};
use store::token::Tokens;
use store::{Access, Db, device, person};

/// The world it begins with.
const SEED: &str = include_str!("../../../docs/examples/demo.toml");
/// The watch and the sensor are newer than the scale.
const DAYS_WORN: i64 = 60;

/// Run a server with a demo person and two years of data, and say what to try. It reads no
/// configuration file.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where to listen; port 0 lets the system choose.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// One more address the demo application may send people back to. May be given several times.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
}

/// What a program needs to begin: the first line of `vitald demo --json`.
#[derive(Debug, Serialize)]
struct Printed {
    base_url: String,
    data: PathBuf,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    email: String,
    password: String,
    userid: UserId,
    access_token: String,
    refresh_token: String,
}

impl Demo {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        anyhow::ensure!(location.database.is_none(), "demo runs on the embedded store alone");
        let folder = location.data.clone().unwrap_or_else(new_folder);
        let store = Location::embedded(folder.clone());
        let config = Config {
            listen: self.listen,
            scale_listen: None,
            metrics_listen: None,
            public_url: None,
            // A sandbox: as many calls as anybody likes.
            rules: Rules { requests_per_minute: 0, ..Rules::default() },
            audit: true,
            delivery: Delivery { callbacks: Callbacks::Any, ..Delivery::default() },
            sandbox: Some(Sandbox::new(store.clock.clone(), None)),
            fulfilment_token: None,
        };
        let runtime = runtime()?;
        let bound = runtime.block_on(Bound::new(&config))?;
        let (db, environment) = store.open()?;
        let people = prepare(&db, &self.redirect_uris)?;
        runtime.block_on(async {
            let running = listen(&config, bound, db.clone(), &environment)?;
            let now = environment.clock.now();
            live(&running, &db, now).await?;
            let signals = Signals::heed()?;
            let credentials = Printed {
                base_url: base_url(running.address),
                data: folder,
                client_id: people.client_id,
                client_secret: people.client_secret,
                redirect_uri: people.redirect_uri,
                email: people.email,
                password: people.password,
                userid: people.tokens.user,
                access_token: people.tokens.access_token,
                refresh_token: people.tokens.refresh_token,
            };
            if output.is_json() {
                output.line(&credentials)?;
            } else {
                output.text(&credentials.what_to_try(now))?;
            }
            signals.end(running).await
        })
    }
}

/// Where a program on this machine finds the server.
pub(crate) fn base_url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    format!("http://{address}")
}

fn new_folder() -> PathBuf {
    std::env::temp_dir().join(format!("vitald-demo-{}", &SystemEntropy.token()[..8]))
}

/// What opens the demo person's data, made anew at each start.
struct Prepared {
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    email: String,
    password: String,
    tokens: Tokens,
}

/// Makes the world of the seed; where it is already, only the password and the tokens are new.
fn prepare(db: &Db, redirect_uris: &[String]) -> anyhow::Result<Prepared> {
    let password = SystemEntropy.token()[..12].to_owned();
    let password_hash = password::hash(&password, &SystemEntropy)?;
    let mut world: Value = toml::from_str(SEED)?;
    let text = |place: &str| -> anyhow::Result<String> {
        let text = world.pointer(place).and_then(Value::as_str);
        text.map(str::to_owned).with_context(|| format!("the demo's seed has no {place}"))
    };
    let (email, application) = (text("/people/0/email")?, text("/applications/0/name")?);
    let redirect_uri = match redirect_uris.first() {
        Some(first) => first.clone(),
        None => text("/applications/0/redirect_uris/0")?,
    };
    world["people"][0]["password"] = password.clone().into();
    // Those that are printed are made at each start.
    world["tokens"] = Value::Array(Vec::new());
    let no_survey = |_: &str| Err(Refusal::missing_param("file").into());
    let seed = seed::read(world, &no_survey, &|_| Ok(password_hash.clone()))?;
    let (named, added) = (email.clone(), redirect_uris.to_vec());
    let made = db.run_blocking(Access::Write, move |tx| {
        tx.attempt(|tx| {
            match person::find_by_email(tx, &named)?.filter(|person| person.is_demo) {
                Some(person) => person::set_password(tx, person.id, &password_hash)?,
                None if admin::list_accounts(tx, UserId(0))?.is_empty() => {
                    seed::make(tx, &seed)?;
                }
                None => {
                    let problem = "the store there has people of its own; give the demo another \
                                   folder";
                    return Err(Refusal::invalid_param("data", problem).into());
                }
            }
            let client = application::find_by_name(tx, &application)?;
            let client = client.ok_or_else(|| Refusal::missing_param("applications"))?;
            application::add_redirects(tx, &client.client_id, &added)?;
            let tokens = admin::issue_token(tx, &client.client_id, &named, None)?;
            Ok((client, tokens))
        })
    });
    let (Credentials { client_id, client_secret }, tokens) = made?;
    Ok(Prepared { client_id, client_secret, redirect_uri, email, password, tokens })
}

/// What the devices of the demo person have of them, up to now, if there is a demo person. What is
/// there already is known again.
pub(crate) async fn live(running: &Running, db: &Db, now: i64) -> anyhow::Result<()> {
    let found = db.run(Access::Write, |tx| {
        let Some(scale) = device::find_by_mac(tx, SCALE_MAC.parse().map_err(Error::internal)?)?
        else {
            return Ok(None);
        };
        let users = device::users(tx, scale.id)?;
        let (_, watch) = admin::issue_device_token(tx, WATCH_MAC, true)?;
        let (_, mat) = admin::issue_device_token(tx, MAT_MAC, true)?;
        Ok(users.first().map(|user| (*user, watch, mat)))
    });
    let Some((user, watch_token, mat_token)) = found.await? else { return Ok(()) };
    scale::two_years(running, db, user, now).await?;
    // Later: what a minute or a night comes to depends on what the person weighed.
    sync::sixty_days(&running.local(), &watch_token, &mat_token, now).await
}
