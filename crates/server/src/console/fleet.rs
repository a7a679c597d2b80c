//! The devices of an application's organization, and a list of more of them.

use super::developer::{developer, not_found, posting};
use super::page::{Frame, Member, Paged, Stop, answered, html, refused};
use super::subscriptions::moment;
use crate::web::App;
use api::account;
use api::admin::{self, DeviceSummary, Flaw};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use domain::device::{Sim, model};
use domain::{DeviceId, Refusal, Result};
use store::{Access, Tx};

/// A device as the page shows it: not whose it is.
struct Row {
    mac: String,
    model: String,
    serial: String,
    sim: &'static str,
    users: usize,
    last_session: String,
}

impl From<&DeviceSummary> for Row {
    fn from(one: &DeviceSummary) -> Self {
        let device = &one.device;
        let name = model(device.model_id).map_or("", |model| model.name);
        Self {
            mac: device.mac.to_string(),
            model: format!("{name} ({})", device.model_id),
            serial: device.serial.clone().unwrap_or_default(),
            sim: device.sim.map_or("", Sim::name),
            users: one.users.len(),
            last_session: device.last_session.map(moment).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct FleetPage {
    frame: Frame,
    client_id: String,
    devices: Vec<Row>,
    more: Option<i64>,
    told: Option<String>,
    flaws: Vec<Flaw>,
    list: String,
}

/// The page with the devices after one; none if there is no such list.
async fn page(
    app: &App,
    member: &Member,
    client_id: &str,
    after: i64,
) -> Result<Option<FleetPage>> {
    let (user, id) = (member.user, client_id.to_owned());
    let work = move |tx: &mut Tx<'_>| account::own_fleet(tx, user, &id, DeviceId(after));
    let Some(found) = app.db.run(Access::Read, work).await? else { return Ok(None) };
    let is_full = found.len() >= usize::try_from(admin::LIST_ROWS).unwrap_or(usize::MAX);
    Ok(Some(FleetPage {
        frame: member.frame(),
        client_id: client_id.to_owned(),
        more: found.last().filter(|_| is_full).map(|last| last.device.id.0),
        devices: found.iter().map(Row::from).collect(),
        told: None,
        flaws: Vec::new(),
        list: String::new(),
    }))
}

pub(super) async fn show(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    let answer = async {
        let member = developer(&app, request).await?;
        let after = member.visit.field("after")?.parse().unwrap_or_default();
        match page(&app, &member, &client_id, after).await? {
            Some(page) => Ok::<_, Stop>(html(StatusCode::OK, &page)?),
            None => not_found(&member),
        }
    };
    answered("fleet", answer.await)
}

pub(super) async fn register(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    answered("fleet", register_list(&app, &client_id, request).await)
}

async fn register_list(app: &App, client_id: &str, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let list = member.visit.field("list")?;
    let Some(mut shown) = page(app, &member, client_id, 0).await? else {
        return not_found(&member);
    };
    let registered = match admin::read_fleet(&list) {
        Err(flaws) => Err(flaws),
        Ok(rows) => {
            let (user, id) = (member.user, client_id.to_owned());
            let work = move |tx: &mut Tx<'_>| account::register_own_fleet(tx, user, &id, &rows);
            app.db.run(Access::Write, work).await?
        }
    };
    match registered {
        Err(flaws) => {
            let refusal = Refusal::rejected("list", "lines of a list of devices cannot be");
            refused(StatusCode::BAD_REQUEST, &refusal, &FleetPage { flaws, list, ..shown })
        }
        Ok(fleet) => {
            if let Some(after) = page(app, &member, client_id, 0).await? {
                shown = after;
            }
            let admin::Fleet { registered, known } = fleet;
            let told = format!("{registered} registered, {known} were there already.");
            Ok(html(StatusCode::OK, &FleetPage { told: Some(told), ..shown })?)
        }
    }
}
