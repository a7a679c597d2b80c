//! `oauth2 listusers`: everybody who lets the application read their data.

use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Refusal, Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::grant::{self, Member};

/// People of one page.
const PAGE_USERS: usize = 200;

/// The people of this application: those who let it read their data, and those whose accounts it
/// made, in the order of their ids.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ListUsers {
    /// Of the answer before, unchanged; 0 is the beginning.
    pub offset: Option<i64>,
}

/// A page of people.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedUsers {
    /// In the order of their ids.
    pub users: Vec<ListedUser>,
    /// Whether there are more.
    pub more: bool,
    /// Where to go on; 0 when there are no more.
    pub offset: i64,
}

/// One person of the application.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedUser {
    /// 64 hex digits: who it is, for this application alone.
    pub hash_userid: String,
    /// Their id.
    pub userid: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Whether the application made the account.
    pub fully_owned: bool,
}

impl Operation for ListUsers {
    const PATH: &'static str = "/v2/oauth2";
    const ACTION: &'static str = "listusers";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = ListedUsers;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<ListedUsers> {
        let after = self.offset.unwrap_or_default();
        if !(0..UserId::END).contains(&after) {
            let problem = "give the offset of the answer before, unchanged";
            return Err(Refusal::invalid_param("offset", problem).into());
        }
        // One more than asked for tells whether there is more.
        let rows_max = tx.page_rows(PAGE_USERS);
        let limit = i64::try_from(rows_max + 1).unwrap_or(i64::MAX);
        let mut members = grant::members(tx, &caller.client_id, UserId(after), limit)?;
        let more = members.len() > rows_max;
        members.truncate(rows_max);
        let offset = members.last().filter(|_| more).map_or(0, |last| last.user.0);
        let listed = |member: Member| ListedUser {
            hash_userid: tx.pseudonym(&caller.client_id, member.user),
            userid: member.user,
            email: member.email,
            fully_owned: member.is_owned,
        };
        Ok(ListedUsers { users: members.into_iter().map(listed).collect(), more, offset })
    }

    fn examples() -> Vec<Example<ListedUsers>> {
        let user = ListedUser {
            hash_userid: "00112233445566778899aabbccddeeff".repeat(2),
            userid: UserId(21_345_678),
            email: "anna@example.org".to_owned(),
            fully_owned: false,
        };
        let reply = ListedUsers { users: vec![user], more: false, offset: 0 };
        vec![Example { summary: "One person", params: json!({}), reply }]
    }
}
