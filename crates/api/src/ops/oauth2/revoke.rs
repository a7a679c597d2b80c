//! `oauth2 revoke`: an application gives back what a person let it have.

use crate::caller::{Anybody, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::grant;

/// Ends every access and refresh token of this application for one person, and what it is told
/// about them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Revoke {
    /// Who.
    pub userid: UserId,
}

/// Nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Revoked {}

impl Operation for Revoke {
    const PATH: &'static str = "/v2/oauth2";
    const ACTION: &'static str = "revoke";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Anybody>;
    type Reply = Revoked;

    fn concerns(&self) -> Option<UserId> {
        Some(self.userid)
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Anybody>) -> Result<Revoked> {
        if grant::revoke(tx, &caller.client_id, self.userid)? == 0 {
            let cause = "nobody of this id lets the application read their data";
            return Err(Refusal::rejected("userid", cause).into());
        }
        Ok(Revoked {})
    }

    fn examples() -> Vec<Example<Revoked>> {
        let params = json!({ "userid": 21_345_678 });
        vec![Example { summary: "Nothing of one person any more", params, reply: Revoked {} }]
    }
}
