//! `vitald order …`

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use api::admin::{self, OrderSummary};
use api::orders::{OrderDetail, ShippedDevice, Shipping};
use clap::{Args, Subcommand};
use domain::UserId;
use domain::order::{Address, OrderId, ParcelStatus, Status};
use serde::Serialize;
use std::str::FromStr as _;
use store::order::Filter;
use store::{Access, Tx};

/// Orders of partners, and how they go on.
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// List orders.
    List(List),
    /// Show an order with its address and its devices.
    Show(Show),
    /// Move an order that is not shipped; the partner is told.
    Move(Move),
    /// Hand an order over to the carrier: its devices are registered, and linked to the person it
    /// is for; the partner is told.
    Ship(Ship),
    /// Say how far the parcel of a shipped order is; the partner is told.
    Parcel(Parcel),
    /// Make an order that stands in for one that was shipped or failed; the partner is told.
    Replace(Replace),
}

/// List orders.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Of this application.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// In this state.
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    status: Option<String>,
}

/// Show an order with its address and its devices.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its number, such as D12345678.
    order: String,
}

/// Move an order that is not shipped.
#[derive(Debug, Args)]
pub(crate) struct Move {
    /// Its number, such as D12345678.
    order: String,
    /// Where to: what may follow what stands in docs/orders.md.
    #[arg(value_parser = statuses())]
    status: String,
}

/// Hand an order over to the carrier.
#[derive(Debug, Args)]
pub(crate) struct Ship {
    /// Its number, such as D12345678.
    order: String,
    /// Who carries it.
    #[arg(long, value_name = "NAME")]
    carrier: Option<String>,
    /// How.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// How they call it.
    #[arg(long, value_name = "NUMBER")]
    tracking: Option<String>,
    /// A device in it: its hardware address, what is printed on it, and the number of its model;
    /// the latter two may be left out. LINE, from 1, says for which line of the order; without it,
    /// the first that is not full. May be given several times.
    #[arg(
        long = "device",
        value_name = "[LINE=]MAC[,SERIAL[,MODEL]]",
        value_parser = ShippedDevice::from_str
    )]
    devices: Vec<ShippedDevice>,
}

/// Say how far the parcel of a shipped order is.
#[derive(Debug, Args)]
pub(crate) struct Parcel {
    /// The order's number, such as D12345678.
    order: String,
    /// How far: what may follow what stands in docs/orders.md.
    #[arg(value_parser = parcels())]
    status: String,
}

/// Make an order that stands in for one that was shipped or failed.
#[derive(Debug, Args)]
pub(crate) struct Replace {
    /// The number of that order, such as D12345678.
    order: String,
    /// What the partner is to call the new one [default: as the old one, with -R1].
    #[arg(long = "ref", value_name = "NAME")]
    name: Option<String>,
}

fn statuses() -> clap::builder::PossibleValuesParser {
    Status::ALL.iter().map(|status| status.name()).collect::<Vec<_>>().into()
}

fn parcels() -> clap::builder::PossibleValuesParser {
    ParcelStatus::ALL.iter().map(|status| status.name()).collect::<Vec<_>>().into()
}

#[derive(Serialize)]
struct Listed {
    order_id: String,
    customer_ref: String,
    client_id: String,
    userid: Option<UserId>,
    status: Status,
    parcel_status: Option<ParcelStatus>,
    testmode: Option<i64>,
    created: i64,
    modified: i64,
}

#[derive(Serialize)]
struct Shown {
    client_id: String,
    userid: Option<UserId>,
    customerid: Option<String>,
    dropshipmentorderid: String,
    testmode: Option<i64>,
    address: Option<Address>,
    #[serde(flatten)]
    detail: OrderDetail,
    created: i64,
    modified: i64,
}

impl From<OrderSummary> for Shown {
    fn from(summary: OrderSummary) -> Self {
        let OrderSummary { order, detail } = summary;
        Self {
            client_id: order.client_id,
            userid: order.user,
            customerid: order.customer_id,
            dropshipmentorderid: order.dropshipment.to_string(),
            testmode: order.test_mode.map(domain::order::TestMode::number),
            address: order.address,
            detail,
            created: order.created,
            modified: order.modified,
        }
    }
}

impl Order {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let done = match self {
            Self::List(list) => return list.run(location, output),
            Self::Show(Show { order }) => location.run(Access::Read, move |tx| {
                let found = admin::find_order(tx, &order);
                noted(tx, found, "order show")
            }),
            Self::Move(Move { order, status }) => location.run(Access::Write, move |tx| {
                let moved = admin::move_order(tx, &order, &status);
                noted(tx, moved, "order move")
            }),
            Self::Ship(Ship { order, carrier, service, tracking, devices }) => {
                let shipping = Shipping { carrier, service, tracking, devices };
                location.run(Access::Write, move |tx| {
                    let shipped = admin::ship_order(tx, &order, &shipping);
                    noted(tx, shipped, "order ship")
                })
            }
            Self::Parcel(Parcel { order, status }) => location.run(Access::Write, move |tx| {
                let moved = admin::move_parcel(tx, &order, &status);
                noted(tx, moved, "order parcel")
            }),
            Self::Replace(Replace { order, name }) => location.run(Access::Write, move |tx| {
                let made = admin::replace_order(tx, &order, name.as_deref());
                noted(tx, made, "order replace")
            }),
        };
        output.one(&Shown::from(done?))
    }
}

/// Where an order goes is somebody's: it is written down that it was looked at.
fn noted(
    tx: &mut Tx<'_>,
    done: domain::Result<OrderSummary>,
    action: &'static str,
) -> domain::Result<OrderSummary> {
    let summary = done?;
    audit::staff(tx, summary.user(), action)?;
    Ok(summary)
}

impl List {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let status = self.status.as_deref().and_then(|status| status.parse().ok());
        let filter = Filter { client_id: self.client, status };
        let all = location.run(Access::Read, move |tx| {
            let mut all: Vec<store::order::Order> = Vec::new();
            loop {
                let after = all.last().map_or(OrderId(0), |last| last.id);
                let part = admin::list_orders(tx, &filter, after)?;
                if part.is_empty() {
                    return Ok(all);
                }
                all.extend(part);
            }
        })?;
        let listed = all.into_iter().map(|order| Listed {
            order_id: order.id.to_string(),
            customer_ref: order.customer_ref,
            client_id: order.client_id,
            userid: order.user,
            status: order.status,
            parcel_status: order.parcel_status,
            testmode: order.test_mode.map(domain::order::TestMode::number),
            created: order.created,
            modified: order.modified,
        });
        output.many(&listed.collect::<Vec<_>>())
    }
}
