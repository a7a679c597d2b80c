//! Nudges: screens of an application. Which ones are shown to whom stands in `campaign.rs`.

use crate::tx::{Row, Tx, values};
use domain::nudge::{Position, Screen};
use domain::{EntropyExt as _, Error, Result};

/// A nudge as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nudge {
    /// The id on the wire.
    pub id: i64,
    /// What it shows.
    pub screen: Screen,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
}

/// Ids are drawn below 2^31, as programs keep them.
pub(crate) fn draw(tx: &mut Tx<'_>) -> i64 {
    tx.entropy().number(1, 1 << 31)
}

/// How often an id is drawn that is taken.
pub(crate) const DRAWS_MAX: usize = 64;

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select nudge_id, icons, line_1, line_2, model_id, position, created, modified \
             from nudge where client_id = $1 and ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Nudge> {
    let unreadable = || Error::internal("a stored nudge cannot be read");
    Ok(Nudge {
        id: row.int(0)?,
        screen: Screen {
            icons: read_icons(&row.text(1)?)?,
            lines: [row.text(2)?, row.text(3)?],
            model_id: row.int(4)?,
            position: Position::parse(&row.text(5)?).ok_or_else(unreadable)?,
        },
        created: row.int(6)?,
        modified: row.int(7)?,
    })
}

/// Icons are kept as their numbers with commas.
fn icons(screen: &Screen) -> String {
    let numbers: Vec<_> = screen.icons.iter().map(ToString::to_string).collect();
    numbers.join(",")
}

pub(crate) fn read_icons(text: &str) -> Result<Vec<i64>> {
    let numbers = text.split(',').map(str::parse).collect::<std::result::Result<_, _>>();
    numbers.map_err(|_| Error::internal("the icons of a stored nudge cannot be read"))
}

/// Makes a nudge: its id.
pub fn create(tx: &mut Tx<'_>, client_id: &str, screen: &Screen) -> Result<i64> {
    let (icons, now) = (icons(screen), tx.now());
    for _ in 0..DRAWS_MAX {
        let id = draw(tx);
        let made = tx.exec(
            "insert into nudge (nudge_id, client_id, icons, line_1, line_2, model_id, position, \
             created, modified) values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict do nothing",
            values![
                id,
                client_id,
                icons.as_str(),
                screen.lines[0].as_str(),
                screen.lines[1].as_str(),
                screen.model_id,
                screen.position.name(),
                now,
            ],
        )?;
        if made == 1 {
            return Ok(id);
        }
    }
    Err(Error::internal("no free id of a nudge was drawn"))
}

/// The nudge of that id, if it is the application's.
pub fn find(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<Option<Nudge>> {
    tx.row(columns!("nudge_id = $2"), values![client_id, id], read)
}

/// Nudges of an application in the order of their ids, after `after`.
pub fn list(tx: &mut Tx<'_>, client_id: &str, after: i64, limit: i64) -> Result<Vec<Nudge>> {
    let sql = columns!("nudge_id > $2 order by nudge_id limit $3");
    tx.rows(sql, values![client_id, after, limit], read)
}

/// Changes what a nudge shows.
pub fn change(tx: &mut Tx<'_>, client_id: &str, id: i64, screen: &Screen) -> Result<()> {
    let (icons, now) = (icons(screen), tx.now());
    tx.exec(
        "update nudge set icons = $3, line_1 = $4, line_2 = $5, model_id = $6, position = $7, \
         modified = $8 where client_id = $1 and nudge_id = $2",
        values![
            client_id,
            id,
            icons.as_str(),
            screen.lines[0].as_str(),
            screen.lines[1].as_str(),
            screen.model_id,
            screen.position.name(),
            now,
        ],
    )
    .map(|_| ())
}

/// Removes a nudge: whether it was there.
pub fn remove(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<bool> {
    let sql = "delete from nudge where client_id = $1 and nudge_id = $2";
    Ok(tx.exec(sql, values![client_id, id])? == 1)
}

/// Holds a nudge as it is until the end of the transaction: whether it is there. Who gives it to a
/// campaign and who removes it must not both go by.
pub fn lock(tx: &mut Tx<'_>, client_id: &str, id: i64) -> Result<bool> {
    tx.need_write()?;
    let sql = "update nudge set nudge_id = nudge_id where client_id = $1 and nudge_id = $2";
    Ok(tx.exec(sql, values![client_id, id])? == 1)
}
