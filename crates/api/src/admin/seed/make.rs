//! A seed is made: in one transaction, in a store in which nothing is yet, by the same checks as
//! everything else an operator makes.

use super::check::same_person;
use super::{Seed, SeedFault, Simulation, within};
use crate::admin;
use domain::notification::Appli;
use domain::order::Kind;
use domain::{Entitlement, OrganizationId, Refusal, Result, ScopeSet, UserId};
use serde::Serialize;
use store::application::{self, About};
use store::person::Person;
use store::subscription::{self, APPLICATION, New};
use store::token::{self, Written};
use store::{Tx, sandbox, sync};

/// What was made, and what opens it: shown this once.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Made {
    /// In the order of the seed.
    pub organizations: Vec<MadeOrganization>,
    /// In the order of the seed.
    pub applications: Vec<MadeApplication>,
    /// In the order of the seed.
    pub people: Vec<MadePerson>,
    /// In the order of the seed.
    pub devices: Vec<MadeDevice>,
    /// In the order of the seed.
    pub tokens: Vec<MadeToken>,
    /// In the order of the seed.
    pub subscriptions: Vec<MadeSubscription>,
}

/// An organization.
#[derive(Debug, Clone, Serialize)]
pub struct MadeOrganization {
    name: String,
    organization_id: OrganizationId,
}

/// An application.
#[derive(Debug, Clone, Serialize)]
pub struct MadeApplication {
    name: String,
    client_id: String,
    client_secret: String,
    redirect_uris: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, Serialize)]
pub struct MadePerson {
    email: String,
    userid: UserId,
    /// As the seed has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// A device.
#[derive(Debug, Clone, Serialize)]
pub struct MadeDevice {
    mac: String,
    deviceid: String,
    token: String,
}

/// A pair of tokens.
#[derive(Debug, Clone, Serialize)]
pub struct MadeToken {
    client_id: String,
    userid: UserId,
    scope: String,
    access_token: String,
    refresh_token: String,
    expires_in: i64,
}

/// A subscription.
#[derive(Debug, Clone, Serialize)]
pub struct MadeSubscription {
    client_id: String,
    userid: Option<UserId>,
    appli: i64,
    callback: String,
    subscription_id: i64,
}

/// What is in a sandbox's store that was made before, as far as it can be told: tokens are kept as
/// hashes alone.
pub fn describe_sandbox(tx: &mut Tx<'_>) -> Result<Option<Made>> {
    if !sandbox::is_made(tx)? {
        return Ok(None);
    }
    let mut made = Made::default();
    for one in admin::list_organizations(tx, OrganizationId(0))? {
        made.organizations.push(MadeOrganization { name: one.name, organization_id: one.id });
    }
    for one in admin::list_applications(tx, "")? {
        let client_secret = application::secrets(tx, &one.client_id)?.into_iter().next();
        made.applications.push(MadeApplication {
            name: one.name,
            client_id: one.client_id,
            client_secret: client_secret.unwrap_or_default(),
            redirect_uris: one.redirect_uris,
        });
    }
    for one in admin::list_accounts(tx, UserId(0))? {
        let (email, userid) = (one.email, one.id);
        made.people.push(MadePerson { email, userid, password: None });
    }
    Ok(Some(made))
}

/// Whoever makes what is not made here.
pub trait Makers {
    /// Makes somebody who does not exist, with their devices and whoever lives with them.
    fn person(&self, tx: &mut Tx<'_>, simulation: &Simulation) -> Result<Person>;
    /// Makes a fault, perhaps of one application.
    fn fault(&self, tx: &mut Tx<'_>, fault: &SeedFault, client_id: Option<&str>) -> Result<()>;
}

/// Makes everything of a seed. The store becomes a sandbox's.
pub fn make_seed(tx: &mut Tx<'_>, seed: &Seed, makers: &dyn Makers) -> Result<Made> {
    let is_new = admin::list_accounts(tx, UserId(0))?.is_empty()
        && admin::list_applications(tx, "")?.is_empty()
        && admin::list_organizations(tx, OrganizationId(0))?.is_empty();
    if !is_new {
        let problem = "the store there has data already; a seed is for a new one: give another \
                       folder, or leave the seed out";
        return Err(Refusal::invalid_param("data", problem).into());
    }
    sandbox::make(tx)?;
    let mut making = Making { seed, made: Made::default() };
    for at in 0..seed.organizations.len() {
        placed("organizations", at, making.organization(tx, at))?;
    }
    for at in 0..seed.applications.len() {
        placed("applications", at, making.application(tx, at))?;
    }
    for at in 0..seed.people.len() {
        placed("people", at, making.person(tx, at, makers))?;
    }
    for at in 0..seed.devices.len() {
        placed("devices", at, making.device(tx, at))?;
    }
    for at in 0..seed.tokens.len() {
        placed("tokens", at, making.token(tx, at))?;
    }
    for at in 0..seed.subscriptions.len() {
        placed("subscriptions", at, making.subscription(tx, at))?;
    }
    for at in 0..seed.products.len() {
        placed("products", at, making.product(tx, at))?;
    }
    for at in 0..seed.surveys.len() {
        placed("surveys", at, making.survey(tx, at))?;
    }
    for (at, one) in seed.faults.iter().enumerate() {
        let client_id = one.application.as_deref().map(|name| making.client_id(name));
        let client_id = client_id.transpose()?;
        placed("faults", at, makers.fault(tx, one, client_id.as_deref()))?;
    }
    Ok(making.made)
}

fn placed(table: &str, at: usize, done: Result<()>) -> Result<()> {
    done.map_err(|error| within(&format!("{table}[{at}]"), error))
}

struct Making<'s> {
    seed: &'s Seed,
    made: Made,
}

impl Making<'_> {
    fn organization_id(&self, name: Option<&str>) -> Option<OrganizationId> {
        let is = |one: &&MadeOrganization| Some(one.name.as_str()) == name.map(str::trim);
        self.made.organizations.iter().find(is).map(|one| one.organization_id)
    }

    fn client_id(&self, name: &str) -> Result<String> {
        let made = self.seed.application(name).and_then(|at| self.made.applications.get(at));
        let made = made.map(|one| one.client_id.clone());
        made.ok_or_else(|| Refusal::missing_param("application").into())
    }

    fn userid(&self, email: &str) -> Result<UserId> {
        let made = self.made.people.iter().find(|one| same_person(&one.email, email));
        made.map(|one| one.userid).ok_or_else(|| Refusal::missing_param("person").into())
    }

    fn organization(&mut self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.organizations[at];
        let made = admin::create_organization(tx, &one.name, &entitlements(&one.entitlements))?;
        let (name, organization_id) = (made.name, made.id);
        self.made.organizations.push(MadeOrganization { name, organization_id });
        Ok(())
    }

    fn application(&mut self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.applications[at];
        let new = admin::NewApplication {
            name: one.name.clone(),
            redirect_uris: one.redirect_uris.clone(),
            about: About {
                organization: self.organization_id(one.organization.as_deref()),
                description: one.description.clone(),
                environment: one.environment.clone(),
                notify_uri: one.notify_uri.clone(),
                requests_per_minute: one.requests_per_minute,
                entitlements: entitlements(&one.entitlements),
                ..About::default()
            },
        };
        let written = application::Written {
            client_id: one.client_id.clone(),
            client_secret: one.client_secret.clone(),
        };
        let made = admin::create_written_application(tx, &new, written)?;
        let known = admin::find_application(tx, &made.client_id)?;
        self.made.applications.push(MadeApplication {
            name: known.name,
            client_id: made.client_id,
            client_secret: made.client_secret,
            redirect_uris: one.redirect_uris.clone(),
        });
        Ok(())
    }

    fn person(&mut self, tx: &mut Tx<'_>, at: usize, makers: &dyn Makers) -> Result<()> {
        let one = &self.seed.people[at];
        let goals = one.goals.clone().unwrap_or_default();
        let made = match one.simulation() {
            Some(simulation) => makers.person(tx, &simulation)?,
            None => admin::create_account(tx, &one.account())?,
        };
        if goals.steps.is_some() || goals.sleep.is_some() {
            let (steps, sleep) = (goals.steps, goals.sleep);
            let goals = admin::NewGoals { steps, sleep, ..admin::NewGoals::default() };
            let set = admin::set_goals(tx, &made.id.to_string(), &goals);
            set.map_err(|error| within("goals", error))?;
        }
        let (email, userid, password) = (made.email, made.id, one.password.clone());
        self.made.people.push(MadePerson { email, userid, password });
        Ok(())
    }

    fn device(&mut self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.devices[at];
        let new = admin::NewDevice {
            mac: one.mac.clone(),
            model_id: one.model,
            users: one.users.clone(),
            organization: self.organization_id(one.organization.as_deref()),
            serial: one.serial.clone(),
        };
        let device = admin::register_device(tx, &new)?.device;
        let token = match &one.token {
            Some(token) => {
                sync::keep_token(tx, device.id, token)?;
                token.clone()
            }
            None => sync::issue_token(tx, device.id)?,
        };
        let (mac, deviceid) = (device.mac.to_string(), device.hash);
        self.made.devices.push(MadeDevice { mac, deviceid, token });
        Ok(())
    }

    fn token(&mut self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.tokens[at];
        let (client_id, user) = (self.client_id(&one.application)?, self.userid(&one.person)?);
        let scopes = one.scope.as_deref().and_then(ScopeSet::parse).unwrap_or_else(ScopeSet::all);
        let written = Written {
            access_token: one.access_token.clone(),
            refresh_token: one.refresh_token.clone(),
        };
        let tokens = token::issue_written(tx, user, &client_id, &scopes, written)?;
        self.made.tokens.push(MadeToken {
            client_id,
            userid: tokens.user,
            scope: tokens.scope,
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_in: tokens.expires_in,
        });
        Ok(())
    }

    fn subscription(&mut self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.subscriptions[at];
        let client_id = self.client_id(&one.application)?;
        let userid = one.person.as_deref().map(|email| self.userid(email)).transpose()?;
        let new = New {
            user: userid.unwrap_or(APPLICATION),
            client_id: &client_id,
            appli: Appli(one.appli),
            callback: &one.callback,
            comment: one.comment.as_deref(),
            secret: one.secret.as_deref(),
        };
        let made = subscription::create(tx, &new)?;
        let problem = "another row has the same";
        let subscription_id = made.ok_or_else(|| Refusal::invalid_param("callback", problem))?;
        let (appli, callback) = (one.appli, one.callback.clone());
        let made = MadeSubscription { client_id, userid, appli, callback, subscription_id };
        self.made.subscriptions.push(made);
        Ok(())
    }

    fn product(&self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.products[at];
        let (kind, code) = match (&one.ean, &one.partner_ref) {
            (Some(code), _) => (Kind::Ean, code.clone()),
            (None, code) => (Kind::PartnerRef, code.clone().unwrap_or_default()),
        };
        let (name, models) = (one.name.clone(), one.models.clone());
        let organization = self.organization_id(one.organization.as_deref());
        let new = admin::NewProduct { organization, kind, code, name, models };
        admin::add_product(tx, &new).map(drop)
    }

    fn survey(&self, tx: &mut Tx<'_>, at: usize) -> Result<()> {
        let one = &self.seed.surveys[at];
        let organization = self.organization_id(one.organization.as_deref());
        let survey = one.survey.as_ref().ok_or_else(|| Refusal::missing_param("file"))?;
        admin::load_survey(tx, organization, survey).map(drop)
    }
}

fn entitlements(names: &[String]) -> Vec<Entitlement> {
    names.iter().filter_map(|name| Entitlement::parse(name)).collect()
}
