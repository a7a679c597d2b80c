//! `notify subscribe`: an application wants to be told.

use super::{Done, allowed, checked_comment, checked_secret, exists, known, refusals};
use crate::caller::HolderOrSigned;
use crate::operation::{Access, Example, Operation, Tx};
use domain::notification::Appli;
use domain::{Error, Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::subscription::{self, APPLICATION, New, SUBSCRIPTIONS_MAX};

/// Has the application told whenever there is something new of one category: see
/// `docs/notifications.md`. The address is asked with `HEAD` and has to answer 2xx, else 293. The
/// same again: 295. Category 53 is about no person: it takes a signed call.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Subscribe {
    /// Where to: https on a public name, port 443 or 80, at most 255 characters.
    pub callbackurl: String,
    /// Of what.
    pub appli: i64,
    /// Up to 500 characters that `get` and `list` give back.
    pub comment: Option<String>,
    /// Sign what is sent with this secret, as Standard Webhooks says: `whsec_` and 24 to 64 bytes
    /// in base64. Not in the reference.
    pub webhook_secret: Option<String>,
}

impl Subscribe {
    fn of(&self, caller: &HolderOrSigned) -> Result<(UserId, Appli)> {
        checked_comment(self.comment.as_deref())?;
        checked_secret(self.webhook_secret.as_deref())?;
        match &caller.holder {
            _ if Appli(self.appli) == Appli::NO_ACCOUNT && caller.is_signed => {
                Ok((APPLICATION, Appli::NO_ACCOUNT))
            }
            Some(holder) => Ok((holder.user, allowed(holder, "appli", self.appli)?)),
            None => {
                known("appli", self.appli)?;
                let cause = "a signed call without a token can subscribe to category 53 alone";
                Err(Refusal::invalid_token(cause).into())
            }
        }
    }
}

fn too_many() -> Error {
    let problem = format!("the application has {SUBSCRIPTIONS_MAX} for this person; revoke some");
    Refusal::invalid_param("callbackurl", problem).into()
}

impl Operation for Subscribe {
    const PATH: &'static str = "/notify";
    const ACTION: &'static str = "subscribe";
    const ACCESS: Access = Access::Write;
    type Caller = HolderOrSigned;
    type Reply = Done;

    fn asks(&self, tx: &mut Tx<'_>, caller: &HolderOrSigned) -> Result<Option<String>> {
        let (user, appli) = self.of(caller)?;
        if subscription::count(tx, user, &caller.client_id)? >= SUBSCRIPTIONS_MAX {
            return Err(too_many());
        }
        let all = subscription::list(tx, user, &caller.client_id, Some(appli))?;
        if all.iter().any(|one| one.callback == self.callbackurl) {
            return Err(exists());
        }
        Ok(Some(self.callbackurl.clone()))
    }

    fn call(self, tx: &mut Tx<'_>, caller: HolderOrSigned) -> Result<Done> {
        let (user, appli) = self.of(&caller)?;
        let new = New {
            user,
            client_id: &caller.client_id,
            appli,
            callback: &self.callbackurl,
            comment: self.comment.as_deref(),
            secret: self.webhook_secret.as_deref(),
        };
        subscription::create(tx, &new)?.map(|_| Done {}).ok_or_else(exists)
    }

    fn refusals() -> Vec<Error> {
        refusals()
    }

    fn examples() -> Vec<Example<Done>> {
        let params = json!({
            "callbackurl": "https://my.example.org/notify",
            "appli": 1,
            "comment": "weight of the family",
        });
        vec![Example { summary: "Weight and body composition", params, reply: Done {} }]
    }
}
