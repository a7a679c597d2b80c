//! The server whose notifications are watched: a real `vitald serve`, killed and started again as
//! the plan says, with a disk that can be made full. It ends only the processes it started.

use crate::storm::Storm;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// When a notification is tried, in seconds after the event: often enough that none is given up
/// while something is broken.
const CYCLES: &str = "0 1 2 3 5 8 13 21 34 44 54 64 74 84 94 104 114 124 134 144";
/// A server that does not listen by then never will.
const START_WAIT: Duration = Duration::from_secs(60);
/// How long a start is tried again, as where the database's server is not there yet.
const STARTS_WAIT: Duration = Duration::from_secs(60);
const START_PAUSE: Duration = Duration::from_millis(200);
/// A server that was asked to stop is killed after so long.
const STOP_WAIT: Duration = Duration::from_secs(60);
/// The shell ignores the signal of the limit of file sizes, and so does what it becomes: a write
/// beyond it fails then, as it does on a full disk.
const UNSIGNALLED: &str = "trap '' XFSZ; exec \"$@\"";

/// What a server is started with.
pub(crate) struct Start {
    /// The program.
    pub(crate) vitald: PathBuf,
    /// The folder of the store and the key.
    pub(crate) data: PathBuf,
    /// What it says goes there.
    pub(crate) log: PathBuf,
    /// A PostgreSQL in place of the embedded store.
    pub(crate) database: Option<String>,
    pub(crate) name_server: SocketAddr,
}

/// The server of a run.
pub(crate) struct Server {
    start: Start,
    child: Mutex<Option<Child>>,
    address: Mutex<Option<SocketAddr>>,
}

impl Server {
    pub(crate) fn new(start: Start) -> Self {
        Self { start, child: Mutex::default(), address: Mutex::default() }
    }

    /// Where it listens, while it does.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_at(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    fn hold(&self, child: Option<Child>) -> Option<Child> {
        let mut held = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, child)
    }

    fn id(&self) -> Option<String> {
        let held = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map(|child| child.id().to_string())
    }

    fn command(&self) -> Command {
        let mut command = Command::new("sh");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VITALD_") {
                command.env_remove(name);
            }
        }
        command.args(["-c", UNSIGNALLED, "sh"]).arg(&self.start.vitald).args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log-json",
            "--data",
        ]);
        command.arg(&self.start.data);
        if let Some(database) = &self.start.database {
            command.env("VITALD_DATABASE", database);
        }
        command
            .env("VITALD_CONFIG", "/dev/null")
            .env("VITALD_CALLBACKS", "any")
            .env("VITALD_DELIVERY_CYCLES", CYCLES)
            .env("VITALD_DELIVERY_SECONDS", "1")
            .env("VITALD_NAME_SERVER", self.start.name_server.to_string())
            .env("VITALD_REQUESTS_PER_MINUTE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Starts it; returns when it listens.
    fn try_start(&self) -> Result<()> {
        let mut child = self.command().spawn().context("cannot start a shell")?;
        let said = child.stderr.take().context("no standard error")?;
        let log = OpenOptions::new().create(true).append(true).open(&self.start.log)?;
        let (listens, listening) = channel();
        thread::spawn(move || follow(said, log, &listens));
        self.hold(Some(child));
        let Ok(address) = listening.recv_timeout(START_WAIT) else {
            self.kill()?;
            bail!("the server did not start; its log says why: {}", self.start.log.display());
        };
        self.is_at(Some(address));
        Ok(())
    }

    /// Starts it, again and again for a while, as what it needs may be broken.
    pub(crate) fn start(&self, storm: &Storm) -> Result<()> {
        let until = Instant::now() + STARTS_WAIT;
        loop {
            match self.try_start() {
                Err(error) if Instant::now() >= until => return Err(error),
                Err(_) => storm.pause(START_PAUSE),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Ends it without a warning.
    pub(crate) fn kill(&self) -> Result<()> {
        self.is_at(None);
        if let Some(mut child) = self.hold(None) {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks it to stop, and sees that it does.
    pub(crate) fn stop(&self, storm: &Storm) -> Result<()> {
        let Some(id) = self.id() else { return Ok(()) };
        self.is_at(None);
        let asked = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(asked.success(), "the server was gone before it was asked to stop");
        let Some(mut child) = self.hold(None) else { return Ok(()) };
        let until = Instant::now() + STOP_WAIT;
        loop {
            if let Some(status) = child.try_wait()? {
                ensure!(status.success(), "the server did not stop well: {status}");
                return Ok(());
            }
            if Instant::now() >= until {
                child.kill()?;
                child.wait()?;
                bail!("the server still ran {STOP_WAIT:?} after it was asked to stop");
            }
            storm.pause(START_PAUSE);
        }
    }

    /// Lets its files grow by no more than so many bytes; 0: no write succeeds.
    pub(crate) fn fill_disk(&self, slack_bytes: u64) -> Result<()> {
        let log = self.start.data.join("vitald.db-wal");
        let length = std::fs::metadata(log).map_or(0, |log| log.len());
        let limit = if slack_bytes == 0 { 1 } else { length + slack_bytes };
        self.limit(&limit.to_string())
    }

    /// There is room again.
    pub(crate) fn make_room(&self) -> Result<()> {
        self.limit("unlimited")
    }

    fn limit(&self, bytes: &str) -> Result<()> {
        let Some(id) = self.id() else { return Ok(()) };
        let set = Command::new("prlimit")
            .args(["--pid", &id, &format!("--fsize={bytes}:")])
            .stderr(Stdio::null())
            .status();
        ensure!(set.context("cannot start prlimit")?.success(), "prlimit failed");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = self.kill();
    }
}

/// Whether disks can be made full here.
pub(crate) fn can_fill_disks() -> bool {
    let tried = Command::new("prlimit").arg("--version").stdout(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Keeps what the server says, and tells where it listens.
fn follow(said: ChildStderr, mut log: File, listens: &Sender<SocketAddr>) {
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        // A log that cannot be written is missed by nobody but whoever looks for it.
        let _ = writeln!(log, "{line}");
        if line.contains("\"listening\"")
            && let Ok(line) = serde_json::from_str::<serde_json::Value>(&line)
            && let Some(address) = line["fields"]["address"].as_str()
            && let Ok(address) = address.parse()
        {
            // It is asked for once.
            let _ = listens.send(address);
        }
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
