//! A throwaway PostgreSQL that is restarted on purpose, and a database of a run in it. The server
//! itself belongs to whoever started it.

use anyhow::{Context as _, Result, ensure};
use postgres::{Client, NoTls};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use url::Url;

/// The server.
pub(crate) struct Cluster {
    address: Url,
    data: PathBuf,
    programs: PathBuf,
}

impl Cluster {
    /// The server at that address, which has to be on this machine.
    pub(crate) fn at(address: &str) -> Result<Self> {
        let mut client = Client::connect(address, NoTls)?;
        let data: String = client.query_one("show data_directory", &[])?.try_get(0)?;
        let data = PathBuf::from(data);
        let file = std::fs::read_to_string(data.join("postmaster.pid"))?;
        let id = file.lines().next().context("an empty postmaster.pid")?;
        let program = std::fs::read_link(format!("/proc/{id}/exe"))?;
        let programs = program.parent().context("a program is in a folder")?.to_owned();
        Ok(Self { address: address.parse()?, data, programs })
    }

    /// A new database: its address.
    pub(crate) fn create(&self, name: &str) -> Result<String> {
        self.drop(name)?;
        self.client()?.batch_execute(&format!("create database {name}"))?;
        let mut address = self.address.clone();
        address.set_path(name);
        Ok(address.into())
    }

    /// Takes a database away.
    pub(crate) fn drop(&self, name: &str) -> Result<()> {
        let sql = format!("drop database if exists {name} with (force)");
        Ok(self.client()?.batch_execute(&sql)?)
    }

    fn client(&self) -> Result<Client> {
        Ok(Client::connect(self.address.as_str(), NoTls)?)
    }

    /// Stops the server without a checkpoint, as if its machine had failed, and starts it again;
    /// returns when it takes connections.
    pub(crate) fn restart(&self) -> Result<()> {
        let owner = std::fs::metadata(&self.data)?;
        let log = self.data.join("restarted.log");
        let status = Command::new(self.programs.join("pg_ctl"))
            .args(["-s", "-w", "-m", "immediate", "-D"])
            .arg(&self.data)
            .arg("-l")
            .arg(log)
            .arg("restart")
            .current_dir(&self.data)
            .uid(owner.uid())
            .gid(owner.gid())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        ensure!(status.context("cannot start pg_ctl")?.success(), "pg_ctl restart failed");
        Ok(())
    }

    /// Ends the connections to a database.
    pub(crate) fn hang_up(&self, name: &str) -> Result<()> {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        self.client()?.query(sql, &[&name])?;
        Ok(())
    }
}
