//! A folder for the data of one test, and the commands that work on it.

use crate::process::Process;
use crate::schema::Schema;
use serde_json::Value as Json;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Where a test's data is. The store is in the folder, or in a schema of PostgreSQL.
pub(crate) struct Home {
    folder: TempDir,
    schema: Option<Schema>,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `vitald` with these arguments, and with no setting of whoever runs the tests.
pub(crate) fn vitald(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitald"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VITALD_") {
            command.env_remove(name);
        }
    }
    // An empty file: what stands in /etc or in the current folder has no say.
    command
        .env("VITALD_CONFIG", "/dev/null")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .args(arguments);
    command
}

/// Runs a command to its end, with a text at its standard input.
pub(crate) fn run(mut command: Command, input: &str) -> Ran {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("started");
    // A command that does not read it ends without: that is not for us to judge.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("ended");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    Ran { code: output.status.code(), stdout, stderr }
}

impl Ran {
    /// The JSON of a command that succeeded.
    #[track_caller]
    pub(crate) fn json(&self) -> Json {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.stdout).expect("JSON")
    }

    /// The one line a command that ended with this code said.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "");
        let line = self.stderr.strip_prefix("vitald: ").and_then(|line| line.strip_suffix('\n'));
        let line = line.expect("a line of vitald's own");
        assert!(!line.is_empty() && !line.contains('\n'), "{line}");
        line
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), schema: None }
    }

    pub(crate) fn on_postgres() -> Self {
        Self { schema: Some(Schema::create()), ..Self::new() }
    }

    /// The folder given as `--data`; it is made by the first command.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = vitald(arguments);
        command.arg("--data").arg(self.data());
        if let Some(schema) = &self.schema {
            command.args(["--database", &schema.address()]);
        }
        command
    }

    /// Does something to the data behind the program's back.
    pub(crate) fn tampers(&self, sql: &str) {
        match &self.schema {
            Some(schema) => schema.tampers(sql),
            None => {
                let file = rusqlite::Connection::open(self.data().join("vitald.db"));
                file.expect("a file").execute_batch(sql).expect("tampered");
            }
        }
    }

    /// Whether PostgreSQL, if the store is there, has no table of ours.
    pub(crate) fn schema_is_empty(&self) -> bool {
        self.schema.as_ref().is_none_or(Schema::is_empty)
    }

    pub(crate) fn runs(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments), "")
    }

    pub(crate) fn runs_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        run(self.command(arguments), input)
    }

    /// What a command that succeeds prints with `--json`.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Json {
        self.runs(&[arguments, &["--json"]].concat()).json()
    }

    /// One text of what a command prints with `--json`.
    #[track_caller]
    pub(crate) fn text(&self, arguments: &[&str], field: &str) -> String {
        let json = self.json(arguments);
        let text = json[field].as_str().map(str::to_owned);
        text.or_else(|| json[field].as_i64().map(|number| number.to_string())).expect("a field")
    }

    /// Starts `serve` at an address the system chooses; returns when it listens.
    pub(crate) fn serves(&self) -> Process {
        self.serves_with(&[])
    }

    pub(crate) fn serves_with(&self, arguments: &[&str]) -> Process {
        let usual = ["serve", "--listen", "127.0.0.1:0", "--log-json"];
        let mut process = Process::start(self.command(&[&usual, arguments].concat()));
        let line = process.waits_for_log("\"listening\"");
        let line: Json = serde_json::from_str(&line).expect("JSON");
        process.base_url = format!("http://{}", line["fields"]["address"].as_str().unwrap());
        process
    }

    /// Makes a person, and gives their id.
    pub(crate) fn person(&self, email: &str) -> String {
        let create = ["user", "create", "--email", email, "--password", "correct horse"];
        self.text(&create, "userid")
    }

    /// An access token for a person, of an application made for that.
    pub(crate) fn token(&self, user: &str) -> String {
        let create = ["client", "create", "--name", "Reader", "--redirect-uri", "http://localhost"];
        let client = self.text(&create, "client_id");
        self.text(&["token", "issue", "--client", &client, "--user", user], "access_token")
    }

    /// Registers a scale for these people.
    pub(crate) fn registers_scale(&self, mac: &str, users: &[&str]) {
        let mut register = vec!["device", "register", "--mac", mac, "--model", "4"];
        users.iter().for_each(|user| register.extend(["--user", user]));
        let ran = self.runs(&register);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}
