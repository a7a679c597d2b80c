//! The rules behind the page where a person permits an application to see their data (reference
//! oauth2-authorize, RFC 6749 §4.1). The page itself, cookies and passwords are
//! `server::authorize`.

use domain::{Error, Refusal, Result, ScopeSet, UserId, redirect};
use schemars::JsonSchema;
use store::application::{self, Application};
use store::{Tx, code};
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
        let allowed = application.redirect_uris.iter();
        if !allowed.clone().any(|registered| redirect::allows(registered, &self.redirect_uri)) {
            return Ok(Err(Flaw::Page(
                "redirect_uri: it is none of the application's registered addresses, nor below \
                 one.",
            )));
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
                let (client, uri) = (&checked.application.client_id, &self.redirect_uri);
                let code = code::issue(tx, user, client, uri, &checked.scopes)?;
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
        drop(query);
        Ok(url.into())
    }
}
