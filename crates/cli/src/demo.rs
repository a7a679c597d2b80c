//! `vitald demo`: a server with something to see, and what to try on it. The demo person's history
//! comes from `simulator` and goes in where devices bring theirs, one kind of way in, one file
//! beside this one.

mod scale;
mod sync;
mod text;

use crate::location::Location;
use crate::output::Output;
use crate::serve::{Signals, listen, runtime};
use api::admin;
use clap::Args;
use domain::measure::{Measure, MeasureType};
use domain::notification::Callbacks;
use domain::person::Gender;
use domain::{DAY_SECONDS, EntropyExt as _, Refusal, UserId};
use serde::Serialize;
use server::entropy::SystemEntropy;
use server::{Bound, Config, Delivery, Rules, Running, Sandbox, password};
use simulator::Persona;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use store::application::{self, Credentials};
use store::token::Tokens;
use store::{Access, Db, Tx, person};

const APPLICATION: &str = "Demo application";
const EMAIL: &str = "demo@example.org";
const SCALE_MAC: &str = "00:24:e4:de:30:01";
const SCALE_MODEL: i64 = 4;
const CUFF_MAC: &str = "00:24:e4:de:30:02";
const CUFF_MODEL: i64 = 45;
const WATCH_MAC: &str = "00:24:e4:de:30:03";
const WATCH_MODEL: i64 = 93;
const MAT_MAC: &str = "00:24:e4:de:30:04";
const MAT_MODEL: i64 = 63;
const DEVICES: [(&str, i64); 4] = [
    (SCALE_MAC, SCALE_MODEL),
    (CUFF_MAC, CUFF_MODEL),
    (WATCH_MAC, WATCH_MODEL),
    (MAT_MAC, MAT_MODEL),
];
const REDIRECT_URIS: [&str; 2] = ["http://localhost:8888", "https://localhost:8888"];
/// What the demo person aims at each day.
const GOAL_STEPS: i64 = 10_000;
const GOAL_SLEEP: &str = "8h";
/// Two years.
const HISTORY_DAYS: i64 = 730;
/// The watch and the sensor are newer.
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
    email: &'static str,
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
        let redirect_uri = self.redirect_uris.first().map_or(REDIRECT_URIS[0], String::as_str);
        let redirect_uri = redirect_uri.to_owned();
        let people = prepare(&db, self.redirect_uris)?;
        runtime.block_on(async {
            let running = listen(&config, bound, db.clone(), &environment)?;
            let now = environment.clock.now();
            live(&running, &db, &people, now).await?;
            let signals = Signals::heed()?;
            let credentials = Printed {
                base_url: base_url(running.address),
                data: folder,
                client_id: people.client_id,
                client_secret: people.client_secret,
                redirect_uri,
                email: EMAIL,
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

/// The demo person and what opens their data, made anew at each start.
struct Prepared {
    client_id: String,
    client_secret: String,
    password: String,
    tokens: Tokens,
    watch_token: String,
    mat_token: String,
}

fn prepare(db: &Db, redirect_uris: Vec<String>) -> anyhow::Result<Prepared> {
    let password = SystemEntropy.token()[..12].to_owned();
    let password_hash = password::hash(&password, &SystemEntropy)?;
    let redirect_uris: Vec<String> =
        REDIRECT_URIS.map(str::to_owned).into_iter().chain(redirect_uris).collect();
    let made = db.run_blocking(Access::Write, move |tx| {
        let user = demo_person(tx, &password_hash)?;
        for (mac, model_id) in DEVICES {
            let (mac, users) = (mac.to_owned(), vec![user.to_string()]);
            admin::register_device(
                tx,
                &admin::NewDevice { mac, model_id, users, ..Default::default() },
            )?;
        }
        let client = demo_application(tx, &redirect_uris)?;
        let tokens = admin::issue_token(tx, &client.client_id, &user.to_string(), None)?;
        let (_, watch_token) = admin::issue_device_token(tx, WATCH_MAC, true)?;
        let (_, mat_token) = admin::issue_device_token(tx, MAT_MAC, true)?;
        Ok((client, tokens, watch_token, mat_token))
    });
    let (client, tokens, watch_token, mat_token) = made?;
    let Credentials { client_id, client_secret } = client;
    Ok(Prepared { client_id, client_secret, password, tokens, watch_token, mat_token })
}

/// The demo application of this store; at a later start only new addresses are added.
fn demo_application(tx: &mut Tx<'_>, redirect_uris: &[String]) -> domain::Result<Credentials> {
    if let Some(client) = application::find_by_name(tx, APPLICATION)? {
        application::add_redirects(tx, &client.client_id, redirect_uris)?;
        return Ok(client);
    }
    let (name, redirect_uris) = (APPLICATION.to_owned(), redirect_uris.to_vec());
    admin::create_application(
        tx,
        &admin::NewApplication { name, redirect_uris, ..Default::default() },
    )
}

/// The demo person of this store; at a later start only the password is new.
fn demo_person(tx: &mut Tx<'_>, password_hash: &str) -> domain::Result<UserId> {
    if let Some(person) = person::find_by_email(tx, EMAIL)?.filter(|person| person.is_demo) {
        person::set_password(tx, person.id, password_hash)?;
        return Ok(person.id);
    }
    if !admin::list_accounts(tx, UserId(0))?.is_empty() {
        let problem = "the store there has people of its own; give the demo another folder";
        return Err(Refusal::invalid_param("data", problem).into());
    }
    let persona = Persona::demo();
    let account = admin::NewAccount {
        email: EMAIL.to_owned(),
        password_hash: Some(password_hash.to_owned()),
        short_name: Some("DEM".to_owned()),
        time_zone: Some(persona.zone.to_owned()),
        birth_date: jiff::Timestamp::from_second(persona.born * DAY_SECONDS)
            .ok()
            .map(|born| born.to_zoned(jiff::tz::TimeZone::UTC).date()),
        gender: Some(match persona.sex {
            simulator::Sex::Man => Gender::Man,
            simulator::Sex::Woman => Gender::Woman,
        }),
        height_m: Some(Measure::new(MeasureType::HEIGHT, persona.height_mm, -3).decimal()),
        goal_weight_kg: Some("78".to_owned()),
        told_at: Some(tx.now() - HISTORY_DAYS * DAY_SECONDS),
        is_demo: true,
        ..admin::NewAccount::default()
    };
    let user = admin::create_account(tx, &account)?.id;
    let (steps, sleep) = (Some(GOAL_STEPS), Some(GOAL_SLEEP.to_owned()));
    let goals = admin::NewGoals { steps, sleep, ..admin::NewGoals::default() };
    admin::set_goals(tx, &user.to_string(), &goals)?;
    Ok(user)
}

/// What the person's devices have of them, up to now. What is there already is known again.
async fn live(running: &Running, db: &Db, people: &Prepared, now: i64) -> anyhow::Result<()> {
    scale::two_years(running, db, people.tokens.user, now).await?;
    // Later: what a minute or a night comes to depends on what the person weighed.
    let (watch_token, mat_token) = (&people.watch_token, &people.mat_token);
    sync::sixty_days(&running.local(), watch_token, mat_token, now).await
}
