//! `oauth2 createclient`: an application makes another one for its organization.

use crate::admin::{ENVIRONMENTS, NewApplication, create_application, redirect_uris};
use crate::authorize::is_restricted;
use crate::caller::{Partner, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Entitlement, Error, OrganizationId, Refusal, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::application::{self, About};
use store::organization;

/// Makes an application of the caller's own organization.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CreateClient {
    /// What the consent page calls it.
    pub name: String,
    /// A few words about it.
    pub description: String,
    /// `dev`, `stage` or `prod`.
    pub intended_environment: String,
    /// What it is to use: `app_to_app`, `sdk`, `cellular`, `logistics`. The organization must have
    /// each.
    pub intended_integrations: Vec<String>,
    /// Where it may have people sent back to.
    pub redirect_uris: Vec<String>,
    /// The caller's own organization, if it is said at all.
    pub organization_id: Option<OrganizationId>,
}

/// An application that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NewClient {
    /// 64 hex digits.
    pub client_id: String,
    /// 64 hex digits, told this once.
    pub client_secret: String,
    /// What the consent page calls it.
    pub name: String,
    /// A few words about it.
    pub desc: String,
    /// A picture; none is kept, so it is empty.
    pub img: String,
    /// Whether one of its addresses is not https on a public name: in the strict profile it then
    /// has ten people at most.
    pub is_restricted: bool,
    /// Whose application it is.
    pub organization_id: OrganizationId,
}

impl CreateClient {
    fn integrations(&self) -> Result<Vec<Entitlement>> {
        let known = |name: &String| {
            Entitlement::parse(name).filter(|one| *one != Entitlement::Rpm).ok_or_else(|| {
                let problem = "give app_to_app, sdk, cellular or logistics";
                Error::from(Refusal::invalid_param("intended_integrations", problem))
            })
        };
        self.intended_integrations.iter().map(known).collect()
    }
}

impl Operation for CreateClient {
    const PATH: &'static str = "/v2/oauth2";
    const ACTION: &'static str = "createclient";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Partner>;
    type Reply = NewClient;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Partner>) -> Result<NewClient> {
        let entitlements = self.integrations()?;
        if !ENVIRONMENTS.contains(&self.intended_environment.as_str()) {
            let problem = "give dev, stage or prod";
            return Err(Refusal::invalid_param("intended_environment", problem).into());
        }
        let own = application::find(tx, &caller.client_id)?.and_then(|own| own.about.organization);
        let cause = "the application belongs to no organization";
        let id = own.ok_or_else(|| Refusal::not_entitled(cause))?;
        if self.organization_id.is_some_and(|named| named != id) {
            let cause = "organization_id is not the caller's own organization";
            return Err(Refusal::rejected("organization_id", cause).into());
        }
        let organization = organization::find(tx, id)?;
        let has = organization.map(|organization| organization.entitlements).unwrap_or_default();
        if let Some(beyond) = entitlements.iter().find(|one| !has.contains(one)) {
            let cause = format!("the organization has no {beyond}");
            return Err(Refusal::not_entitled(cause).into());
        }
        let new = NewApplication {
            name: self.name,
            redirect_uris: redirect_uris("redirect_uris", &self.redirect_uris)?,
            about: About {
                organization: Some(id),
                description: Some(self.description),
                environment: Some(self.intended_environment),
                entitlements,
                ..About::default()
            },
        };
        let made = create_application(tx, &new)?;
        let gone = || Error::internal("an application that was just made");
        let kept = application::find(tx, &made.client_id)?.ok_or_else(gone)?;
        Ok(NewClient {
            client_id: made.client_id,
            client_secret: made.client_secret,
            is_restricted: is_restricted(&kept),
            name: kept.name,
            desc: kept.about.description.unwrap_or_default(),
            img: String::new(),
            organization_id: id,
        })
    }

    fn examples() -> Vec<Example<NewClient>> {
        let reply = NewClient {
            client_id: "00112233445566778899aabbccddeeff".repeat(2),
            client_secret: "ffeeddccbbaa99887766554433221100".repeat(2),
            name: "My second program".to_owned(),
            desc: "The same for clinics".to_owned(),
            img: String::new(),
            is_restricted: false,
            organization_id: OrganizationId(12_345),
        };
        let params = json!({
            "name": "My second program",
            "description": "The same for clinics",
            "intended_environment": "prod",
            "intended_integrations": ["cellular", "logistics"],
            "redirect_uris": ["https://my.example.org/callback"],
        });
        vec![Example { summary: "An application for cellular devices", params, reply }]
    }
}
