//! A receiver of notifications on this machine: it keeps what it is sent and answers as it is told.

use std::collections::VecDeque;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What never comes fails the test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A field of the form.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        fields.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

/// What it answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status and headers.
    Status(u16, &'static str),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// A body without end.
    Endless,
    /// Nothing, for ever.
    Silence,
    /// The end of the connection.
    HangUp,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    taken: usize,
    replies: VecDeque<Reply>,
}

/// The receiver.
pub(crate) struct Receiver {
    state: Arc<(Mutex<State>, Condvar)>,
    port: u16,
    is_over: Arc<AtomicBool>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let (state, is_over) = (Arc::<(Mutex<State>, Condvar)>::default(), Arc::default());
        let (shared, over) = (Arc::clone(&state), Arc::clone(&is_over));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if AtomicBool::load(&over, Ordering::SeqCst) {
                    return;
                }
                let (shared, over) = (Arc::clone(&shared), Arc::clone(&over));
                thread::spawn(move || stream.map(|stream| serve(stream, &shared, &over)));
            }
        });
        Self { state, port, is_over }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What the next requests are answered; after that 200.
    pub(crate) fn will(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.0.lock().unwrap().replies.extend(replies);
    }

    /// The next request that came and was not looked at; waits for it.
    #[track_caller]
    pub(crate) fn next(&self) -> Received {
        let state = self.state.0.lock().unwrap();
        let is_none = |state: &mut State| state.taken >= state.received.len();
        let (mut state, waited) =
            self.state.1.wait_timeout_while(state, PATIENCE, is_none).unwrap();
        assert!(!waited.timed_out(), "nothing came");
        state.taken += 1;
        state.received[state.taken - 1].clone()
    }

    /// Whether there is nothing that was not looked at.
    pub(crate) fn has_nothing_more(&self) -> bool {
        let state = self.state.0.lock().unwrap();
        state.taken == state.received.len()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Whoever waits for the next connection sees that.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut stream: TcpStream, shared: &(Mutex<State>, Condvar), over: &AtomicBool) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut reading = BufReader::new(reading);
    while let Some(received) = read(&mut reading) {
        let is_head = received.method == "HEAD";
        let reply = {
            let mut state = shared.0.lock().unwrap();
            state.received.push(received);
            state.replies.pop_front().unwrap_or(Reply::Status(200, ""))
        };
        shared.1.notify_all();
        let sent = match reply {
            Reply::Status(status, headers) => {
                let length = if status == 204 { "" } else { "content-length: 0\r\n" };
                stream.write_all(format!("HTTP/1.1 {status} X\r\n{headers}{length}\r\n").as_bytes())
            }
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
            Reply::HangUp => return,
            Reply::Silence => {
                while !over.load(Ordering::SeqCst) {
                    thread::park_timeout(Duration::from_millis(20));
                }
                return;
            }
            Reply::Endless => {
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
                let begun = stream.write_all(head.as_bytes());
                if is_head {
                    return;
                }
                let mut going = begun;
                while going.is_ok() && !over.load(Ordering::SeqCst) {
                    going = stream.write_all(chunk.as_bytes());
                }
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

fn read(reading: &mut impl std::io::BufRead) -> Option<Received> {
    let mut line = String::new();
    reading.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reading.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut received = Received { method, path, headers, body: String::new() };
    let length: u64 =
        received.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    reading.take(length).read_to_string(&mut received.body).ok()?;
    Some(received)
}
