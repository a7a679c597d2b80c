//! `notify get`: one subscription.

use super::{NEVER, find, known, not_there};
use crate::caller::Holder;
use crate::operation::{Access, Example, Operation, Tx};
use domain::notification::Appli;
use domain::{Error, Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::subscription::Subscription;

/// One subscription of the application for the person. One that is not there: 294.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Get {
    /// Where it is told.
    pub callbackurl: String,
    /// Of what; 1 if it is not said.
    pub appli: Option<i64>,
}

/// A subscription.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile {
    /// Of what the application is told.
    pub appli: Appli,
    /// Where.
    pub callbackurl: String,
    /// Until when: never.
    pub expires: UnixTime,
    /// What the application noted; null if nothing.
    pub comment: Option<String>,
}

impl From<Subscription> for Profile {
    fn from(subscription: Subscription) -> Self {
        let Subscription { appli, callback, comment, .. } = subscription;
        Self { appli, callbackurl: callback, expires: UnixTime(NEVER), comment }
    }
}

impl Operation for Get {
    const PATH: &'static str = "/notify";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Holder;
    type Reply = Profile;

    fn call(self, tx: &mut Tx<'_>, caller: Holder) -> Result<Profile> {
        let appli = known("appli", self.appli.unwrap_or(Appli::WEIGHT.0))?;
        let found = find(tx, &caller, &self.callbackurl, appli)?;
        Ok(found.ok_or_else(not_there)?.into())
    }

    fn refusals() -> Vec<Error> {
        vec![not_there()]
    }

    fn examples() -> Vec<Example<Profile>> {
        let callbackurl = "https://my.example.org/notify".to_owned();
        let params = json!({ "callbackurl": callbackurl, "appli": 1 });
        let (appli, expires) = (Appli::WEIGHT, UnixTime(NEVER));
        let reply = Profile { appli, callbackurl, expires, comment: None };
        vec![Example { summary: "Weight and body composition", params, reply }]
    }
}
