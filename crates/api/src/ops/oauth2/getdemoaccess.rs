//! `oauth2 getdemoaccess`: the demo person's data without the pages.

use crate::caller::{Anybody, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result, ScopeSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{person, token};

/// Tokens for the data of the demo person, the same as `mode=demo` gives on the pages. What they
/// open can be read and not changed.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GetDemoAccess {
    /// What is asked for: names of scopes, separated by commas.
    pub scope_oauth2: String,
}

/// A pair of tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DemoTokens {
    /// 40 hex digits.
    pub access_token: String,
    /// 40 hex digits.
    pub refresh_token: String,
    /// Seconds the access token lives: 10,800.
    pub expires_in: i64,
}

impl Operation for GetDemoAccess {
    const PATH: &'static str = "/v2/oauth2";
    const ACTION: &'static str = "getdemoaccess";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Anybody>;
    type Reply = DemoTokens;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Anybody>) -> Result<DemoTokens> {
        let problem = "give names of scopes, separated by commas";
        let scopes = ScopeSet::parse(&self.scope_oauth2)
            .ok_or_else(|| Refusal::invalid_param("scope_oauth2", problem))?;
        let cause = "this server has no demo person; see `vitald user create --demo`";
        let demo = person::demo(tx)?.ok_or_else(|| Refusal::not_entitled(cause))?;
        let tokens = token::issue_read_only(tx, demo.id, &caller.client_id, &scopes)?;
        Ok(DemoTokens {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_in: tokens.expires_in,
        })
    }

    fn examples() -> Vec<Example<DemoTokens>> {
        let reply = DemoTokens {
            access_token: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            refresh_token: "89abcdef0123456789abcdef0123456789abcdef".to_owned(),
            expires_in: 10_800,
        };
        let params = json!({ "scope_oauth2": "user.metrics,user.activity" });
        vec![Example { summary: "Measures and activity of the demo person", params, reply }]
    }
}
