//! `dropshipment update`: changes an order that nobody packs yet.

use crate::caller::{Orderer, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::orders::{self, PlacedOrder};
use domain::order::Status;
use domain::{Error, Refusal, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Says anew what an order is called, where it goes and what is in it. Its address is looked at as
/// a new one's.
///
/// An order that is being packed, or is over, is changed no more: status 277.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct UpdateOrder {
    /// Which order, such as `D12345678`.
    pub order_id: String,
    /// How it is to be, whole: a JSON list of one order.
    pub order: String,
}

/// The order as it is now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UpdatedOrder {
    /// The one.
    pub orders: Vec<PlacedOrder>,
}

impl Operation for UpdateOrder {
    const PATH: &'static str = "/v2/dropshipment";
    const ACTION: &'static str = "update";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Orderer>;
    type Reply = UpdatedOrder;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Orderer>) -> Result<UpdatedOrder> {
        let wanted = orders::parse(&self.order)?;
        let updated = orders::update(tx, &caller.client_id, &self.order_id, &wanted)?;
        Ok(UpdatedOrder { orders: vec![updated] })
    }

    fn refusals() -> Vec<Error> {
        vec![Refusal::not_entitled("").into()]
    }

    fn examples() -> Vec<Example<UpdatedOrder>> {
        let reply = UpdatedOrder { orders: vec![orders::sample_placed(Status::Verified)] };
        let order = orders::sample_order().to_string();
        let params = json!({ "order_id": "D12345678", "order": order });
        vec![Example { summary: "Another address", params, reply }]
    }
}
