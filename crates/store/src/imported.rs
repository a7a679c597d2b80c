//! Groups that came from another server: which they are, and what took them there. What an answer
//! of that server looks like, and what becomes of a group that is known already, is not decided
//! here.

use crate::measure::{Group, NewGroup, insert_one, write};
use crate::person;
use crate::tx::{Row, Tx, values};
use domain::{DeviceId, EntropyExt as _, Error, Failure, GroupId, Refusal, Result, UserId};

/// So many devices of other servers can be named in one person's groups.
pub const DEVICES_MAX: usize = 1_000;

/// What another server says took a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// `deviceid` on the wire.
    pub name: String,
    /// `hash_deviceid` on the wire.
    pub hash: String,
    /// `modelid` and `model_id` on the wire.
    pub model_id: Option<i64>,
    /// `model` on the wire.
    pub model: Option<String>,
}

/// Where a group of another server is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its id here.
    pub id: GroupId,
    /// When it last changed there, as far as it was imported.
    pub modified: i64,
}

/// A group of another server that is to be stored.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Its id there.
    pub source: i64,
    /// When it last changed there.
    pub modified: i64,
    /// When it was stored there.
    pub created: i64,
    /// What took it there.
    pub device: Option<Device>,
    /// The group; its device is given by `device`.
    pub group: NewGroup,
}

/// A group of another server that has changed there, though perhaps in nothing that is kept here.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its id there.
    pub source: i64,
    /// When it last changed there.
    pub modified: i64,
    /// As it was read here.
    pub before: Group,
    /// As it is to be.
    pub after: Group,
}

/// The group that came from `source`, which may have been taken away meanwhile.
pub fn find(tx: &mut Tx<'_>, user: UserId, source: i64) -> Result<Option<Known>> {
    let sql = "select seq, modified from imported_group where user_id = $1 and source_grpid = $2";
    tx.row(sql, values![user.0, source], |row| {
        Ok(Known { id: GroupId::new(user, row.int(0)?), modified: row.int(1)? })
    })
}

/// Stores new groups and changed ones, all under one stamp; of nothing it writes nothing.
pub fn store(tx: &mut Tx<'_>, user: UserId, new: &[NewImport], changes: &[Change]) -> Result<()> {
    if new.is_empty() && changes.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(new.len()).map_err(Error::internal)?;
    let stamp = person::touch(tx, user, count)?;
    if stamp.group_seq > GroupId::SEQUENCE_MAX {
        let problem = "the person would have more groups than a person can have";
        return Err(Refusal::invalid_param("user", problem).into());
    }
    let mut devices = devices(tx, user)?;
    for (seq, import) in (stamp.group_seq - count + 1..).zip(new) {
        note(tx, user, seq, import)?;
        let device = import.device.as_ref();
        let device = device.map(|device| device_id(tx, user, &mut devices, device)).transpose()?;
        let group = NewGroup { device, ..import.group.clone() };
        insert_one(tx, user, seq, &stamp, import.created, &group)?;
    }
    for change in changes {
        if change.after != change.before {
            write(tx, &change.before, &change.after, &stamp)?;
        }
        let sql = "update imported_group set modified = $3 \
                   where user_id = $1 and source_grpid = $2";
        tx.exec(sql, values![user.0, change.source, change.modified])?;
    }
    Ok(())
}

/// Somebody else who imported the same meanwhile wins; everything is then decided again.
fn note(tx: &mut Tx<'_>, user: UserId, seq: i64, import: &NewImport) -> Result<()> {
    let sql = "insert into imported_group (user_id, source_grpid, seq, modified) \
               values ($1, $2, $3, $4) on conflict do nothing";
    if tx.exec(sql, values![user.0, import.source, seq, import.modified])? == 1 {
        return Ok(());
    }
    Err(Failure::Conflict("the group was imported meanwhile".to_owned()).into())
}

/// The number of a device that rows of another server name: that of a device of the person here, if
/// it has the same hash.
pub fn device_number(tx: &mut Tx<'_>, user: UserId, device: &Device) -> Result<DeviceId> {
    let own = crate::device::of_user(tx, user)?;
    if let Some(own) = own.iter().find(|own| own.hash == device.hash) {
        return Ok(own.id);
    }
    let mut known = devices(tx, user)?;
    device_id(tx, user, &mut known, device)
}

fn device_id(
    tx: &mut Tx<'_>,
    user: UserId,
    known: &mut Vec<(DeviceId, Device)>,
    device: &Device,
) -> Result<DeviceId> {
    if let Some((id, _)) = known.iter().find(|(_, known)| known == device) {
        return Ok(*id);
    }
    if known.len() >= DEVICES_MAX {
        let problem = format!("groups of one person can name {DEVICES_MAX} devices");
        return Err(Refusal::invalid_param("deviceid", problem).into());
    }
    let id = DeviceId(tx.entropy().number(1, 1 << 53));
    tx.exec(
        "insert into imported_device (user_id, device_id, deviceid, hash_deviceid, model_id, \
         model) values ($1, $2, $3, $4, $5, $6)",
        values![
            user.0,
            id.0,
            device.name.as_str(),
            device.hash.as_str(),
            device.model_id,
            device.model.as_deref(),
        ],
    )?;
    known.push((id, device.clone()));
    Ok(id)
}

fn devices(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<(DeviceId, Device)>> {
    let sql = "select deviceid, hash_deviceid, model_id, model, device_id from imported_device \
               where user_id = $1";
    tx.rows(sql, values![user.0], |row| Ok((DeviceId(row.int(4)?), read(row)?)))
}

/// The device of another server that a group of this person names.
pub fn device(tx: &mut Tx<'_>, user: UserId, id: DeviceId) -> Result<Option<Device>> {
    let sql = "select deviceid, hash_deviceid, model_id, model from imported_device \
               where user_id = $1 and device_id = $2";
    tx.row(sql, values![user.0, id.0], read)
}

fn read(row: &Row<'_>) -> Result<Device> {
    Ok(Device {
        name: row.text(0)?,
        hash: row.text(1)?,
        model_id: row.int_or_null(2)?,
        model: row.text_or_null(3)?,
    })
}
