//! Runs public client programs, unmodified as their authors published them, against a demo server.
//! What they must see is written in `tests/real-programs`; here they are only installed (in a
//! temporary folder) and started. Without Python or a package index the stage is skipped, aloud: it
//! never fails for what the machine lacks, and never passes over a program that fails.

use std::fs::File;
use std::io::{BufRead, BufReader, Write, copy, sink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::program;
use crate::python::{self, Installed};

const PROGRAMS: [&str; 1] = ["withings_api_2_4_0.py"];
/// A debug build fills a demo account in a few seconds; a slow machine may need more.
const START_MAX: Duration = Duration::from_secs(120);
const STOP_MAX: Duration = Duration::from_secs(15);

/// The whole stage.
pub(crate) fn run(root: &Path) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("vitald-programs-").tempdir()?;
    let scripts = root.join("tests/real-programs");
    let python = match python::install(folder.path(), &scripts.join("requirements.txt"))? {
        Installed::Python(python) => python,
        Installed::Nothing(why) => {
            println!("real programs: skipped: {why}");
            return Ok(());
        }
    };
    program::run(program::cargo(root).args(["build", "--locked", "-p", "cli"]))?;
    let demo = Demo::start(&folder)?;
    let account = folder.path().join("demo.json");
    File::create_new(&account)?.write_all(demo.account.as_bytes())?;
    let outcome = PROGRAMS.iter().try_for_each(|name| {
        println!("-- {name}");
        program::run(Command::new(&python).arg(scripts.join(name)).arg(&account))
    });
    if outcome.is_err() {
        demo.print_log();
    }
    outcome.and(demo.stop())
}

/// A running demo server; dropping it ends the server, then removes its data.
struct Demo {
    server: Child,
    output: Receiver<String>,
    /// The one line of JSON by which the server names its address and its demo account.
    account: String,
    log: PathBuf,
    _data: TempDir,
}

impl Demo {
    fn start(folder: &TempDir) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("data-").tempdir_in(folder)?;
        let log = folder.path().join("server.log");
        let mut command = Command::new(program::beside_us("vitald")?);
        command.args(["demo", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(data.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create_new(&log)?);
        let started = command.spawn();
        let mut server =
            started.with_context(|| format!("cannot start `{}`", program::line(&command)))?;
        let stdout = server.stdout.take().context("the server has no standard output")?;
        let (lines, output) = sync_channel(1);
        thread::spawn(move || follow(stdout, &lines));
        let mut demo = Self { server, output, account: String::new(), log, _data: data };
        match demo.output.recv_timeout(START_MAX) {
            Ok(line) if line.starts_with('{') => demo.account = line,
            other => {
                demo.print_log();
                bail!("`{}` did not name its account: {other:?}", program::line(&command));
            }
        }
        Ok(demo)
    }

    fn print_log(&self) {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        eprintln!("-- what the demo server logged:\n{}", log.trim_end());
    }

    /// Asks the server to end, as a service manager would, and sees that it does.
    fn stop(mut self) -> Result<()> {
        let server = self.server.id().to_string();
        program::output(Command::new("kill").args(["-TERM", &server]))?;
        match self.output.recv_timeout(STOP_MAX) {
            Err(RecvTimeoutError::Disconnected) => self.server.wait().map(drop).map_err(Into::into),
            _ => bail!("the demo server still runs {STOP_MAX:?} after it was asked to end"),
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Both do nothing when the server has already been waited for.
        let killed = self.server.kill().and_then(|()| self.server.wait());
        if let Err(error) = killed {
            eprintln!("xtask: the demo server may still run: {error}");
        }
    }
}

/// Hands on the first line and reads the rest, so that the server never waits for a reader. The
/// channel closes when the server has closed its output: when it has ended.
fn follow(stdout: ChildStdout, lines: &SyncSender<String>) {
    let mut stdout = BufReader::new(stdout);
    let mut first = String::new();
    // Whoever receives is told of either failure by the closed channel.
    let read = stdout.read_line(&mut first).is_ok_and(|bytes| bytes > 0);
    if read && lines.send(first).is_ok() {
        drop(copy(&mut stdout, &mut sink()));
    }
}
