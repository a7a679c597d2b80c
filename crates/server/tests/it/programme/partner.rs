//! Who runs a programme: what the operator sets up for them, and their program, which calls over
//! HTTP with the client of the operations.

use crate::answer::Answer;
use crate::app::App;
use crate::household::{Program, REDIRECT_URI};
use crate::receiver::Receiver;
use api::admin::{self, NewApplication, NewProduct, NewProgram};
use api::client::{Body, Client, Credentials, Pair, Problem, Transport, Unreached};
use api::operation::Operation;
use domain::order::Kind;
use domain::{Entitlement, OrganizationId};
use serde_json::Value;
use std::path::Path;
use store::application::About;

pub(super) const SCALE: &str = "00:24:e4:00:01:17";
pub(super) const CUFF: &str = "00:24:e4:00:01:47";
const FLEET: &str = "mac,model,serial\n00:24:e4:00:01:17,17,S-17\n00:24:e4:00:01:47,47,S-47\n";
/// What the catalogue calls a scale and a blood pressure monitor in a box.
pub(super) const KIT: &str = "KIT-1";

/// The partner's program.
pub(super) struct Partner<'a> {
    app: &'a App,
    client_id: String,
    client_secret: String,
    organization: OrganizationId,
    /// The programme of remote monitoring.
    pub(super) programme: i64,
}

/// The connection of a client.
struct Wire<'a>(&'a App);

impl Transport for Wire<'_> {
    fn send(
        &self,
        path: &str,
        bearer: Option<&str>,
        fields: &[Pair],
    ) -> Result<Vec<u8>, Unreached> {
        let request = self.0.request("POST", path).form(fields);
        let request = match bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let Answer { text, .. } = self.0.sends(request);
        Ok(text.into_bytes())
    }
}

impl<'a> Partner<'a> {
    /// All that an operator does before a partner can begin.
    pub(super) fn new(app: &'a App, orders: &Receiver) -> Self {
        let notify_uri = orders.url("/orders");
        let (organization, made, programme) = app.administers(move |tx| {
            let entitlements = [Entitlement::Cellular, Entitlement::Logistics, Entitlement::Rpm];
            let organization = admin::create_organization(tx, "Clinic", &entitlements)?.id;
            let about = About {
                organization: Some(organization),
                entitlements: entitlements.to_vec(),
                notify_uri: Some(notify_uri.clone()),
                ..About::default()
            };
            let (name, redirect_uris) = ("Heart Care".to_owned(), vec![REDIRECT_URI.to_owned()]);
            let new = NewApplication { name, redirect_uris, about };
            let made = admin::create_application(tx, &new)?;
            let rows = admin::read_fleet(FLEET).expect("a list");
            let fleet = admin::register_fleet(tx, organization, &rows, false)?;
            assert_eq!(fleet.expect("no flaw").registered, 2);
            let (kind, code, name) = (Kind::PartnerRef, KIT.to_owned(), "A kit".to_owned());
            let (organization, models) = (Some(organization), vec![17, 47]);
            admin::add_product(tx, &NewProduct { organization, kind, code, name, models })?;
            let organization = organization.expect("the clinic");
            let (name, time_zone) = ("Hypertension".to_owned(), "Europe/Paris".to_owned());
            let new = NewProgram { organization, name, time_zone, cohort: None };
            Ok((organization, (made.client_id, made.client_secret), admin::add_program(tx, &new)?))
        });
        let ((client_id, client_secret), programme) = (made, programme.id);
        Self { app, client_id, client_secret, organization, programme }
    }

    /// Loads the survey of the documents for the organization: its number.
    pub(super) fn loads_survey(&self) -> i64 {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let file = docs.join("examples/survey-high-blood-pressure.json");
        let written: Value =
            serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("JSON");
        let organization = self.organization;
        self.app.administers(move |tx| {
            let survey = admin::read_survey(written.clone())?;
            admin::load_survey(tx, Some(organization), &survey)?;
            Ok(survey.id)
        })
    }

    /// The program, as people meet it.
    pub(super) fn program(&self) -> Program<'a> {
        self.app.program(self.client_id.clone(), self.client_secret.clone())
    }

    /// Calls an operation as the application: signed, or with its secret, as the table asks.
    #[track_caller]
    pub(super) fn calls<O: Operation>(&self, params: &Value) -> Body<O> {
        self.sends(None, params).expect("accepted")
    }

    /// Calls an operation for a person, with their access token.
    #[track_caller]
    pub(super) fn calls_for<O: Operation>(&self, token: &str, params: &Value) -> Body<O> {
        self.tries(token, params).expect("accepted")
    }

    /// The same, whatever becomes of it.
    pub(super) fn tries<O: Operation>(
        &self,
        token: &str,
        params: &Value,
    ) -> Result<Body<O>, Problem> {
        self.sends(Some(token.to_owned()), params)
    }

    fn sends<O: Operation>(
        &self,
        access_token: Option<String>,
        params: &Value,
    ) -> Result<Body<O>, Problem> {
        let credentials = Credentials {
            access_token,
            client_id: Some(self.client_id.clone()),
            client_secret: Some(self.client_secret.clone()),
        };
        Client::new(Wire(self.app), credentials, self.app.clock.shared()).call(params)
    }
}
