//! The applications a person lets see something. What each scope means stands in `domain::Scope`.

use domain::{Result, UserId};
use store::grant::{self, Connected};
use store::{Tx, notification};

/// The applications a person lets see something, by name.
pub fn connected(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Connected>> {
    grant::of_user(tx, user)
}

/// Ends everything an application may see of a person, which is told so; again is the same as once.
pub fn revoke(tx: &mut Tx<'_>, user: UserId, client_id: &str) -> Result<()> {
    notification::unlinked(tx, client_id, user)?;
    grant::revoke(tx, client_id, user).map(|_| ())
}
