//! Orders and the catalogue, as an operator sees them. What the moves mean stands in
//! `crate::orders`.

use crate::orders::{self, OrderDetail, Shipping};
use domain::order::{Kind, OrderId, ParcelStatus, Status, is_ref};
use domain::{OrganizationId, Refusal, Result, UserId};
use store::order::{self, Filter, Order};
use store::product::{self, EVERYBODY, Product};
use store::{Tx, organization};

/// A product's name for people has at most this many characters.
const NAME_CHARS_MAX: usize = 100;
/// What is in one box.
const MODELS_MAX: usize = 16;

/// An order, and what partners read of it.
#[derive(Debug)]
pub struct OrderSummary {
    /// The order.
    pub order: Order,
    /// What `order getdetail` answers.
    pub detail: OrderDetail,
}

impl OrderSummary {
    /// Whose the devices become.
    pub fn user(&self) -> Option<UserId> {
        self.order.user
    }
}

/// The order of that number.
pub fn find_order(tx: &mut Tx<'_>, id: &str) -> Result<OrderSummary> {
    let id = order_id(id)?;
    summary(tx, id)
}

/// Orders in the order of their numbers, after one.
pub fn list_orders(tx: &mut Tx<'_>, filter: &Filter, after: OrderId) -> Result<Vec<Order>> {
    order::list(tx, filter, after, super::LIST_ROWS)
}

/// Moves an order that is not shipped.
pub fn move_order(tx: &mut Tx<'_>, id: &str, status: &str) -> Result<OrderSummary> {
    let id = order_id(id)?;
    let status: Status = status.parse().map_err(|_| one_of("status", Status::ALL))?;
    orders::move_order(tx, id, status)?;
    summary(tx, id)
}

/// Moves the parcel of an order.
pub fn move_parcel(tx: &mut Tx<'_>, id: &str, parcel: &str) -> Result<OrderSummary> {
    let id = order_id(id)?;
    let parcel: ParcelStatus =
        parcel.parse().map_err(|_| one_of("parcel_status", ParcelStatus::ALL))?;
    orders::move_parcel(tx, id, parcel)?;
    summary(tx, id)
}

/// Hands an order over to the carrier. A refusal registers and links nothing.
pub fn ship_order(tx: &mut Tx<'_>, id: &str, shipping: &Shipping) -> Result<OrderSummary> {
    let id = order_id(id)?;
    tx.attempt(|tx| orders::ship(tx, id, shipping))?;
    summary(tx, id)
}

/// Makes an order that stands in for another one.
pub fn replace_order(tx: &mut Tx<'_>, id: &str, name: Option<&str>) -> Result<OrderSummary> {
    let made = orders::replace(tx, order_id(id)?, name)?;
    summary(tx, made)
}

fn one_of<S: std::fmt::Display>(name: &str, all: &[S]) -> Refusal {
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    Refusal::invalid_param(name, format!("expected one of {}", names.join(", ")))
}

fn order_id(text: &str) -> Result<OrderId> {
    let problem = "expected a number such as D12345678; see `vitald order list`";
    text.parse().map_err(|_| Refusal::invalid_param("order", problem).into())
}

fn summary(tx: &mut Tx<'_>, id: OrderId) -> Result<OrderSummary> {
    let found = order::find(tx, id)?;
    let order = found.ok_or_else(|| Refusal::invalid_param("order", "there is no such order"))?;
    let detail = OrderDetail::of(tx, order.clone())?;
    Ok(OrderSummary { order, detail })
}

/// A product to be.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// Who can order it; none: everybody.
    pub organization: Option<OrganizationId>,
    /// How it is named.
    pub kind: Kind,
    /// Its name.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The devices in the box, by model.
    pub models: Vec<i64>,
}

/// Puts a product into the catalogue, or changes the one of that name.
pub fn add_product(tx: &mut Tx<'_>, new: &NewProduct) -> Result<Product> {
    check_code(new.kind, &new.code)?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.contains(char::is_control) {
        let problem = format!("expected 1 to {NAME_CHARS_MAX} characters");
        return Err(Refusal::invalid_param("name", problem).into());
    }
    if new.models.len() > MODELS_MAX {
        return Err(Refusal::invalid_param("model", format!("at most {MODELS_MAX}")).into());
    }
    new.models.iter().try_for_each(|model| super::check_model("model", *model))?;
    let organization = of(tx, new.organization)?;
    let product = Product {
        organization,
        kind: new.kind,
        code: new.code.clone(),
        name: name.to_owned(),
        models: new.models.clone(),
        created: tx.now(),
    };
    product::put(tx, &product)?;
    Ok(product)
}

/// The catalogue, after a product.
pub fn list_products(tx: &mut Tx<'_>, after: Option<&Product>) -> Result<Vec<Product>> {
    let after = after.map_or((OrganizationId(-1), "", ""), |last| {
        (last.organization, last.kind.name(), last.code.as_str())
    });
    product::list(tx, after, super::LIST_ROWS)
}

/// Takes a product out of the catalogue; orders of it stay.
pub fn remove_product(
    tx: &mut Tx<'_>,
    organization: Option<OrganizationId>,
    kind: Kind,
    code: &str,
) -> Result<()> {
    if product::remove(tx, organization.unwrap_or(EVERYBODY), kind, code)? {
        return Ok(());
    }
    let problem = "the catalogue has no such product; see `vitald product list`";
    Err(Refusal::invalid_param(kind.name(), problem).into())
}

fn check_code(kind: Kind, code: &str) -> Result<()> {
    if is_ref(code) {
        return Ok(());
    }
    Err(Refusal::invalid_param(kind.name(), "expected 1 to 64 printable ASCII characters").into())
}

fn of(tx: &mut Tx<'_>, id: Option<OrganizationId>) -> Result<OrganizationId> {
    let Some(id) = id else { return Ok(EVERYBODY) };
    if organization::find(tx, id)?.is_none() {
        let problem = "no such organization; see `vitald organization list`";
        return Err(Refusal::invalid_param("organization", problem).into());
    }
    Ok(id)
}
