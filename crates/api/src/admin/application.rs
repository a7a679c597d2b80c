//! Applications and the organizations they belong to.

use super::account::find_account;
use domain::notification::Callbacks;
use domain::{Entitlement, OrganizationId, Refusal, Result, redirect};
use store::application::{self, About, Application, Credentials, Written};
use store::organization::{self, Organization};
use store::{Tx, person};

/// An application has at most this many redirect addresses.
const REDIRECTS_MAX: usize = 32;
/// A description has at most this many characters.
const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Where an application is meant to run (reference, oauth2 createclient).
pub const ENVIRONMENTS: [&str; 3] = ["dev", "stage", "prod"];
/// How long a secret that was replaced stays good, unless it is said.
pub const OVERLAP_SECONDS: i64 = 86_400;
/// And at most.
const OVERLAP_SECONDS_MAX: i64 = 30 * 86_400;

/// An application to be made.
#[derive(Debug, Clone, Default)]
pub struct NewApplication {
    /// What the consent page calls it.
    pub name: String,
    /// Where it may have people sent back to; several in one text are separated by commas.
    pub redirect_uris: Vec<String>,
    /// What else is said of it.
    pub about: About,
}

/// Makes an application. Its secret is shown this once.
pub fn create_application(tx: &mut Tx<'_>, new: &NewApplication) -> Result<Credentials> {
    let (name, uris, about) = checked(tx, new)?;
    application::create(tx, &name, &uris, &about)
}

/// The same in a sandbox, with an id and a secret that somebody wrote down.
pub fn create_written_application(
    tx: &mut Tx<'_>,
    new: &NewApplication,
    written: Written,
) -> Result<Credentials> {
    let (name, uris, about) = checked(tx, new)?;
    let made = application::create_written(tx, &name, &uris, &about, written)?;
    let problem = "another application has this id";
    made.ok_or_else(|| Refusal::invalid_param("client_id", problem).into())
}

/// Changes everything that is said of an application.
pub fn change_application(tx: &mut Tx<'_>, client_id: &str, new: &NewApplication) -> Result<()> {
    let known = find_application(tx, client_id)?;
    let (name, redirect_uris, about) = checked(tx, new)?;
    application::change(tx, &Application { name, redirect_uris, about, ..known })
}

fn checked(tx: &mut Tx<'_>, new: &NewApplication) -> Result<(String, Vec<String>, About)> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Refusal::invalid_param("name", "expected 1 to 100 characters").into());
    }
    let uris = redirect_uris("redirect-uri", &new.redirect_uris)?;
    let about = about(tx, &new.about)?;
    Ok((name.to_owned(), uris, about))
}

/// Addresses that may be registered; several in one text are separated by commas. `name` is what
/// whoever gives them calls them.
pub fn redirect_uris(name: &str, given: &[String]) -> Result<Vec<String>> {
    let texts = given.iter().flat_map(|uris| uris.split(','));
    let uris: Vec<String> =
        texts.map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty()).collect();
    if uris.is_empty() || uris.len() > REDIRECTS_MAX {
        let problem = format!("expected 1 to {REDIRECTS_MAX} addresses");
        return Err(Refusal::invalid_param(name, problem).into());
    }
    if uris.iter().any(|uri| redirect::parse(uri).is_none()) {
        let problem = "expected an absolute address without user name, password or #fragment";
        return Err(Refusal::invalid_param(name, problem).into());
    }
    Ok(uris)
}

fn about(tx: &mut Tx<'_>, about: &About) -> Result<About> {
    let mut about = about.clone();
    about.entitlements.sort_unstable();
    about.entitlements.dedup();
    if let Some(id) = about.organization {
        let problem = "no organization has this number; see `vitald organization list`";
        let organization = organization::find(tx, id)?
            .ok_or_else(|| Refusal::invalid_param("organization", problem))?;
        if let Some(beyond) =
            about.entitlements.iter().find(|one| !organization.entitlements.contains(one))
        {
            let problem = format!("the organization has no {beyond}");
            return Err(Refusal::invalid_param("entitlement", problem).into());
        }
    }
    if let Some(owner) = about.owner {
        person::get(tx, owner)?;
    }
    let described = about.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    // It has lines; what moves the cursor of a terminal otherwise it has not.
    let is_odd = |one: char| one.is_control() && !matches!(one, '\n' | '\r' | '\t');
    let is_text =
        |text: &str| text.chars().count() <= DESCRIPTION_CHARS_MAX && !text.contains(is_odd);
    if described.is_some_and(|text| !is_text(text)) {
        let problem = format!("expected at most {DESCRIPTION_CHARS_MAX} characters of text");
        return Err(Refusal::invalid_param("description", problem).into());
    }
    about.description = described.map(str::to_owned);
    if about.environment.as_deref().is_some_and(|name| !ENVIRONMENTS.contains(&name)) {
        return Err(Refusal::invalid_param("environment", "give dev, stage or prod").into());
    }
    let notify = about.notify_uri.as_deref().map(str::trim).filter(|uri| !uri.is_empty());
    // Where the server may send at all is its own setting, and looked at when something is sent.
    if let Some(unfit) = notify.and_then(|uri| Callbacks::Any.check(uri).err()) {
        let problem = format!("expected an absolute http or https address; {unfit}");
        return Err(Refusal::invalid_param("notify-uri", problem).into());
    }
    about.notify_uri = notify.map(str::to_owned);
    if about.requests_per_minute.is_some_and(|number| !(0..=1_000_000).contains(&number)) {
        let problem = "expected a number from 0 (no limit) to 1000000";
        return Err(Refusal::invalid_param("requests-per-minute", problem).into());
    }
    Ok(about)
}

/// The application of that id.
pub fn find_application(tx: &mut Tx<'_>, client_id: &str) -> Result<Application> {
    let problem = "no application has this id; see `vitald client list`";
    let found = application::find(tx, client_id.trim())?;
    found.ok_or_else(|| Refusal::invalid_param("client", problem).into())
}

/// Gives an application a new secret, shown this once; the old one stays good for a while.
pub fn rotate_secret(
    tx: &mut Tx<'_>,
    client_id: &str,
    overlap_seconds: Option<i64>,
) -> Result<String> {
    let overlap = overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    if !(0..=OVERLAP_SECONDS_MAX).contains(&overlap) {
        let problem = format!("expected at most {OVERLAP_SECONDS_MAX} seconds");
        return Err(Refusal::invalid_param("overlap", problem).into());
    }
    let known = find_application(tx, client_id)?;
    application::rotate_secret(tx, &known.client_id, overlap)
}

/// Applications in the order of their ids, after `after`.
pub fn list_applications(tx: &mut Tx<'_>, after: &str) -> Result<Vec<Application>> {
    application::list(tx, after, super::LIST_ROWS)
}

/// Makes an organization.
pub fn create_organization(
    tx: &mut Tx<'_>,
    name: &str,
    entitlements: &[Entitlement],
) -> Result<Organization> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Refusal::invalid_param("name", "expected 1 to 100 characters").into());
    }
    let id = organization::create(tx, name, entitlements)?;
    find_organization(tx, id)
}

/// Sets what an organization's applications may be let do.
pub fn entitle_organization(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    entitlements: &[Entitlement],
) -> Result<Organization> {
    find_organization(tx, id)?;
    organization::set_entitlements(tx, id, entitlements)?;
    find_organization(tx, id)
}

fn find_organization(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Organization> {
    let problem = "no organization has this number; see `vitald organization list`";
    let found = organization::find(tx, id)?;
    found.ok_or_else(|| Refusal::invalid_param("organization", problem).into())
}

/// Organizations in the order of their numbers, after `after`.
pub fn list_organizations(tx: &mut Tx<'_>, after: OrganizationId) -> Result<Vec<Organization>> {
    organization::list(tx, after, super::LIST_ROWS)
}

/// Says whose account a person's is: an application that owns it may have codes for it at any time.
pub fn own_account(tx: &mut Tx<'_>, user: &str, client_id: &str) -> Result<()> {
    let (user, client) = (find_account(tx, user)?.id, find_application(tx, client_id)?.client_id);
    person::set_owner(tx, user, Some(&client))
}
