//! Which node delivers for which people. People fall into buckets; a node holds some of them for a
//! while and renews that. Who loses a bucket knows by its epoch that what it still has in hand is
//! another's now.

use crate::tx::{Tx, values};
use domain::{Result, UserId};

/// Into how many parts people are divided.
pub const BUCKETS: i64 = 64;
/// How long a node holds a bucket without renewing it.
pub const LEASE_SECONDS: i64 = 30;

/// The part a person is in.
#[must_use]
pub const fn bucket(user: UserId) -> i64 {
    user.0.rem_euclid(BUCKETS)
}

/// A bucket that a node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which one.
    pub bucket: i64,
    /// How many owners it has had.
    pub epoch: i64,
}

/// Takes and renews buckets for a node, as many as are its share. At its start the only process of
/// an embedded store takes all: whoever held them is gone, or is to know it.
pub fn hold(tx: &mut Tx<'_>, node: i64, is_start: bool) -> Result<Vec<Held>> {
    let (now, takes_all) = (tx.now(), is_start && !tx.is_postgres());
    let expires = now + LEASE_SECONDS;
    if takes_all {
        tx.exec("delete from delivery_node", &[])?;
    }
    tx.exec("delete from delivery_node where expires <= $1", values![now])?;
    tx.exec(
        "insert into delivery_node (node_id, expires) values ($1, $2) \
         on conflict (node_id) do update set expires = excluded.expires",
        values![node, expires],
    )?;
    let nodes = tx.row("select count(*) from delivery_node", &[], |row| row.int(0))?;
    let share =
        BUCKETS / nodes.unwrap_or(1).max(1) + i64::from(nodes.is_some_and(|n| BUCKETS % n > 0));
    let all = leases(tx, now)?;
    let mut held: Vec<Held> = Vec::new();
    for lease in &all {
        let is_full = i64::try_from(held.len()).is_ok_and(|held| held >= share);
        let is_mine = lease.node == node;
        if is_mine && is_full {
            let sql = "update delivery_lease set expires = 0 where bucket = $1 and node_id = $2";
            tx.exec(sql, values![lease.bucket, node])?;
        } else if is_mine && !takes_all {
            let sql = "update delivery_lease set expires = $3 where bucket = $1 and node_id = $2";
            if tx.exec(sql, values![lease.bucket, node, expires])? == 1 {
                held.push(Held { bucket: lease.bucket, epoch: lease.epoch });
            }
        } else if !is_full && (takes_all || lease.expires <= now) {
            let sql = "update delivery_lease set node_id = $2, epoch = epoch + 1, expires = $3 \
                       where bucket = $1 and epoch = $4";
            if tx.exec(sql, values![lease.bucket, node, expires, lease.epoch])? == 1 {
                held.push(Held { bucket: lease.bucket, epoch: lease.epoch + 1 });
            }
        }
    }
    Ok(held)
}

struct Lease {
    bucket: i64,
    node: i64,
    epoch: i64,
    expires: i64,
}

fn leases(tx: &mut Tx<'_>, now: i64) -> Result<Vec<Lease>> {
    let read = |tx: &mut Tx<'_>| {
        // Those that are held first: what is too much is given back from the end.
        let sql = "select bucket, node_id, epoch, expires from delivery_lease \
                   order by case when expires > $1 then 0 else 1 end, bucket";
        tx.rows(sql, values![now], |row| {
            let (bucket, node, epoch) = (row.int(0)?, row.int(1)?, row.int(2)?);
            Ok(Lease { bucket, node, epoch, expires: row.int(3)? })
        })
    };
    let known = read(tx)?;
    if i64::try_from(known.len()) == Ok(BUCKETS) {
        return Ok(known);
    }
    for bucket in 0..BUCKETS {
        let sql = "insert into delivery_lease (bucket, node_id, epoch, expires) \
                   values ($1, 0, 0, 0) on conflict do nothing";
        tx.exec(sql, values![bucket])?;
    }
    read(tx)
}

/// What a node holds, as it is asked for in the transaction that writes what became of deliveries.
/// What nobody has taken over is still its own, however late it is: a clock may have been turned.
pub(crate) fn held(tx: &mut Tx<'_>, node: i64) -> Result<Vec<Held>> {
    let sql = "select bucket, epoch from delivery_lease where node_id = $1";
    tx.rows(sql, values![node], |row| Ok(Held { bucket: row.int(0)?, epoch: row.int(1)? }))
}

/// Gives everything back: another node need not wait.
pub fn release(tx: &mut Tx<'_>, node: i64) -> Result<()> {
    tx.exec("update delivery_lease set expires = 0 where node_id = $1", values![node])?;
    tx.exec("delete from delivery_node where node_id = $1", values![node]).map(|_| ())
}
