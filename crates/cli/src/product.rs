//! `vitald product …`

use crate::location::Location;
use crate::output::Output;
use api::admin::{self, NewProduct};
use clap::{Args, Subcommand};
use domain::OrganizationId;
use domain::order::Kind;
use serde::Serialize;
use store::Access;

/// The catalogue: what partners can order.
#[derive(Debug, Subcommand)]
pub(crate) enum Product {
    /// Put a product into the catalogue, or change the one of that name.
    Add(Add),
    /// List the catalogue.
    List,
    /// Take a product out of the catalogue; orders of it stay.
    Remove(Remove),
}

/// How a product is named: exactly one.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Named {
    /// Its international article number.
    #[arg(long, value_name = "NUMBER")]
    ean: Option<String>,
    /// What you and the partner call it.
    #[arg(long, value_name = "NAME")]
    partner_ref: Option<String>,
}

/// Put a product into the catalogue, or change the one of that name.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    named: Named,
    /// What people call it.
    #[arg(long)]
    name: String,
    /// A device in the box: the number of its model, see `vitald device models`. May be given
    /// several times.
    #[arg(long = "model", value_name = "ID")]
    models: Vec<i64>,
    /// Whose applications can order it; without it, everybody's.
    #[arg(long, value_name = "ID")]
    organization: Option<i64>,
}

/// Take a product out of the catalogue; orders of it stay.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    named: Named,
    /// Whose product; without it, everybody's.
    #[arg(long, value_name = "ID")]
    organization: Option<i64>,
}

#[derive(Serialize)]
struct Listed {
    organization_id: Option<OrganizationId>,
    kind: &'static str,
    code: String,
    name: String,
    models: Vec<i64>,
    created: i64,
}

impl From<store::product::Product> for Listed {
    fn from(product: store::product::Product) -> Self {
        let is_own = product.organization != store::product::EVERYBODY;
        Self {
            organization_id: is_own.then_some(product.organization),
            kind: product.kind.name(),
            code: product.code,
            name: product.name,
            models: product.models,
            created: product.created,
        }
    }
}

#[derive(Serialize)]
struct Removed {
    removed: bool,
}

impl Named {
    /// One of them is there: clap sees to it.
    fn take(self) -> (Kind, String) {
        match (self.ean, self.partner_ref) {
            (Some(code), _) => (Kind::Ean, code),
            (None, code) => (Kind::PartnerRef, code.unwrap_or_default()),
        }
    }
}

impl Product {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Add(Add { named, name, models, organization }) => {
                let (kind, code) = named.take();
                let organization = organization.map(OrganizationId);
                let new = NewProduct { organization, kind, code, name, models };
                let added = location.run(Access::Write, move |tx| admin::add_product(tx, &new))?;
                output.one(&Listed::from(added))
            }
            Self::Remove(Remove { named, organization }) => {
                let (kind, code) = named.take();
                let organization = organization.map(OrganizationId);
                location.run(Access::Write, move |tx| {
                    admin::remove_product(tx, organization, kind, &code)
                })?;
                output.one(&Removed { removed: true })
            }
            Self::List => output.many(&list(location)?),
        }
    }
}

fn list(location: &Location) -> anyhow::Result<Vec<Listed>> {
    let all = location.run(Access::Read, |tx| {
        let mut all: Vec<store::product::Product> = Vec::new();
        loop {
            let part = admin::list_products(tx, all.last())?;
            if part.is_empty() {
                return Ok(all);
            }
            all.extend(part);
        }
    })?;
    Ok(all.into_iter().map(Listed::from).collect())
}
