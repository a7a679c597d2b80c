//! The process of a sandbox. It ends when its standard input does, so that it never outlives
//! whoever started it: the system closes the pipe of a program that is gone, however it went.

use crate::{Error, Result};
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A sandbox that does not end by then is ended without asking.
const STOP_MAX: Duration = Duration::from_secs(30);
/// So much of the log is kept, the last of it.
const LOG_BYTES_MAX: usize = 1 << 20;

/// What a thread hands on, so that several may hold the other end.
type Told<T> = Mutex<Receiver<T>>;

/// A process, and what it says.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    /// Closed when the process has closed its output: when it has ended.
    output: Told<String>,
    /// The same of what it logs.
    logged: Told<()>,
    log: Arc<Mutex<Vec<u8>>>,
    /// What is to be gone with it.
    folder: Option<PathBuf>,
}

impl Process {
    /// Starts it, and waits for its first line.
    pub(crate) fn start(mut command: Command, patience: Duration) -> Result<(Self, String)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|cause| {
            let program = PathBuf::from(command.get_program());
            Error::NotRun { program, cause }
        })?;
        let mut process = Self::follow(child);
        match told(&process.output, patience) {
            Ok(line) => Ok((process, line)),
            Err(RecvTimeoutError::Timeout) => Err(Error::Silent { said: process.log() }),
            Err(RecvTimeoutError::Disconnected) => {
                process.stop();
                Err(Error::Ended { said: process.log() })
            }
        }
    }

    fn follow(mut child: Child) -> Self {
        let (lines, output) = sync_channel(1);
        let (logs, logged) = sync_channel(1);
        let log = Arc::new(Mutex::new(Vec::new()));
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || first_line(stdout, &lines));
        }
        if let Some(stderr) = child.stderr.take() {
            let log = Arc::clone(&log);
            std::thread::spawn(move || {
                keep(stderr, &log);
                drop(logs);
            });
        }
        let input = child.stdin.take();
        let (output, logged) = (Mutex::new(output), Mutex::new(logged));
        Self { child, input, output, logged, log, folder: None }
    }

    /// That folder is to be gone when the process is.
    pub(crate) fn sweeps(&mut self, folder: PathBuf) {
        self.folder = Some(folder);
    }

    pub(crate) fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Lets it end as it would by itself; without a word, if it does not.
    fn stop(&mut self) {
        drop(self.input.take());
        let has_ended = told(&self.output, STOP_MAX) == Err(RecvTimeoutError::Disconnected);
        if !has_ended {
            // One that has just ended cannot be killed, which is as well.
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        // What it said last is read to its end.
        let _ = told(&self.logged, STOP_MAX);
        if let Some(folder) = self.folder.take() {
            // It took its folder along, unless it was killed.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn told<T>(from: &Told<T>, patience: Duration) -> std::result::Result<T, RecvTimeoutError> {
    from.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(patience)
}

/// Hands on the first line and reads the rest, so that nobody ever waits for a reader.
fn first_line(stdout: ChildStdout, lines: &SyncSender<String>) {
    let mut stdout = BufReader::new(stdout);
    let mut first = String::new();
    let read = stdout.read_line(&mut first).is_ok_and(|bytes| bytes > 0);
    if read && lines.send(first).is_ok() {
        // Whoever waits is told by the channel, which closes afterwards.
        let _ = std::io::copy(&mut stdout, &mut std::io::sink());
    }
}

fn keep(mut stderr: impl Read, log: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = stderr.read(&mut bytes) {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(&bytes[..count]);
        let beyond = log.len().saturating_sub(LOG_BYTES_MAX);
        log.drain(..beyond);
    }
}
