//! Orders: one parcel to one address each. Every move is made only if the order is still where it
//! was found, and is told to the application in the same transaction. Which moves there are says
//! `domain::order`; whether somebody may make them is not decided here.

use crate::device::{self, Device};
use crate::tx::{Row, Tx, values};
use crate::{notification, person};
use domain::order::{Address, Kind, OrderId, ParcelStatus, Status, TestMode, Told};
use domain::{DeviceId, EntropyExt as _, Error, OrganizationId, Result, UserId};

/// An order as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// What all orders of one call have the same.
    pub dropshipment: i64,
    /// Whose it is.
    pub client_id: String,
    /// What they call it.
    pub customer_ref: String,
    /// As the call said.
    pub customer_id: Option<String>,
    /// As the call said.
    pub platform_id: Option<i64>,
    /// Whose the devices become.
    pub user: Option<UserId>,
    /// How far it is.
    pub status: Status,
    /// How far its parcel is, once it is shipped.
    pub parcel_status: Option<ParcelStatus>,
    /// Where it goes; none once that was erased.
    pub address: Option<Address>,
    /// Whether it goes there whatever the rules say.
    pub force_address: bool,
    /// What it plays, if it is no real one.
    pub test_mode: Option<TestMode>,
    /// How many events of that have happened.
    pub step: i64,
    /// When the next one does.
    pub due: Option<i64>,
    /// What the carrier says, once it is shipped.
    pub shipment: Shipment,
    /// Of a replacement: what the order is called that it stands in for.
    pub original_ref: Option<String>,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
}

/// What is known of a parcel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shipment {
    /// Who carries it.
    pub carrier: Option<String>,
    /// How.
    pub service: Option<String>,
    /// How they call it.
    pub tracking: Option<String>,
    /// The day it was handed over, as 2024-03-15.
    pub date: Option<String>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How the product is named.
    pub kind: Kind,
    /// Its name.
    pub code: String,
    /// How many.
    pub quantity: i64,
}

/// An order to be.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// See [`Order::dropshipment`].
    pub dropshipment: i64,
    /// See [`Order::client_id`].
    pub client_id: &'a str,
    /// See [`Order::customer_ref`].
    pub customer_ref: &'a str,
    /// See [`Order::customer_id`].
    pub customer_id: Option<&'a str>,
    /// See [`Order::platform_id`].
    pub platform_id: Option<i64>,
    /// See [`Order::user`].
    pub user: Option<UserId>,
    /// How far it is at first.
    pub status: Status,
    /// Where it goes.
    pub address: &'a Address,
    /// See [`Order::force_address`].
    pub force_address: bool,
    /// See [`Order::test_mode`].
    pub test_mode: Option<TestMode>,
    /// See [`Order::original_ref`].
    pub original_ref: Option<&'a str>,
    /// What is ordered.
    pub lines: &'a [Line],
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select order_id, dropshipment_id, client_id, customer_ref, customer_id, platform_id, \
             user_id, status, parcel_status, address, force_address, test_mode, step, due, \
             carrier, carrier_service, tracking, ship_date, original_ref, created, modified \
             from parcel_order where ",
            $rest
        )
    };
}

// Below the macro, which it uses.
mod story;
pub use story::{STEPS_MAX, advance, next_due};

fn read(row: &Row<'_>) -> Result<Order> {
    let unknown = |_| Error::internal("a stored order is in no known state");
    Ok(Order {
        id: OrderId(row.int(0)?),
        dropshipment: row.int(1)?,
        client_id: row.text(2)?,
        customer_ref: row.text(3)?,
        customer_id: row.text_or_null(4)?,
        platform_id: row.int_or_null(5)?,
        user: row.int_or_null(6)?.map(UserId),
        status: row.text(7)?.parse().map_err(unknown)?,
        parcel_status: row
            .text_or_null(8)?
            .map(|text| text.parse())
            .transpose()
            .map_err(unknown)?,
        address: Address::of(&row.text(9)?),
        force_address: row.flag(10)?,
        test_mode: row.int_or_null(11)?.and_then(TestMode::of),
        step: row.int(12)?,
        due: row.int_or_null(13)?,
        shipment: Shipment {
            carrier: row.text_or_null(14)?,
            service: row.text_or_null(15)?,
            tracking: row.text_or_null(16)?,
            date: row.text_or_null(17)?,
        },
        original_ref: row.text_or_null(18)?,
        created: row.int(19)?,
        modified: row.int(20)?,
    })
}

/// Makes those who give the orders of one application their names follow each other: a name is
/// looked for, then given.
pub fn lock(tx: &mut Tx<'_>, client_id: &str) -> Result<()> {
    let sql = "update application set client_id = client_id where client_id = $1";
    tx.exec(sql, values![client_id]).map(|_| ())
}

/// A number for all orders of one call.
pub fn draw_dropshipment(tx: &Tx<'_>) -> i64 {
    tx.entropy().number(OrderId::MIN, OrderId::END)
}

/// Makes an order; none if the application has one of that name.
pub fn insert(tx: &mut Tx<'_>, new: &New<'_>) -> Result<Option<OrderId>> {
    const DRAWS_MAX: usize = 64;
    if let Some(user) = new.user {
        person::touch(tx, user, 0)?;
    }
    let (address, now) = (new.address.json(), tx.now());
    let due = new.test_mode.and_then(|mode| mode.event(0)).map(|(seconds, _)| now + seconds);
    for _ in 0..DRAWS_MAX {
        // Drawn, so that no number tells how many there are.
        let id = OrderId(tx.entropy().number(OrderId::MIN, OrderId::END));
        let written = tx.exec(
            "insert into parcel_order (order_id, dropshipment_id, client_id, customer_ref, \
             customer_id, platform_id, user_id, status, address, force_address, test_mode, step, \
             due, is_replacement, original_ref, created, modified) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14, $15, $15) \
             on conflict do nothing",
            values![
                id.0,
                new.dropshipment,
                new.client_id,
                new.customer_ref,
                new.customer_id,
                new.platform_id,
                new.user.map(|user| user.0),
                new.status.name(),
                address.as_str(),
                new.force_address,
                new.test_mode.map(TestMode::number),
                due,
                new.original_ref.is_some(),
                new.original_ref,
                now,
            ],
        )?;
        if written == 1 {
            set_lines(tx, id, new.lines)?;
            return Ok(Some(id));
        }
        if by_ref(tx, new.client_id, new.customer_ref)?.is_some() {
            return Ok(None);
        }
    }
    Err(Error::internal("no free number of an order was drawn"))
}

fn set_lines(tx: &mut Tx<'_>, id: OrderId, lines: &[Line]) -> Result<()> {
    tx.exec("delete from order_product where order_id = $1", values![id.0])?;
    for (position, line) in (0_i64..).zip(lines) {
        tx.exec(
            "insert into order_product (order_id, position, kind, code, quantity) \
             values ($1, $2, $3, $4, $5)",
            values![id.0, position, line.kind.name(), line.code.as_str(), line.quantity],
        )?;
    }
    Ok(())
}

/// The order of that number.
pub fn find(tx: &mut Tx<'_>, id: OrderId) -> Result<Option<Order>> {
    tx.row(columns!("order_id = $1"), values![id.0], read)
}

/// The order of that number, if it is the application's.
pub fn of_application(tx: &mut Tx<'_>, client_id: &str, id: OrderId) -> Result<Option<Order>> {
    tx.row(columns!("order_id = $1 and client_id = $2"), values![id.0, client_id], read)
}

/// The order an application calls so.
pub fn by_ref(tx: &mut Tx<'_>, client_id: &str, customer_ref: &str) -> Result<Option<Order>> {
    let sql = columns!("client_id = $1 and customer_ref = $2");
    tx.row(sql, values![client_id, customer_ref], read)
}

/// Which orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this application.
    pub client_id: Option<String>,
    /// Only those in this state.
    pub status: Option<Status>,
}

/// Orders in the order of their numbers, after one.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: OrderId, limit: i64) -> Result<Vec<Order>> {
    let sql = columns!(
        "order_id > $1 and ($2 = '' or client_id = $2) and ($3 = '' or status = $3) \
         order by order_id limit $4"
    );
    let client = filter.client_id.as_deref().unwrap_or_default();
    let status = filter.status.map_or("", Status::name);
    tx.rows(sql, values![after.0, client, status, limit], read)
}

/// The place of an order among those of an application, newest first: when it was made, its number.
pub type Place = (i64, OrderId);

/// Orders of an application, newest first, after a place.
pub fn newest(
    tx: &mut Tx<'_>,
    client_id: &str,
    status: Option<Status>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Order>> {
    let sql = columns!(
        "client_id = $1 and ($2 = '' or status = $2) \
         and (created < $3 or (created = $3 and order_id < $4)) \
         order by created desc, order_id desc limit $5"
    );
    let (created, id) = after.unwrap_or((i64::MAX, OrderId(i64::MAX)));
    tx.rows(sql, values![client_id, status.map_or("", Status::name), created, id.0, limit], read)
}

/// What is ordered.
pub fn lines(tx: &mut Tx<'_>, id: OrderId) -> Result<Vec<Line>> {
    let sql = "select kind, code, quantity from order_product where order_id = $1 \
               order by position";
    tx.rows(sql, values![id.0], |row| {
        let kind = Kind::parse(&row.text(0)?);
        let kind = kind.ok_or_else(|| Error::internal("a stored line is named in no known way"))?;
        Ok(Line { kind, code: row.text(1)?, quantity: row.int(2)? })
    })
}

/// Changes what an order is called, where it goes and what is in it; `false` if it moved since it
/// was read. That the name is free has been seen under [`lock`].
pub fn change(tx: &mut Tx<'_>, after: &Order, lines: &[Line]) -> Result<bool> {
    if let Some(user) = after.user {
        person::touch(tx, user, 0)?;
    }
    let address = after.address.as_ref().map_or_else(|| "{}".to_owned(), Address::json);
    let now = tx.now();
    let written = tx.exec(
        "update parcel_order set customer_ref = $3, address = $4, force_address = $5, \
         modified = $6 where order_id = $1 and status = $2",
        values![
            after.id.0,
            after.status.name(),
            after.customer_ref.as_str(),
            address.as_str(),
            after.force_address,
            now,
        ],
    )?;
    if written == 1 {
        set_lines(tx, after.id, lines)?;
    }
    Ok(written == 1)
}

/// Moves an order, and tells it; `false` if it has moved since it was read. What it plays ends when
/// it is over.
pub fn move_to(tx: &mut Tx<'_>, order: &Order, status: Status) -> Result<bool> {
    let now = tx.now();
    let due = order.due.filter(|_| !status.next().is_empty());
    let sql = "update parcel_order set status = $3, due = $4, modified = $5 \
               where order_id = $1 and status = $2";
    let values = values![order.id.0, order.status.name(), status.name(), due, now];
    if tx.exec(sql, values)? == 0 {
        return Ok(false);
    }
    tell(tx, &Order { status, ..order.clone() })?;
    Ok(true)
}

/// Hands an order over to the carrier, and tells it; `false` if it has moved since it was read.
pub fn ship(tx: &mut Tx<'_>, order: &Order, shipment: &Shipment) -> Result<bool> {
    let (now, pending) = (tx.now(), ParcelStatus::Pending);
    let written = tx.exec(
        "update parcel_order set status = $3, parcel_status = $4, carrier = $5, \
         carrier_service = $6, tracking = $7, ship_date = $8, modified = $9 \
         where order_id = $1 and status = $2",
        values![
            order.id.0,
            order.status.name(),
            Status::Shipped.name(),
            pending.name(),
            shipment.carrier.as_deref(),
            shipment.service.as_deref(),
            shipment.tracking.as_deref(),
            shipment.date.as_deref(),
            now,
        ],
    )?;
    if written == 0 {
        return Ok(false);
    }
    let (status, parcel_status) = (Status::Shipped, Some(pending));
    tell(tx, &Order { status, parcel_status, shipment: shipment.clone(), ..order.clone() })?;
    Ok(true)
}

/// Moves the parcel of an order, and tells it; `false` if it has moved since it was read.
pub fn move_parcel(tx: &mut Tx<'_>, order: &Order, parcel: ParcelStatus) -> Result<bool> {
    let now = tx.now();
    let sql = "update parcel_order set parcel_status = $3, modified = $4 \
               where order_id = $1 and parcel_status = $2";
    let old = order.parcel_status.map_or("", ParcelStatus::name);
    if tx.exec(sql, values![order.id.0, old, parcel.name(), now])? == 0 {
        return Ok(false);
    }
    tell(tx, &Order { parcel_status: Some(parcel), ..order.clone() })?;
    Ok(true)
}

/// Tells the application how far an order is.
pub fn tell(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let serial = original_serial(tx, order)?;
    let is_shipped = order.status == Status::Shipped;
    let Shipment { carrier, service, tracking, .. } = &order.shipment;
    let told = Told {
        customer_id: order.customer_id.as_deref(),
        customer_ref: &order.customer_ref,
        order_id: order.id.to_string(),
        status: (!is_shipped).then_some(order.status),
        parcel_status: order.parcel_status.filter(|_| is_shipped),
        carrier: carrier.as_deref().filter(|_| is_shipped),
        carrier_service: service.as_deref().filter(|_| is_shipped),
        tracking_number: tracking.as_deref().filter(|_| is_shipped),
        is_replacement: order.original_ref.is_some(),
        original_customer_ref: order.original_ref.as_deref(),
        original_serial_number: serial.as_deref(),
    };
    notification::about_order(tx, &order.client_id, &told.json()).map(|_| ())
}

/// What is printed on the device that is replaced, where the order before brought one alone.
fn original_serial(tx: &mut Tx<'_>, order: &Order) -> Result<Option<String>> {
    let Some(original) = &order.original_ref else { return Ok(None) };
    let Some(original) = by_ref(tx, &order.client_id, original)? else { return Ok(None) };
    let mut devices = devices(tx, original.id)?;
    let only = devices.pop().filter(|_| devices.is_empty());
    Ok(only.and_then(|(_, device)| device.serial))
}

/// Notes that a device went out for a line, counted from 0.
pub fn add_device(tx: &mut Tx<'_>, id: OrderId, position: usize, device: DeviceId) -> Result<()> {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    let sql = "insert into order_device (order_id, position, device_id) values ($1, $2, $3) \
               on conflict do nothing";
    tx.exec(sql, values![id.0, position, device.0]).map(|_| ())
}

/// The devices that went out, with the line each is for.
pub fn devices(tx: &mut Tx<'_>, id: OrderId) -> Result<Vec<(usize, Device)>> {
    let sql = "select position, device_id from order_device where order_id = $1 \
               order by position, device_id";
    let rows = tx.rows(sql, values![id.0], |row| Ok((row.int(0)?, DeviceId(row.int(1)?))))?;
    let mut devices = Vec::with_capacity(rows.len());
    for (position, id) in rows {
        if let Some(device) = device::find(tx, id)? {
            devices.push((usize::try_from(position).unwrap_or_default(), device));
        }
    }
    Ok(devices)
}

/// The organization of an application, if it has one.
pub fn organization(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<OrganizationId>> {
    let sql = "select organization_id from application where client_id = $1";
    let found = tx.row(sql, values![client_id], |row| row.int_or_null(0))?;
    Ok(found.flatten().map(OrganizationId))
}
