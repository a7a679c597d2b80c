//! What happened at devices: somebody went to bed, an electrocardiogram failed. Whom to tell is not
//! decided here.

use crate::tx::{Tx, values};
use crate::{notification, person};
use domain::{DeviceId, Error, GroupId, Result, UserId, device};

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub date: i64,
    /// Where.
    pub device: DeviceId,
    /// What.
    pub kind: device::Event,
}

/// An event as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its id.
    pub id: GroupId,
    /// The stamp it came with.
    pub modified: i64,
    /// The person's change it came with.
    pub change_seq: i64,
    /// The event.
    pub event: Event,
}

/// Stores an event of a person.
pub fn insert(tx: &mut Tx<'_>, user: UserId, event: &Event) -> Result<GroupId> {
    let stamp = person::touch(tx, user, 1)?;
    let id = person::numbered(user, stamp.group_seq)?;
    tx.exec(
        "insert into device_event (user_id, date, seq, device_id, kind, modified, change_seq) \
         values ($1, $2, $3, $4, $5, $6, $7)",
        values![
            user.0,
            event.date,
            stamp.group_seq,
            event.device.0,
            event.kind.number(),
            stamp.modified,
            stamp.change_seq,
        ],
    )?;
    notification::at_device(tx, user, event.kind, (event.device, event.date))?;
    Ok(id)
}

/// Stores an event of a device that nobody uses.
pub fn insert_orphan(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let now = tx.now();
    let sql = "insert into orphan_event (device_id, date, kind, received) values ($1, $2, $3, $4) \
               on conflict do nothing";
    let key = values![event.device.0, event.date, event.kind.number(), now];
    if tx.exec(sql, key)? == 1 && event.kind == device::Event::SetUpWithoutAccount {
        notification::unowned(tx, event.device, event.date)?;
    }
    Ok(())
}

/// The events that came after one change of the person up to another, in the order of their
/// changes.
pub fn changed(tx: &mut Tx<'_>, user: UserId, (after, upto): (i64, i64)) -> Result<Vec<Stored>> {
    tx.rows(
        "select date, device_id, kind, seq, modified, change_seq from device_event \
         where user_id = $1 and change_seq > $2 and change_seq <= $3 \
             order by change_seq, seq",
        values![user.0, after, upto],
        |row| {
            let kind = device::Event::of(row.int(2)?);
            let kind = kind.ok_or_else(|| Error::internal("a stored event is of no known kind"))?;
            let event = Event { date: row.int(0)?, device: DeviceId(row.int(1)?), kind };
            let id = GroupId::new(user, row.int(3)?);
            Ok(Stored { id, modified: row.int(4)?, change_seq: row.int(5)?, event })
        },
    )
}
