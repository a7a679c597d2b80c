//! `user addtorpm`: puts a person into a programme of remote patient monitoring.

use crate::caller::{Monitoring, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::survey::organization;
use domain::care::{CODES_MAX, EXTERNAL_IDS_MAX, ExternalId, Section, device_type};
use domain::device::model;
use domain::measure::{Measure, MeasureType};
use domain::{Refusal, Result, UserId};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;
use store::care::{self, Patient, Program};
use store::{device, grant, measure, person};

/// Puts a person of the application into a programme of its organization, or changes how they are
/// in it: what is left out then stays as it was.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct AddToRpm {
    /// The person.
    pub userid: UserId,
    /// A programme of the application's organization.
    pub programid: i64,
    /// Whether they are to be told by messages how to set up their devices. This server sends none:
    /// it is kept for whoever does.
    pub sms_onboarding: Option<bool>,
    /// Whether they are to be called when setting up takes too long. It is kept for whoever does.
    pub assistance_onboarding: Option<bool>,
    /// Numbers of diagnoses that the organization knows, at most 100.
    pub icdcodeids: Option<Vec<i64>>,
    /// What other systems call them: a JSON list such as
    /// `[{"type": "MRN", "identifier": "BB8C3P0R2D2"}]`, at most 32.
    pub external_ids: Option<Vec<GivenId>>,
    /// Where they are shown. 0: in the programme, without an alert. -6: until somebody has looked.
    pub category: Option<i64>,
}

/// What another system calls a person. In a form it is JSON in a text.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct GivenId(ExternalId);

impl JsonSchema for GivenId {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "GivenId".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        ExternalId::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for GivenId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(GivenIdVisitor)
    }
}

struct GivenIdVisitor;

impl<'de> Visitor<'de> for GivenIdVisitor {
    type Value = GivenId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON list of objects with the texts `type` and `identifier`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<GivenId, E> {
        // What was found instead is not repeated.
        let read = serde_json::from_str(text).map(GivenId);
        read.map_err(|_| E::invalid_value(de::Unexpected::Other("something else"), &self))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<GivenId, A::Error> {
        ExternalId::deserialize(de::value::MapAccessDeserializer::new(map)).map(GivenId)
    }
}

/// A person in a programme.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AddedToRpm {
    /// The person.
    pub user: RpmUser,
    /// The programme.
    pub program: RpmProgram,
}

/// Somebody in a programme.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RpmUser {
    /// The language they like; empty where nobody said.
    pub preflang: String,
    /// Their last height; null where it is unknown.
    pub height: Option<RpmHeight>,
    /// Whether messages remind them: never, as this server sends none.
    pub sms_reminder: bool,
    /// As it was said last.
    pub sms_onboarding: bool,
    /// As it was said last.
    pub assistance_onboarding: bool,
    /// Where they are shown.
    pub category: i64,
    /// The kinds of their devices. 1: scale. 4: blood pressure monitor. 16: activity tracker. 32:
    /// sleep monitor. 64: thermometer. Other kinds have no number.
    pub device_types: Vec<i64>,
    /// The models of their devices.
    pub device_models: Vec<i64>,
    /// What other systems call them.
    pub external_ids: Vec<RpmExternalId>,
    /// Whether messages tell them of measures: never, as this server sends none.
    pub sms_notification: bool,
    /// Numbers of their diagnoses.
    pub icd_codes: Vec<i64>,
    /// Their id.
    pub userid: UserId,
}

/// A length, in metres: `value_measure * 10^unit_measure`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RpmHeight {
    /// Its digits.
    pub value_measure: i64,
    /// The power of ten they are multiplied by.
    pub unit_measure: i8,
    /// 4: a height.
    pub type_measure: MeasureType,
}

/// What another system calls a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RpmExternalId {
    /// What kind of number it is, such as `MRN`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The number itself.
    pub identifier: String,
}

/// A programme.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RpmProgram {
    /// Its number.
    pub id: i64,
    /// The group of people it is for.
    pub cohortid: i64,
    /// What people call it.
    pub name: String,
    /// The zone its staff works in.
    pub timezone: String,
}

impl From<Program> for RpmProgram {
    fn from(program: Program) -> Self {
        let Program { id, cohort, name, time_zone, .. } = program;
        Self { id, cohortid: cohort, name, timezone: time_zone }
    }
}

impl From<ExternalId> for RpmExternalId {
    fn from(ExternalId { kind, identifier }: ExternalId) -> Self {
        Self { kind, identifier }
    }
}

impl From<Measure> for RpmHeight {
    fn from(height: Measure) -> Self {
        let Measure { value, unit, kind, .. } = height;
        Self { value_measure: value, unit_measure: unit, type_measure: kind }
    }
}

impl Operation for AddToRpm {
    const PATH: &'static str = "/v2/user";
    const ACTION: &'static str = "addtorpm";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Monitoring>;
    type Reply = AddedToRpm;

    fn concerns(&self) -> Option<UserId> {
        Some(self.userid)
    }

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Monitoring>) -> Result<AddedToRpm> {
        let (client, user) = (caller.client_id.as_str(), self.userid);
        if !grant::is_member(tx, client, user)? {
            let cause = "none of the application's people";
            return Err(Refusal::rejected("userid", cause).into());
        }
        let program = self.program(tx, client)?;
        let known = care::patient(tx, user, program.id)?;
        let patient = self.patient(tx, &program, known)?;
        care::put_patient(tx, (user, program.id), client, &patient)?;
        Ok(AddedToRpm { user: described(tx, user, patient)?, program: program.into() })
    }

    fn examples() -> Vec<Example<AddedToRpm>> {
        let external =
            RpmExternalId { kind: "MRN".to_owned(), identifier: "BB8C3P0R2D2".to_owned() };
        let user = RpmUser {
            preflang: "fr_FR".to_owned(),
            height: Some(Measure::new(MeasureType::HEIGHT, 180, -2).into()),
            sms_reminder: false,
            sms_onboarding: true,
            assistance_onboarding: false,
            category: -6,
            device_types: vec![1, 4],
            device_models: vec![17, 47],
            external_ids: vec![external],
            sms_notification: false,
            icd_codes: vec![66_307],
            userid: UserId(21_345_678),
        };
        let program = RpmProgram {
            id: 50_123,
            cohortid: 18_035,
            name: "Glucose Care Team".to_owned(),
            timezone: "Europe/Paris".to_owned(),
        };
        let params = json!({
            "userid": 21_345_678, "programid": 50_123, "sms_onboarding": true,
            "icdcodeids": [66_307], "category": -6,
            "external_ids": [{ "type": "MRN", "identifier": "BB8C3P0R2D2" }],
        });
        vec![Example { summary: "A patient", params, reply: AddedToRpm { user, program } }]
    }
}

impl AddToRpm {
    /// The programme, if the application's organization has it.
    fn program(&self, tx: &mut Tx<'_>, client_id: &str) -> Result<Program> {
        let organization = organization(tx, client_id)?;
        let found = care::program(tx, self.programid)?;
        let own = found.filter(|program| program.organization == organization);
        let cause = "the application's organization has no programme of this number";
        own.ok_or_else(|| Refusal::rejected("programid", cause).into())
    }

    /// How they are in the programme from now on.
    fn patient(
        &self,
        tx: &mut Tx<'_>,
        program: &Program,
        known: Option<Patient>,
    ) -> Result<Patient> {
        let mut patient = known.unwrap_or(Patient {
            section: Section::Followed,
            has_sms_onboarding: false,
            has_assistance: false,
            codes: Vec::new(),
            external_ids: Vec::new(),
        });
        if let Some(category) = self.category {
            let problem = "expected 0 or -6";
            let section = Section::of(category);
            patient.section = section.ok_or_else(|| Refusal::invalid_param("category", problem))?;
        }
        if let Some(codes) = &self.icdcodeids {
            patient.codes = known_codes(tx, program, codes)?;
        }
        if let Some(ids) = &self.external_ids {
            patient.external_ids = checked(ids)?;
        }
        let Patient { has_sms_onboarding, has_assistance, .. } = &mut patient;
        *has_sms_onboarding = self.sms_onboarding.unwrap_or(*has_sms_onboarding);
        *has_assistance = self.assistance_onboarding.unwrap_or(*has_assistance);
        Ok(patient)
    }
}

/// Diagnoses that the organization knows, each once.
fn known_codes(tx: &mut Tx<'_>, program: &Program, given: &[i64]) -> Result<Vec<i64>> {
    if given.len() > CODES_MAX {
        let problem = format!("at most {CODES_MAX}");
        return Err(Refusal::invalid_param("icdcodeids", problem).into());
    }
    let mut codes = Vec::with_capacity(given.len());
    for id in given.iter().copied() {
        let known = care::code(tx, id)?;
        if known.is_none_or(|known| known.organization != program.organization) {
            let cause = "the application's organization knows no diagnosis of this number";
            return Err(Refusal::rejected("icdcodeids", cause).into());
        }
        if !codes.contains(&id) {
            codes.push(id);
        }
    }
    Ok(codes)
}

fn checked(given: &[GivenId]) -> Result<Vec<ExternalId>> {
    if given.len() > EXTERNAL_IDS_MAX {
        let problem = format!("at most {EXTERNAL_IDS_MAX}");
        return Err(Refusal::invalid_param("external_ids", problem).into());
    }
    for (at, GivenId(id)) in given.iter().enumerate() {
        id.check().map_err(|(name, expected)| {
            let place = format!("external_ids[{at}].{name}");
            Refusal::invalid_param(&place, format!("expected {expected}"))
        })?;
    }
    Ok(given.iter().map(|GivenId(id)| id.clone()).collect())
}

fn described(tx: &mut Tx<'_>, user: UserId, patient: Patient) -> Result<RpmUser> {
    let devices = device::of_user(tx, user)?;
    let mut device_models: Vec<i64> = devices.iter().map(|device| device.model_id).collect();
    device_models.sort_unstable();
    device_models.dedup();
    let kinds = device_models.iter().filter_map(|id| device_type(model(*id)?.kind));
    let mut device_types: Vec<i64> = kinds.collect();
    device_types.sort_unstable();
    device_types.dedup();
    Ok(RpmUser {
        preflang: person::get(tx, user)?.taste.language.unwrap_or_default(),
        height: measure::last(tx, user, MeasureType::HEIGHT)?.map(RpmHeight::from),
        sms_reminder: false,
        sms_onboarding: patient.has_sms_onboarding,
        assistance_onboarding: patient.has_assistance,
        category: patient.section.code(),
        device_types,
        device_models,
        external_ids: patient.external_ids.into_iter().map(RpmExternalId::from).collect(),
        sms_notification: false,
        icd_codes: patient.codes,
        userid: user,
    })
}
