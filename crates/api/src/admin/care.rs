//! Care: the programmes of an organization, and the diagnoses it knows.

use domain::care::{diagnosis, program_name};
use domain::{OrganizationId, Refusal, Result, person};
use store::care::{self, Code, Program};
use store::{Tx, organization};

/// A number that no cohort has reached: what is beyond was mistyped.
const COHORT_END: i64 = 1 << 31;

/// A programme to be made.
#[derive(Debug, Clone)]
pub struct NewProgram {
    /// Whose it is.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// A zone of the time zone database.
    pub time_zone: String,
    /// The number of the group of people it is for; drawn without it.
    pub cohort: Option<i64>,
}

/// Makes a programme.
pub fn add_program(tx: &mut Tx<'_>, new: &NewProgram) -> Result<Program> {
    known(tx, new.organization)?;
    let name = program_name(&new.name)
        .ok_or_else(|| Refusal::invalid_param("name", "expected 1 to 100 characters"))?;
    let zone = person::time_zone(new.time_zone.trim());
    let problem = "expected a zone of the time zone database, such as Europe/Paris";
    let zone = zone.ok_or_else(|| Refusal::invalid_param("time-zone", problem))?;
    if new.cohort.is_some_and(|cohort| !(1..COHORT_END).contains(&cohort)) {
        let problem = format!("expected 1 to {}", COHORT_END - 1);
        return Err(Refusal::invalid_param("cohort", problem).into());
    }
    let zone = zone.iana_name().unwrap_or("UTC").to_owned();
    care::add_program(tx, new.organization, (name, &zone), new.cohort)
}

/// Programmes in the order of their numbers, after `after`.
pub fn list_programs(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Program>> {
    care::programs(tx, after, super::LIST_ROWS)
}

/// Makes diagnoses known to an organization; those it knows are the same as before.
pub fn add_codes(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    codes: &[String],
) -> Result<Vec<Code>> {
    known(tx, organization)?;
    let problem = "expected codes of ICD, such as I10 or E11.9";
    let codes: Option<Vec<String>> = codes.iter().map(|code| diagnosis(code)).collect();
    let codes = codes.ok_or_else(|| Refusal::invalid_param("code", problem))?;
    codes.iter().map(|code| care::add_code(tx, organization, code)).collect()
}

/// Diagnoses in the order of their numbers, after `after`.
pub fn list_codes(tx: &mut Tx<'_>, after: i64) -> Result<Vec<Code>> {
    care::codes(tx, after, super::LIST_ROWS)
}

fn known(tx: &mut Tx<'_>, id: OrganizationId) -> Result<()> {
    let problem = "no such organization; see `vitald organization list`";
    let found = organization::find(tx, id)?;
    found.map(|_| ()).ok_or_else(|| Refusal::invalid_param("organization", problem).into())
}
