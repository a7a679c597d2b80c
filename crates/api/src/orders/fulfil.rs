//! How real orders go on: somebody at the operator's, or their warehouse's program, says so. What
//! may follow what is the table's of `domain::order`. Said again, it is done once. Test orders go
//! on by themselves.

use super::must;
use crate::admin::{check_model, check_serial, read_mac};
use domain::order::{DEVICES_MAX, OrderId, ParcelStatus, Status, is_ref};
use domain::{DAY_SECONDS, DeviceId, OrganizationId, Refusal, Result, UserId, calendar};
use std::str::FromStr;
use store::order::{self, Line, New, Order, Shipment};
use store::{Tx, device, person, product, sync};

/// What a carrier says has at most this many characters.
const CARRIER_CHARS_MAX: usize = 64;
/// How many times one order can be replaced without a name being given.
const REPLACEMENTS_MAX: usize = 100;

/// What goes out.
#[derive(Debug, Clone, Default)]
pub struct Shipping {
    /// Who carries it.
    pub carrier: Option<String>,
    /// How.
    pub service: Option<String>,
    /// How they call it.
    pub tracking: Option<String>,
    /// What is in it, of what is a device.
    pub devices: Vec<ShippedDevice>,
}

/// A device that goes out.
#[derive(Debug, Clone, Default)]
pub struct ShippedDevice {
    /// For which line, counted from 1; none: the first that is not full.
    pub line: Option<usize>,
    /// Its hardware address.
    pub mac: String,
    /// What is printed on it.
    pub serial: Option<String>,
    /// The number of its model; none: as registered, or the product's only one.
    pub model: Option<i64>,
}

impl FromStr for ShippedDevice {
    type Err = &'static str;

    /// Reads `[LINE=]MAC[,SERIAL[,MODEL]]`.
    fn from_str(text: &str) -> std::result::Result<Self, &'static str> {
        let (line, rest) = match text.split_once('=') {
            Some((line, rest)) => (Some(line.trim()), rest),
            None => (None, text),
        };
        let line = line.map(|line| line.parse().map_err(|_| "LINE is a number from 1"));
        let mut parts = rest.split(',').map(str::trim);
        let mac = parts.next().unwrap_or_default().to_owned();
        let serial = parts.next().filter(|text| !text.is_empty()).map(str::to_owned);
        let model = parts.next().filter(|text| !text.is_empty());
        let model = model.map(|text| text.parse().map_err(|_| "MODEL is a number"));
        if parts.next().is_some() {
            return Err("expected MAC, SERIAL and MODEL at most");
        }
        Ok(Self { line: line.transpose()?, mac, serial, model: model.transpose()? })
    }
}

/// Moves an order that is not shipped.
pub fn move_order(tx: &mut Tx<'_>, id: OrderId, status: Status) -> Result<()> {
    let known = real(tx, id)?;
    if known.status == status {
        return Ok(());
    }
    if status == Status::Shipped {
        let problem = "an order is shipped with its carrier and devices: see `vitald order ship`";
        return Err(Refusal::invalid_param("status", problem).into());
    }
    if !known.status.may_become(status) {
        return Err(Refusal::invalid_param("status", not_now(known.status.next())).into());
    }
    must(order::move_to(tx, &known, status)?)
}

/// Moves the parcel of an order that is shipped.
pub fn move_parcel(tx: &mut Tx<'_>, id: OrderId, parcel: ParcelStatus) -> Result<()> {
    let known = real(tx, id)?;
    let Some(now) = known.parcel_status else {
        let problem = "the order is not shipped";
        return Err(Refusal::invalid_param("parcel_status", problem).into());
    };
    if now == parcel {
        return Ok(());
    }
    if !now.may_become(parcel) {
        return Err(Refusal::invalid_param("parcel_status", not_now(now.next())).into());
    }
    must(order::move_parcel(tx, &known, parcel)?)
}

fn not_now<S: std::fmt::Display>(next: &[S]) -> String {
    match next {
        [] => "it is over".to_owned(),
        next => {
            let names: Vec<String> = next.iter().map(ToString::to_string).collect();
            format!("what may follow now is {}", names.join(", "))
        }
    }
}

/// An order that somebody has to move.
fn real(tx: &mut Tx<'_>, id: OrderId) -> Result<Order> {
    let known = order::find(tx, id)?;
    let known = known.ok_or_else(|| Refusal::invalid_param("order", "there is no such order"))?;
    if known.test_mode.is_some() {
        let problem = "it is a test order, which goes on by itself";
        return Err(Refusal::invalid_param("order", problem).into());
    }
    Ok(known)
}

/// Hands an order over to the carrier: its devices are registered for the application's
/// organization, and linked to the person it is for, if there is one.
pub fn ship(tx: &mut Tx<'_>, id: OrderId, shipping: &Shipping) -> Result<()> {
    let known = real(tx, id)?;
    let shipment = Shipment {
        carrier: said("carrier", shipping.carrier.as_deref())?,
        service: said("carrier_service", shipping.service.as_deref())?,
        tracking: said("tracking_number", shipping.tracking.as_deref())?,
        date: Some(calendar::date(tx.now().div_euclid(DAY_SECONDS)).to_string()),
    };
    if known.status == Status::Shipped {
        return again(&known, &shipment);
    }
    if !known.status.may_become(Status::Shipped) {
        return Err(Refusal::invalid_param("order", not_now(known.status.next())).into());
    }
    if shipping.devices.len() > DEVICES_MAX {
        return Err(Refusal::invalid_param("devices", format!("at most {DEVICES_MAX}")).into());
    }
    let organization = order::organization(tx, &known.client_id)?;
    let mut lines = Filling::of(tx, &known, organization)?;
    let zone = match known.user {
        Some(user) => person::get(tx, user)?.time_zone,
        None => "UTC".to_owned(),
    };
    let mut sent: Vec<DeviceId> = Vec::new();
    for (at, one) in shipping.devices.iter().enumerate() {
        let line = lines.take(at, one.line)?;
        let models = &lines.models[line];
        let device = registered(tx, at, one, models, (organization, &zone))?;
        if sent.contains(&device) {
            return Err(invalid(at, "mac_address", "it is given twice"));
        }
        sent.push(device);
        if let Some(user) = known.user {
            shipped_to(tx, at, device, user)?;
        }
        order::add_device(tx, id, line, device)?;
    }
    must(order::ship(tx, &known, &shipment)?)
}

/// The same parcel said again is no second one.
fn again(known: &Order, shipment: &Shipment) -> Result<()> {
    let same = |one: &Shipment| (one.carrier.clone(), one.service.clone(), one.tracking.clone());
    if same(&known.shipment) == same(shipment) {
        return Ok(());
    }
    Err(Refusal::invalid_param("order", "it is shipped already, by another parcel").into())
}

fn said(name: &str, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    let is_short = (1..=CARRIER_CHARS_MAX).contains(&text.chars().count());
    if !is_short || text.contains(char::is_control) {
        let problem = format!("expected 1 to {CARRIER_CHARS_MAX} printable characters");
        return Err(Refusal::invalid_param(name, problem).into());
    }
    Ok(Some(text.to_owned()))
}

fn invalid(at: usize, name: &str, problem: impl std::fmt::Display) -> domain::Error {
    Refusal::invalid_param(&format!("devices[{at}].{name}"), problem).into()
}

/// The lines of an order, and how many devices each can still take.
struct Filling {
    models: Vec<Vec<i64>>,
    room: Vec<i64>,
}

impl Filling {
    fn of(tx: &mut Tx<'_>, order: &Order, of: Option<OrganizationId>) -> Result<Self> {
        let (mut models, mut room) = (Vec::new(), Vec::new());
        for Line { kind, code, quantity } in order::lines(tx, order.id)? {
            // A product that left the catalogue meanwhile says nothing of its devices.
            let found = product::find(tx, of, kind, &code)?;
            let in_box = found.map(|product| product.models).unwrap_or_default();
            room.push(quantity * i64::try_from(in_box.len()).unwrap_or(1).max(1));
            models.push(in_box);
        }
        Ok(Self { models, room })
    }

    /// The line a device is for, counted from 0.
    fn take(&mut self, at: usize, line: Option<usize>) -> Result<usize> {
        let line = match line {
            Some(line) => line.checked_sub(1).filter(|line| *line < self.room.len()),
            None => self.room.iter().position(|room| *room > 0),
        };
        let room = line.and_then(|line| Some((line, self.room.get_mut(line)?)));
        match room {
            Some((line, room)) if *room > 0 => {
                *room -= 1;
                Ok(line)
            }
            _ => Err(invalid(at, "line", "the order has no such line, or it has enough devices")),
        }
    }
}

/// The device, registered if it is not yet, and the organization's from now on.
fn registered(
    tx: &mut Tx<'_>,
    at: usize,
    one: &ShippedDevice,
    models: &[i64],
    (organization, zone): (Option<OrganizationId>, &str),
) -> Result<DeviceId> {
    let mac = read_mac(&format!("devices[{at}].mac_address"), &one.mac)?;
    check_serial(&format!("devices[{at}].serial_number"), one.serial.as_deref())?;
    let known = device::find_by_mac(tx, mac)?;
    let model = match (one.model, &known, models) {
        (Some(model), ..) => model,
        (None, Some(known), _) => known.model_id,
        (None, None, [model]) => *model,
        _ => return Err(invalid(at, "model_id", "say which model the device is")),
    };
    check_model(&format!("devices[{at}].model_id"), model)?;
    if let Some(known) = &known {
        if known.model_id != model {
            return Err(invalid(at, "model_id", "the device is registered as another model"));
        }
        if known.organization.is_some() && known.organization != organization {
            return Err(invalid(at, "mac_address", "the device is another organization's"));
        }
        if known.terminates.is_some() {
            return Err(invalid(at, "mac_address", "the programme of the device was ended"));
        }
    }
    let id = device::register(tx, mac, model, zone)?;
    device::describe(tx, id, organization, one.serial.as_deref())?;
    Ok(id)
}

/// What begins when a device goes out to a person: it is theirs, and its line, if it has one, is
/// activated.
fn shipped_to(tx: &mut Tx<'_>, at: usize, device: DeviceId, user: UserId) -> Result<()> {
    // Two links at once must not both find nobody.
    sync::lock(tx, device)?;
    if device::users(tx, device)?.iter().any(|other| *other != user) {
        return Err(invalid(at, "mac_address", "somebody else uses the device"));
    }
    device::link(tx, device, user)?;
    match device::find(tx, device)? {
        Some(device) => device::activate_sim(tx, &device),
        None => Ok(()),
    }
}

/// Makes an order that stands in for one that was shipped or failed: the same products to the same
/// address, for the same person. The application is told.
pub fn replace(tx: &mut Tx<'_>, id: OrderId, customer_ref: Option<&str>) -> Result<OrderId> {
    let known = real(tx, id)?;
    if !matches!(known.status, Status::Shipped | Status::Failed) {
        let problem = "only what was shipped, or failed, is replaced";
        return Err(Refusal::invalid_param("order", problem).into());
    }
    let Some(address) = &known.address else {
        let problem = "its address was erased with the person's account";
        return Err(Refusal::invalid_param("order", problem).into());
    };
    order::lock(tx, &known.client_id)?;
    let customer_ref = match customer_ref {
        Some(name) if is_ref(name) => name.to_owned(),
        Some(_) => return Err(Refusal::invalid_param("ref", super::read::REF_EXPECTED).into()),
        None => free_ref(tx, &known)?,
    };
    let lines = order::lines(tx, id)?;
    let new = New {
        dropshipment: order::draw_dropshipment(tx),
        client_id: &known.client_id,
        customer_ref: &customer_ref,
        customer_id: known.customer_id.as_deref(),
        platform_id: known.platform_id,
        user: known.user,
        status: Status::Verified,
        address,
        force_address: known.force_address,
        test_mode: None,
        original_ref: Some(&known.customer_ref),
        lines: &lines,
    };
    let made = order::insert(tx, &new)?;
    let made = made.ok_or_else(|| Refusal::invalid_param("ref", "it is used already"))?;
    if let Some(made) = order::find(tx, made)? {
        order::tell(tx, &made)?;
    }
    Ok(made)
}

/// What a replacement is called if nobody says it: the order's name, `-R` and a number.
fn free_ref(tx: &mut Tx<'_>, known: &Order) -> Result<String> {
    for number in 1..=REPLACEMENTS_MAX {
        let name = format!("{}-R{number}", known.customer_ref);
        if is_ref(&name) && order::by_ref(tx, &known.client_id, &name)?.is_none() {
            return Ok(name);
        }
    }
    Err(Refusal::invalid_param("ref", "say what the replacement is called").into())
}
