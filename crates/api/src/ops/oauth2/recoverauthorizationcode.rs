//! `oauth2 recoverauthorizationcode`: a way back to an account the application made.

use crate::caller::{AccountMaker, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::partner;
use domain::{Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::person;

/// A new authorization code for a person whose account this application made, for when its tokens
/// are lost. It lives ten minutes and goes with any redirect address of the application.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RecoverAuthorizationCode {
    /// Who.
    pub userid: UserId,
}

/// A code for a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Recovered {
    /// For whom.
    pub user: RecoveredUser,
}

/// What stands in `user`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RecoveredUser {
    /// The authorization code, for `oauth2 requesttoken`.
    pub code: String,
}

impl Operation for RecoverAuthorizationCode {
    const PATH: &'static str = "/v2/oauth2";
    const ACTION: &'static str = "recoverauthorizationcode";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<AccountMaker>;
    type Reply = Recovered;

    fn concerns(&self) -> Option<UserId> {
        Some(self.userid)
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<AccountMaker>) -> Result<Recovered> {
        let client_id = caller.client_id.as_str();
        let found = person::find(tx, self.userid)?;
        let owned = found.filter(|person| person.owner.as_deref() == Some(client_id));
        let cause = "no account of this id was made by the application";
        let user = owned.ok_or_else(|| Refusal::rejected("userid", cause))?.id;
        let code = partner::code(tx, client_id, user, None)?;
        Ok(Recovered { user: RecoveredUser { code } })
    }

    fn examples() -> Vec<Example<Recovered>> {
        let code = "a0a1a2a3a4a5a6a7a8a9b0b1b2b3b4b5b6b7b8b9".to_owned();
        let reply = Recovered { user: RecoveredUser { code } };
        let params = json!({ "userid": 21_345_678 });
        vec![Example { summary: "A code for an account of the application", params, reply }]
    }
}
