//! The orders of an application somebody registered. Only an operator puts an application into an
//! organization; whoever keeps it then says how its orders go on, unless the operator's warehouse
//! alone does. Test orders go on by themselves.

use super::developer::find_own;
use crate::admin::{self, OrderSummary, read_mac};
use crate::orders::Shipping;
use domain::order::{OrderId, Status};
use domain::{Refusal, Result, UserId};
use store::application::Application;
use store::order::{self, Order, Place};
use store::{Tx, device};

/// An order with the application it is of.
#[derive(Debug)]
pub struct OwnOrder {
    /// The application.
    pub application: Application,
    /// The order.
    pub summary: OrderSummary,
}

/// How an order goes on.
#[derive(Debug, Clone)]
pub enum Move {
    /// To this state.
    Status(String),
    /// Its parcel to this state.
    Parcel(String),
    /// To the carrier.
    Ship(Shipping),
}

/// Orders of an application, newest first, after a place; none if it is not the person's.
pub fn own_orders(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    status: Option<Status>,
    after: Option<Place>,
    limit: i64,
) -> Result<Option<(Application, Vec<Order>)>> {
    let Some(application) = find_own(tx, owner, client_id)? else { return Ok(None) };
    let orders = order::newest(tx, &application.client_id, status, after, limit)?;
    Ok(Some((application, orders)))
}

/// An order of an application; none if it is not the person's.
pub fn own_order(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    id: &str,
) -> Result<Option<OwnOrder>> {
    let Some(application) = find_own(tx, owner, client_id)? else { return Ok(None) };
    let Ok(id) = id.parse::<OrderId>() else { return Ok(None) };
    if order::of_application(tx, &application.client_id, id)?.is_none() {
        return Ok(None);
    }
    let summary = admin::find_order(tx, &id.to_string())?;
    Ok(Some(OwnOrder { application, summary }))
}

/// Says how an order goes on; none if it is not the person's. Of a refusal nothing is left.
pub fn move_own_order(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    id: &str,
    to: &Move,
) -> Result<Option<OrderSummary>> {
    let Some(own) = own_order(tx, owner, client_id, id)? else { return Ok(None) };
    if own.application.about.organization.is_none() {
        let problem = "the application is in no organization; ask the operator of the server";
        return Err(Refusal::invalid_param("order", problem).into());
    }
    match to {
        Move::Status(status) => admin::move_order(tx, id, status),
        Move::Parcel(parcel) => admin::move_parcel(tx, id, parcel),
        Move::Ship(shipping) => {
            are_free(tx, &own, shipping)?;
            admin::ship_order(tx, id, shipping)
        }
    }
    .map(Some)
}

/// Whose a device is otherwise is not told: neither another organization's nor one that somebody
/// uses is sent out. That of the organization is, and what was sent already.
fn are_free(tx: &mut Tx<'_>, own: &OwnOrder, shipping: &Shipping) -> Result<()> {
    let organization = own.application.about.organization;
    for (at, one) in shipping.devices.iter().enumerate() {
        let name = format!("devices[{at}].mac_address");
        let Some(known) = device::find_by_mac(tx, read_mac(&name, &one.mac)?)? else { continue };
        let is_theirs = known.organization == organization;
        let is_used = !device::users(tx, known.id)?.is_empty();
        if !is_theirs && (known.organization.is_some() || is_used) {
            let problem = "it is not free; ask the operator of the server";
            return Err(Refusal::invalid_param(&name, problem).into());
        }
    }
    Ok(())
}
