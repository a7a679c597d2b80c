//! A receiver of notifications in a process of its own: it answers 200 to whatever comes, at as
//! many addresses as are asked for. It ends when its standard input does.

use anyhow::{Context as _, Result};
use clap::Args;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

/// What the bench starts of itself.
#[derive(Debug, Args)]
pub(crate) struct Receive {
    /// How many addresses.
    addresses: usize,
}

impl Receive {
    pub(crate) fn run(self) -> Result<()> {
        for _ in 0..self.addresses {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            writeln!(std::io::stdout(), "http://{}/told", listener.local_addr()?)?;
            listen(listener, |_| ());
        }
        std::io::stdin().read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

/// Answers in threads that end with the process; `told` gets each body.
pub(crate) fn listen(listener: TcpListener, told: impl Fn(&[u8]) + Clone + Send + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let told = told.clone();
            thread::spawn(move || serve(stream, told));
        }
    });
}

fn serve(mut stream: TcpStream, told: impl Fn(&[u8])) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let (mut buffer, mut filled) = (vec![0; 16 << 10], 0);
    loop {
        let end = loop {
            let head = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(head) = head {
                let text = std::str::from_utf8(&buffer[..head]).ok()?;
                let mut lines = text.lines().filter_map(|line| line.split_once(": "));
                let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
                let length = length.map_or(Some(0), |(_, length)| length.parse::<usize>().ok())?;
                let end = head + 4 + length;
                if filled >= end {
                    told(&buffer[head + 4..end]);
                    break end;
                }
            }
            match stream.read(buffer.get_mut(filled..)?).ok()? {
                0 => return None,
                read => filled += read,
            }
        };
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
        buffer.copy_within(end..filled, 0);
        filled -= end;
    }
}

/// A receiver that runs until it is stopped.
pub(crate) struct Receiver {
    child: Child,
    pub(crate) callbacks: Vec<String>,
}

impl Receiver {
    pub(crate) fn start(addresses: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("receive").arg(addresses.to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().context("no output of the receiver")?;
        let lines = BufReader::new(out).lines().take(addresses);
        let callbacks = lines.collect::<std::io::Result<_>>()?;
        Ok(Self { child, callbacks })
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // One that is gone has nothing left to end.
        let _ = self.child.wait();
    }
}
