//! `nudge list`: the nudges of an application.

use super::get::AboutNudge;
use super::{PAGE_ROWS, after, cut, one_more};
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The nudges of the application, in the order of their ids, by the hundred.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ListNudges {
    /// Of the answer before, unchanged; 0 is the beginning.
    pub offset: Option<i64>,
}

/// A page of nudges.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Nudges {
    /// In the order of their ids.
    pub nudges: Vec<ListedNudge>,
    /// Whether there are more.
    pub more: bool,
    /// Where to go on; 0 when there are no more.
    pub offset: i64,
}

/// A nudge in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedNudge {
    /// Its id.
    pub id: i64,
    /// What it is.
    #[serde(flatten)]
    pub about: AboutNudge,
}

impl Operation for ListNudges {
    const PATH: &'static str = "/v2/nudge";
    const ACTION: &'static str = "list";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = Nudges;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<Nudges> {
        let rows_max = tx.page_rows(PAGE_ROWS);
        let (after, limit) = (after(self.offset)?, one_more(rows_max));
        let mut rows = store::nudge::list(tx, &caller.client_id, after, limit)?;
        let (more, offset) = cut(&mut rows, rows_max, |nudge| nudge.id);
        let listed = rows
            .into_iter()
            .map(|nudge| Ok(ListedNudge { id: nudge.id, about: AboutNudge::of(tx, nudge)? }));
        Ok(Nudges { nudges: listed.collect::<Result<_>>()?, more, offset })
    }

    fn examples() -> Vec<Example<Nudges>> {
        let nudges = vec![ListedNudge { id: 9, about: AboutNudge::example() }];
        let reply = Nudges { nudges, more: false, offset: 0 };
        vec![Example { summary: "One nudge", params: json!({}), reply }]
    }
}
