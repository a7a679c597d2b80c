//! The faults of a sandbox as the server sees them: which there are, and whether one strikes. They
//! are in the store alone, and counted there, so that several nodes count as one and a restart goes
//! on where they were. What a strike does is `strike.rs` and whoever delivers.

use domain::fault::{Fault, Kind, Place, Strike};
use domain::{Refusal, Result};
use store::{Access, Db, Tx, fault};

/// Faults at once.
const FAULTS_MAX: usize = 200;

/// All of them.
pub(super) async fn list(db: &Db) -> Result<Vec<Fault>> {
    db.run(Access::Read, fault::list).await
}

/// Those that may strike.
pub(crate) async fn live(db: &Db) -> Result<Vec<Fault>> {
    let mut known = list(db).await?;
    known.retain(Fault::is_live);
    Ok(known)
}

/// Adds some; all or none.
pub(super) async fn add(db: &Db, new: Vec<Fault>) -> Result<Vec<Fault>> {
    db.run(Access::Write, move |tx| keep(tx, &new)).await
}

/// The same, in a transaction that is open.
pub(super) fn keep(tx: &mut Tx<'_>, new: &[Fault]) -> Result<Vec<Fault>> {
    if fault::list(tx)?.len() + new.len() > FAULTS_MAX {
        let problem = format!("there are {FAULTS_MAX} at most: take some out");
        return Err(Refusal::invalid_param("name", problem).into());
    }
    let now = tx.now();
    let keep = |new: &Fault| Ok(Fault { id: fault::add(tx, new)?, created: now, ..new.clone() });
    new.iter().map(keep).collect()
}

/// Takes one out, or all; how many there were.
pub(super) async fn remove(db: &Db, id: Option<i64>) -> Result<u64> {
    db.run(Access::Write, move |tx| match id {
        Some(id) => fault::remove(tx, id).map(u64::from),
        None => fault::remove_all(tx),
    })
    .await
}

/// Those of a place that are for an application and that `can` strike.
pub(crate) fn of_place(
    live: &[Fault],
    place: Place,
    client_id: Option<&str>,
    can: impl Fn(&Fault) -> bool,
) -> Vec<Fault> {
    let may = |one: &&Fault| one.kind.place() == place && one.is_for(client_id) && can(one);
    live.iter().filter(may).cloned().collect()
}

/// Asks them one after the other, up to the first that strikes.
pub(crate) fn first(tx: &mut Tx<'_>, asked: &[Fault]) -> Result<Option<Strike>> {
    for one in asked {
        let strike = fault::draw(tx, one)?;
        if strike.is_some() {
            return Ok(strike);
        }
    }
    Ok(None)
}

/// Asks all of them.
pub(super) fn each(tx: &mut Tx<'_>, asked: &[Fault]) -> Result<Vec<Strike>> {
    let mut strikes = Vec::new();
    for one in asked {
        strikes.extend(fault::draw(tx, one)?);
    }
    Ok(strikes)
}

/// Notes that a refresh token is used, if somebody wants to tell a second use from a first; how
/// many seconds ago it was used before.
pub(super) async fn refreshes(db: &Db, live: &[Fault], hash: [u8; 32]) -> Result<Option<i64>> {
    let races = live.iter().filter(|one| one.kind == Kind::RefreshRace);
    let windows = races.filter_map(|one| one.kind.number(&one.settings, "window"));
    let Some(window) = windows.max() else { return Ok(None) };
    db.run(Access::Write, move |tx| fault::refreshes(tx, &hash, window)).await
}
