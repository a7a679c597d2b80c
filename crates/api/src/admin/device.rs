//! Devices, and weighings that are nobody's yet.

use super::account::find_account;
use domain::device::Mac;
use domain::{DeviceId, GroupId, OrganizationId, Refusal, Result, UserId};
use store::device::{self, Device};
use store::weighing::{self, Unclaimed};
use store::{Tx, sync};

/// A number that no maker has reached: what is beyond was mistyped.
const MODEL_ID_MAX: i64 = 65_535;
/// What is printed on a device has at most this many characters.
const SERIAL_CHARS_MAX: usize = 64;

/// A device to be registered, or one more person for a registered one.
#[derive(Debug, Clone, Default)]
pub struct NewDevice {
    /// Its hardware address.
    pub mac: String,
    /// Its model's number, which no table has to know.
    pub model_id: i64,
    /// Who uses it: ids or e-mail addresses. Nobody yet, where an organization gives it to people.
    pub users: Vec<String>,
    /// The organization whose applications may link it.
    pub organization: Option<OrganizationId>,
    /// What is printed on it.
    pub serial: Option<String>,
}

/// A device and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSummary {
    /// The device.
    pub device: Device,
    /// Who uses it.
    pub users: Vec<UserId>,
}

/// Registers a device and links it to its people; again is the same as once. A refusal links
/// nobody.
pub fn register_device(tx: &mut Tx<'_>, new: &NewDevice) -> Result<DeviceSummary> {
    tx.attempt(|tx| register(tx, new))
}

fn register(tx: &mut Tx<'_>, new: &NewDevice) -> Result<DeviceSummary> {
    let mac = read_mac("mac", &new.mac)?;
    check_model("model", new.model_id)?;
    let people: Result<Vec<_>> = new.users.iter().map(|user| find_account(tx, user)).collect();
    let people = people?;
    if people.is_empty() && new.organization.is_none() {
        return Err(Refusal::missing_param("user").into());
    }
    if let Some(organization) = new.organization
        && store::organization::find(tx, organization)?.is_none()
    {
        return Err(Refusal::invalid_param("organization", "no such organization").into());
    }
    check_serial("serial", new.serial.as_deref())?;
    // It says where it stands when it is used.
    let zone = people.first().map_or("UTC", |first| first.time_zone.as_str());
    let id = device::register(tx, mac, new.model_id, zone)?;
    device::describe(tx, id, new.organization, new.serial.as_deref())?;
    people.iter().try_for_each(|person| device::link(tx, id, person.id))?;
    let found = device::find(tx, id)?;
    let device = found.ok_or_else(|| domain::Error::internal("a device that was just made"))?;
    summary(tx, device)
}

/// A hardware address; `name` is what whoever gives it calls it.
pub(crate) fn read_mac(name: &str, text: &str) -> Result<Mac> {
    let problem = "expected 12 hex digits, 00:24:e4:…";
    text.parse().map_err(|_| Refusal::invalid_param(name, problem).into())
}

/// New models appear before any table lists them.
pub(crate) fn check_model(name: &str, model_id: i64) -> Result<()> {
    if (1..=MODEL_ID_MAX).contains(&model_id) {
        return Ok(());
    }
    let problem = format!("expected 1 to {MODEL_ID_MAX}; see `vitald device models`");
    Err(Refusal::invalid_param(name, problem).into())
}

/// What is printed on a device, if somebody said it.
pub(crate) fn check_serial(name: &str, serial: Option<&str>) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    let is_serial = |serial: &str| {
        (1..=SERIAL_CHARS_MAX).contains(&serial.len()) && serial.bytes().all(is_plain)
    };
    if serial.is_none_or(is_serial) {
        return Ok(());
    }
    let problem = format!("expected 1 to {SERIAL_CHARS_MAX} printable ASCII characters");
    Err(Refusal::invalid_param(name, problem).into())
}

fn summary(tx: &mut Tx<'_>, device: Device) -> Result<DeviceSummary> {
    let users = device::users(tx, device.id)?;
    Ok(DeviceSummary { device, users })
}

/// Devices in the order of their ids, after `after`.
pub fn list_devices(tx: &mut Tx<'_>, after: DeviceId) -> Result<Vec<DeviceSummary>> {
    let devices = device::list(tx, after, super::LIST_ROWS)?;
    devices.into_iter().map(|device| summary(tx, device)).collect()
}

/// Gives a device a token for its sync, shown this once. `replace`: those it has end.
pub fn issue_device_token(tx: &mut Tx<'_>, mac: &str, replace: bool) -> Result<(Device, String)> {
    let device = find_device(tx, mac)?;
    if replace {
        sync::revoke_tokens(tx, device.id)?;
    }
    let token = sync::issue_token(tx, device.id)?;
    Ok((device, token))
}

/// Ends every token of a device: how many there were.
pub fn revoke_device_tokens(tx: &mut Tx<'_>, mac: &str) -> Result<(Device, u64)> {
    let device = find_device(tx, mac)?;
    let ended = sync::revoke_tokens(tx, device.id)?;
    Ok((device, ended))
}

fn find_device(tx: &mut Tx<'_>, mac: &str) -> Result<Device> {
    let mac = read_mac("mac", mac)?;
    let problem = "no device has this hardware address; see `vitald device list`";
    device::find_by_mac(tx, mac)?.ok_or_else(|| Refusal::invalid_param("mac", problem).into())
}

/// Weighings that are nobody's yet, latest arrivals first, after `after`.
pub fn list_weighings(tx: &mut Tx<'_>, after: Option<&Unclaimed>) -> Result<Vec<Unclaimed>> {
    weighing::list(tx, after.map(|last| (last.received, last.id)), super::LIST_ROWS)
}

/// Gives a weighing to a person who uses the device.
pub fn claim_weighing(tx: &mut Tx<'_>, id: i64, user: &str, date: Option<i64>) -> Result<GroupId> {
    let person = find_account(tx, user)?;
    weighing::claim(tx, id, person.id, date)
}
