//! `signature getnonce`: what the next signed call is signed with.

use crate::caller::TimeSigned;
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A nonce: good for one signed call of this application, for half an hour.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetNonce {
    /// The time, in Unix seconds, within ten minutes of the server's. It is signed.
    #[serde(rename = "timestamp")]
    #[expect(dead_code, reason = "the proof reads it; here it is described")]
    timestamp: i64,
}

/// A nonce.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Nonce {
    /// 40 hex digits.
    pub nonce: String,
}

impl Operation for GetNonce {
    const PATH: &'static str = "/v2/signature";
    const ACTION: &'static str = "getnonce";
    const ACCESS: Access = Access::Write;
    type Caller = TimeSigned;
    type Reply = Nonce;

    fn call(self, tx: &mut Tx<'_>, caller: TimeSigned) -> Result<Nonce> {
        Ok(Nonce { nonce: store::nonce::issue(tx, &caller.client_id)? })
    }

    fn examples() -> Vec<Example<Nonce>> {
        let reply = Nonce { nonce: "0123456789abcdef0123456789abcdef01234567".to_owned() };
        let params = json!({ "timestamp": 1_795_379_630 });
        vec![Example { summary: "A nonce for one signed call", params, reply }]
    }
}
