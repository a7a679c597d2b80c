//! The protocol of older Wi-Fi scales (field-notes §15): `POST /cgi-bin/{once,session,measure}`,
//! form in, text with JSON out. One file a call. A scale cannot prove who it is, as the recipe of
//! its hash is not public: its registered hardware address and the network it is on are its
//! identity.

mod measure;
mod once;
mod session;

use crate::form::Request;
use domain::{Error, Refusal, Result, Status};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use store::{Access, Tx};

/// What stands in `body`, as JSON text: decimal numbers keep their digits. Some calls have none.
type Body = Option<Box<RawValue>>;

/// One call of a scale.
pub struct Call {
    /// Its path.
    pub path: &'static str,
    /// The value of the parameter `action`.
    pub action: &'static str,
    /// What it does to the store.
    pub access: Access,
    answer: fn(&mut Tx<'_>, &Request) -> Result<Body>,
}

/// Every call, in the order in which a scale makes them.
pub const ALL: &[Call] = &[once::GET, session::NEW, measure::STORE, session::DELETE];

/// The call a request names. An unknown one answers 255, as recorded.
pub fn find(path: &str, request: &Request) -> std::result::Result<&'static Call, Refusal> {
    let action = request.text("action")?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let known = ALL.iter().find(|call| call.path == path && Some(call.action) == action);
    known.ok_or_else(|| Refusal::new(Status::UNKNOWN_CALL, "unknown action", "no such scale call"))
}

impl Call {
    /// The whole answer as bytes. The call of a device writes nothing when it is refused.
    pub fn answer(&self, tx: &mut Tx<'_>, request: &Request) -> Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Envelope {
            status: u16,
            #[serde(skip_serializing_if = "Option::is_none")]
            body: Body,
        }
        let body = tx.attempt(|tx| (self.answer)(tx, request))?;
        serde_json::to_vec(&Envelope { status: 0, body }).map_err(Error::internal)
    }
}

fn body(value: &impl Serialize) -> Result<Body> {
    to_raw_value(value).map(Some).map_err(Error::internal)
}

/// The device whose session a request carries.
fn device_of(tx: &mut Tx<'_>, request: &Request) -> Result<store::device::Device> {
    let session = request.required("sessionid")?;
    let found = store::device::of_session(tx, session)?;
    let device = found.ok_or_else(|| Refusal::invalid_token("no such device session"))?;
    let given = request.text("macaddress")?.map(parse_mac).transpose()?;
    if given.is_some_and(|mac| mac != device.mac) {
        return Err(Refusal::invalid_token("the session is another device's").into());
    }
    Ok(device)
}

fn parse_mac(text: &str) -> std::result::Result<domain::device::Mac, Refusal> {
    text.parse().map_err(|_| Refusal::invalid_param("macaddress", "expected 12 hex digits"))
}
