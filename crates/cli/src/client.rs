//! `vitald client …`

use crate::location::Location;
use crate::organization::entitlement;
use crate::output::Output;
use api::admin;
use clap::{Args, Subcommand};
use domain::{Entitlement, OrganizationId, UserId};
use serde::Serialize;
use store::application::{About, Application};
use store::{Access, Tx};

/// Applications: programs that call the API.
#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// Make an application; its secret is printed this once.
    Create(Create),
    /// Change what is said of an application; what is not given stays.
    Change(Change),
    /// Give an application a new secret, printed this once; the old one stays good for a while.
    RotateSecret(RotateSecret),
    /// Show an application.
    Show {
        /// Its id.
        client_id: String,
    },
    /// List the applications.
    List,
}

/// Make an application.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What the consent page calls it.
    #[arg(long)]
    name: String,
    /// Where it may have people sent back to, and further down from there. May be given several
    /// times.
    #[arg(long = "redirect-uri", required = true, value_name = "URL")]
    redirect_uris: Vec<String>,
    #[command(flatten)]
    said: Said,
}

/// Change what is said of an application; what is not given stays.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Its id.
    client_id: String,
    /// What the consent page calls it.
    #[arg(long)]
    name: Option<String>,
    /// Where it may have people sent back to, instead of where it could. May be given several
    /// times.
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    #[command(flatten)]
    said: Said,
}

/// What can be said of an application.
#[derive(Debug, Args)]
struct Said {
    /// Whose application it is: the number of an organization.
    #[arg(long, value_name = "NUMBER")]
    organization: Option<i64>,
    /// What it may do, of what its organization may; may be given several times.
    #[arg(long = "entitlement", value_name = "NAME", value_parser = entitlement())]
    entitlements: Vec<Entitlement>,
    /// A few words about it.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Where it is meant to run.
    #[arg(long, value_name = "NAME", value_parser = admin::ENVIRONMENTS)]
    environment: Option<String>,
    /// Where it is told about orders.
    #[arg(long, value_name = "URL")]
    notify_uri: Option<String>,
    /// Calls it may make in a minute, instead of the server's number; 0: as many as it likes.
    #[arg(long, value_name = "N")]
    requests_per_minute: Option<i64>,
}

/// Give an application a new secret.
#[derive(Debug, Args)]
pub(crate) struct RotateSecret {
    /// Its id.
    client_id: String,
    /// How long the old secret stays good, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = admin::OVERLAP_SECONDS)]
    overlap: i64,
}

#[derive(Serialize)]
struct Created {
    client_id: String,
    client_secret: String,
    name: String,
}

#[derive(Serialize)]
struct Listed {
    client_id: String,
    name: String,
    redirect_uris: Vec<String>,
    organization_id: Option<OrganizationId>,
    entitlements: Vec<Entitlement>,
    environment: Option<String>,
    requests_per_minute: Option<i64>,
    created: i64,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    listed: Listed,
    description: Option<String>,
    notify_uri: Option<String>,
    owner_userid: Option<UserId>,
    is_restricted: bool,
}

impl From<Application> for Listed {
    fn from(application: Application) -> Self {
        Self {
            client_id: application.client_id,
            name: application.name,
            redirect_uris: application.redirect_uris,
            organization_id: application.about.organization,
            entitlements: application.about.entitlements,
            environment: application.about.environment,
            requests_per_minute: application.about.requests_per_minute,
            created: application.created,
        }
    }
}

impl From<Application> for Shown {
    fn from(application: Application) -> Self {
        Self {
            description: application.about.description.clone(),
            notify_uri: application.about.notify_uri.clone(),
            owner_userid: application.about.owner,
            is_restricted: api::authorize::is_restricted(&application),
            listed: application.into(),
        }
    }
}

impl Client {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Create(create) => create.run(location, output),
            Self::Change(change) => {
                let changed = location.run(Access::Write, move |tx| change.apply(tx))?;
                output.one(&Shown::from(changed))
            }
            Self::RotateSecret(RotateSecret { client_id, overlap }) => {
                let (client_id, client_secret, name) = location.run(Access::Write, move |tx| {
                    let secret = admin::rotate_secret(tx, &client_id, Some(overlap))?;
                    let application = admin::find_application(tx, &client_id)?;
                    Ok((application.client_id, secret, application.name))
                })?;
                output.one(&Created { client_id, client_secret, name })
            }
            Self::Show { client_id } => {
                let found = location
                    .run(Access::Read, move |tx| admin::find_application(tx, &client_id))?;
                output.one(&Shown::from(found))
            }
            Self::List => output.many(&list(location)?),
        }
    }
}

impl Create {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let Self { name, redirect_uris, said } = self;
        let about = said.over(&About::default());
        let new = admin::NewApplication { name: name.clone(), redirect_uris, about };
        let made = location.run(Access::Write, move |tx| admin::create_application(tx, &new))?;
        let (client_id, client_secret) = (made.client_id, made.client_secret);
        output.one(&Created { client_id, client_secret, name })
    }
}

impl Change {
    fn apply(&self, tx: &mut Tx<'_>) -> domain::Result<Application> {
        let known = admin::find_application(tx, &self.client_id)?;
        let about = self.said.over(&known.about);
        let name = self.name.clone().unwrap_or(known.name);
        let redirect_uris = match self.redirect_uris.as_slice() {
            [] => known.redirect_uris,
            given => given.to_vec(),
        };
        let new = admin::NewApplication { name, redirect_uris, about };
        admin::change_application(tx, &known.client_id, &new)?;
        admin::find_application(tx, &known.client_id)
    }
}

impl Said {
    /// What was known, with what is said now.
    fn over(&self, known: &About) -> About {
        let entitlements = match self.entitlements.as_slice() {
            [] => known.entitlements.clone(),
            given => given.to_vec(),
        };
        About {
            organization: self.organization.map(OrganizationId).or(known.organization),
            owner: known.owner,
            description: self.description.clone().or_else(|| known.description.clone()),
            environment: self.environment.clone().or_else(|| known.environment.clone()),
            notify_uri: self.notify_uri.clone().or_else(|| known.notify_uri.clone()),
            requests_per_minute: self.requests_per_minute.or(known.requests_per_minute),
            entitlements,
        }
    }
}

fn list(location: &Location) -> anyhow::Result<Vec<Listed>> {
    let applications = location.run(Access::Read, |tx| {
        let mut applications: Vec<Application> = Vec::new();
        loop {
            let after = applications.last().map_or("", |last| last.client_id.as_str()).to_owned();
            let part = admin::list_applications(tx, &after)?;
            if part.is_empty() {
                return Ok(applications);
            }
            applications.extend(part);
        }
    })?;
    Ok(applications.into_iter().map(Listed::from).collect())
}
