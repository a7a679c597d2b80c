//! `user unlink`: takes a device from a person.

use super::link::{authorized, is_used_by, rejected};
use crate::caller::{Info, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::device::Mac;
use domain::{Refusal, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::device;

/// Takes a device from the person. What it measured stays the person's. The application's
/// organization has to be the one the device is registered for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Unlink {
    /// Its hardware address.
    pub mac_address: String,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unlinked {}

impl Operation for Unlink {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "unlink";
    const ACCESS: Access = Access::Write;
    type Caller = Scoped<Info>;
    type Reply = Unlinked;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Info>) -> Result<Unlinked> {
        let problem = "expected 12 hex digits, such as 00:24:e4:12:34:56";
        let mac: Mac = (self.mac_address.trim().parse())
            .map_err(|_| Refusal::invalid_param("mac_address", problem))?;
        let device = authorized(tx, &caller.client_id, mac, "mac_address")?;
        if !is_used_by(tx, &device, caller.user)? {
            return Err(rejected("mac_address", "the person does not use the device"));
        }
        store::raw::deactivate(tx, caller.user, device.id, None)?;
        device::unlink(tx, device.id, caller.user)?;
        Ok(Unlinked {})
    }

    fn examples() -> Vec<Example<Unlinked>> {
        let params = json!({ "mac_address": "00:24:e4:12:34:56" });
        vec![Example { summary: "A scale", params, reply: Unlinked {} }]
    }
}
