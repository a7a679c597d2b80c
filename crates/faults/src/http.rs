//! A caller of the server: one request, one connection. Whatever does not go as it should is no
//! answer.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(15);

/// Sends a request: the JSON of the answer.
pub(crate) fn post(
    to: SocketAddr,
    path: &str,
    token: &str,
    content_type: &str,
    body: &str,
) -> Result<Value> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {to}\r\nauthorization: Bearer {token}\r\n\
         content-type: {content_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200 "), "no 200");
    let (_, json) = answer.split_once("\r\n\r\n").context("no end of the head")?;
    Ok(serde_json::from_str(json)?)
}

/// Whether an answer says that all went well.
pub(crate) fn is_fine(answer: &Value) -> bool {
    answer["status"] == 0
}
