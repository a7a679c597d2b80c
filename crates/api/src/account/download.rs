//! What there is one of in all of a person's data, for the person. Rows are given by `export`. No
//! secret is in it.

use super::profile::profile;
use domain::{Result, Scope, UserId};
use serde_json::{Value as Json, json};
use store::{Tx, device, grant};

/// Everything but rows, as pairs of a JSON object in their order.
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
