//! `vitald demo`: a server with something to see, and what to try on it. The demo person's history
//! comes from `simulator` and goes in where devices bring theirs.

use crate::location::Location;
use crate::output::Output;
use crate::serve::{Signals, listen, runtime};
use anyhow::Context as _;
use api::{admin, intake};
use clap::Args;
use domain::measure::{Measure, MeasureType};
use domain::person::Gender;
use domain::{DAY_SECONDS, EntropyExt as _, Refusal, UnixTime, UserId};
use serde::Serialize;
use server::entropy::SystemEntropy;
use server::{Bound, Config, Local, Rules, Running, password};
use simulator::{Persona, Reading, Value};
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
const REDIRECT_URIS: [&str; 2] = ["http://localhost:8888", "https://localhost:8888"];
/// What the demo person aims at each day.
const GOAL_STEPS: i64 = 10_000;
const GOAL_SLEEP: &str = "8h";
/// Two years.
const HISTORY_DAYS: i64 = 730;
/// Groups that share one write where they do not come through the scale.
const SLICE: usize = 100;
/// Uploads of the scale under way at once: they share commits.
const UPLOADS_AT_ONCE: usize = 32;

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
        let config = Config {
            listen: self.listen,
            scale_listen: None,
            metrics_listen: None,
            public_url: None,
            // A sandbox: as many calls as anybody likes.
            rules: Rules { requests_per_minute: 0, ..Rules::default() },
            audit: true,
        };
        let runtime = runtime()?;
        let bound = runtime.block_on(Bound::new(&config))?;
        let (db, environment) = Location::embedded(folder.clone()).open()?;
        let redirect_uri = self.redirect_uris.first().map_or(REDIRECT_URIS[0], String::as_str);
        let redirect_uri = redirect_uri.to_owned();
        let people = prepare(&db, self.redirect_uris)?;
        runtime.block_on(async {
            let running = listen(&config, bound, db.clone(), &environment)?;
            live(&running, &db, people.tokens.user, environment.clock.now()).await?;
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
                output.text(&credentials.what_to_try(environment.clock.now()))?;
            }
            signals.end(running).await
        })
    }
}

/// Where a program on this machine finds the server.
fn base_url(mut address: SocketAddr) -> String {
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
}

fn prepare(db: &Db, redirect_uris: Vec<String>) -> anyhow::Result<Prepared> {
    let password = SystemEntropy.token()[..12].to_owned();
    let password_hash = password::hash(&password, &SystemEntropy)?;
    let redirect_uris: Vec<String> =
        REDIRECT_URIS.map(str::to_owned).into_iter().chain(redirect_uris).collect();
    let made = db.run_blocking(Access::Write, move |tx| {
        let user = demo_person(tx, &password_hash)?;
        for (mac, model_id) in [(SCALE_MAC, SCALE_MODEL), (CUFF_MAC, CUFF_MODEL)] {
            let (mac, users) = (mac.to_owned(), vec![user.to_string()]);
            admin::register_device(
                tx,
                &admin::NewDevice { mac, model_id, users, ..Default::default() },
            )?;
        }
        let client = demo_application(tx, &redirect_uris)?;
        let tokens = admin::issue_token(tx, &client.client_id, &user.to_string(), None)?;
        Ok((client.client_id, client.client_secret, tokens))
    });
    let (client_id, client_secret, tokens) = made?;
    Ok(Prepared { client_id, client_secret, password, tokens })
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

/// Two years of weigh-ins and blood pressures, up to now. What is there already is known again.
async fn live(running: &Running, db: &Db, user: UserId, now: i64) -> anyhow::Result<()> {
    let persona = Persona::demo();
    let weigh_ins = simulator::weigh_ins(&persona, now, HISTORY_DAYS);
    let pressures = simulator::blood_pressures(&persona, now, HISTORY_DAYS);
    let (weights, pairs) = (weigh_ins.len(), pressures.len());
    tracing::info!(weights, blood_pressures = pairs, "the demo person measures for two years");
    weigh(&running.local(), user, weigh_ins)
        .await
        .context("the demo person could not use the scale")?;
    for slice in pressures.chunks(SLICE) {
        let slice: Vec<Reading> = slice.to_vec();
        let take = move |tx: &mut Tx<'_>| take_pressures(tx, user, &slice);
        db.run(Access::Write, take).await?;
    }
    Ok(())
}

fn take_pressures(tx: &mut Tx<'_>, user: UserId, readings: &[Reading]) -> domain::Result<()> {
    let mac = CUFF_MAC.parse().map_err(domain::Error::internal)?;
    let found = store::device::find_by_mac(tx, mac)?;
    let cuff = found.ok_or_else(|| domain::Error::internal("the demo cuff is not registered"))?;
    store::device::open_session(
        tx,
        cuff.id,
        &store::device::Report { firmware: Some("1751".to_owned()), battery_percent: Some(61) },
    )?;
    readings.iter().try_for_each(|reading| {
        let values = reading.values.iter();
        let measures = values.map(|v| Measure::new(MeasureType(v.kind), v.value, v.unit)).collect();
        intake::personal(tx, &cuff, user, UnixTime(reading.taken_at), measures).map(|_| ())
    })
}

/// Uploads weigh-ins as the scale does: a session, then a call for each group, then the session's
/// end.
async fn weigh(running: &Local, user: UserId, readings: Vec<Reading>) -> anyhow::Result<()> {
    let text = str::to_owned;
    running.post("/cgi-bin/once", vec![("action", text("get"))]).await?;
    let opened = running
        .post(
            "/cgi-bin/session",
            vec![
                ("action", text("new")),
                ("auth", text(SCALE_MAC)),
                ("macaddress", text(SCALE_MAC)),
                ("currentfw", text("1651")),
                ("batterylvl", text("87")),
            ],
        )
        .await?;
    let session = opened["body"]["sessionid"].as_str().context("the scale got no session")?;
    let mut uploads = tokio::task::JoinSet::new();
    for (date, measures) in readings.iter().flat_map(uploads_of) {
        if uploads.len() >= UPLOADS_AT_ONCE
            && let Some(done) = uploads.join_next().await
        {
            done??;
        }
        let fields = vec![
            ("action", text("store")),
            ("sessionid", text(session)),
            ("macaddress", text(SCALE_MAC)),
            ("userid", user.to_string()),
            ("meastime", date.to_string()),
            ("devtype", text("1")),
            ("attribstatus", text("0")),
            ("measures", measures),
        ];
        let running = running.clone();
        uploads.spawn(async move { running.post("/cgi-bin/measure", fields).await });
    }
    while let Some(done) = uploads.join_next().await {
        done??;
    }
    let end = vec![("action", text("delete")), ("sessionid", text(session))];
    running.post("/cgi-bin/session", end).await?;
    Ok(())
}

/// A weigh-in as scales send it: the body in one group, the pulse in another.
fn uploads_of(reading: &Reading) -> Vec<(i64, String)> {
    let (pulse, body): (Vec<&Value>, Vec<&Value>) =
        reading.values.iter().partition(|value| value.kind == Value::PULSE);
    let groups = [body, pulse].into_iter().filter(|values| !values.is_empty());
    groups
        .map(|values| {
            let measures = values
                .iter()
                .map(|v| serde_json::json!({ "value": v.value, "type": v.kind, "unit": v.unit }));
            let measures: Vec<_> = measures.collect();
            (reading.taken_at, serde_json::json!({ "measures": measures }).to_string())
        })
        .collect()
}

impl Printed {
    fn what_to_try(&self, now: i64) -> String {
        let three_days_ago = now - 3 * DAY_SECONDS;
        let Self { base_url, client_id, client_secret, redirect_uri, email, password, .. } = self;
        let (access_token, refresh_token) = (&self.access_token, &self.refresh_token);
        let (data, userid) = (self.data.display(), self.userid);
        format!(
            "vitald listens at {base_url}; its data is in {data}. Stop it with Ctrl-C.

The demo person (userid {userid}) weighs in most mornings and has for two years.

The last three weights, read as a program written for Withings reads them:
  curl -s {base_url}/measure -H 'Authorization: Bearer {access_token}' \\
    -d action=getmeas -d meastype=1 -d startdate={three_days_ago}

Their devices:
  curl -s {base_url}/v2/user -H 'Authorization: Bearer {access_token}' -d action=getdevice

A new pair of tokens:
  curl -s {base_url}/v2/oauth2 -d action=requesttoken -d grant_type=refresh_token \\
    -d client_id={client_id} \\
    -d client_secret={client_secret} \\
    -d refresh_token={refresh_token}

Be the scale: open a session, weigh 81.5 kg, and read it back with the first command:
  S=$(curl -s {base_url}/cgi-bin/session -d action=new -d auth={SCALE_MAC} \\
    | sed 's/.*\"sessionid\":\"\\([^\"]*\\)\".*/\\1/')
  curl -s {base_url}/cgi-bin/measure -d action=store -d sessionid=$S -d userid={userid} \\
    -d meastime=$(date +%s) -d attribstatus=0 \\
    --data-urlencode 'measures={{\"measures\":[{{\"value\":81500,\"type\":1,\"unit\":-3}}]}}'

Point your own program here: address {base_url}, client_id and client_secret as above,
redirect_uri {redirect_uri}. In a browser, log in as {email} with {password}:
  {base_url}/oauth2_user/authorize2?response_type=code&state=hello&scope=user.info,user.metrics&client_id={client_id}&redirect_uri={redirect_uri}
"
        )
    }
}
