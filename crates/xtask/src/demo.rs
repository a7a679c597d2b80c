//! A demo server for chores that need one: started on a free port, and ended whatever happens. What
//! is done with it is not decided here.

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

/// A debug build fills a demo account in a few seconds; a slow machine may need more.
const START_MAX: Duration = Duration::from_secs(120);
const STOP_MAX: Duration = Duration::from_secs(15);

/// A running demo server; dropping it ends the server, then removes its data.
pub(crate) struct Demo {
    server: Child,
    output: Receiver<String>,
    /// A file with the one line of JSON by which the server names its address and its account.
    account: PathBuf,
    log: PathBuf,
    _data: TempDir,
}

impl Demo {
    /// Starts one on a free port, with its data and its log in `folder`.
    pub(crate) fn start(folder: &TempDir) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("data-").tempdir_in(folder)?;
        let log = folder.path().join("server.log");
        let mut command = Command::new(program::beside_us("vitald")?);
        // Its log is read by chores, too.
        command.args(["--log-json", "demo", "--listen", "127.0.0.1:0", "--json", "--data"]);
        command.arg(data.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create_new(&log)?);
        let started = command.spawn();
        let mut server =
            started.with_context(|| format!("cannot start `{}`", program::line(&command)))?;
        let stdout = server.stdout.take().context("the server has no standard output")?;
        let (lines, output) = sync_channel(1);
        thread::spawn(move || follow(stdout, &lines));
        let demo =
            Self { server, output, account: folder.path().join("demo.json"), log, _data: data };
        match demo.output.recv_timeout(START_MAX) {
            Ok(line) if line.starts_with('{') => {
                File::create_new(&demo.account)?.write_all(line.as_bytes())?;
            }
            other => {
                demo.print_log();
                bail!("`{}` did not name its account: {other:?}", program::line(&command));
            }
        }
        Ok(demo)
    }

    /// Where it stands how to reach the server and its demo account.
    pub(crate) fn account(&self) -> &Path {
        &self.account
    }

    /// Where its log is; whole once the server has ended.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Shows what went on, after a failure.
    pub(crate) fn print_log(&self) {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        eprintln!("-- what the demo server logged:\n{}", log.trim_end());
    }

    /// Asks the server to end, as a service manager would, and sees that it does.
    pub(crate) fn stop(mut self) -> Result<()> {
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
