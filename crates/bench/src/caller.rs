//! A caller that costs next to nothing: one connection, one request prepared once, answers read
//! into one buffer. Every answer is compared with the one that is right.

use anyhow::{Context as _, Result, bail, ensure};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Caller {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A request that is sent again and again.
pub(crate) fn post(path: &str, token: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    );
    head.into_bytes()
}

/// The same with JSON.
pub(crate) fn post_json(path: &str, token: &str, json: &str) -> Vec<u8> {
    let length = json.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{json}"
    );
    head.into_bytes()
}

impl Caller {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: Vec::with_capacity(1 << 20) })
    }

    /// Sends a request; the body of the answer, which must be a 200.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let (head, length) = loop {
            if let Some(found) = self.head()? {
                break found;
            }
            self.read_some()?;
        };
        while self.buffer.len() < head + length {
            self.read_some()?;
        }
        ensure!(self.buffer.len() == head + length, "more came than the answer");
        Ok(&self.buffer[head..])
    }

    fn read_some(&mut self) -> Result<()> {
        let mut piece = [0; 64 << 10];
        match self.stream.read(&mut piece)? {
            0 => bail!("the server closed the connection"),
            read => self.buffer.extend_from_slice(&piece[..read]),
        }
        Ok(())
    }

    /// How long the head is and how long the body will be, once the head is there.
    fn head(&self) -> Result<Option<(usize, usize)>> {
        let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&self.buffer[..end])?;
        ensure!(head.starts_with("HTTP/1.1 200 "), "the answer is no 200");
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let (_, length) = length.context("an answer without a length")?;
        Ok(Some((end + 4, length.trim().parse()?)))
    }
}
