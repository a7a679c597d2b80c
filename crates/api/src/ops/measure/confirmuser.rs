//! `measure confirmuser`: a person says whether a doubtful measure is theirs.

use crate::caller::{Metrics, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use domain::measure::{Attrib, Category};
use domain::{GroupId, Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::measure::{self, Group};
use store::{device, weighing};

/// Says whether a group with `attrib` 1 is the person's own.
///
/// A group that is confirmed gets `attrib` 7; one nobody doubts stays as it is. A group that is
/// denied is the person's no more, and waits to be claimed by somebody who uses the device. Only
/// what a device measured can be confirmed or denied, and only what was in doubt can be denied.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ConfirmUser {
    /// The group.
    pub grpid: GroupId,
    /// Whether the measures are the person's.
    pub is_confirmed: bool,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Confirmed {}

impl Operation for ConfirmUser {
    const PATH: &'static str = "/v2/measure";
    const ACTION: &'static str = "confirmuser";
    const ACCESS: Access = Access::Write;
    type Caller = Scoped<Metrics>;
    type Reply = Confirmed;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Metrics>) -> Result<Confirmed> {
        let group = find(tx, caller.user, self.grpid)?;
        if self.is_confirmed {
            confirm(tx, &group)?;
        } else {
            deny(tx, &group)?;
        }
        Ok(Confirmed {})
    }

    fn examples() -> Vec<Example<Confirmed>> {
        let params = json!({ "grpid": 4_592_233_961_489_585_i64, "is_confirmed": true });
        vec![Example { summary: "The measures are mine", params, reply: Confirmed {} }]
    }
}

/// Unknown, somebody else's, taken away and entered by hand are told apart in the log alone.
fn find(tx: &mut Tx<'_>, user: UserId, id: GroupId) -> Result<Group> {
    if id.parts().0 != user {
        return Err(rejected("the group is somebody else's, or nobody's"));
    }
    let group = measure::find(tx, id)?;
    let group = group.ok_or_else(|| rejected("no such group, or one that was taken away"))?;
    if group.device.is_none() || group.category != Category::REAL {
        return Err(rejected("the group was entered by hand or is an objective"));
    }
    Ok(group)
}

fn confirm(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    if group.attrib != Attrib::AMBIGUOUS {
        return Ok(());
    }
    measure::change(tx, group, &Group { attrib: Attrib::CONFIRMED, ..group.clone() })
}

/// The receipt stays: when the device sends the same again, it is known and stored for nobody.
fn deny(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    if ![Attrib::AMBIGUOUS, Attrib::CONFIRMED].contains(&group.attrib) {
        return Err(rejected("nobody doubts whose the group is"));
    }
    measure::remove(tx, group)?;
    // The device of an imported group has no other people here who could claim it.
    let device = match group.device {
        Some(id) => device::find(tx, id)?,
        None => None,
    };
    if let Some(device) = device {
        weighing::keep(tx, device.id, group.date, &group.measures)?;
    }
    Ok(())
}

fn rejected(cause: &str) -> domain::Error {
    Refusal::rejected("grpid", cause).into()
}
