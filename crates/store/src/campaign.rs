//! Campaigns: which nudge is shown to whom, from when to when, how often; and how often it was.

use crate::nudge::{DRAWS_MAX, draw, read_icons};
use crate::tx::{Row, Tx, values};
use domain::nudge::{Position, Screen};
use domain::{Error, Result, UserId};

/// A device is told of at most this many nudges of a person at once.
const SHOWN_MAX: i64 = 8;

/// What a campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What is shown.
    pub nudge: i64,
    /// From when on.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// How often each of its people sees it at most.
    pub display_max: i64,
}

/// A campaign as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Campaign {
    /// The id on the wire.
    pub id: i64,
    /// What it is.
    pub plan: Plan,
    /// How many people it has.
    pub users: i64,
    /// When it was made.
    pub created: i64,
    /// When it, or who its people are, last changed.
    pub modified: i64,
}

/// A person of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// When they came into it.
    pub created: i64,
    /// When anything of this last changed.
    pub modified: i64,
    /// How often their device said that it has the nudge.
    pub delivered: i64,
    /// How often their device said that it showed it.
    pub displayed: i64,
    /// When it was shown as often as it should be.
    pub completed: Option<i64>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select campaign_id, nudge_id, start_at, end_at, display_max, user_count, created, \
             modified from campaign where client_id = $1 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Campaign> {
    Ok(Campaign {
        id: row.int(0)?,
        plan: Plan {
            nudge: row.int(1)?,
            start: row.int(2)?,
            end: row.int(3)?,
            display_max: row.int(4)?,
        },
        users: row.int(5)?,
        created: row.int(6)?,
        modified: row.int(7)?,
    })
}

/// Makes a campaign: its id.
pub fn create(tx: &mut Tx<'_>, client_id: &str, plan: &Plan) -> Result<i64> {
    let now = tx.now();
    for _ in 0..DRAWS_MAX {
        let id = draw(tx);
        let Plan { nudge, start, end, display_max } = *plan;
        let made = tx.exec(
            "insert into campaign (campaign_id, client_id, nudge_id, start_at, end_at, \
             display_max, user_count, created, modified) \
             values ($1, $2, $3, $4, $5, $6, 0, $7, $7) on conflict do nothing",
            values![id, client_id, nudge, start, end, display_max, now],
        )?;
        if made == 1 {
            return Ok(id);
        }
    }
    Err(Error::internal("no free id of a campaign was drawn"))
}

/// The campaign of that id, if it is the application's.
pub fn find(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Option<Campaign>> {
    tx.row(columns!("campaign_id = $2"), values![client_id, id], read)
}

/// The same, and it stays as it is until the end of the transaction, but for what this one does.
pub fn lock(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Option<Campaign>> {
    tx.need_write()?;
    let now = tx.now();
    let sql = "update campaign set modified = $3 where client_id = $1 and campaign_id = $2";
    match tx.exec(sql, values![client_id, id, now])? {
        0 => Ok(None),
        _ => find(tx, client_id, id),
    }
}

/// Campaigns of an application in the order of their ids, after `after`.
pub fn list(tx: &mut Tx<'_>, client_id: &str, after: i64, limit: i64) -> Result<Vec<Campaign>> {
    let sql = columns!("campaign_id > $2 order by campaign_id limit $3");
    tx.rows(sql, values![client_id, after, limit], read)
}

/// The campaigns of a nudge, in the order of their ids.
pub fn of_nudge(tx: &mut Tx<'_>, nudge: i64) -> Result<Vec<i64>> {
    let sql = "select campaign_id from campaign where nudge_id = $1 order by campaign_id";
    tx.rows(sql, values![nudge], |row| row.int(0))
}

/// Changes what a campaign is. Who has seen it as often as it is now to be seen is done, and who
/// has not is not.
pub fn change(tx: &mut Tx<'_>, id: i64, plan: &Plan) -> Result<()> {
    let now = tx.now();
    let Plan { nudge, start, end, display_max } = *plan;
    tx.exec(
        "update campaign set nudge_id = $2, start_at = $3, end_at = $4, display_max = $5, \
         modified = $6 where campaign_id = $1",
        values![id, nudge, start, end, display_max, now],
    )?;
    tx.exec(
        "update campaign_user set completed = null, modified = $3 where campaign_id = $1 \
         and completed is not null and displayed < $2",
        values![id, display_max, now],
    )?;
    tx.exec(
        "update campaign_user set completed = $3, modified = $3 where campaign_id = $1 \
         and completed is null and displayed >= $2",
        values![id, display_max, now],
    )
    .map(|_| ())
}

/// Removes a campaign, with what is known of its people in it.
pub fn remove(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    tx.exec("delete from campaign_user where campaign_id = $1", values![id])?;
    tx.exec("delete from campaign where campaign_id = $1", values![id]).map(|_| ())
}

/// Adds people to a campaign that is held; who is in it stays in it. How many are new.
pub fn add_users(tx: &mut Tx<'_>, id: i64, users: &[UserId]) -> Result<u64> {
    let now = tx.now();
    let mut new = 0;
    for user in users {
        new += tx.exec(
            "insert into campaign_user (user_id, campaign_id, created, modified, delivered, \
             displayed, completed) values ($1, $2, $3, $3, 0, 0, null) on conflict do nothing",
            values![user.0, id, now],
        )?;
    }
    let sql = "update campaign set user_count = user_count + $2 where campaign_id = $1";
    tx.exec(sql, values![id, i64::try_from(new).unwrap_or(i64::MAX)])?;
    Ok(new)
}

/// Takes people out of a campaign that is held; who is not in it is not told apart. How many were.
pub fn remove_users(tx: &mut Tx<'_>, id: i64, users: &[UserId]) -> Result<u64> {
    let mut gone = 0;
    for user in users {
        let sql = "delete from campaign_user where user_id = $1 and campaign_id = $2";
        gone += tx.exec(sql, values![user.0, id])?;
    }
    let sql = "update campaign set user_count = user_count - $2 where campaign_id = $1";
    tx.exec(sql, values![id, i64::try_from(gone).unwrap_or(i64::MAX)])?;
    Ok(gone)
}

/// People of a campaign in the order of their ids, after `after`.
pub fn members(tx: &mut Tx<'_>, id: i64, after: UserId, limit: i64) -> Result<Vec<Member>> {
    let sql = "select user_id, created, modified, delivered, displayed, completed \
               from campaign_user where campaign_id = $1 and user_id > $2 \
               order by user_id limit $3";
    tx.rows(sql, values![id, after.0, limit], |row| {
        Ok(Member {
            user: UserId(row.int(0)?),
            created: row.int(1)?,
            modified: row.int(2)?,
            delivered: row.int(3)?,
            displayed: row.int(4)?,
            completed: row.int_or_null(5)?,
        })
    })
}

/// A nudge that a device is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Of which campaign.
    pub campaign: i64,
    /// What is shown.
    pub screen: Screen,
    /// Until when.
    pub end: i64,
    /// How often it may still be shown.
    pub left: i64,
}

/// What devices of a model are to show a person now: of campaigns of applications the person lets
/// read their data, or that made the account.
pub fn due(tx: &mut Tx<'_>, user: UserId, model_id: i64) -> Result<Vec<Shown>> {
    let now = tx.now();
    let sql = "select c.campaign_id, n.icons, n.line_1, n.line_2, n.position, c.end_at, \
               c.display_max - u.displayed from campaign_user u \
               join campaign c on c.campaign_id = u.campaign_id \
               join nudge n on n.nudge_id = c.nudge_id \
               where u.user_id = $1 and u.completed is null and c.start_at <= $2 \
               and c.end_at > $2 and n.model_id = $3 and (exists (select 1 from token_family f \
               where f.client_id = c.client_id and f.user_id = u.user_id) or exists (select 1 \
               from person p where p.user_id = u.user_id and p.owner_client_id = c.client_id)) \
               order by n.position, c.campaign_id limit $4";
    tx.rows(sql, values![user.0, now, model_id, SHOWN_MAX], |row| {
        let unreadable = || Error::internal("a stored nudge cannot be read");
        Ok(Shown {
            campaign: row.int(0)?,
            screen: Screen {
                icons: read_icons(&row.text(1)?)?,
                lines: [row.text(2)?, row.text(3)?],
                model_id,
                position: Position::parse(&row.text(4)?).ok_or_else(unreadable)?,
            },
            end: row.int(5)?,
            left: row.int(6)?,
        })
    })
}

/// What a device says of a nudge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It has it.
    Delivered,
    /// It showed it.
    Displayed,
}

/// Notes what a device says of a nudge of a person; `false` if the person is in no such campaign
/// (any more). The display that was the last one completes it.
pub fn note(tx: &mut Tx<'_>, user: UserId, campaign: i64, event: Event, date: i64) -> Result<bool> {
    let now = tx.now();
    let changed = match event {
        Event::Delivered => tx.exec(
            "update campaign_user set delivered = delivered + 1, modified = $3 \
             where user_id = $1 and campaign_id = $2",
            values![user.0, campaign, now],
        )?,
        Event::Displayed => tx.exec(
            "update campaign_user set displayed = displayed + 1, modified = $3, \
             completed = case when completed is null and displayed + 1 >= (select display_max \
             from campaign c where c.campaign_id = $2) then $4 else completed end \
             where user_id = $1 and campaign_id = $2",
            values![user.0, campaign, now, date],
        )?,
    };
    Ok(changed == 1)
}
