//! What partners read of their orders: the same for `order getdetail` and for the older
//! `dropshipment getorderstatus`.

use super::named;
use domain::device::model;
use domain::order::{OrderId, ParcelStatus, Status};
use domain::{Refusal, Result};
use schemars::JsonSchema;
use serde::Serialize;
use store::Tx;
use store::order::{self, Order};

/// Orders one call asks for.
const IDS_MAX: usize = 100;

/// Which orders.
#[derive(Debug)]
pub struct Lookup {
    /// By our numbers.
    pub order_ids: Option<Vec<String>>,
    /// By the partner's.
    pub customer_ref_ids: Option<Vec<String>>,
    /// Only those on this bill.
    pub customer_id: Option<String>,
}

/// Orders.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OrderDetails {
    /// Those that are known of those that were asked for, in that order.
    pub orders: Vec<OrderDetail>,
}

/// An order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OrderDetail {
    /// Our number of it.
    pub order_id: String,
    /// The partner's.
    pub customer_ref_id: String,
    /// How far it is.
    pub status: Status,
    /// What is ordered, and what went out.
    pub products: Vec<OrderedProduct>,
    /// Who carries it, once it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub carrier: Option<String>,
    /// How, once it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub carrier_service: Option<String>,
    /// How they call it, once it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub tracking_number: Option<String>,
    /// How far the parcel is, once it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ParcelStatus")]
    pub parcel_status: Option<ParcelStatus>,
    /// The day it was handed over, such as `2024-03-15`; null before.
    pub ship_date: Option<String>,
    /// Whether it stands in for another one.
    pub is_replacement: bool,
    /// For which; null where it does not.
    pub original_customer_ref: Option<String>,
}

/// A line of an order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OrderedProduct {
    /// The article number; null where `partner_ref` says it.
    pub ean: Option<String>,
    /// The operator's name of it; null where `ean` says it.
    pub partner_ref: Option<String>,
    /// What went out.
    pub devices: Vec<Device>,
    /// How many were ordered.
    pub quantity: i64,
    /// The addresses of the devices, once it is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    pub mac_addresses: Option<Vec<String>>,
    /// Their ids.
    pub hash_deviceids: Vec<String>,
    /// What is printed on them, as far as it is known.
    pub serial_numbers: Vec<String>,
}

/// A device that went out.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ShippedDevice")]
pub struct Device {
    /// What is printed on it; null where nobody said.
    pub serial_number: Option<String>,
    /// Its hardware address.
    pub mac_address: String,
    /// 40 hex digits.
    pub hash_deviceid: String,
    /// The name of its model.
    pub model: &'static str,
    /// The number of its model.
    pub model_id: i64,
}

impl Lookup {
    /// The orders of the application that are meant. Unknown ones, and those of others, are left
    /// out.
    pub fn find(self, tx: &mut Tx<'_>, client_id: &str) -> Result<OrderDetails> {
        let mut orders: Vec<Order> = Vec::new();
        let found = match (self.order_ids, self.customer_ref_ids) {
            (Some(ids), None) => {
                let known = within("order_ids", ids)?.into_iter();
                known
                    .filter_map(|id| id.parse::<OrderId>().ok())
                    .map(|id| order::of_application(tx, client_id, id))
                    .collect::<Result<Vec<_>>>()?
            }
            (None, Some(refs)) => within("customer_ref_ids", refs)?
                .iter()
                .map(|one| order::by_ref(tx, client_id, one))
                .collect::<Result<Vec<_>>>()?,
            _ => {
                let name = "order_ids and customer_ref_ids";
                return Err(Refusal::invalid_param(name, "give exactly one of them").into());
            }
        };
        for order in found.into_iter().flatten() {
            let is_meant = self.customer_id.is_none() || self.customer_id == order.customer_id;
            if is_meant && orders.iter().all(|known| known.id != order.id) {
                orders.push(order);
            }
        }
        let orders: Result<Vec<_>> =
            orders.into_iter().map(|order| OrderDetail::of(tx, order)).collect();
        Ok(OrderDetails { orders: orders? })
    }
}

fn within(name: &str, ids: Vec<String>) -> Result<Vec<String>> {
    match ids.len() {
        1..=IDS_MAX => Ok(ids),
        _ => Err(Refusal::invalid_param(name, format!("give 1 to {IDS_MAX}")).into()),
    }
}

impl OrderDetail {
    /// What is known of an order.
    pub fn of(tx: &mut Tx<'_>, order: Order) -> Result<Self> {
        let is_shipped = order.status == Status::Shipped;
        let sent = order::devices(tx, order.id)?;
        let lines = order::lines(tx, order.id)?.into_iter().enumerate();
        let products = lines.map(|(at, line)| {
            let devices: Vec<Device> = sent
                .iter()
                .filter(|(position, _)| *position == at)
                .map(|(_, device)| Device::of(device))
                .collect();
            let (ean, partner_ref) = named(line.kind, line.code);
            let each = |text: fn(&Device) -> String| devices.iter().map(text).collect();
            OrderedProduct {
                ean,
                partner_ref,
                quantity: line.quantity,
                mac_addresses: is_shipped.then(|| each(|device| device.mac_address.clone())),
                hash_deviceids: each(|device| device.hash_deviceid.clone()),
                serial_numbers: devices
                    .iter()
                    .filter_map(|device| device.serial_number.clone())
                    .collect(),
                devices,
            }
        });
        Ok(Self {
            order_id: order.id.to_string(),
            customer_ref_id: order.customer_ref,
            status: order.status,
            products: products.collect(),
            carrier: order.shipment.carrier,
            carrier_service: order.shipment.service,
            tracking_number: order.shipment.tracking,
            parcel_status: order.parcel_status,
            ship_date: order.shipment.date,
            is_replacement: order.original_ref.is_some(),
            original_customer_ref: order.original_ref,
        })
    }

    /// For the OpenAPI document.
    pub(crate) fn sample() -> Self {
        let device = Device {
            serial_number: Some("SN-001122334455".to_owned()),
            mac_address: "00:24:e4:12:34:56".to_owned(),
            hash_deviceid: "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334".to_owned(),
            model: "Body Pro 2",
            model_id: 17,
        };
        let product = OrderedProduct {
            ean: Some("3700546702518".to_owned()),
            partner_ref: None,
            quantity: 1,
            mac_addresses: Some(vec![device.mac_address.clone()]),
            hash_deviceids: vec![device.hash_deviceid.clone()],
            serial_numbers: device.serial_number.clone().into_iter().collect(),
            devices: vec![device],
        };
        Self {
            order_id: "D12345678".to_owned(),
            customer_ref_id: "REF-1".to_owned(),
            status: Status::Shipped,
            products: vec![product],
            carrier: Some("UPS Parcel".to_owned()),
            carrier_service: Some("Next Day Air".to_owned()),
            tracking_number: Some("1ZY1111111".to_owned()),
            parcel_status: Some(ParcelStatus::InTransit),
            ship_date: Some("2026-09-21".to_owned()),
            is_replacement: false,
            original_customer_ref: None,
        }
    }
}

impl Device {
    fn of(device: &store::device::Device) -> Self {
        Self {
            serial_number: device.serial.clone(),
            mac_address: device.mac.to_string(),
            hash_deviceid: device.hash.clone(),
            model: model(device.model_id).map_or("", |model| model.name),
            model_id: device.model_id,
        }
    }
}
