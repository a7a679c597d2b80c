//! `user getdevice`: what a person measures with.

use crate::caller::{Info, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::device::{self, Battery, Sim, is_cellular};
use domain::{Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::application;

/// The devices of one person, in the order in which they were linked.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetDevice {}

/// Devices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Devices {
    /// In the order in which they were linked.
    pub devices: Vec<Device>,
}

/// One device. Its hardware address, firmware, network and line are told to applications of the
/// organization it is registered for, and to nobody else.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Device {
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
    /// The same.
    pub hash_deviceid: String,
    /// The zone it stands in.
    pub timezone: String,
    /// When it first talked to the server; null before that.
    pub first_session_date: Option<UnixTime>,
    /// When it last talked to the server; null before that.
    pub last_session_date: Option<UnixTime>,
    /// Its hardware address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub mac_address: Option<String>,
    /// Its firmware; empty before it has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub fw: Option<String>,
    /// The network it is in; empty before it has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub network: Option<String>,
    /// The network it last spoke through: the same, as devices say one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub last_used_network: Option<String>,
    /// The state of its line, if it has one: `READY`, `ACTIVE`, `STANDBY` or `TERMINATED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub sim_status: Option<&'static str>,
}

impl Operation for GetDevice {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "getdevice";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Info>;
    type Reply = Devices;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Info>) -> Result<Devices> {
        let devices = store::device::of_user(tx, caller.user)?;
        let application = application::find(tx, &caller.client_id)?;
        let organization = application.and_then(|application| application.about.organization);
        let told = |device: store::device::Device| {
            let is_own = organization.is_some() && device.organization == organization;
            if is_own { Device::to_partner(device) } else { Device::from(device) }
        };
        Ok(Devices { devices: devices.into_iter().map(told).collect() })
    }

    fn examples() -> Vec<Example<Devices>> {
        let hash = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";
        let scale = Device {
            kind: "Scale",
            model: "Smart Body Analyzer",
            model_id: 4,
            battery: Battery::Medium,
            deviceid: hash.to_owned(),
            hash_deviceid: hash.to_owned(),
            timezone: "Europe/Paris".to_owned(),
            first_session_date: Some(UnixTime(1_732_257_630)),
            last_session_date: Some(UnixTime(1_795_330_131)),
            mac_address: None,
            fw: None,
            network: None,
            last_used_network: None,
            sim_status: None,
        };
        let reply = Devices { devices: vec![scale] };
        vec![Example { summary: "One scale", params: json!({}), reply }]
    }
}

impl Device {
    /// What the applications of a device's organization are told.
    fn to_partner(device: store::device::Device) -> Self {
        let network = device.network.clone().unwrap_or_default();
        let before = is_cellular(device.model_id).then_some(Sim::Ready);
        Self {
            mac_address: Some(device.mac.to_string()),
            fw: Some(device.firmware.clone().unwrap_or_default()),
            last_used_network: Some(network.clone()),
            network: Some(network),
            sim_status: device.sim.or(before).map(Sim::name),
            ..device.into()
        }
    }
}

impl From<store::device::Device> for Device {
    fn from(device: store::device::Device) -> Self {
        let model = device::model(device.model_id);
        Self {
            kind: model.map_or("", |model| model.kind),
            model: model.map_or("", |model| model.name),
            model_id: device.model_id,
            battery: Battery::from_percent(device.battery_percent),
            deviceid: device.hash.clone(),
            hash_deviceid: device.hash,
            timezone: device.time_zone,
            first_session_date: device.first_session.map(UnixTime),
            last_session_date: device.last_session.map(UnixTime),
            mac_address: None,
            fw: None,
            network: None,
            last_used_network: None,
            sim_status: None,
        }
    }
}
