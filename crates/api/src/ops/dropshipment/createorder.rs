//! `dropshipment createorder`: has products sent to people.

use crate::caller::{Logistics, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::orders::{self, PlaceOrders, Placed};
use domain::Result;
use domain::order::Status;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Orders products for people without an account: all orders of the call are placed, or none.
///
/// Where an address is none of its country, the answer is status 503 and
/// `invalid_address_customer_ref_ids` in its body names the orders.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CreateOrder {
    /// 1 to 10 orders, as a JSON list of objects with `customer_ref_id`, `address`, `products` and
    /// perhaps `force_address`.
    pub order: String,
    /// Whose bill it is on; it is told again with every notification.
    pub customerid: Option<String>,
    /// Plays a sequence instead of sending anything. 1: shipped. 2: cancelled. 3: failed. 4: held
    /// back.
    pub testmode: Option<i64>,
    /// A number of the partner's own.
    pub platformid: Option<i64>,
}

impl Operation for CreateOrder {
    const PATH: &'static str = "/v2/dropshipment";
    const ACTION: &'static str = "createorder";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Logistics>;
    type Reply = Placed;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Logistics>) -> Result<Placed> {
        let wanted = PlaceOrders {
            orders: orders::parse(&self.order)?,
            customer_id: self.customerid,
            platform_id: self.platformid,
            test_mode: self.testmode,
            user: None,
        };
        orders::place(tx, &caller.client_id, &wanted)
    }

    fn examples() -> Vec<Example<Placed>> {
        let orders = vec![orders::sample_placed(Status::Verified)];
        let reply = Placed { orders, dropshipmentorderid: "32948634".to_owned() };
        let params = json!({ "order": orders::sample_order().to_string() });
        vec![Example { summary: "A scale for John", params, reply }]
    }
}
