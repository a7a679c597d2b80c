//! Bytes on a connection, for what no HTTP library would send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// An answer that has not come by then never will: the test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection whose bytes the test writes itself.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn writes(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(bytes.as_ref()).expect("written");
    }

    /// Says that nothing more will come.
    pub(crate) fn ends_writing(&self) {
        self.stream.get_ref().shutdown(Shutdown::Write).expect("half closed");
    }

    /// The head of the next answer, without its empty line.
    pub(crate) fn reads_head(&mut self) -> String {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            let read = self.stream.read_line(&mut line).expect("a line in time");
            assert_ne!(read, 0, "the connection ended in a head: {head}");
            if line == "\r\n" {
                return head;
            }
            head.push_str(&line);
        }
    }

    /// The next answer's head, and its body of as many bytes as the head says.
    pub(crate) fn reads_answer(&mut self) -> (String, String) {
        let head = self.reads_head();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let mut body = vec![0; length.expect("a length").expect("a number")];
        self.stream.read_exact(&mut body).expect("a whole body in time");
        (head, String::from_utf8(body).expect("UTF-8"))
    }

    /// Whatever comes until the other side closes. A reset counts as closing.
    pub(crate) fn reads_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut bytes) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}");
        }
        String::from_utf8(bytes).expect("UTF-8")
    }
}
