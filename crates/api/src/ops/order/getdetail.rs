//! `order getdetail`: how far orders are, and what went out.

use crate::caller::{Orderer, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::orders::{Lookup, OrderDetail, OrderDetails};
use domain::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// How far orders of the application are, and which devices went out. Orders nobody knows are left
/// out: an empty list is no error.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetDetail {
    /// Up to 100 numbers of ours: a JSON list, or with commas. Not with `customer_ref_ids`.
    #[schemars(with = "Option<String>")]
    pub order_ids: Option<Vec<String>>,
    /// Up to 100 names of the partner's: a JSON list, or with commas. Not with `order_ids`.
    #[schemars(with = "Option<String>")]
    pub customer_ref_ids: Option<Vec<String>>,
    /// Only orders on this bill.
    pub customerid: Option<String>,
}

impl Operation for GetDetail {
    const PATH: &'static str = "/v2/order";
    const ACTION: &'static str = "getdetail";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Orderer>;
    type Reply = OrderDetails;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Orderer>) -> Result<OrderDetails> {
        let Self { order_ids, customer_ref_ids, customerid: customer_id } = self;
        Lookup { order_ids, customer_ref_ids, customer_id }.find(tx, &caller.client_id)
    }

    fn examples() -> Vec<Example<OrderDetails>> {
        let reply = OrderDetails { orders: vec![OrderDetail::sample()] };
        let params = json!({ "customer_ref_ids": "[\"REF-1\"]" });
        vec![Example { summary: "An order on its way", params, reply }]
    }
}
