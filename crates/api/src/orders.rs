//! Orders as partners place, change and see them: what is asked of a call, and what is answered.
//! How an order goes on once it is placed stands in `fulfil.rs` (by hand) and in `store::order`
//! (test orders). docs/orders.md tells it to partners and operators.

mod detail;
mod fulfil;
mod read;

pub use detail::{Device, Lookup, OrderDetail, OrderDetails, OrderedProduct};
pub use fulfil::{ShippedDevice, Shipping, move_order, move_parcel, replace, ship};
pub use read::{Wanted, parse};

use domain::order::{Address, Kind, ORDERS_MAX, OrderId, Status, TestMode, is_ref};
use domain::{Failure, OrganizationId, Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use store::order::{self, Line, New, Order};
use store::{Tx, product};

/// Where the orders with an address that was refused are named.
pub const INVALID_ADDRESSES: &str = "invalid_address_customer_ref_ids";
/// A number of 16 bits.
const PLATFORM_ID_MAX: i64 = 65_535;

/// Orders to be placed by one call.
#[derive(Debug, Clone)]
pub struct PlaceOrders {
    /// What is ordered, by [`parse`].
    pub orders: Vec<Wanted>,
    /// Whose bill it is on.
    pub customer_id: Option<String>,
    /// As the call said.
    pub platform_id: Option<i64>,
    /// What the orders play, if they are no real ones: the number on the wire.
    pub test_mode: Option<i64>,
    /// Whose the devices become when they are shipped.
    pub user: Option<UserId>,
}

/// Orders that were placed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Placed {
    /// In the order of the call.
    pub orders: Vec<PlacedOrder>,
    /// What all of them have the same.
    pub dropshipmentorderid: String,
}

/// An order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlacedOrder {
    /// Our number of it.
    pub order_id: String,
    /// The partner's.
    pub customer_ref_id: String,
    /// What all orders of one call have the same.
    pub dropshipmentorderid: String,
    /// How far it is.
    pub status: Status,
    /// What is ordered.
    pub products: Vec<PlacedProduct>,
}

/// A line of an order.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlacedProduct {
    /// The article number; null where `partner_ref` says it.
    pub ean: Option<String>,
    /// The operator's name of it; null where `ean` says it.
    pub partner_ref: Option<String>,
    /// How many.
    pub quantity: i64,
}

impl PlacedProduct {
    fn of(line: Line) -> Self {
        let (ean, partner_ref) = named(line.kind, line.code);
        Self { ean, partner_ref, quantity: line.quantity }
    }
}

/// A product's name as `ean` and as `partner_ref`, one of which it is.
fn named(kind: Kind, code: String) -> (Option<String>, Option<String>) {
    match kind {
        Kind::Ean => (Some(code), None),
        Kind::PartnerRef => (None, Some(code)),
    }
}

/// Places orders: all of them, or none.
pub fn place(tx: &mut Tx<'_>, client_id: &str, wanted: &PlaceOrders) -> Result<Placed> {
    let test_mode = wanted.test_mode.map(test_mode).transpose()?;
    check_labels(wanted)?;
    check_orders(tx, client_id, &wanted.orders)?;
    let dropshipment = order::draw_dropshipment(tx);
    let mut orders = Vec::with_capacity(wanted.orders.len());
    for (at, one) in wanted.orders.iter().enumerate() {
        let id = order::insert(
            tx,
            &New {
                dropshipment,
                client_id,
                customer_ref: &one.customer_ref,
                customer_id: wanted.customer_id.as_deref(),
                platform_id: wanted.platform_id,
                user: wanted.user,
                status: first_status(test_mode),
                address: &one.address,
                force_address: one.force_address,
                test_mode,
                original_ref: None,
                lines: &one.lines,
            },
        )?;
        let id = id.ok_or_else(|| taken(at))?;
        orders.push(placed(tx, id)?);
    }
    Ok(Placed { orders, dropshipmentorderid: dropshipment.to_string() })
}

/// The address of a real order was looked at, or is not to be; a test order shows every state.
const fn first_status(test_mode: Option<TestMode>) -> Status {
    match test_mode {
        Some(_) => Status::Created,
        None => Status::Verified,
    }
}

fn test_mode(number: i64) -> Result<TestMode> {
    let problem = "give 1 (it is shipped), 2 (it is cancelled), 3 (it fails) or 4 (it is held \
                   back), or leave it out for a real order";
    let mode = TestMode::of(number);
    mode.ok_or_else(|| Refusal::invalid_param("testmode", problem).into())
}

fn check_labels(wanted: &PlaceOrders) -> Result<()> {
    if wanted.customer_id.as_ref().is_some_and(|id| !is_ref(id)) {
        return Err(Refusal::invalid_param("customerid", read::REF_EXPECTED).into());
    }
    if wanted.platform_id.is_some_and(|id| !(0..=PLATFORM_ID_MAX).contains(&id)) {
        let problem = format!("expected 0 to {PLATFORM_ID_MAX}");
        return Err(Refusal::invalid_param("platformid", problem).into());
    }
    Ok(())
}

/// Everything that can be wrong with orders that are read: names, then products, then addresses.
fn check_orders(tx: &mut Tx<'_>, client_id: &str, orders: &[Wanted]) -> Result<()> {
    if orders.is_empty() || orders.len() > ORDERS_MAX {
        return Err(Refusal::invalid_param("order", format!("give 1 to {ORDERS_MAX}")).into());
    }
    order::lock(tx, client_id)?;
    for (at, one) in orders.iter().enumerate() {
        let is_twice = orders[..at].iter().any(|other| other.customer_ref == one.customer_ref);
        if is_twice || order::by_ref(tx, client_id, &one.customer_ref)?.is_some() {
            return Err(taken(at));
        }
    }
    check_products(tx, client_id, orders)?;
    check_addresses(orders)
}

fn taken(at: usize) -> domain::Error {
    let problem = "it is used already; each order needs one of its own (order getdetail shows \
                   what became of a call whose answer was lost)";
    Refusal::invalid_param(&format!("order[{at}].customer_ref_id"), problem).into()
}

fn check_products(tx: &mut Tx<'_>, client_id: &str, orders: &[Wanted]) -> Result<()> {
    let organization: Option<OrganizationId> = order::organization(tx, client_id)?;
    for (at, one) in orders.iter().enumerate() {
        for (number, line) in one.lines.iter().enumerate() {
            if product::find(tx, organization, line.kind, &line.code)?.is_none() {
                let place = format!("order[{at}].products[{number}].{}", line.kind.name());
                let problem = "the operator's catalogue has no such product: `vitald product add` \
                               puts one there";
                return Err(Refusal::invalid_param(&place, problem).into());
            }
        }
    }
    Ok(())
}

/// One order to an address no carrier would take, and none is placed.
fn check_addresses(orders: &[Wanted]) -> Result<()> {
    let is_bad = |one: &&Wanted| !one.force_address && one.address.fault().is_some();
    let refs: Vec<&str> = orders.iter().filter(is_bad).map(|one| &*one.customer_ref).collect();
    let first = orders.iter().enumerate().find(|(_, one)| is_bad(one));
    let fault = first.and_then(|(at, one)| Some((at, one.address.fault()?)));
    let Some((at, (part, problem))) = fault else { return Ok(()) };
    let problem = format!(
        "{problem}; body.{INVALID_ADDRESSES} lists every order with such an address; mend it, or \
         set force_address"
    );
    let refusal = Refusal::invalid_param(&format!("order[{at}].address.{part}"), problem);
    Err(refusal.with_body(json!({ INVALID_ADDRESSES: refs })).into())
}

/// What `createorder` and `update` answer of an order.
fn placed(tx: &mut Tx<'_>, id: OrderId) -> Result<PlacedOrder> {
    let found = order::find(tx, id)?;
    let found = found.ok_or_else(|| domain::Error::internal("an order that was just read"))?;
    let lines = order::lines(tx, id)?;
    Ok(PlacedOrder {
        order_id: id.to_string(),
        customer_ref_id: found.customer_ref,
        dropshipmentorderid: found.dropshipment.to_string(),
        status: found.status,
        products: lines.into_iter().map(PlacedProduct::of).collect(),
    })
}

/// Changes an order that nobody packs yet, whole.
pub fn update(
    tx: &mut Tx<'_>,
    client_id: &str,
    id: &str,
    wanted: &[Wanted],
) -> Result<PlacedOrder> {
    let known = own(tx, client_id, id)?;
    let [wanted] = wanted else {
        return Err(Refusal::invalid_param("order", "give exactly one").into());
    };
    if !known.status.may_be_updated() {
        let cause = "the order is being packed, or is over: it is changed no more";
        return Err(Refusal::not_entitled(cause).into());
    }
    order::lock(tx, client_id)?;
    if wanted.customer_ref != known.customer_ref
        && order::by_ref(tx, client_id, &wanted.customer_ref)?.is_some()
    {
        return Err(taken(0));
    }
    check_products(tx, client_id, std::slice::from_ref(wanted))?;
    check_addresses(std::slice::from_ref(wanted))?;
    let after = Order {
        customer_ref: wanted.customer_ref.clone(),
        address: Some(wanted.address.clone()),
        force_address: wanted.force_address,
        ..known
    };
    must(order::change(tx, &after, &wanted.lines)?)?;
    // A test order goes on as it plays; the address of a real one was just looked at.
    if after.test_mode.is_none() && after.status != Status::Verified {
        must(order::move_to(tx, &after, Status::Verified)?)?;
    }
    placed(tx, after.id)
}

/// Cancels an order; one that was cancelled stays so.
pub fn cancel(tx: &mut Tx<'_>, client_id: &str, id: &str) -> Result<()> {
    let known = own(tx, client_id, id)?;
    if known.status == Status::Trashed {
        return Ok(());
    }
    if !known.status.may_become(Status::Trashed) {
        let cause = "the order is shipped, or failed: it cannot be cancelled";
        return Err(Refusal::not_entitled(cause).into());
    }
    must(order::move_to(tx, &known, Status::Trashed)?)
}

/// An order of the application. Unknown ones and those of others are answered alike.
fn own(tx: &mut Tx<'_>, client_id: &str, id: &str) -> Result<Order> {
    let found = match id.parse() {
        Ok(id) => order::of_application(tx, client_id, id)?,
        Err(_) => None,
    };
    let cause = "the application has no such order";
    found.ok_or_else(|| Refusal::rejected("order_id", cause).into())
}

/// The order was where it was found; else everything is done again.
fn must(is_done: bool) -> Result<()> {
    match is_done {
        true => Ok(()),
        false => Err(Failure::Conflict("the order moved meanwhile".to_owned()).into()),
    }
}

/// Samples for the OpenAPI document.
pub(crate) fn sample_order() -> serde_json::Value {
    let address = Address {
        name: "John Example".to_owned(),
        company_name: None,
        email: "john@example.org".to_owned(),
        telephone: None,
        address1: "1st Avenue".to_owned(),
        address2: Some("Apartment 12".to_owned()),
        city: "New York".to_owned(),
        zip: "10001".to_owned(),
        state: Some("NY".to_owned()),
        country: "US".to_owned(),
    };
    let product = json!({ "ean": "3700546702518", "quantity": 1 });
    json!([{ "customer_ref_id": "REF-1", "address": address, "products": [product] }])
}

/// What the call with [`sample_order`] answers.
pub(crate) fn sample_placed(status: Status) -> PlacedOrder {
    let (ean, partner_ref) = (Some("3700546702518".to_owned()), None);
    PlacedOrder {
        order_id: "D12345678".to_owned(),
        customer_ref_id: "REF-1".to_owned(),
        dropshipmentorderid: "32948634".to_owned(),
        status,
        products: vec![PlacedProduct { ean, partner_ref, quantity: 1 }],
    }
}
