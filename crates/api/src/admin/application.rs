//! Applications.

use domain::{Refusal, Result, redirect};
use store::Tx;
use store::application::{self, Application, Credentials};

/// An application has at most this many redirect addresses.
const REDIRECTS_MAX: usize = 32;

/// An application to be made.
#[derive(Debug, Clone, Default)]
pub struct NewApplication {
    /// What the consent page calls it.
    pub name: String,
    /// Where it may have people sent back to; several in one text are separated by commas.
    pub redirect_uris: Vec<String>,
}

/// Makes an application. Its secret is shown this once.
pub fn create_application(tx: &mut Tx<'_>, new: &NewApplication) -> Result<Credentials> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Refusal::invalid_param("name", "expected 1 to 100 characters").into());
    }
    let texts = new.redirect_uris.iter().flat_map(|uris| uris.split(','));
    let uris: Vec<String> =
        texts.map(|uri| uri.trim().to_owned()).filter(|uri| !uri.is_empty()).collect();
    if uris.is_empty() || uris.len() > REDIRECTS_MAX {
        let problem = format!("expected 1 to {REDIRECTS_MAX} addresses");
        return Err(Refusal::invalid_param("redirect-uri", problem).into());
    }
    if uris.iter().any(|uri| redirect::parse(uri).is_none()) {
        let problem = "expected an absolute address without user name, password or #fragment";
        return Err(Refusal::invalid_param("redirect-uri", problem).into());
    }
    application::create(tx, name, &uris)
}

/// Applications in the order of their ids, after `after`.
pub fn list_applications(tx: &mut Tx<'_>, after: &str) -> Result<Vec<Application>> {
    application::list(tx, after, super::LIST_ROWS)
}
