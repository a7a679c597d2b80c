//! A receiver of notifications: good, or as bad as its plan says at the moment. What it has heard
//! it writes into the ledger before it answers.

use crate::ledger::{Event, Ledger};
use crate::plan::{Conduct, Window, at};
use crate::storm::Storm;
use anyhow::Result;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How long one hangs at most.
const HANG: Duration = Duration::from_secs(5);
const SLOW: Duration = Duration::from_millis(500);
/// A connection nothing comes over for so long is closed.
const IDLE: Duration = Duration::from_secs(30);
const BODY_BYTES_MAX: usize = 4_096;
const LINES_MAX: usize = 64;
const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Which receiver it is, and how it behaves.
pub(crate) struct Receiver {
    pub(crate) number: usize,
    pub(crate) windows: Vec<Window<Conduct>>,
    pub(crate) storm: Arc<Storm>,
    pub(crate) ledger: Arc<Ledger>,
}

/// A request, as far as it matters.
struct Request {
    is_post: bool,
    body: String,
}

impl Receiver {
    /// Starts it: its port. It ends with the process.
    pub(crate) fn start(self) -> Result<u16> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (receiver, requests) = (Arc::new(self), Arc::new(AtomicU64::new(0)));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if receiver.storm.is_over() {
                    return;
                }
                let (receiver, requests) = (Arc::clone(&receiver), Arc::clone(&requests));
                // A connection that breaks is the sender's to mend.
                thread::spawn(move || receiver.serve(&stream, &requests));
            }
        });
        Ok(port)
    }

    fn serve(&self, stream: &TcpStream, requests: &AtomicU64) -> Result<()> {
        stream.set_read_timeout(Some(IDLE))?;
        let mut input = BufReader::with_capacity(BODY_BYTES_MAX, stream);
        loop {
            // Looks without taking: the system resets a connection that is closed unread.
            if stream.peek(&mut [0])? == 0 {
                return Ok(());
            }
            let request = requests.fetch_add(1, Ordering::SeqCst);
            let conduct = self.storm.ms().and_then(|ms| at(&self.windows, ms, request));
            let conduct = conduct.unwrap_or(Conduct::Good);
            if conduct != Conduct::Good {
                self.ledger.count(conduct.name());
            }
            if conduct == Conduct::Reset {
                return Ok(());
            }
            let Some(request) = read(&mut input)? else { return Ok(()) };
            let event = self.event(&request);
            if !self.answer(stream, conduct, event)? {
                return Ok(());
            }
        }
    }

    /// Which notification it is; none of a verification.
    fn event(&self, request: &Request) -> Option<Event> {
        let field = |name: &str| {
            let mut fields = url::form_urlencoded::parse(request.body.as_bytes());
            fields.find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
        };
        let event = (self.number, field("userid")?, field("startdate")?);
        request.is_post.then_some(event)
    }

    /// Answers; `false`: the connection ends.
    fn answer(&self, stream: &TcpStream, conduct: Conduct, event: Option<Event>) -> Result<bool> {
        use Conduct::{Close, Endless, Error, Garbage, Good, Hang, Reset, Slow};
        use Conduct::{LieClose, LieError, LieHalf, LieHang};
        let mut output = stream;
        if conduct == Slow {
            self.storm.hang(SLOW);
        }
        if let Some(event) = event
            && matches!(conduct, Good | Slow | Endless | LieClose | LieError | LieHalf | LieHang)
        {
            self.ledger.note(event);
        }
        let said = match conduct {
            Good | Slow => FINE,
            Endless => "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nabc",
            Hang | Close | Reset | LieClose | LieHang => "",
            Error(429) => "HTTP/1.1 429 Slow down\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n",
            Error(503) => "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",
            Error(_) | LieError => "HTTP/1.1 500 Broken\r\ncontent-length: 4\r\n\r\noops",
            Garbage => "\u{16}\u{3} SSH-2.0 what is this\r\n\r\n",
            LieHalf => "HTTP/1.1 20",
        };
        output.write_all(said.as_bytes())?;
        if let Some(event) = event
            && matches!(conduct, Good | Slow | Endless)
        {
            self.ledger.accept(event);
        }
        if matches!(conduct, Hang | LieHang | Endless) {
            self.storm.hang(HANG);
        }
        Ok(matches!(conduct, Good | Slow | Error(_) | LieError))
    }
}

fn read(input: &mut BufReader<&TcpStream>) -> Result<Option<Request>> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let (is_post, mut length) = (line.starts_with("POST "), 0);
    for _ in 0..LINES_MAX {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.split_once(':') else {
            let mut body = vec![0; length];
            input.read_exact(&mut body)?;
            let body = String::from_utf8_lossy(&body).into_owned();
            return Ok(Some(Request { is_post, body }));
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>()?.min(BODY_BYTES_MAX);
        }
    }
    Ok(None)
}
