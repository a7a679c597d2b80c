//! A name server on this machine that says what a test wants names to lead to.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Default)]
struct State {
    names: Mutex<HashMap<String, (Vec<IpAddr>, u32)>>,
    asked: AtomicUsize,
}

/// The name server. Its thread ends with the process.
pub(crate) struct NameServer {
    state: Arc<State>,
    address: SocketAddr,
}

impl NameServer {
    pub(crate) fn begin() -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
        let address = socket.local_addr().expect("an address");
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let mut question = [0; 1_500];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                if let Some(answer) = answer(&question[..length], &shared) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self { state, address }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on a name leads to these addresses, and says so for some seconds.
    pub(crate) fn leads(&self, name: &str, to: &[&str], seconds: u32) {
        let to = to.iter().map(|address| address.parse().expect("an address")).collect();
        self.state.names.lock().unwrap().insert(format!("{name}."), (to, seconds));
    }

    /// How many questions for addresses of version 4 there were.
    pub(crate) fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }
}

/// RFC 1035: the question comes back with what is known; a name that is not known has no address.
fn answer(question: &[u8], state: &State) -> Option<Vec<u8>> {
    let (mut at, mut name) = (12, String::new());
    while *question.get(at)? != 0 {
        let length = usize::from(question[at]);
        name.push_str(std::str::from_utf8(question.get(at + 1..=at + length)?).ok()?);
        name.push('.');
        at += length + 1;
    }
    let kind = u16::from_be_bytes([*question.get(at + 1)?, *question.get(at + 2)?]);
    if kind == 1 {
        state.asked.fetch_add(1, Ordering::SeqCst);
    }
    let names = state.names.lock().unwrap();
    let known = names.get(&name.to_ascii_lowercase());
    let (addresses, seconds) = known.cloned().unwrap_or_default();
    let of_kind: Vec<&IpAddr> = addresses
        .iter()
        .filter(|address| matches!((kind, address), (1, IpAddr::V4(_)) | (28, IpAddr::V6(_))))
        .collect();
    let failure = if known.is_none() { 3 } else { 0 };
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80 | failure, 0, 1, 0, u8::try_from(of_kind.len()).ok()?, 0, 0, 0, 0]);
    answer.extend_from_slice(&question[12..at + 5]);
    for address in of_kind {
        answer.extend([0xc0, 12]);
        answer.extend(kind.to_be_bytes());
        answer.extend([0, 1]);
        answer.extend(seconds.to_be_bytes());
        match address {
            IpAddr::V4(v4) => answer.extend([&[0, 4][..], &v4.octets()].concat()),
            IpAddr::V6(v6) => answer.extend([&[0, 16][..], &v6.octets()].concat()),
        }
    }
    Some(answer)
}
