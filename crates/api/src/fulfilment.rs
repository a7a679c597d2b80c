//! What a warehouse's program says of real orders, `POST /fulfilment/v1/orders/{order_id}`: JSON
//! with exactly one of `status`, `ship` and `parcel_status`. Who may say it is decided by the
//! server; what it means, by `orders`. docs/orders.md tells it to who writes such a program.

use crate::admin;
use crate::orders::{ShippedDevice, Shipping};
use crate::sync::read;
use domain::{Error, Refusal, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;
use store::audit::{self, Actor, Deed};

/// Where it is.
pub const PATH: &str = "/fulfilment/v1/orders/{order_id}";
/// A body has at most this many bytes: devices of a whole parcel, by far.
pub const BODY_BYTES_MAX: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    status: Option<String>,
    ship: Option<Ship>,
    parcel_status: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ship {
    carrier: Option<String>,
    carrier_service: Option<String>,
    tracking_number: Option<String>,
    #[serde(default)]
    devices: Vec<Device>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    line: Option<usize>,
    mac_address: String,
    serial_number: Option<String>,
    model_id: Option<i64>,
}

/// Does what is said of an order: the whole envelope, with the order as `order getdetail` shows it.
pub fn answer(tx: &mut Tx<'_>, order_id: &str, body: &[u8]) -> Result<Vec<u8>> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::invalid_param("body", "expected JSON in UTF-8"))?;
    let said: Said = read(body, "")?;
    let summary = tx.attempt(|tx| said.hold(tx, order_id))?;
    if let Some(user) = summary.user() {
        let (actor, service, action) = (Actor::Staff, "fulfilment", "order");
        audit::note(tx, Deed { actor, user: Some(user), service, action, status: 0 })?;
    }
    let answer = json!({ "status": 0, "body": { "order": summary.detail } });
    serde_json::to_vec(&answer).map_err(Error::internal)
}

impl Said {
    fn hold(&self, tx: &mut Tx<'_>, order_id: &str) -> Result<admin::OrderSummary> {
        match (&self.status, &self.ship, &self.parcel_status) {
            (Some(status), None, None) => admin::move_order(tx, order_id, status),
            (None, Some(ship), None) => admin::ship_order(tx, order_id, &ship.shipping()),
            (None, None, Some(parcel)) => admin::move_parcel(tx, order_id, parcel),
            _ => {
                let problem = "give exactly one of status, ship and parcel_status";
                Err(Refusal::invalid_param("body", problem).into())
            }
        }
    }
}

impl Ship {
    fn shipping(&self) -> Shipping {
        let device = |device: &Device| ShippedDevice {
            line: device.line,
            mac: device.mac_address.clone(),
            serial: device.serial_number.clone(),
            model: device.model_id,
        };
        Shipping {
            carrier: self.carrier.clone(),
            service: self.carrier_service.clone(),
            tracking: self.tracking_number.clone(),
            devices: self.devices.iter().map(device).collect(),
        }
    }
}
