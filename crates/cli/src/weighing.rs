//! `vitald weighing …`

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use api::admin;
use clap::{Args, Subcommand};
use domain::GroupId;
use domain::measure::Measure;
use jiff::Timestamp;
use serde::Serialize;
use store::Access;
use store::weighing::Unclaimed;

/// Weighings that belong to nobody yet.
#[derive(Debug, Subcommand)]
pub(crate) enum Weighing {
    /// List the weighings no person was found for, latest arrivals first.
    List,
    /// Give a weighing to a person who uses the scale.
    Claim(Claim),
}

/// Give a weighing to a person who uses the scale.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// Its id, as listed.
    weighing: i64,
    /// Whose it is: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: String,
    /// When it was, if the scale's own date is wrong: as 2026-11-22T07:30:00Z.
    #[arg(long, value_name = "TIME")]
    date: Option<Timestamp>,
}

#[derive(Serialize)]
struct Listed {
    weighing: i64,
    date: i64,
    received: i64,
    measures: Vec<String>,
}

#[derive(Serialize)]
struct Claimed {
    grpid: GroupId,
}

impl Weighing {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::List => {
                let weighings = location.run(Access::Read, all)?;
                output.many(&weighings.into_iter().map(listed).collect::<Vec<_>>())
            }
            Self::Claim(Claim { weighing, user, date }) => {
                let date = date.map(Timestamp::as_second);
                let claim = move |tx: &mut store::Tx<'_>| {
                    let grpid = admin::claim_weighing(tx, weighing, &user, date)?;
                    audit::staff(tx, Some(grpid.parts().0), "weighing claim")?;
                    Ok(grpid)
                };
                let grpid = location.run(Access::Write, claim)?;
                output.one(&Claimed { grpid })
            }
        }
    }
}

fn all(tx: &mut store::Tx<'_>) -> domain::Result<Vec<Unclaimed>> {
    let mut weighings: Vec<Unclaimed> = Vec::new();
    loop {
        let part = admin::list_weighings(tx, weighings.last())?;
        if part.is_empty() {
            return Ok(weighings);
        }
        weighings.extend(part);
    }
}

fn listed(unclaimed: Unclaimed) -> Listed {
    let described = |measure: &Measure| match measure.kind.name() {
        Some(name) => format!("{name}={}", measure.decimal()),
        None => format!("type{}={}", measure.kind.0, measure.decimal()),
    };
    Listed {
        weighing: unclaimed.id,
        date: unclaimed.date,
        received: unclaimed.received,
        measures: unclaimed.measures.iter().map(described).collect(),
    }
}
