//! All of a person's data, for the person: what there is one of, and their measure groups in parts
//! so that nobody's data has to fit into one transaction. No secret is in it.

use super::profile::profile;
use domain::{GroupId, Result, Scope, UserId};
use serde_json::{Value as Json, json};
use store::measure::{Filter, Group, page};
use store::{Tx, device, grant};

/// Groups of one part.
const PART_GROUPS: usize = 2_000;

/// Some of a person's measure groups, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The groups.
    pub groups: Vec<Json>,
    /// Where the next part begins, if there is one.
    pub next: Option<i64>,
}

/// Everything but the measure groups, as pairs of a JSON object in their order.
pub fn beginning(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<(&'static str, Json)>> {
    let known = profile(tx, user)?;
    let (person, taste) = (&known.person, &known.person.taste);
    let decimal =
        |measure: domain::measure::Measure| json!({ "value": measure.value, "unit": measure.unit });
    let devices = device::of_user(tx, user)?.into_iter().map(|device| {
        json!({
            "device": device.id.0,
            "deviceid": device.hash,
            "model_id": device.model_id,
            "mac": device.mac.to_string(),
            "time_zone": device.time_zone,
            "last_session": device.last_session,
        })
    });
    let applications = grant::of_user(tx, user)?.into_iter().map(|one| {
        let scopes = one.scopes.iter().map(|scope: &Scope| scope.name());
        json!({
            "client_id": one.client_id,
            "name": one.name,
            "since": one.since,
            "scopes": scopes.collect::<Vec<_>>(),
        })
    });
    Ok(vec![
        ("made", json!(tx.now())),
        (
            "profile",
            json!({
                "userid": person.id.0,
                "email": person.email,
                "short_name": person.short_name,
                "time_zone": person.time_zone,
                "birth_date": person.birth_date.map(|day| day.to_string()),
                "gender": person.gender.map(domain::person::Gender::code),
                "created": person.created,
                "language": taste.language,
                "unit_weight": taste.unit_weight,
                "unit_height": taste.unit_height,
                "unit_distance": taste.unit_distance,
                "unit_temperature": taste.unit_temperature,
            }),
        ),
        (
            "goals",
            json!({
                "steps": known.goals.steps,
                "sleep_seconds": known.goals.sleep_seconds,
                "weight": known.goal_weight.map(decimal),
            }),
        ),
        ("devices", devices.collect()),
        ("applications", applications.collect()),
    ])
}

/// The measure groups after those of an earlier part.
pub fn groups(tx: &mut Tx<'_>, user: UserId, offset: Option<i64>) -> Result<Part> {
    let page = page(tx, user, &Filter::default(), offset, PART_GROUPS)?;
    Ok(Part { groups: page.groups.iter().map(group).collect(), next: page.next_offset })
}

fn group(group: &Group) -> Json {
    let measures = group.measures.iter().map(
        |measure| json!({ "type": measure.kind.0, "value": measure.value, "unit": measure.unit }),
    );
    let GroupId(id) = group.id;
    json!({
        "grpid": id,
        "date": group.date,
        "category": group.category.0,
        "attrib": group.attrib.0,
        "created": group.created,
        "modified": group.modified,
        "device": group.device.map(|device| device.0),
        "measures": measures.collect::<Vec<_>>(),
    })
}
