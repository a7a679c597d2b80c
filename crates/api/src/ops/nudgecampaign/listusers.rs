//! `nudgecampaign listusers`: the people of a campaign.

use super::super::nudge::{after, cut, one_more};
use super::unknown;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UnixTime, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::campaign;

/// People of one page.
const PAGE_USERS: usize = 1_000;

/// The people of a campaign of the application, in the order of their ids, by the thousand.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ListCampaignUsers {
    /// Which campaign.
    pub nudgecampaignid: i64,
    /// Of the answer before, unchanged; 0 is the beginning.
    pub offset: Option<i64>,
}

/// A page of people.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CampaignUsers {
    /// In the order of their ids.
    pub users: Vec<CampaignUser>,
    /// Whether there are more.
    pub more: bool,
    /// Where to go on; 0 when there are no more.
    pub offset: i64,
}

/// A person of a campaign.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CampaignUser {
    /// Who.
    pub userid: UserId,
    /// Of which campaign.
    pub campaignid: i64,
    /// When their device had shown the nudge as often as it should; null before that.
    pub completion_date: Option<UnixTime>,
    /// How often their device said that it showed it.
    pub display_count: i64,
    /// How often their device said that it has it.
    pub deliver_count: i64,
    /// When they came into it.
    pub created: UnixTime,
    /// When anything of this last changed.
    pub modified: UnixTime,
}

impl CampaignUser {
    fn of(campaignid: i64, member: campaign::Member) -> Self {
        Self {
            userid: member.user,
            campaignid,
            completion_date: member.completed.map(UnixTime),
            display_count: member.displayed,
            deliver_count: member.delivered,
            created: UnixTime(member.created),
            modified: UnixTime(member.modified),
        }
    }
}

impl Operation for ListCampaignUsers {
    const PATH: &'static str = "/v2/nudgecampaign";
    const ACTION: &'static str = "listusers";
    const ACCESS: Access = Access::Read;
    type Caller = Signed<Partner>;
    type Reply = CampaignUsers;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<CampaignUsers> {
        let found = campaign::find(tx, &caller.client_id, self.nudgecampaignid)?;
        let id = found.ok_or_else(unknown)?.id;
        let rows_max = tx.page_rows(PAGE_USERS);
        let (after, limit) = (UserId(after(self.offset)?), one_more(rows_max));
        let mut rows = campaign::members(tx, id, after, limit)?;
        let (more, offset) = cut(&mut rows, rows_max, |member| member.user.0);
        let users = rows.into_iter().map(|member| CampaignUser::of(id, member)).collect();
        Ok(CampaignUsers { users, more, offset })
    }

    fn examples() -> Vec<Example<CampaignUsers>> {
        let user = CampaignUser {
            userid: UserId(21_345_678),
            campaignid: 3,
            completion_date: None,
            display_count: 4,
            deliver_count: 1,
            created: UnixTime(1_795_330_131),
            modified: UnixTime(1_795_502_931),
        };
        let reply = CampaignUsers { users: vec![user], more: false, offset: 0 };
        let params = json!({ "nudgecampaignid": 3 });
        vec![Example { summary: "One person", params, reply }]
    }
}
