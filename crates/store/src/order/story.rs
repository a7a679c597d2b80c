//! What test orders play, on the clock: whatever is due happens, the earliest first, whoever of
//! several nodes gets there first.

use super::{Order, Shipment, move_parcel, move_to, read, ship};
use crate::tx::{Tx, values};
use domain::Result;
use domain::order::{Event, Status, TEST_CARRIER, TEST_SERVICE};

/// Events of one transaction, so that nobody waits long for it.
pub const STEPS_MAX: usize = 200;

/// When the next test order goes on, if one does.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<i64>> {
    let sql = "select due from parcel_order where due is not null order by due, order_id limit 1";
    tx.row(sql, &[], |row| row.int(0))
}

/// Lets happen what is due, at most so much: how much it was.
pub fn advance(tx: &mut Tx<'_>, limit: usize) -> Result<usize> {
    let sql = columns!("due is not null and due <= $1 order by due, order_id limit 1");
    for done in 0..limit {
        let now = tx.now();
        let Some(order) = tx.row(sql, values![now], read)? else { return Ok(done) };
        step(tx, &order)?;
    }
    Ok(limit)
}

fn step(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let event_at = |step: i64| {
        let step = usize::try_from(step).ok()?;
        order.test_mode?.event(step)
    };
    let due = event_at(order.step + 1).map(|(seconds, _)| order.created + seconds);
    let next = event_at(order.step).map(|(_, event)| event).filter(|event| is_open(order, *event));
    // Without a way on (the order was cancelled meanwhile), it is over.
    let due = due.filter(|_| next.is_some());
    // Of several nodes one gets this far.
    let sql = "update parcel_order set step = $3, due = $4 \
               where order_id = $1 and step = $2 and status = $5";
    let status = order.status.name();
    if tx.exec(sql, values![order.id.0, order.step, order.step + 1, due, status])? == 0 {
        return Ok(());
    }
    let order = Order { step: order.step + 1, due, ..order.clone() };
    match next {
        Some(Event::Order(Status::Shipped)) => ship(tx, &order, &pretended(tx, &order)),
        Some(Event::Order(status)) => move_to(tx, &order, status),
        Some(Event::Parcel(parcel)) => move_parcel(tx, &order, parcel),
        None => Ok(true),
    }
    .map(|_| ())
}

/// Whether the tables let it happen now.
fn is_open(order: &Order, event: Event) -> bool {
    match event {
        Event::Order(status) => order.status.may_become(status),
        Event::Parcel(parcel) => order.parcel_status.is_some_and(|now| now.may_become(parcel)),
    }
}

fn pretended(tx: &Tx<'_>, order: &Order) -> Shipment {
    Shipment {
        carrier: Some(TEST_CARRIER.to_owned()),
        service: Some(TEST_SERVICE.to_owned()),
        tracking: Some(format!("TEST-{}", order.id)),
        date: Some(domain::calendar::date(tx.now().div_euclid(domain::DAY_SECONDS)).to_string()),
    }
}
