//! `vitald care …`

use crate::location::Location;
use crate::output::Output;
use api::admin::{self, NewProgram};
use clap::{Args, Subcommand};
use domain::OrganizationId;
use serde::Serialize;
use store::Access;
use store::care::{Code, Program};

/// Care: programmes of remote patient monitoring, and diagnoses.
#[derive(Debug, Subcommand)]
pub(crate) enum Care {
    /// Programmes that people are put into by `user addtorpm`.
    #[command(subcommand)]
    Program(Programs),
    /// Diagnoses that people of a programme can have.
    #[command(subcommand)]
    Code(Codes),
}

/// Programmes that people are put into by `user addtorpm`.
#[derive(Debug, Subcommand)]
pub(crate) enum Programs {
    /// Make a programme.
    Add(AddProgram),
    /// List the programmes.
    List,
}

/// Diagnoses that people of a programme can have.
#[derive(Debug, Subcommand)]
pub(crate) enum Codes {
    /// Make diagnoses known to an organization; those it knows stay as they are.
    Add(AddCodes),
    /// List the diagnoses.
    List,
}

/// Make a programme.
#[derive(Debug, Args)]
pub(crate) struct AddProgram {
    /// The organization whose applications may put people into it.
    #[arg(long, value_name = "ID")]
    organization: i64,
    /// What people call it.
    #[arg(long)]
    name: String,
    /// The zone its staff works in.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// The number of the group of people it is for; drawn without it.
    #[arg(long, value_name = "ID")]
    cohort: Option<i64>,
}

/// Make diagnoses known to an organization; those it knows stay as they are.
#[derive(Debug, Args)]
pub(crate) struct AddCodes {
    /// The organization.
    #[arg(long, value_name = "ID")]
    organization: i64,
    /// Codes of ICD, such as I10 or E11.9.
    #[arg(required = true, value_name = "CODE")]
    codes: Vec<String>,
}

#[derive(Serialize)]
struct ListedProgram {
    programid: i64,
    organization_id: OrganizationId,
    cohortid: i64,
    name: String,
    timezone: String,
    created: i64,
}

#[derive(Serialize)]
struct ListedCode {
    icdcodeid: i64,
    organization_id: OrganizationId,
    code: String,
    created: i64,
}

impl From<Program> for ListedProgram {
    fn from(program: Program) -> Self {
        Self {
            programid: program.id,
            organization_id: program.organization,
            cohortid: program.cohort,
            name: program.name,
            timezone: program.time_zone,
            created: program.created,
        }
    }
}

impl From<Code> for ListedCode {
    fn from(code: Code) -> Self {
        let Code { id, organization, code, created } = code;
        Self { icdcodeid: id, organization_id: organization, code, created }
    }
}

impl Care {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Program(Programs::Add(AddProgram { organization, name, time_zone, cohort })) => {
                let organization = OrganizationId(organization);
                let new = NewProgram { organization, name, time_zone, cohort };
                let made = location.run(Access::Write, move |tx| admin::add_program(tx, &new))?;
                output.one(&ListedProgram::from(made))
            }
            Self::Program(Programs::List) => {
                let all = location.run(Access::Read, |tx| {
                    let mut all: Vec<Program> = Vec::new();
                    loop {
                        let after = all.last().map_or(0, |last| last.id);
                        let part = admin::list_programs(tx, after)?;
                        if part.is_empty() {
                            return Ok(all);
                        }
                        all.extend(part);
                    }
                })?;
                output.many(&all.into_iter().map(ListedProgram::from).collect::<Vec<_>>())
            }
            Self::Code(Codes::Add(AddCodes { organization, codes })) => {
                let organization = OrganizationId(organization);
                let made = location
                    .run(Access::Write, move |tx| admin::add_codes(tx, organization, &codes))?;
                output.many(&made.into_iter().map(ListedCode::from).collect::<Vec<_>>())
            }
            Self::Code(Codes::List) => {
                let all = location.run(Access::Read, |tx| {
                    let mut all: Vec<Code> = Vec::new();
                    loop {
                        let after = all.last().map_or(0, |last| last.id);
                        let part = admin::list_codes(tx, after)?;
                        if part.is_empty() {
                            return Ok(all);
                        }
                        all.extend(part);
                    }
                })?;
                output.many(&all.into_iter().map(ListedCode::from).collect::<Vec<_>>())
            }
        }
    }
}
