//! Where the data is, for every command alike.

use anyhow::{Context as _, bail};
use clap::Args;
use server::clock::SystemClock;
use server::entropy::SystemEntropy;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::secrets::Keyring;
use store::{Access, Db, Environment, Limits, Target, Tx};

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Location {
    /// The folder of the embedded store and of the key file [default: vitald-data; demo: a new one].
    #[arg(long, global = true, env = "VITALD_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Keep the data in PostgreSQL instead: postgres://USER@HOST/NAME. The key file stays in --data.
    #[arg(
        long,
        global = true,
        env = "VITALD_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
}

impl Location {
    /// The embedded store of a folder.
    pub(crate) const fn embedded(data: PathBuf) -> Self {
        Self { data: Some(data), database: None }
    }

    fn folder(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new("vitald-data"))
    }

    pub(crate) fn target(&self) -> Target {
        match &self.database {
            Some(address) => Target::Postgres(address.clone()),
            None => Target::Sqlite(self.folder().join("vitald.db")),
        }
    }

    /// The clock, the random source and the key; makes the folder and the key if they are missing.
    pub(crate) fn environment(&self) -> anyhow::Result<Environment> {
        if let Target::Sqlite(file) = self.target()
            && file.exists()
            && !self.key().exists()
        {
            let (file, key) = (file.display(), self.key());
            bail!("{file} needs its key {}; restore it from where you keep it", key.display());
        }
        make_private(self.folder())?;
        let keyring = Keyring::open(&self.key(), &SystemEntropy)?;
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        Ok(Environment { clock, entropy, keyring: Arc::new(keyring) })
    }

    fn key(&self) -> PathBuf {
        self.folder().join("vitald.key")
    }

    /// Whether there is something to read: commands that only look make nothing.
    pub(crate) fn exists(&self) -> bool {
        let is_there = match self.target() {
            Target::Sqlite(file) => file.exists(),
            Target::Postgres(_) => true,
        };
        is_there && self.key().exists()
    }

    /// What a command that only looks says when [`Self::exists`] does not hold.
    pub(crate) fn absent(&self) -> String {
        let folder = self.folder().display();
        format!("there is no store with its vitald.key in {folder}; name its folder with --data")
    }

    /// Opens the store for the server.
    pub(crate) fn open(&self) -> anyhow::Result<(Db, Environment)> {
        let environment = self.environment()?;
        let db = Db::open(&self.target(), environment.clone(), Limits::default())?;
        Ok((db, environment))
    }

    /// Runs one piece of administrative work, whole or not at all. It may be done while a server runs
    /// on the same data.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        access: Access,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<T> + Send + Sync + 'static,
    ) -> anyhow::Result<T> {
        if !self.exists() {
            let folder = self.folder().display();
            if access == Access::Read {
                bail!("{}", self.absent());
            }
            tracing::info!("making a new store in {folder}");
        }
        let limits = Limits { connections: 1, ..Limits::default() };
        let db = Db::open(&self.target(), self.environment()?, limits)?;
        let done = db.run_blocking(access, move |tx| tx.attempt(&work));
        db.close();
        Ok(done?)
    }
}

/// Health data and the key are nobody else's on this machine.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make the folder {}", folder.display()))
}
