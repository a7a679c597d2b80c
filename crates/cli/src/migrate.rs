//! `vitald migrate`

use crate::location::Location;
use crate::output::Output;
use clap::Args;
use serde::Serialize;
use store::Db;

/// Bring the database's schema up to date.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Listed {
    migration: &'static str,
    applied: Option<i64>,
    is_new: bool,
}

impl Migrate {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        if self.dry_run && !location.exists() {
            anyhow::bail!("{}", location.absent());
        }
        let environment = location.environment()?;
        let migrations = Db::migrate(&location.target(), &environment, self.dry_run)?;
        let listed = migrations.into_iter().map(|migration| Listed {
            migration: migration.name,
            applied: migration.applied_at,
            is_new: migration.is_new,
        });
        output.many(&listed.collect::<Vec<_>>())
    }
}
