//! The faults of a sandbox. They are few, and those of one server are in its memory; here they
//! outlive it.

use crate::tx::{Row, Tx, values};
use domain::fault::{Calls, Draws, Fault, Kind, Settings, When};
use domain::{Error, Result};

/// Every fault, in the order in which they were asked for.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Fault>> {
    let sql = "select fault_id, kind, scenario, client_id, service, action, settings, limit_count, \
               probability, seed, drawn, struck, created from fault order by fault_id";
    tx.rows(sql, &[], read)
}

fn read(row: &Row<'_>) -> Result<Fault> {
    let unreadable = || Error::internal("a stored fault cannot be read");
    let small = |number: i64| u32::try_from(number).map_err(|_| unreadable());
    let when = match (row.int_or_null(7)?, row.int_or_null(8)?) {
        (Some(count), _) => When::Count(small(count)?),
        (None, Some(parts)) => {
            let seed = row.int_or_null(9)?.unwrap_or_default();
            When::Probability { parts: small(parts)?, seed }
        }
        (None, None) => When::Always,
    };
    let (service, action) = (row.text_or_null(4)?, row.text_or_null(5)?);
    Ok(Fault {
        id: row.int(0)?,
        kind: Kind::named(&row.text(1)?).ok_or_else(unreadable)?,
        scenario: row.text_or_null(2)?,
        client_id: row.text_or_null(3)?,
        operation: service.map(|service| Calls { service, action }),
        when,
        settings: Settings::from_json(&row.text(6)?)?,
        draws: Draws { drawn: small(row.int(10)?)?, struck: small(row.int(11)?)? },
        created: row.int(12)?,
    })
}

/// Keeps a fault under the next number, which is what comes back.
pub fn add(tx: &mut Tx<'_>, fault: &Fault) -> Result<i64> {
    let sql = "select coalesce(max(fault_id), 0) from fault";
    let id = tx.row(sql, &[], |row| row.int(0))?.unwrap_or_default() + 1;
    let (count, parts, seed) = match fault.when {
        When::Always => (None, None, None),
        When::Count(count) => (Some(i64::from(count)), None, None),
        When::Probability { parts, seed } => (None, Some(i64::from(parts)), Some(seed)),
    };
    let calls = fault.operation.as_ref();
    let service = calls.map(|calls| calls.service.as_str());
    let action = calls.and_then(|calls| calls.action.as_deref());
    let (settings, now) = (fault.settings.to_json(), tx.now());
    let (scenario, client_id) = (fault.scenario.as_deref(), fault.client_id.as_deref());
    let kind = fault.kind.name();
    let sql = "insert into fault (fault_id, kind, scenario, client_id, service, action, settings, \
               limit_count, probability, seed, drawn, struck, created) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11)";
    let values = values![
        id,
        kind,
        scenario,
        client_id,
        service,
        action,
        &settings[..],
        count,
        parts,
        seed,
        now
    ];
    tx.exec(sql, values)?;
    Ok(id)
}

/// Takes a fault out; whether there was one.
pub fn remove(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.exec("delete from fault where fault_id = $1", values![id])? > 0)
}

/// Takes all of them out; how many there were.
pub fn remove_all(tx: &mut Tx<'_>) -> Result<u64> {
    tx.exec("delete from fault", &[])
}

/// Writes down what a fault has done. What comes late and knows less changes nothing.
pub fn note(tx: &mut Tx<'_>, id: i64, draws: Draws) -> Result<()> {
    let (drawn, struck) = (i64::from(draws.drawn), i64::from(draws.struck));
    let sql = "update fault set drawn = $2, struck = $3 where fault_id = $1 and drawn < $2";
    tx.exec(sql, values![id, drawn, struck]).map(|_| ())
}
