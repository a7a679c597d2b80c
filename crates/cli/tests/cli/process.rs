//! A `vitald` that goes on running: read line by line, never waited for by time, and ended for
//! certain.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A line that has not come by then never will: the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running process, killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    log: String,
    /// Where it listens, once that is known.
    pub(crate) base_url: String,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("started");
        let stdout = lines(child.stdout.take().expect("a pipe"));
        let stderr = lines(child.stderr.take().expect("a pipe"));
        Self { child, stdout, stderr, log: String::new(), base_url: String::new() }
    }

    /// The next line of standard output.
    pub(crate) fn reads_line(&mut self) -> String {
        self.stdout.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("no line on standard output; the log:\n{}", self.reads_log());
        })
    }

    /// Reads the log until a line holds `text`: that line.
    pub(crate) fn waits_for_log(&mut self, text: &str) -> String {
        loop {
            let line = self.stderr.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no {text} in the log:\n{}", self.log));
            self.log.push_str(&line);
            self.log.push('\n');
            if line.contains(text) {
                return line;
            }
        }
    }

    /// What the log holds so far; all of it, if the process has ended.
    pub(crate) fn reads_log(&mut self) -> &str {
        for line in self.stderr.try_iter() {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        &self.log
    }

    /// Sends a signal by its name, as `kill` does.
    pub(crate) fn signals(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
    }

    /// Closes what was its standard input.
    pub(crate) fn closes_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for its end; what it still says is read meanwhile, by threads of their own.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let status = self.child.wait().expect("ended");
        for line in self.stderr.iter() {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        status
    }

    /// Ends it without a warning, and returns when it is gone.
    pub(crate) fn killed(&mut self) {
        self.child.kill().expect("killed");
        assert!(!self.ends().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        // Nobody may be reading any more.
        lines.map(|line| sender.send(line)).take_while(Result::is_ok).count()
    });
    receiver
}
