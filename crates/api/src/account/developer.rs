//! The applications somebody registered on the pages. An application of somebody else's is one that
//! is not there.

use crate::admin::{self, NewApplication};
use domain::{Refusal, Result, UserId};
use store::application::{self, About, Application, Credentials};
use store::{Tx, grant};

/// Applications one person can register.
pub const APPLICATIONS_MAX: usize = 50;
/// Hex digits by which a developer tells people apart.
const NAME_DIGITS: usize = 12;

/// The applications a person registered.
pub fn own(tx: &mut Tx<'_>, owner: UserId) -> Result<Vec<Application>> {
    application::of_owner(tx, owner)
}

/// An application, if the person registered it.
pub fn find_own(tx: &mut Tx<'_>, owner: UserId, client_id: &str) -> Result<Option<Application>> {
    // It comes from the address of a page: what is no id may hold what no engine keeps.
    if !client_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let found = application::find(tx, client_id)?;
    Ok(found.filter(|application| application.about.owner == Some(owner)))
}

/// Registers an application. Its secret is shown this once.
pub fn create_own(tx: &mut Tx<'_>, owner: UserId, new: &NewApplication) -> Result<Credentials> {
    if application::of_owner(tx, owner)?.len() >= APPLICATIONS_MAX {
        let problem = format!("you have {APPLICATIONS_MAX} applications, which is all you can");
        return Err(Refusal::invalid_param("name", problem).into());
    }
    // What an application may do, and how often it may call, only an operator says.
    let about = About {
        owner: Some(owner),
        description: new.about.description.clone(),
        environment: new.about.environment.clone(),
        notify_uri: new.about.notify_uri.clone(),
        ..About::default()
    };
    let new = NewApplication { about, ..new.clone() };
    tx.attempt(|tx| admin::create_application(tx, &new))
}

/// Changes what its owner may say of an application; `false` when it is not the person's.
pub fn change_own(
    tx: &mut Tx<'_>,
    owner: UserId,
    client_id: &str,
    new: &NewApplication,
) -> Result<bool> {
    let Some(known) = find_own(tx, owner, client_id)? else { return Ok(false) };
    let about = About {
        description: new.about.description.clone(),
        environment: new.about.environment.clone(),
        notify_uri: new.about.notify_uri.clone(),
        ..known.about
    };
    let new = NewApplication { about, ..new.clone() };
    tx.attempt(|tx| admin::change_application(tx, client_id, &new))?;
    Ok(true)
}

/// Gives an application a new secret, shown this once; none when it is not the person's. The old
/// one stays good for [`admin::OVERLAP_SECONDS`].
pub fn rotate_own(tx: &mut Tx<'_>, owner: UserId, client_id: &str) -> Result<Option<String>> {
    match find_own(tx, owner, client_id)? {
        None => Ok(None),
        Some(_) => admin::rotate_secret(tx, client_id, None).map(Some),
    }
}

/// How many people use an application, and names for the first of them that say nothing about them
/// and that no other application is told.
pub fn people(tx: &mut Tx<'_>, client_id: &str) -> Result<(i64, Vec<String>)> {
    let (count, people) = grant::people(tx, client_id)?;
    // The beginning of the `hash_userid` the application is told.
    let name = |user| tx.pseudonym(client_id, user).chars().take(NAME_DIGITS).collect();
    Ok((count, people.into_iter().map(name).collect()))
}
