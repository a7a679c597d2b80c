//! What stands behind a device's sync: the tokens devices prove themselves with, and the records
//! they have handed over. What the records hold is stored by the nouns they are about.

use crate::device::{self, Device};
use crate::tx::{Tx, values};
use domain::{DeviceId, EntropyExt as _, Refusal, Result};

/// A device has at most this many tokens that are good.
pub const TOKENS_MAX: i64 = 8;

/// Makes one more token for a device: 40 hex digits, in the clear this once.
pub fn issue_token(tx: &mut Tx<'_>, device: DeviceId) -> Result<String> {
    let sql = "select count(*) from device_token where device_id = $1";
    let known = tx.row(sql, values![device.0], |row| row.int(0))?.unwrap_or_default();
    if known >= TOKENS_MAX {
        let problem = format!("the device has {TOKENS_MAX} tokens; revoke them first");
        return Err(Refusal::invalid_param("device", problem).into());
    }
    let token = tx.entropy().token();
    insert_token(tx, device, &token)?;
    Ok(token)
}

/// Gives a device of a sandbox a token that somebody wrote down. No two are the same: that is
/// looked at before.
pub fn keep_token(tx: &mut Tx<'_>, device: DeviceId, token: &str) -> Result<()> {
    crate::sandbox::require(tx)?;
    insert_token(tx, device, token)
}

fn insert_token(tx: &mut Tx<'_>, device: DeviceId, token: &str) -> Result<()> {
    let now = tx.now();
    tx.exec(
        "insert into device_token (token_hash, device_id, created) values ($1, $2, $3)",
        values![&crate::hash(token)[..], device.0, now],
    )?;
    Ok(())
}

/// Ends every token of a device: how many there were.
pub fn revoke_tokens(tx: &mut Tx<'_>, device: DeviceId) -> Result<u64> {
    tx.exec("delete from device_token where device_id = $1", values![device.0])
}

/// The device whose token it is.
pub fn of_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Device>> {
    let sql = "select device_id from device_token where token_hash = $1";
    let id = tx.row(sql, values![&crate::hash(token)[..]], |row| row.int(0))?;
    id.map_or(Ok(None), |id| device::find(tx, DeviceId(id)))
}

/// Makes the syncs of one device follow each other, so that the same batch that comes twice at once
/// is stored once.
pub fn lock(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    let sql = "update device set device_id = device_id where device_id = $1";
    tx.exec(sql, values![device.0]).map(|_| ())
}

/// Notes that a device handed over the record of that name; `false` when it has done so before.
pub fn note(tx: &mut Tx<'_>, device: DeviceId, record: &str) -> Result<bool> {
    let now = tx.now();
    let sql = "insert into sync_record (device_id, record_hash, received) values ($1, $2, $3) \
               on conflict do nothing";
    Ok(tx.exec(sql, values![device.0, &crate::hash(record)[..16], now])? == 1)
}
