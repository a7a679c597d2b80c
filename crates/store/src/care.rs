//! Care: programmes of organizations, the diagnoses they know, and the people in them. Who may put
//! whom where is decided by the operations.

use crate::person;
use crate::tx::{Row, Tx, values};
use domain::care::{ExternalId, Section};
use domain::kept::{pack, unpack};
use domain::{EntropyExt as _, Error, OrganizationId, Result, UserId};

/// How often a number is drawn until one is free.
const DRAWS_MAX: usize = 64;
/// Numbers are drawn, so that none tells how many there are; below 2^31, as programs keep them.
const NUMBERS: (i64, i64) = (1_000, 1 << 31);

/// A programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub organization: OrganizationId,
    /// The number of the group of people it is for.
    pub cohort: i64,
    /// What people call it.
    pub name: String,
    /// A zone of the time zone database.
    pub time_zone: String,
    /// When it was made.
    pub created: i64,
}

/// A diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub organization: OrganizationId,
    /// ICD.
    pub code: String,
    /// When it was made.
    pub created: i64,
}

/// A person in a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Where they are shown.
    pub section: Section,
    /// Whether they are to be told by messages what to do.
    pub has_sms_onboarding: bool,
    /// Whether they are to be called when they need help.
    pub has_assistance: bool,
    /// Numbers of diagnoses.
    pub codes: Vec<i64>,
    /// What other systems call them.
    pub external_ids: Vec<ExternalId>,
}

/// Makes a programme; without a cohort one is drawn for it.
pub fn add_program(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    (name, time_zone): (&str, &str),
    cohort: Option<i64>,
) -> Result<Program> {
    let now = tx.now();
    for _ in 0..DRAWS_MAX {
        let id = tx.entropy().number(NUMBERS.0, NUMBERS.1);
        let cohort = cohort.unwrap_or_else(|| tx.entropy().number(NUMBERS.0, NUMBERS.1));
        let sql = "insert into care_program (program_id, organization_id, cohort_id, name, \
                   time_zone, created) values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
        if tx.exec(sql, values![id, organization.0, cohort, name, time_zone, now])? == 1 {
            let (name, time_zone) = (name.to_owned(), time_zone.to_owned());
            return Ok(Program { id, organization, cohort, name, time_zone, created: now });
        }
    }
    Err(Error::internal("no free number of a programme was drawn"))
}

macro_rules! programs {
    ($rest:literal) => {
        concat!(
            "select program_id, organization_id, cohort_id, name, time_zone, created \
             from care_program ",
            $rest
        )
    };
}

fn read_program(row: &Row<'_>) -> Result<Program> {
    Ok(Program {
        id: row.int(0)?,
        organization: OrganizationId(row.int(1)?),
        cohort: row.int(2)?,
        name: row.text(3)?,
        time_zone: row.text(4)?,
        created: row.int(5)?,
    })
}

/// The programme of that number.
pub fn program(tx: &mut Tx<'_>, id: i64) -> Result<Option<Program>> {
    tx.row(programs!("where program_id = $1"), values![id], read_program)
}

/// Programmes in the order of their numbers, after `after`.
pub fn programs(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Program>> {
    let sql = programs!("where program_id > $1 order by program_id limit $2");
    tx.rows(sql, values![after, limit], read_program)
}

macro_rules! codes {
    ($rest:literal) => {
        concat!("select code_id, organization_id, code, created from care_code ", $rest)
    };
}

fn read_code(row: &Row<'_>) -> Result<Code> {
    let organization = OrganizationId(row.int(1)?);
    Ok(Code { id: row.int(0)?, organization, code: row.text(2)?, created: row.int(3)? })
}

/// Makes a diagnosis known to an organization; again it is the same one.
pub fn add_code(tx: &mut Tx<'_>, organization: OrganizationId, code: &str) -> Result<Code> {
    let now = tx.now();
    for _ in 0..DRAWS_MAX {
        let known = codes!("where organization_id = $1 and code = $2");
        if let Some(known) = tx.row(known, values![organization.0, code], read_code)? {
            return Ok(known);
        }
        let id = tx.entropy().number(NUMBERS.0, NUMBERS.1);
        let sql = "insert into care_code (code_id, organization_id, code, created) \
                   values ($1, $2, $3, $4) on conflict do nothing";
        tx.exec(sql, values![id, organization.0, code, now])?;
    }
    Err(Error::internal("no free number of a diagnosis was drawn"))
}

/// The diagnosis of that number.
pub fn code(tx: &mut Tx<'_>, id: i64) -> Result<Option<Code>> {
    tx.row(codes!("where code_id = $1"), values![id], read_code)
}

/// Diagnoses in the order of their numbers, after `after`.
pub fn codes(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Code>> {
    let sql = codes!("where code_id > $1 order by code_id limit $2");
    tx.rows(sql, values![after, limit], read_code)
}

/// A person in a programme, if they are.
pub fn patient(tx: &mut Tx<'_>, user: UserId, program: i64) -> Result<Option<Patient>> {
    let sql = "select category, sms_onboarding, assistance_onboarding, codes, external_ids \
               from care_patient where user_id = $1 and program_id = $2";
    tx.row(sql, values![user.0, program], |row| {
        let section = Section::of(row.int(0)?);
        Ok(Patient {
            section: section.ok_or_else(|| Error::internal("a stored section is of no kind"))?,
            has_sms_onboarding: row.flag(1)?,
            has_assistance: row.flag(2)?,
            codes: unpack(&row.text(3)?)?,
            external_ids: unpack(&row.text(4)?)?,
        })
    })
}

/// Puts a person into a programme, or changes how they are in it.
pub fn put_patient(
    tx: &mut Tx<'_>,
    (user, program): (UserId, i64),
    client_id: &str,
    patient: &Patient,
) -> Result<()> {
    person::touch(tx, user, 0)?;
    let (codes, external_ids) = (pack(&patient.codes)?, pack(&patient.external_ids)?);
    let now = tx.now();
    tx.exec(
        "insert into care_patient (user_id, program_id, client_id, category, sms_onboarding, \
         assistance_onboarding, codes, external_ids, created, modified) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) on conflict (user_id, program_id) \
         do update set client_id = excluded.client_id, category = excluded.category, \
         sms_onboarding = excluded.sms_onboarding, \
         assistance_onboarding = excluded.assistance_onboarding, codes = excluded.codes, \
         external_ids = excluded.external_ids, modified = excluded.modified",
        values![
            user.0,
            program,
            client_id,
            patient.section.code(),
            patient.has_sms_onboarding,
            patient.has_assistance,
            codes.as_str(),
            external_ids.as_str(),
            now,
        ],
    )
    .map(|_| ())
}
