//! Tokens of signals: what a notification of an electrocardiogram carries, so that the application
//! it goes to can fetch that one signal with a signed call. How one is made stands in
//! `store::recording`.

use domain::{GroupId, Result, Scope};
use store::{Tx, grant, recording};
use subtle::ConstantTimeEq as _;

/// The recording whose token it is, if the application still may see the person's measurements.
pub(crate) fn open(tx: &mut Tx<'_>, client_id: &str, token: &str) -> Result<Option<GroupId>> {
    let Some((id, _)) = token.split_once('.') else { return Ok(None) };
    let Ok(id) = i64::from_str_radix(id, 16).map(GroupId) else { return Ok(None) };
    let expected = recording::token(tx, client_id, id);
    if !bool::from(expected.as_bytes().ct_eq(token.as_bytes())) {
        return Ok(None);
    }
    let connected = grant::of_user(tx, id.parts().0)?.into_iter();
    let may = connected
        .filter(|one| one.client_id == client_id)
        .any(|one| one.scopes.contains(&Scope::Metrics));
    Ok(may.then_some(id))
}
