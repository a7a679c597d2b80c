//! `user link`: gives a person devices.

use crate::caller::{Info, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::device::{Battery, Mac, model};
use domain::{Refusal, Result, Status, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::application;
use store::device::{self, Device};

/// The most devices of one call.
const DEVICES_MAX: usize = 32;

/// Links devices to the person. The application's organization has to be the one the devices are
/// registered for, and nobody else may use them: all are linked or none is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// Hardware addresses: a JSON list such as `["00:24:e4:12:34:56"]`.
    pub mac_addresses: String,
}

/// Devices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Linked {
    /// Those that were asked for, in that order.
    pub devices: Vec<LinkedDevice>,
}

/// A device.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkedDevice {
    /// Its hardware address.
    pub mac_address: String,
    /// What it is, such as `Scale`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The name of its model.
    pub model: &'static str,
    /// The number of its model.
    pub model_id: i64,
    /// As it last said.
    pub battery: Battery,
    /// 40 hex digits.
    pub deviceid: String,
    /// The zone it stands in.
    pub timezone: String,
    /// When it last talked to the server; null before that.
    pub last_session_date: Option<UnixTime>,
    /// What is printed on it; null where nobody said.
    pub serial_number: Option<String>,
}

impl Operation for Link {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "link";
    const ACCESS: Access = Access::Write;
    type Caller = Scoped<Info>;
    type Reply = Linked;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Info>) -> Result<Linked> {
        let devices = link_all(tx, &caller.client_id, caller.user, &self.mac_addresses)?;
        Ok(Linked { devices })
    }

    fn examples() -> Vec<Example<Linked>> {
        let scale = LinkedDevice {
            mac_address: "00:24:e4:12:34:56".to_owned(),
            kind: "Scale",
            model: "Body Pro",
            model_id: 9,
            battery: Battery::High,
            deviceid: "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334".to_owned(),
            timezone: "Europe/Paris".to_owned(),
            last_session_date: None,
            serial_number: None,
        };
        let params = json!({ "mac_addresses": "[\"00:24:e4:12:34:56\"]" });
        vec![Example { summary: "A scale", params, reply: Linked { devices: vec![scale] } }]
    }
}

impl From<Device> for LinkedDevice {
    fn from(device: Device) -> Self {
        let known = model(device.model_id);
        Self {
            mac_address: device.mac.to_string(),
            kind: known.map_or("", |model| model.kind),
            model: known.map_or("", |model| model.name),
            model_id: device.model_id,
            battery: Battery::from_percent(device.battery_percent),
            deviceid: device.hash,
            timezone: device.time_zone,
            last_session_date: device.last_session.map(UnixTime),
            serial_number: device.serial,
        }
    }
}

/// Links every device of a list to a person; those that have a line of their own are activated.
pub(super) fn link_all(
    tx: &mut Tx<'_>,
    client_id: &str,
    user: UserId,
    list: &str,
) -> Result<Vec<LinkedDevice>> {
    let mut devices = Vec::new();
    for mac in macs(list)? {
        let device = authorized(tx, client_id, mac, "mac_addresses")?;
        // Two links at once must not both find nobody.
        store::sync::lock(tx, device.id)?;
        let users = device::users(tx, device.id)?;
        if users.iter().any(|other| *other != user) {
            return Err(rejected("mac_addresses", "somebody else uses the device"));
        }
        device::link(tx, device.id, user)?;
        device::activate_sim(tx, &device)?;
        devices.push(device.into());
    }
    Ok(devices)
}

/// A list as JSON or with commas.
fn macs(text: &str) -> Result<Vec<Mac>> {
    let problem = "expected a JSON list of addresses such as [\"00:24:e4:12:34:56\"]";
    let invalid = || Refusal::invalid_param("mac_addresses", problem);
    let texts: Vec<String> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(|_| invalid())?,
        false => text.split(',').map(|one| one.trim().to_owned()).collect(),
    };
    if texts.is_empty() || texts.len() > DEVICES_MAX {
        let problem = format!("give 1 to {DEVICES_MAX} addresses");
        return Err(Refusal::invalid_param("mac_addresses", problem).into());
    }
    texts.iter().map(|text| text.parse().map_err(|_| invalid().into())).collect()
}

/// A device that is registered for the organization of an application, and in its programme.
pub(super) fn authorized(tx: &mut Tx<'_>, client_id: &str, mac: Mac, name: &str) -> Result<Device> {
    let device = registered(tx, client_id, mac, name)?;
    if device.terminates.is_some() {
        return Err(rejected(name, "the programme of the device was ended"));
    }
    Ok(device)
}

/// A device that is registered for the organization of an application, whatever became of it.
pub(crate) fn registered(tx: &mut Tx<'_>, client_id: &str, mac: Mac, name: &str) -> Result<Device> {
    let organization = application::find(tx, client_id)?.and_then(|found| found.about.organization);
    let device = device::find_by_mac(tx, mac)?;
    let device = device.ok_or_else(|| rejected(name, "no such device"))?;
    if organization.is_none() || device.organization != organization {
        let cause = "the device is not registered for the application's organization";
        return Err(rejected(name, cause));
    }
    Ok(device)
}

/// Unknown devices, those of others and those of other organizations are told apart in the log
/// alone.
pub(crate) fn rejected(name: &str, cause: &str) -> domain::Error {
    let text = format!("Invalid Params: invalid {name}");
    Refusal::new(Status::INVALID_PARAMS, &text, cause).into()
}

/// Whether somebody uses a device.
pub(super) fn is_used_by(tx: &mut Tx<'_>, device: &Device, user: UserId) -> Result<bool> {
    Ok(device::users(tx, device.id)?.contains(&user))
}
