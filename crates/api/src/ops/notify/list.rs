//! `notify list`: what the application is told of a person.

use super::{NEVER, Profile, known};
use crate::caller::Holder;
use crate::operation::{Access, Example, Operation, Tx};
use domain::notification::Appli;
use domain::{Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::subscription;

/// The application's subscriptions for the person, oldest first. Those of other applications are
/// not among them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct List {
    /// Only this category.
    pub appli: Option<i64>,
}

/// Subscriptions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profiles {
    /// One a category and address.
    pub profiles: Vec<Profile>,
}

impl Operation for List {
    const PATH: &'static str = "/notify";
    const ACTION: &'static str = "list";
    const ACCESS: Access = Access::Read;
    type Caller = Holder;
    type Reply = Profiles;

    fn call(self, tx: &mut Tx<'_>, caller: Holder) -> Result<Profiles> {
        let appli = self.appli.map(|appli| known("appli", appli)).transpose()?;
        let found = subscription::list(tx, caller.user, &caller.client_id, appli)?;
        Ok(Profiles { profiles: found.into_iter().map(Profile::from).collect() })
    }

    fn examples() -> Vec<Example<Profiles>> {
        let profile = |appli, comment: Option<&str>| Profile {
            appli,
            callbackurl: "https://my.example.org/notify".to_owned(),
            expires: UnixTime(NEVER),
            comment: comment.map(str::to_owned),
        };
        let profiles = vec![profile(Appli::WEIGHT, None), profile(Appli::SLEEP, Some("nights"))];
        vec![Example { summary: "Two", params: json!({}), reply: Profiles { profiles } }]
    }
}
