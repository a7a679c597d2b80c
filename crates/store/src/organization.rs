//! Organizations: who applications belong to, and what a contract lets them use.

use crate::tx::{Tx, values};
use domain::{Entitlement, EntropyExt as _, Error, OrganizationId, Result};

/// An organization as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its number.
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created: i64,
    /// What its applications may be let do.
    pub entitlements: Vec<Entitlement>,
}

/// Makes an organization.
pub fn create(tx: &mut Tx<'_>, name: &str, entitlements: &[Entitlement]) -> Result<OrganizationId> {
    const DRAWS_MAX: usize = 64;
    let now = tx.now();
    for _ in 0..DRAWS_MAX {
        // Drawn, so that no number tells how many there are; below 2^31, as programs keep it.
        let id = OrganizationId(tx.entropy().number(10_000, 1 << 31));
        let sql = "insert into organization (organization_id, name, created) \
                   values ($1, $2, $3) on conflict do nothing";
        if tx.exec(sql, values![id.0, name, now])? == 1 {
            set_entitlements(tx, id, entitlements)?;
            return Ok(id);
        }
    }
    Err(Error::internal("no free number of an organization was drawn"))
}

/// Sets what its applications may be let do. What they were let do before stays theirs.
pub fn set_entitlements(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    entitlements: &[Entitlement],
) -> Result<()> {
    let sql = "delete from organization_entitlement where organization_id = $1";
    tx.exec(sql, values![id.0])?;
    for entitlement in entitlements {
        tx.exec(
            "insert into organization_entitlement (organization_id, entitlement) \
             values ($1, $2) on conflict do nothing",
            values![id.0, entitlement.name()],
        )?;
    }
    Ok(())
}

/// The organization of that number.
pub fn find(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Organization>> {
    let sql = "select name, created from organization where organization_id = $1";
    let row = tx.row(sql, values![id.0], |row| Ok((row.text(0)?, row.int(1)?)))?;
    let Some((name, created)) = row else { return Ok(None) };
    let sql = "select entitlement from organization_entitlement where organization_id = $1";
    let names = tx.rows(sql, values![id.0], |row| row.text(0))?;
    let mut entitlements: Vec<_> =
        names.iter().filter_map(|name| Entitlement::parse(name)).collect();
    entitlements.sort_unstable();
    Ok(Some(Organization { id, name, created, entitlements }))
}

/// Organizations in the order of their numbers, after `after`.
pub fn list(tx: &mut Tx<'_>, after: OrganizationId, limit: i64) -> Result<Vec<Organization>> {
    let sql = "select organization_id from organization where organization_id > $1 \
               order by organization_id limit $2";
    let ids = tx.rows(sql, values![after.0, limit], |row| row.int(0))?;
    ids.into_iter().filter_map(|id| find(tx, OrganizationId(id)).transpose()).collect()
}
