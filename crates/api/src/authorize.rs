//! The rules behind the page where a person permits an application to see their data (reference
//! oauth2-authorize, RFC 6749 §4.1). The page itself, cookies and passwords are
//! `server::authorize`.

use domain::token::CODE_SECONDS;
use domain::{Error, Refusal, Result, ScopeSet, UserId, pkce, redirect};
use schemars::JsonSchema;
use store::application::{self, Application};
use store::{Tx, code, grant};
use url::Url;

/// What an application asks for, as it stands in the address of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema)]
pub struct Ask {
    /// `code`
    #[schemars(extend("const" = "code"))]
    pub response_type: String,
    /// Who asks.
    pub client_id: String,
    /// Given back as it is.
    pub state: String,
    /// What it asks for: names of scopes, separated by commas.
    pub scope: String,
    /// Where the person is sent back to.
    #[schemars(extend("format" = "uri"))]
    pub redirect_uri: String,
    /// `demo` logs in the demo person.
    #[schemars(extend("const" = "demo"))]
    pub mode: Option<String>,
    /// A PKCE challenge (RFC 7636); needed in the strict profile.
    pub code_challenge: Option<String>,
    /// `S256`, if there is a challenge.
    #[schemars(extend("const" = "S256"))]
    pub code_challenge_method: Option<String>,
    /// The server's own address, told to the application in the strict profile (RFC 9207): no part
    /// of what it asks.
    #[schemars(skip)]
    pub issuer: Option<String>,
}

/// An ask that may be put before a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Who asks.
    pub application: Application,
    /// What it asks for.
    pub scopes: ScopeSet,
    /// Whether the demo person answers.
    pub is_demo: bool,
}

/// Why an ask cannot be put before a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The person is told; nothing is sent to an address that is not proven to be the
    /// application's.
    Page(&'static str),
    /// The application is told, at its own address.
    Redirect {
        /// The address with what it is told; it holds text of the caller.
        address: String,
        /// The same for the operator's log, without text of the caller.
        cause: &'static str,
    },
}

impl Ask {
    /// Checks the ask against what is registered.
    pub fn check(&self, tx: &mut Tx<'_>) -> Result<std::result::Result<Checked, Flaw>> {
        let Some(application) = application::find(tx, &self.client_id)? else {
            return Ok(Err(Flaw::Page("client_id: no application has this id.")));
        };
        let is_strict = tx.profile().is_strict();
        if let Some(flaw) = self.address_flaw(&application, is_strict) {
            return Ok(Err(flaw));
        }
        if self.response_type != "code" {
            return self.send_back("unsupported_response_type", "response_type must be code");
        }
        if self.state.is_empty() {
            return self.send_back("invalid_request", "state is missing");
        }
        let Some(scopes) = ScopeSet::parse(&self.scope) else {
            return self.send_back("invalid_scope", "scope must name known scopes");
        };
        if let Some(problem) = self.challenge_flaw(is_strict) {
            return self.send_back("invalid_request", problem);
        }
        let is_demo = match self.mode.as_deref() {
            None | Some("") => false,
            Some("demo") => true,
            Some(_) => return self.send_back("invalid_request", "mode must be demo"),
        };
        Ok(Ok(Checked { application, scopes, is_demo }))
    }

    /// The person agrees: where to send them, with a code.
    pub fn permit(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<std::result::Result<String, Flaw>> {
        match self.check(tx)? {
            Err(flaw) => Ok(Err(flaw)),
            Ok(checked) => {
                if tx.profile().is_strict() && is_full(tx, &checked.application, user)? {
                    let problem = "the application has as many people as it may have until its \
                                   addresses are https on a public name";
                    let flaw = self.send_back("access_denied", problem)?;
                    return Ok(flaw.map(|_| String::new()));
                }
                let code = code::NewCode {
                    user,
                    client_id: &checked.application.client_id,
                    redirect_uri: Some(&self.redirect_uri),
                    scopes: &checked.scopes,
                    challenge: self.code_challenge.as_deref().filter(|text| !text.is_empty()),
                    is_read_only: checked.is_demo,
                    seconds: CODE_SECONDS,
                };
                let code = code::issue(tx, &code)?;
                Ok(Ok(self.address(&[("code", &code)])?))
            }
        }
    }

    /// The person does not agree: where to send them.
    pub fn deny(&self, tx: &mut Tx<'_>) -> Result<std::result::Result<String, Flaw>> {
        match self.check(tx)? {
            Err(flaw) => Ok(Err(flaw)),
            Ok(_) => Ok(Ok(self.address(&[("error", "access_denied")])?)),
        }
    }

    fn address_flaw(&self, application: &Application, is_strict: bool) -> Option<Flaw> {
        let mut registered = application.redirect_uris.iter();
        let asked = self.redirect_uri.as_str();
        // Letter for letter, as RFC 9700 §2.1 asks; it must be an address all the same.
        let is_allowed =
            |one: &String| redirect::allows(one, asked) && (!is_strict || one.as_str() == asked);
        let problem = match is_strict {
            _ if registered.any(is_allowed) => return None,
            false => {
                "redirect_uri: it is none of the application's registered addresses, nor below one."
            }
            true => "redirect_uri: it is none of the application's registered addresses.",
        };
        Some(Flaw::Page(problem))
    }

    fn challenge_flaw(&self, is_strict: bool) -> Option<&'static str> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        match (given(&self.code_challenge), given(&self.code_challenge_method).as_deref()) {
            (None, None) if !is_strict => None,
            (None, _) => Some("code_challenge is missing"),
            (Some(challenge), Some("S256")) if pkce::is_challenge(&challenge) => None,
            (Some(_), Some("S256")) => Some("code_challenge must be 43 characters of base64url"),
            (Some(_), _) => Some("code_challenge_method must be S256"),
        }
    }

    fn send_back(
        &self,
        error: &str,
        description: &'static str,
    ) -> Result<std::result::Result<Checked, Flaw>> {
        let address = self.address(&[("error", error), ("error_description", description)])?;
        Ok(Err(Flaw::Redirect { address, cause: description }))
    }

    /// The redirect address with these parameters and the `state`.
    fn address(&self, parameters: &[(&str, &str)]) -> Result<String> {
        let mut url = Url::parse(&self.redirect_uri)
            .map_err(|_| Error::from(Refusal::invalid_param("redirect_uri", "not an address")))?;
        let mut query = url.query_pairs_mut();
        query.extend_pairs(parameters);
        if !self.state.is_empty() {
            query.append_pair("state", &self.state);
        }
        if let Some(issuer) = &self.issuer {
            query.append_pair("iss", issuer);
        }
        drop(query);
        Ok(url.into())
    }
}

/// People an application has in the strict profile while one of its addresses is not https on a
/// public name (field-notes §1.1): enough to develop it.
pub const RESTRICTED_PEOPLE_MAX: i64 = 10;

/// Whether an application is still limited to a few people.
pub fn is_restricted(application: &Application) -> bool {
    let mut addresses = application.redirect_uris.iter().chain(&application.about.notify_uri);
    !addresses.all(|address| redirect::is_public_https(address))
}

fn is_full(tx: &mut Tx<'_>, application: &Application, user: UserId) -> Result<bool> {
    Ok(is_restricted(application)
        && !grant::is_member(tx, &application.client_id, user)?
        && grant::count_members(tx, &application.client_id, user)? >= RESTRICTED_PEOPLE_MAX)
}
