//! What the command takes when it has nothing to do: how soon an empty store answers, and how much
//! memory the idle server holds.

use crate::figure::{Figure, Machine, RUNS, Runs, Target as Promise};
use crate::process;
use anyhow::{Context as _, Result, ensure};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const START: Figure = Figure {
    name: "start_to_first_answer_ms",
    unit: "ms",
    target: Promise::AtMost(100.0),
    what: "from starting `vitald serve` on an empty folder to its first answer of the API",
    measure: |machine| runs(machine, |started| Ok(started.took.as_secs_f64() * 1_000.0)),
};
pub(crate) const IDLE: Figure = Figure {
    name: "idle_rss_mb",
    unit: "MB",
    target: Promise::AtMost(40.0),
    what: "resident memory of `vitald serve` after its first answers",
    measure: |machine| {
        runs(machine, |started| {
            (0..20).try_for_each(|_| ask(started.address, "none").map(|_| ()))?;
            process::resident_mib(started.child.id())
        })
    },
};

pub(crate) const BINARY: Figure = Figure {
    name: "binary_mb",
    unit: "MB",
    target: Promise::AtMost(25.0),
    what: "the command as it is shipped, stripped",
    measure: |machine| {
        let bytes = std::fs::metadata(machine.shipped()?)?.len();
        let baseline = "`cargo build --profile dist`".to_owned();
        Ok(Runs { values: vec![bytes as f64 / 1e6], baseline })
    },
};

const PATIENCE: Duration = Duration::from_secs(20);

struct Started {
    child: Child,
    address: SocketAddr,
    took: Duration,
}

fn runs(machine: &Machine<'_>, look: impl Fn(&Started) -> Result<f64>) -> Result<Runs> {
    let mut values = Vec::new();
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let mut started = start(machine.vitald, folder.path())?;
        let value = look(&started);
        started.child.kill()?;
        started.child.wait()?;
        values.push(value?);
    }
    Ok(Runs { values, baseline: "an empty folder".to_owned() })
}

fn start(vitald: &Path, folder: &Path) -> Result<Started> {
    let address = free_address()?;
    let begun = Instant::now();
    let child = Command::new(vitald)
        .args(["serve", "--listen", &address.to_string(), "--data"])
        .arg(folder.join("data"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("the command does not start")?;
    let mut started = Started { child, address, took: Duration::ZERO };
    while begun.elapsed() < PATIENCE {
        if let Ok(answer) = ask(address, "none") {
            started.took = begun.elapsed();
            // An access token nobody was given: the token check has read the store.
            ensure!(answer.contains("\"status\":401"), "the first answer is not the right one");
            return Ok(started);
        }
        std::thread::yield_now();
    }
    started.child.kill()?;
    anyhow::bail!("the server gave no answer")
}

/// A port that is free now; another program may take it, then the run fails.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// Asks for measures with an access token: the whole answer.
pub(crate) fn ask(address: SocketAddr, token: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let request = format!(
        "GET /measure?action=getmeas&access_token={token} HTTP/1.1\r\nhost: bench\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
