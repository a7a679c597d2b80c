//! `vitald delete`: takes away what is wrong.

use crate::caller::{self, Scoped};
use crate::deletion;
use crate::operation::{Access, Example, Operation, Tx};
use domain::{GroupId, Refusal, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Takes a group of measures, a workout or a night away: one of them a call.
///
/// It is gone from all answers, and the change feed says that it is. A night goes with the stages
/// and series that were noticed in it, whatever device noticed them. What is deleted stays away
/// when a device or an import brings the same again.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Delete {
    /// The id of a group (`grpid` of getmeas).
    pub grpid: Option<GroupId>,
    /// The id of a workout (`id` of getworkouts).
    pub workoutid: Option<GroupId>,
    /// The id of a night (`id` of getsummary).
    pub nightid: Option<GroupId>,
}

/// Nothing: it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Deleted {}

impl Operation for Delete {
    const PATH: &'static str = super::PATH;
    const ACTION: &'static str = "delete";
    const ACCESS: Access = Access::Write;
    type Caller = Scoped<caller::Delete>;
    type Reply = Deleted;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<caller::Delete>) -> Result<Deleted> {
        match (self.grpid, self.workoutid, self.nightid) {
            (Some(id), None, None) => deletion::group(tx, caller.user, id)?,
            (None, Some(id), None) => deletion::workout(tx, caller.user, id)?,
            (None, None, Some(id)) => deletion::night(tx, caller.user, id)?,
            _ => {
                let problem = "give one of grpid, workoutid and nightid";
                return Err(Refusal::invalid_param("grpid", problem).into());
            }
        }
        Ok(Deleted {})
    }

    fn examples() -> Vec<Example<Deleted>> {
        let params = json!({ "nightid": 4_592_233_961_489_588_i64 });
        vec![Example { summary: "A night", params, reply: Deleted {} }]
    }
}
