//! `dropshipment getorderstatus`: the older name of `order getdetail`.

use crate::caller::{Orderer, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::orders::{Lookup, OrderDetail, OrderDetails};
use domain::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// How far orders are. The reference wants `order getdetail` instead; both answer the same.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetOrderStatus {
    /// Up to 100 numbers of ours: a JSON list, or with commas. Not with `customer_ref_ids`.
    #[schemars(with = "Option<String>")]
    pub order_ids: Option<Vec<String>>,
    /// Up to 100 names of the partner's: a JSON list, or with commas. Not with `order_ids`.
    #[schemars(with = "Option<String>")]
    pub customer_ref_ids: Option<Vec<String>>,
    /// Only orders on this bill.
    pub customerid: Option<String>,
    /// Taken, and changes nothing.
    pub enrich: Option<bool>,
}

impl Operation for GetOrderStatus {
    const PATH: &'static str = "/v2/dropshipment";
    const ACTION: &'static str = "getorderstatus";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Orderer>;
    type Reply = OrderDetails;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Orderer>) -> Result<OrderDetails> {
        let Self { order_ids, customer_ref_ids, customerid: customer_id, .. } = self;
        Lookup { order_ids, customer_ref_ids, customer_id }.find(tx, &caller.client_id)
    }

    fn examples() -> Vec<Example<OrderDetails>> {
        let reply = OrderDetails { orders: vec![OrderDetail::sample()] };
        let params = json!({ "order_ids": "[\"D12345678\"]" });
        vec![Example { summary: "An order on its way", params, reply }]
    }
}
