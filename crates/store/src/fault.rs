//! The faults of a sandbox. They are few, and nobody remembers them elsewhere: each node reads them
//! with each call, and counts here, so that several nodes count as one.

use crate::tx::{Row, Tx, values};
use domain::fault::{Calls, Draws, Fault, Kind, Settings, Strike, When};
use domain::{Error, Failure, Result};

/// Every fault, in the order in which they were asked for.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Fault>> {
    let sql = "select fault_id, kind, scenario, client_id, service, action, settings, limit_count, \
               probability, seed, drawn, struck, created from fault order by fault_id";
    tx.rows(sql, &[], read)
}

fn read(row: &Row<'_>) -> Result<Fault> {
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

fn unreadable() -> Error {
    Error::internal("a stored fault cannot be read")
}

fn small(number: i64) -> Result<u32> {
    u32::try_from(number).map_err(|_| unreadable())
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
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11) \
               on conflict (fault_id) do nothing";
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
    if tx.exec(sql, values)? == 0 {
        return Err(Failure::Conflict("a fault was added meanwhile".to_owned()).into());
    }
    Ok(id)
}

/// Takes a fault out; whether there was one.
pub fn remove(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    tx.exec("delete from fault_refresh", &[])?;
    Ok(tx.exec("delete from fault where fault_id = $1", values![id])? > 0)
}

/// Takes all of them out; how many there were.
pub fn remove_all(tx: &mut Tx<'_>) -> Result<u64> {
    tx.exec("delete from fault_refresh", &[])?;
    tx.exec("delete from fault", &[])
}

/// Asks a fault whether it strikes, and counts that. Whoever else asks it waits until this is
/// committed, so "twice" is twice on however many nodes.
pub fn draw(tx: &mut Tx<'_>, fault: &Fault) -> Result<Option<Strike>> {
    let sql = "update fault set drawn = drawn + 1 where fault_id = $1 and kind = $2 \
               and (limit_count is null or struck < limit_count) returning drawn, struck";
    let drawn = tx.row(sql, values![fault.id, fault.kind.name()], |row| {
        Ok(Draws { drawn: small(row.int(0)? - 1)?, struck: small(row.int(1)?)? })
    })?;
    // Somebody took it out meanwhile, or it has struck so often as it was to.
    let Some(draws) = drawn else { return Ok(None) };
    let strike = Fault { draws, ..fault.clone() }.strike();
    if strike.is_some() {
        tx.exec("update fault set struck = struck + 1 where fault_id = $1", values![fault.id])?;
    }
    Ok(strike)
}

/// Notes that a refresh token is used, by its hash; how many seconds ago it was used before, if
/// that is less than a `window`. A second use does not begin the time anew, or whoever tries again
/// would never get by.
pub fn refreshes(tx: &mut Tx<'_>, refresh_hash: &[u8; 32], window: i64) -> Result<Option<i64>> {
    let now = tx.now();
    tx.exec("delete from fault_refresh where used <= $1", values![now - window])?;
    let sql = "insert into fault_refresh (refresh_hash, used) values ($1, $2) \
               on conflict (refresh_hash) do nothing";
    if tx.exec(sql, values![&refresh_hash[..], now])? > 0 {
        return Ok(None);
    }
    let sql = "select used from fault_refresh where refresh_hash = $1";
    let used = tx.row(sql, values![&refresh_hash[..]], |row| row.int(0))?;
    Ok(used.map(|used| now - used))
}
