//! `/v2/nudge`

mod create;
mod delete;
mod get;
mod list;
mod update;

pub use create::{CreateNudge, CreatedNudge};
pub use delete::DeleteNudge;
pub use get::GetNudge;
pub use list::{ListNudges, ListedNudge};
pub use update::{ChangedNudge, UpdateNudge};

use domain::nudge::Position;
use domain::{Refusal, Result};
use store::Tx;
use store::nudge::Nudge;

/// Rows of one page.
pub(super) const PAGE_ROWS: usize = 100;

fn position(word: Option<&str>) -> Result<Option<Position>> {
    let read = |word| {
        let problem = "expected first or last";
        Position::parse(word).ok_or_else(|| Refusal::invalid_param("position", problem).into())
    };
    word.map(read).transpose()
}

/// A nudge of the application.
pub(super) fn own(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Nudge> {
    let cause = "no such nudge of the application";
    store::nudge::find(tx, client_id, id)?.ok_or_else(|| Refusal::rejected("nudgeid", cause).into())
}

/// The first id of a page: after the last one of the page before.
pub(super) fn after(offset: Option<i64>) -> Result<i64> {
    let after = offset.unwrap_or_default();
    if after < 0 {
        let problem = "give the offset of the answer before, unchanged";
        return Err(Refusal::invalid_param("offset", problem).into());
    }
    Ok(after)
}

/// Cuts off what was read beyond a page to know whether there is more: whether there is, and where
/// to go on.
pub(super) fn cut<T>(rows: &mut Vec<T>, page: usize, id: impl Fn(&T) -> i64) -> (bool, i64) {
    let more = rows.len() > page;
    rows.truncate(page);
    (more, rows.last().filter(|_| more).map_or(0, id))
}

/// One row more than a page has.
pub(super) fn one_more(page: usize) -> i64 {
    i64::try_from(page + 1).unwrap_or(i64::MAX)
}
