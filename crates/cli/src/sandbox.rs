//! `vitald sandbox`: a server of its own for one run of a test suite. It begins with what a seed
//! says, tells a program what opens it, and leaves nothing.

use crate::demo::{self, base_url};
use crate::location::Location;
use crate::output::Output;
use crate::serve::{Signals, listen, runtime};
use crate::survey;
use api::admin::{self, Made, Seed};
use clap::Args;
use domain::notification::Callbacks;
use domain::survey::Survey;
use domain::{Clock as _, EntropyExt as _, Error, Refusal, Result, UserId};
use serde::Serialize;
use serde_json::Value;
use server::clock::Turn;
use server::config::Secret;
use server::entropy::SystemEntropy;
use server::sandbox::seed;
use server::{Bound, Config, Delivery, Rules, password};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use store::{Access, Db, sandbox};

/// Run a sandbox that begins with a known world, for a test suite, and say what opens it.
///
/// It reads no configuration file. Without --data its data is in a folder of its own, which goes
/// when the sandbox ends. See docs/sandbox.md.
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// What it begins with, TOML or JSON; without it an application and a person.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Where to listen; port 0 lets the system choose.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// What programs prove themselves with that turn the sandbox; without it only those on the same
    /// machine may.
    #[arg(long, env = "VITALD_SANDBOX_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<Secret>,
    /// End when standard input does too: with a pipe there, it never outlives whoever started it.
    #[arg(long)]
    end_with_stdin: bool,
}

/// The first line of `vitald sandbox --json`.
#[derive(Debug, Serialize)]
struct Printed {
    base_url: String,
    data: PathBuf,
    /// What the clock shows.
    now: i64,
    frozen: bool,
    sandbox_token: Option<String>,
    #[serde(flatten)]
    made: Made,
}

impl Sandbox {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        anyhow::ensure!(location.database.is_none(), "sandbox runs on the embedded store alone");
        let seed = self.seed.as_deref().map(read_seed).transpose()?;
        let is_seeded = seed.is_some();
        let folder = location.data.clone().map_or_else(Folder::new, Folder::given);
        let store = match folder.goes {
            true => Location::passing(folder.path.clone()),
            false => Location::embedded(folder.path.clone()),
        };
        let token = self.token.map(|Secret(token)| token);
        let config = config(self.listen, server::Sandbox::new(store.clock.clone(), token.clone()));
        let runtime = runtime()?;
        let bound = runtime.block_on(Bound::new(&config))?;
        let (db, environment) = store.open()?;
        let made = begin(&db, &store, seed).map_err(|error| match &self.seed {
            Some(file) => in_file(file, error),
            None => error,
        })?;
        runtime.block_on(async {
            let signals = Signals::heed()?;
            if let Some(sandbox) = &config.sandbox {
                sandbox.catch_up(&db).await?;
            }
            let running = listen(&config, bound, db.clone(), &environment)?;
            if is_seeded {
                demo::live(&running, &db, store.clock.now()).await?;
            }
            let printed = Printed {
                base_url: base_url(running.address),
                data: folder.path.clone(),
                now: store.clock.now(),
                frozen: matches!(store.clock.turn(), Turn::Frozen(_)),
                sandbox_token: token,
                made,
            };
            if output.is_json() {
                output.line(&printed)?;
            } else {
                output.one(&printed)?;
            }
            match self.end_with_stdin {
                true => signals.end_or(running, input_ends()?).await,
                false => signals.end(running).await,
            }
        })
    }
}

/// Until standard input has ended. What comes there is passed by.
fn input_ends() -> std::io::Result<impl Future<Output = ()>> {
    let (open, closed) = tokio::sync::oneshot::channel::<()>();
    let read = move || {
        // One that cannot be read is over too.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        drop(open);
    };
    std::thread::Builder::new().name("standard input".to_owned()).spawn(read)?;
    Ok(async {
        let _ = closed.await;
    })
}

fn config(listen: SocketAddr, sandbox: server::Sandbox) -> Config {
    Config {
        listen,
        scale_listen: None,
        metrics_listen: None,
        public_url: None,
        // An application has a limit if its seed says so: where the clock stands still, none would
        // ever be over.
        rules: Rules { requests_per_minute: 0, ..Rules::default() },
        audit: true,
        delivery: Delivery { callbacks: Callbacks::Any, ..Delivery::default() },
        sandbox: Some(sandbox),
        fulfilment_token: None,
    }
}

/// What the sandbox begins with: the seed, what an earlier run left, or a little of its own.
fn begin(db: &Db, store: &Location, seed: Option<Seed>) -> Result<Made> {
    let seed = match seed {
        Some(seed) => seed,
        None => {
            let found = db.run_blocking(Access::Read, |tx| {
                let is_new = admin::list_accounts(tx, UserId(0))?.is_empty();
                Ok((admin::describe_sandbox(tx)?, is_new))
            })?;
            match found {
                (Some(made), _) => return Ok(made),
                (None, false) => {
                    let problem = "the store there is no sandbox's; give another folder";
                    return Err(Refusal::invalid_param("data", problem).into());
                }
                (None, true) => read(admin::small_seed(), Path::new("."))?,
            }
        }
    };
    if let Some(clock) = &seed.clock {
        // Also back: there is nothing yet that was stamped.
        store.clock.reset(store.clock.turn_to(clock.now, clock.frozen));
    }
    let turn = store.clock.turn().text();
    db.run_blocking(Access::Write, move |tx| {
        tx.attempt(|tx| {
            sandbox::set_clock(tx, &turn)?;
            seed::make(tx, &seed)
        })
    })
}

fn read_seed(file: &Path) -> anyhow::Result<Seed> {
    let written = survey::written(file)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    Ok(read(written, folder).map_err(|error| in_file(file, error))?)
}

/// Which file it is stands before what is wrong in it.
fn in_file(file: &Path, error: Error) -> Error {
    let Error::Refused(mut refusal) = error else { return error };
    let cause = refusal.cause.trim_start_matches("Invalid Params: ");
    refusal.cause = format!("{}: {cause}", file.display());
    Error::Refused(refusal)
}

fn read(written: Value, folder: &Path) -> Result<Seed> {
    let survey = |name: &str| -> Result<Survey> {
        let written = survey::written(&folder.join(name));
        let unread = |error: anyhow::Error| Refusal::invalid_param("file", format!("{error:#}"));
        admin::read_survey(written.map_err(unread)?)
    };
    seed::read(written, &survey, &|text| password::hash_written(text, &SystemEntropy))
}

/// Where the data is.
struct Folder {
    path: PathBuf,
    goes: bool,
}

impl Folder {
    fn new() -> Self {
        let name = format!("vitald-sandbox-{}", &SystemEntropy.token()[..12]);
        Self { path: std::env::temp_dir().join(name), goes: true }
    }

    const fn given(path: PathBuf) -> Self {
        Self { path, goes: false }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.goes {
            // What cannot be taken away is the system's to sweep.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
