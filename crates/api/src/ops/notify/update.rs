//! `notify update`: another address, category or comment.

use super::{
    Done, allowed, checked_comment, checked_secret, exists, find, known, not_there, refusals,
};
use crate::caller::Holder;
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Error, Refusal, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::subscription::{self, Subscription};

/// Changes a subscription: at least one of the new values is given. What waits goes to the new
/// address, which has to answer as at `subscribe`. One that is not there: 294; if there is one like
/// it already: 295.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Update {
    /// Its address.
    pub callbackurl: String,
    /// Its category.
    pub appli: i64,
    /// Another address.
    pub new_callbackurl: Option<String>,
    /// Another category.
    pub new_appli: Option<i64>,
    /// Another comment.
    pub comment: Option<String>,
    /// Another secret to sign with; the one before signs too for a day. Not in the reference.
    pub webhook_secret: Option<String>,
}

impl Update {
    /// The subscription before and after.
    fn change(&self, tx: &mut Tx<'_>, caller: &Holder) -> Result<(Subscription, Subscription)> {
        let says_nothing = self.new_callbackurl.is_none()
            && self.new_appli.is_none()
            && self.comment.is_none()
            && self.webhook_secret.is_none();
        if says_nothing {
            let text = "Invalid Params: give new_callbackurl, new_appli or comment";
            return Err(Refusal::new(domain::Status::INVALID_PARAMS, text, text).into());
        }
        checked_comment(self.comment.as_deref())?;
        checked_secret(self.webhook_secret.as_deref())?;
        let appli = known("appli", self.appli)?;
        let to = self.new_appli.map(|to| allowed(caller, "new_appli", to)).transpose()?;
        let before = find(tx, caller, &self.callbackurl, appli)?.ok_or_else(not_there)?;
        let callback = self.new_callbackurl.as_ref().unwrap_or(&before.callback).clone();
        let comment = self.comment.clone().or_else(|| before.comment.clone());
        let appli = to.unwrap_or(before.appli);
        let after = Subscription { callback, appli, comment, ..before.clone() };
        Ok((before, after))
    }
}

impl Operation for Update {
    const PATH: &'static str = "/notify";
    const ACTION: &'static str = "update";
    const ACCESS: Access = Access::Write;
    type Caller = Holder;
    type Reply = Done;

    fn asks(&self, tx: &mut Tx<'_>, caller: &Holder) -> Result<Option<String>> {
        let (before, after) = self.change(tx, caller)?;
        if subscription::is_taken(tx, &after)? {
            return Err(exists());
        }
        Ok((before.callback != after.callback).then_some(after.callback))
    }

    fn call(self, tx: &mut Tx<'_>, caller: Holder) -> Result<Done> {
        let (before, after) = self.change(tx, &caller)?;
        if !subscription::change(tx, &after)? {
            return Err(exists());
        }
        if self.webhook_secret.is_some() {
            subscription::set_secret(tx, &before, self.webhook_secret.as_deref())?;
        }
        Ok(Done {})
    }

    fn refusals() -> Vec<Error> {
        [refusals(), vec![not_there()]].concat()
    }

    fn examples() -> Vec<Example<Done>> {
        let params = json!({
            "callbackurl": "https://my.example.org/notify",
            "appli": 1,
            "new_callbackurl": "https://my.example.org/v2/notify",
        });
        vec![Example { summary: "Another address", params, reply: Done {} }]
    }
}
