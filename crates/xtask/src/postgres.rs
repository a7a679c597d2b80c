//! A throwaway PostgreSQL for tests: a fresh cluster in a temporary folder, on a free port of the
//! loopback address, without durability. It ends only the server it started, and keeps nothing.
//!
//! The server belongs to a keeper: this same program, in a process group of its own, which holds it
//! until standard input closes. Input closes when a chore is done with the server, and just as well
//! when the chore is interrupted or killed: so the server and its folder never outlive the chore.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write, stdin, stdout};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{debian, postgres_programs, program};

const VARIABLE: &str = "VITALD_TEST_POSTGRES";
const ROLE: &str = "vitald";
const DATABASE: &str = "vitald_test";
/// Debian's package makes this account; root hands the server to it.
const ACCOUNT: &str = "postgres";
/// Another program may take the free port between our look and the server's start.
const START_TRIES_MAX: u32 = 5;
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
full_page_writes = off
";

/// Runs a command with a throwaway server and gives the command's exit code.
pub(crate) fn run_with(command: &[OsString]) -> Result<ExitCode> {
    let (name, arguments) = command.split_first().context("name a command after `--`")?;
    let postgres = Throwaway::start()?;
    let status = postgres.tell(Command::new(name).args(arguments)).status();
    postgres.stop()?;
    let status = status.with_context(|| format!("cannot start `{}`", name.to_string_lossy()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A running throwaway server, as the chore that uses it sees it.
pub(crate) struct Throwaway {
    keeper: Child,
    url: String,
}

impl Throwaway {
    /// Starts a server, installing PostgreSQL first if need be.
    pub(crate) fn start() -> Result<Self> {
        let programs = postgres_programs::find_or_install()?;
        let mut keeper = Command::new(std::env::current_exe().context("cannot find ourselves")?)
            .arg("keep-postgres")
            .arg(programs)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the keeper of the throwaway PostgreSQL")?;
        let mut url = String::new();
        if let Some(told) = keeper.stdout.take() {
            BufReader::new(told).read_line(&mut url)?;
        }
        if url.pop() != Some('\n') {
            keeper.wait()?;
            bail!("the throwaway PostgreSQL did not start; its keeper said why above");
        }
        Ok(Self { keeper, url })
    }

    /// Names the server to a command, by its environment.
    pub(crate) fn tell<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env(VARIABLE, &self.url)
    }

    /// Stops the server and returns when it and its folder are gone.
    pub(crate) fn stop(mut self) -> Result<()> {
        let status = self.keeper.wait()?; // Closes the keeper's input first.
        if !status.success() {
            bail!("the throwaway PostgreSQL was not stopped cleanly ({status})");
        }
        Ok(())
    }
}

/// The keeper: starts a server, says its URL in one line, and stops it when standard input closes.
pub(crate) fn keep(programs: &Path) -> Result<()> {
    let cluster = Cluster::start(programs)?;
    writeln!(stdout(), "{}", cluster.url())?;
    stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// The server itself; dropping it stops the server, then removes its folder.
struct Cluster {
    programs: PathBuf,
    owner: Option<Owner>,
    port: u16,
    running: bool,
    folder: TempDir,
}

/// The account that root hands the server to.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Cluster {
    fn start(programs: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("vitald-pg-").tempdir()?;
        let owner = if debian::is_root()? { Some(Owner::look_up()?) } else { None };
        if let Some(Owner { user, group }) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let programs = programs.to_owned();
        let mut cluster = Self { programs, owner, port: 0, running: false, folder };
        cluster.initialise()?;
        cluster.launch()?;
        let mut create = cluster.program("createdb");
        create.args(["-h", "127.0.0.1", "-U", ROLE, "-p", &cluster.port.to_string(), DATABASE]);
        program::output(&mut create)?;
        Ok(cluster)
    }

    fn url(&self) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{DATABASE}?sslmode=disable", self.port)
    }

    fn initialise(&self) -> Result<()> {
        let mut initdb = self.program("initdb");
        initdb.args(["-A", "trust", "-U", ROLE, "--no-sync", "-E", "UTF8", "--locale=C", "-D"]);
        program::output(initdb.arg(self.data()))?;
        let path = self.data().join("postgresql.conf");
        let mut settings = OpenOptions::new().append(true).open(path)?;
        let sockets = quoted(&self.folder.path().to_string_lossy());
        writeln!(settings, "{SETTINGS}unix_socket_directories = {sockets}")?;
        Ok(())
    }

    /// `pg_ctl` returns when the server takes connections, or has given up.
    fn launch(&mut self) -> Result<()> {
        let log = self.folder.path().join("server.log");
        for _ in 0..START_TRIES_MAX {
            self.port = free_port()?;
            let mut start = self.control();
            start.args(["-w", "-o", &format!("-p {}", self.port), "-l"]).arg(&log).arg("start");
            // Not `output`: the server inherits the pipes and would hold them open.
            let status = start.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
            if status.success() {
                self.running = true;
                return Ok(());
            }
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            if !said.contains("could not create any TCP/IP sockets") {
                bail!("`{}` failed ({status}): {}", program::line(&start), said.trim());
            }
        }
        bail!("the throwaway PostgreSQL found its port taken {START_TRIES_MAX} times in a row");
    }

    fn control(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("-s").arg("-D").arg(self.data());
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of PostgreSQL's programs, run by the server's owner, in a folder the owner may enter.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        if let Some(Owner { user, group }) = self.owner {
            command.uid(user).gid(group); // Drops root's other groups too.
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.running {
            return;
        }
        let stopped = program::output(self.control().args(["-w", "-m", "immediate", "stop"]));
        if let Err(error) = stopped {
            eprintln!("xtask: the throwaway PostgreSQL still runs: {error:#}");
        }
    }
}

impl Owner {
    fn look_up() -> Result<Self> {
        let number = |flag: &str| -> Result<u32> {
            let shown = program::output(Command::new("id").args([flag, ACCOUNT]));
            let shown = shown.with_context(|| {
                format!("PostgreSQL refuses to run as root, and needs an account `{ACCOUNT}`")
            })?;
            Ok(shown.trim().parse()?)
        };
        Ok(Self { user: number("-u")?, group: number("-g")? })
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A value as PostgreSQL's configuration file writes it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quote_in_a_setting_is_doubled() {
        assert_eq!(quoted("/tmp/it's"), "'/tmp/it''s'");
    }
}
