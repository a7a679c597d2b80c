//! `vitald organization …`

use crate::location::Location;
use crate::output::Output;
use api::admin;
use clap::{Args, Subcommand};
use domain::{Entitlement, OrganizationId};
use serde::Serialize;
use store::Access;

/// Organizations: who applications belong to, and what a contract lets them use.
#[derive(Debug, Subcommand)]
pub(crate) enum Organization {
    /// Make an organization.
    Create(Create),
    /// Set what an organization's applications may be let do, instead of what it was.
    Entitle(Entitle),
    /// List the organizations.
    List,
}

/// Make an organization.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What people call it.
    #[arg(long)]
    name: String,
    /// What its applications may be let do; may be given several times.
    #[arg(long = "entitlement", value_name = "NAME", value_parser = entitlement())]
    entitlements: Vec<Entitlement>,
}

/// Set what an organization's applications may be let do, instead of what it was.
#[derive(Debug, Args)]
pub(crate) struct Entitle {
    /// The organization's number.
    id: i64,
    /// What its applications may be let do; may be given several times, or not at all.
    #[arg(long = "entitlement", value_name = "NAME", value_parser = entitlement())]
    entitlements: Vec<Entitlement>,
}

#[derive(Serialize)]
struct Listed {
    organization_id: OrganizationId,
    name: String,
    entitlements: Vec<Entitlement>,
    created: i64,
}

impl From<store::organization::Organization> for Listed {
    fn from(organization: store::organization::Organization) -> Self {
        Self {
            organization_id: organization.id,
            name: organization.name,
            entitlements: organization.entitlements,
            created: organization.created,
        }
    }
}

/// The words of the reference, so that help and completions list them.
pub(crate) fn entitlement() -> impl clap::builder::TypedValueParser<Value = Entitlement> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = PossibleValuesParser::new(Entitlement::ALL.map(Entitlement::name));
    names.try_map(|name| Entitlement::parse(&name).ok_or("an unknown word"))
}

impl Organization {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Create(Create { name, entitlements }) => {
                let made = location.run(Access::Write, move |tx| {
                    admin::create_organization(tx, &name, &entitlements)
                })?;
                output.one(&Listed::from(made))
            }
            Self::Entitle(Entitle { id, entitlements }) => {
                let id = OrganizationId(id);
                let set = location.run(Access::Write, move |tx| {
                    admin::entitle_organization(tx, id, &entitlements)
                })?;
                output.one(&Listed::from(set))
            }
            Self::List => output.many(&list(location)?),
        }
    }
}

fn list(location: &Location) -> anyhow::Result<Vec<Listed>> {
    let all = location.run(Access::Read, |tx| {
        let mut all: Vec<store::organization::Organization> = Vec::new();
        loop {
            let after = all.last().map_or(OrganizationId(0), |last| last.id);
            let part = admin::list_organizations(tx, after)?;
            if part.is_empty() {
                return Ok(all);
            }
            all.extend(part);
        }
    })?;
    Ok(all.into_iter().map(Listed::from).collect())
}
