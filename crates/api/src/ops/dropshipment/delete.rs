//! `dropshipment delete`: cancels an order.

use crate::caller::{Orderer, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::orders;
use domain::{Error, Refusal, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Cancels an order; again is the same as once. One that was shipped, or failed, is not cancelled:
/// status 277.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteOrder {
    /// Which order, such as `D12345678`.
    pub order_id: String,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cancelled {}

impl Operation for DeleteOrder {
    const PATH: &'static str = "/v2/dropshipment";
    const ACTION: &'static str = "delete";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Orderer>;
    type Reply = Cancelled;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Orderer>) -> Result<Cancelled> {
        orders::cancel(tx, &caller.client_id, &self.order_id)?;
        Ok(Cancelled {})
    }

    fn refusals() -> Vec<Error> {
        vec![Refusal::not_entitled("").into()]
    }

    fn examples() -> Vec<Example<Cancelled>> {
        let params = json!({ "order_id": "D12345678" });
        vec![Example { summary: "One order", params, reply: Cancelled {} }]
    }
}
