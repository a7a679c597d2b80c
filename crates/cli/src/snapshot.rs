//! `vitald snapshot …`

use crate::control::Sandboxed;
use crate::location::Location;
use crate::output::Output;
use anyhow::bail;
use clap::{Args, Subcommand};
use domain::{Clock as _, Refusal};
use serde_json::Value;
use server::sandbox::snapshot::{Shown, restore};
use store::{Access, Db, Target, snapshot};

const PATH: &str = "/vitald/v1/snapshot";

/// States of a sandbox: of one that runs, or with --data of one that does not.
///
/// A snapshot is everything that is in the store, and what the clock shows. Going back to it turns
/// the clock back too.
#[derive(Debug, Subcommand)]
pub(crate) enum Snapshot {
    /// Save the state under a name; one of that name is replaced.
    Save(Named),
    /// Go back to a state: what was done since is lost.
    Restore(Named),
    /// List the states.
    List(Of),
    /// Take a state away.
    Remove(Named),
}

/// A state by its name.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name: letters, digits, dots, dashes and underscores.
    name: String,
    #[command(flatten)]
    sandbox: Sandboxed,
}

/// Of which sandbox.
#[derive(Debug, Args)]
pub(crate) struct Of {
    #[command(flatten)]
    sandbox: Sandboxed,
}

impl Snapshot {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let (what, name, sandbox) = match self {
            Self::Save(Named { name, sandbox }) => ("save", name, sandbox),
            Self::Restore(Named { name, sandbox }) => ("restore", name, sandbox),
            Self::Remove(Named { name, sandbox }) => ("remove", name, sandbox),
            Self::List(Of { sandbox }) => ("list", String::new(), sandbox),
        };
        let is_file = location.data.is_some() || location.database.is_some();
        let done = if is_file && !sandbox.is_said() {
            standing(location, what, &name)?
        } else if what == "list" {
            sandbox.get(PATH)?
        } else {
            sandbox.post(PATH, &[(what, name)])?
        };
        match done {
            Value::Array(all) => output.many(&all),
            one => output.one(&one),
        }
    }
}

/// The same on a store that no server has open.
fn standing(location: &Location, what: &str, name: &str) -> anyhow::Result<Value> {
    let Target::Sqlite(_) = location.target() else {
        let problem = "snapshots are of the embedded store alone; use PostgreSQL's own means";
        bail!(domain::Error::from(Refusal::invalid_param("database", problem)));
    };
    if !location.exists() {
        bail!("{}", location.absent());
    }
    let (db, _) = location.open()?;
    let done = shown(location, &db, what, name);
    db.close();
    Ok(done?)
}

fn shown(location: &Location, db: &Db, what: &str, name: &str) -> domain::Result<Value> {
    let shown = match what {
        "save" => {
            if !db.run_blocking(Access::Read, store::sandbox::is_sandbox)? {
                let problem = "the store is no sandbox's";
                return Err(Refusal::invalid_param("data", problem).into());
            }
            Shown::from(snapshot::save(db, name, location.clock.now())?)
        }
        "restore" => restore(db, &location.clock, name)?,
        "remove" => snapshot::remove(db, name).map(Shown::from)?,
        _ => {
            let all = snapshot::list(db)?.into_iter().map(Shown::from);
            return serde_json::to_value(all.collect::<Vec<_>>()).map_err(domain::Error::internal);
        }
    };
    serde_json::to_value(shown).map_err(domain::Error::internal)
}
