//! `measure store`: a scale hands over what it measured.

use super::{Body, Call, device_of};
use crate::form::Request;
use crate::intake;
use crate::summary::complete_nights;
use domain::attribution::ScaleOpinion;
use domain::measure::Measure;
use domain::{Refusal, Result, UnixTime, UserId};
use serde::Deserialize;
use store::measure::GROUP_MEASURES_MAX;
use store::{Access, Tx};

pub(super) const STORE: Call =
    Call { path: "/cgi-bin/measure", action: "store", access: Access::Write, answer: store };

/// The parameters besides the session.
#[derive(Deserialize)]
struct Upload {
    /// The person the scale took it for; 0: nobody.
    userid: Option<i64>,
    meastime: UnixTime,
    /// 0: that person is the only one who matched.
    #[serde(default)]
    attribstatus: i64,
    measures: String,
}

#[derive(Deserialize)]
struct Measures {
    measures: Vec<Measure>,
}

fn store(tx: &mut Tx<'_>, request: &Request) -> Result<Body> {
    let device = device_of(tx, request)?;
    let upload: Upload = request.params()?;
    let measures = parse(&upload.measures)?;
    let user = upload.userid.filter(|user| *user != 0).map(UserId);
    let opinion = ScaleOpinion { user, certain: upload.attribstatus == 0 };
    intake::shared(tx, &device, upload.meastime, opinion, measures)?;
    let users = store::device::users(tx, device.id)?;
    users.into_iter().try_for_each(|user| complete_nights(tx, user))?;
    Ok(None)
}

fn parse(text: &str) -> std::result::Result<Vec<Measure>, Refusal> {
    let invalid = |problem: &str| Refusal::invalid_param("measures", problem);
    let parsed: Measures = serde_json::from_str(text).map_err(|_| {
        invalid("expected {\"measures\":[{\"value\":…,\"type\":…,\"unit\":…}]} with whole numbers")
    })?;
    match parsed.measures.len() {
        0 => Err(invalid("it is empty")),
        count if count > GROUP_MEASURES_MAX => Err(invalid("it has too many measures")),
        _ => Ok(parsed.measures),
    }
}
