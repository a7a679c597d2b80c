//! Where the data is, for every command alike.

use anyhow::{Context as _, bail};
use clap::Args;
use domain::Profile;
use server::clock::{SystemClock, TurnedClock};
use server::config::{Loaded, Origin, Secret, Settings, key_file, target};
use server::entropy::SystemEntropy;
use server::sandbox::restore_clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::secrets::Keyring;
use store::{Access, Db, Environment, Limits, Target, Tx};

/// A sandbox of a test suite has few who read at once.
const PASSING_CONNECTIONS: usize = 4;

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Location {
    /// The folder of the embedded store and of the key file [env: VITALD_DATA] [default:
    /// vitald-data; demo: a new one].
    #[arg(long, global = true, value_name = "DIR", value_parser = text)]
    pub(crate) data: Option<PathBuf>,
    /// Keep the data in PostgreSQL instead: postgres://USER@HOST/NAME. The key file stays in --data
    /// [env: VITALD_DATABASE].
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<Secret>,
    #[arg(skip)]
    limits: Limits,
    #[arg(skip)]
    profile: Profile,
    /// What the store's sandbox says the time is, once it is open.
    #[arg(skip)]
    pub(crate) clock: Arc<TurnedClock>,
}

impl Location {
    /// What flags, environment and file say together.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let Settings { data, database, profile, .. } = loaded.settings.clone();
        let is_said = loaded.origin("data") != Origin::Default;
        let limits = loaded.settings.limits();
        Self { data: is_said.then_some(data), database, limits, profile, clock: Arc::default() }
    }

    /// The embedded store of a folder.
    pub(crate) fn embedded(data: PathBuf) -> Self {
        let (limits, profile) = (Limits::default(), Profile::default());
        Self { data: Some(data), database: None, limits, profile, clock: Arc::default() }
    }

    /// The same of a folder that goes with the process: nothing in it need outlive the machine.
    pub(crate) fn passing(data: PathBuf) -> Self {
        let connections = PASSING_CONNECTIONS;
        let limits = Limits { is_durable: false, connections, ..Limits::default() };
        Self { limits, ..Self::embedded(data) }
    }

    fn folder(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new("vitald-data"))
    }

    pub(crate) fn target(&self) -> Target {
        target(self.folder(), self.database.as_ref())
    }

    fn key(&self) -> PathBuf {
        key_file(self.folder())
    }

    /// The clock, the random source and the key. What would be refused is refused before the folder
    /// and the key are made, if they are missing.
    pub(crate) fn environment(&self) -> anyhow::Result<Environment> {
        self.check()?;
        make_private(self.folder())?;
        let keyring = Keyring::open(&self.key(), &SystemEntropy)?;
        let (clock, entropy) = (self.clock.clone(), Arc::new(SystemEntropy));
        let profile = self.profile;
        Ok(Environment { clock, entropy, keyring: Arc::new(keyring), profile })
    }

    /// Looks at what is there, and changes nothing.
    fn check(&self) -> anyhow::Result<()> {
        let (folder, key) = (self.folder().display(), self.key());
        if self.folder().exists() && !self.folder().is_dir() {
            bail!("{folder} is not a folder; name another with --data, or move it away");
        }
        let keyring = Keyring::read(&key)?.map(Arc::new);
        let has_key = keyring.is_some();
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy));
        let found = store::inspect(&self.target(), keyring, clock, entropy)?;
        found.check()?;
        if found.has_key && !has_key {
            let (key, what) = (key.display(), what(&self.target()));
            bail!("{what} needs its key {key}; restore it from where you keep it");
        }
        if !found.is_there
            && matches!(self.target(), Target::Sqlite(_))
            && let Some(full) = server::doctor::no_room(self.folder())
        {
            bail!("{full}");
        }
        Ok(())
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
        let db = Db::open(&self.target(), environment.clone(), self.limits)?;
        restore_clock(&db, &self.clock)?;
        Ok((db, environment))
    }

    /// Runs one piece of administrative work, whole or not at all. It may be done while a server
    /// runs on the same data.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        access: Access,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<T> + Send + Sync + 'static,
    ) -> anyhow::Result<T> {
        let is_new = !self.exists();
        if is_new && access == Access::Read {
            bail!("{}", self.absent());
        }
        let environment = self.environment()?;
        if is_new {
            tracing::info!("making a new store in {}", self.folder().display());
        }
        let limits = Limits { connections: 1, ..self.limits };
        let db = Db::open(&self.target(), environment, limits)?;
        restore_clock(&db, &self.clock)?;
        let done = db.run_blocking(access, move |tx| tx.attempt(&work));
        db.close();
        Ok(done?)
    }
}

/// A folder's name that a file of settings could hold as well.
fn text(name: &str) -> Result<PathBuf, std::convert::Infallible> {
    Ok(PathBuf::from(name))
}

fn what(target: &Target) -> String {
    match target {
        Target::Sqlite(file) => file.display().to_string(),
        Target::Postgres(_) => "the database".to_owned(),
    }
}

/// Health data and the key are nobody else's on this machine.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| {
        let folder = folder.display();
        format!("cannot make the folder {folder}; name another with --data, or make it yourself")
    })
}
