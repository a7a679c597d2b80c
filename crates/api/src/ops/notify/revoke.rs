//! `notify revoke`: the application does not want to be told any more.

use super::{Done, known};
use crate::caller::Holder;
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Error, Refusal, Result, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::subscription;

/// Ends the application's subscriptions for the person at one address. None there: 286.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Revoke {
    /// The address.
    pub callbackurl: String,
    /// Only this category; without it every one.
    pub appli: Option<i64>,
}

fn none_there() -> Error {
    let text = "There is no such subscription that could be deleted";
    let cause = "the application has no subscription of this address for the person";
    Refusal::new(Status::NO_SUBSCRIPTION, text, cause).into()
}

impl Operation for Revoke {
    const PATH: &'static str = "/notify";
    const ACTION: &'static str = "revoke";
    const ACCESS: Access = Access::Write;
    type Caller = Holder;
    type Reply = Done;

    fn call(self, tx: &mut Tx<'_>, caller: Holder) -> Result<Done> {
        let appli = self.appli.map(|appli| known("appli", appli)).transpose()?;
        let all = subscription::list(tx, caller.user, &caller.client_id, appli)?;
        let mut here = all.iter().filter(|one| one.callback == self.callbackurl).peekable();
        if here.peek().is_none() {
            return Err(none_there());
        }
        here.try_for_each(|one| subscription::end(tx, one.user, one.id))?;
        Ok(Done {})
    }

    fn refusals() -> Vec<Error> {
        vec![none_there()]
    }

    fn examples() -> Vec<Example<Done>> {
        let params = json!({ "callbackurl": "https://my.example.org/notify", "appli": 1 });
        vec![Example { summary: "One category", params, reply: Done {} }]
    }
}
