//! `vitald client …`

use crate::location::Location;
use crate::output::Output;
use api::admin;
use clap::{Args, Subcommand};
use serde::Serialize;
use store::Access;
use store::application::Application;

/// Applications: programs that call the API.
#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// Make an application; its secret is printed this once.
    Create(Create),
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
    created: i64,
}

impl Client {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Create(Create { name, redirect_uris }) => {
                let new = admin::NewApplication {
                    name: name.clone(),
                    redirect_uris,
                    ..Default::default()
                };
                let made =
                    location.run(Access::Write, move |tx| admin::create_application(tx, &new))?;
                let (client_id, client_secret) = (made.client_id, made.client_secret);
                output.one(&Created { client_id, client_secret, name })
            }
            Self::List => output.many(&list(location)?),
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
    let listed = applications.into_iter().map(|application| Listed {
        client_id: application.client_id,
        name: application.name,
        redirect_uris: application.redirect_uris,
        created: application.created,
    });
    Ok(listed.collect())
}
