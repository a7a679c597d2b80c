//! A name server of one name, which leads to this machine or, in its bad hours, nowhere. It knows
//! UDP alone: whoever asks over TCP is refused.

use crate::ledger::Ledger;
use crate::plan::{Naming, Window, at};
use crate::storm::Storm;
use anyhow::Result;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The name of every receiver.
pub(crate) const NAME: &str = "receiver.test";
/// Nobody listens there.
const NOWHERE: Ipv4Addr = Ipv4Addr::new(127, 99, 99, 99);
const LIFE_SECONDS: u8 = 1;
/// How often it looks whether the run is over.
const LOOK: Duration = Duration::from_millis(200);
const HEAD: usize = 12;
const NO_ERROR: u8 = 0;
const SERVER_FAILED: u8 = 2;
const NO_SUCH_NAME: u8 = 3;
const TYPE_A: u16 = 1;

/// Starts it; it ends with the run.
pub(crate) fn start(
    windows: Vec<Window<Naming>>,
    storm: &Arc<Storm>,
    ledger: &Arc<Ledger>,
) -> Result<SocketAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(LOOK))?;
    let address = socket.local_addr()?;
    let (storm, ledger) = (Arc::clone(storm), Arc::clone(ledger));
    thread::spawn(move || serve(&socket, &windows, &storm, &ledger));
    Ok(address)
}

fn serve(socket: &UdpSocket, windows: &[Window<Naming>], storm: &Storm, ledger: &Ledger) {
    let (mut question, mut asked) = ([0; 512], 0);
    while !storm.is_over() {
        let Ok((length, from)) = socket.recv_from(&mut question) else { continue };
        let naming = storm.ms().and_then(|ms| at(windows, ms, asked)).unwrap_or(Naming::Good);
        asked += 1;
        if naming != Naming::Good {
            ledger.count(naming.name());
        }
        if let Some(answer) = answer(&question[..length], naming) {
            // Who does not hear it asks again.
            let _ = socket.send_to(&answer, from);
        }
    }
}

fn answer(question: &[u8], naming: Naming) -> Option<Vec<u8>> {
    let (name, end) = name(question)?;
    let kind = u16::from_be_bytes([*question.get(end)?, *question.get(end + 1)?]);
    let (code, address) = match naming {
        Naming::Silent => return None,
        Naming::ServFail => (SERVER_FAILED, None),
        Naming::NxDomain => (NO_SUCH_NAME, None),
        _ if name != NAME => (NO_SUCH_NAME, None),
        _ if kind != TYPE_A => (NO_ERROR, None),
        Naming::Good => (NO_ERROR, Some(Ipv4Addr::LOCALHOST)),
        Naming::Astray => (NO_ERROR, Some(NOWHERE)),
    };
    let mut answer = question.get(..2)?.to_vec();
    // An answer of the one who knows, recursion as it was desired.
    answer.extend([0x84 | (question.get(2)? & 1), code]);
    answer.extend([0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    answer.extend(question.get(HEAD..end + 4)?);
    if let Some(address) = address {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, LIFE_SECONDS, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}

/// The name that is asked for, in small letters, and where it ends.
fn name(question: &[u8]) -> Option<(String, usize)> {
    let (mut name, mut at) = (String::new(), HEAD);
    loop {
        let length = usize::from(*question.get(at)?);
        let label = question.get(at + 1..at + 1 + length)?;
        at += 1 + length;
        if length == 0 {
            return Some((name, at));
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(kind: u8) -> Vec<u8> {
        let mut question = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8];
        question.extend(b"Receiver\x04test\x00");
        question.extend([0, kind, 0, 1]);
        question
    }

    #[test]
    fn the_name_leads_to_this_machine_unless_it_is_broken() {
        let asked = question(1);
        let said = answer(&asked, Naming::Good).unwrap();
        assert_eq!((said[3], said[7], &said[said.len() - 4..]), (0, 1, &[127, 0, 0, 1][..]));
        let said = answer(&asked, Naming::NxDomain).unwrap();
        assert_eq!((said[3], said[7], said.len()), (3, 0, asked.len()));
        assert_eq!(answer(&question(28), Naming::Good).unwrap()[7], 0, "no IPv6");
        assert_eq!(answer(&asked, Naming::Silent), None);
    }
}
