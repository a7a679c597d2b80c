//! The devices of the organization of an application somebody registered. Only an operator puts an
//! application into an organization; whoever keeps it may then keep the organization's list.

use super::developer::find_own;
use crate::admin::{self, DeviceSummary, Flaw, Fleet, FleetRow};
use domain::{DeviceId, OrganizationId, Refusal, Result, UserId};
use store::Tx;

fn organization(tx: &mut Tx<'_>, owner: UserId, client_id: &str) -> Result<Option<OrganizationId>> {
    Ok(find_own(tx, owner, client_id)?.and_then(|own| own.about.organization))
}

/// The devices of the organization, after one; none if the application is not the person's, or in
/// no organization.
pub fn own_fleet(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    after: DeviceId,
) -> Result<Option<Vec<DeviceSummary>>> {
    let Some(of) = organization(tx, owner, client_id)? else { return Ok(None) };
    admin::fleet(tx, of, after).map(Some)
}

/// Registers devices of a list for the organization: all of them, or with a flaw none.
pub fn register_own_fleet(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    rows: &[FleetRow],
) -> Result<std::result::Result<Fleet, Vec<Flaw>>> {
    let of = organization(tx, owner, client_id)?;
    let of = of.ok_or_else(|| Refusal::rejected("client_id", "no such application"))?;
    admin::register_fleet(tx, of, rows, false)
}
