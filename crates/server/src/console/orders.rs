//! The orders of an application: the list, and each with what may follow. Where an order goes is
//! not shown but for the country, nor whose its devices become.

use super::developer::{developer, not_found, posting};
use super::page::{Frame, Member, Paged, Problem, Stop, answered, html, refusal_or_stop, refused};
use super::subscriptions::moment;
use crate::audit::{Actor, Entry};
use crate::web::App;
use api::account::{self, Move, OwnOrder};
use api::orders::{Device, ShippedDevice, Shipping};
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::order::{OrderId, Status};
use domain::{Refusal, Result};
use store::order::{Order, Place};
use store::{Access, Tx};

/// Orders on one page.
const PAGE_ROWS: i64 = 50;

/// An order as a list shows it.
struct Row {
    id: OrderId,
    name: String,
    status: Status,
    parcel: &'static str,
    is_test: bool,
    created: String,
}

impl From<&Order> for Row {
    fn from(one: &Order) -> Self {
        Self {
            id: one.id,
            name: one.customer_ref.clone(),
            status: one.status,
            parcel: one.parcel_status.map_or("", |parcel| parcel.name()),
            is_test: one.test_mode.is_some(),
            created: moment(one.created),
        }
    }
}

#[derive(Template)]
#[template(path = "orders.html")]
struct ListPage {
    frame: Frame,
    problem: Problem,
    client_id: String,
    name: String,
    status: String,
    statuses: Vec<(&'static str, &'static str)>,
    orders: Vec<Row>,
    /// The query of the next page.
    more: Option<String>,
}

fn statuses() -> Vec<(&'static str, &'static str)> {
    let all = Status::ALL.iter().map(|status| (status.name(), status.name()));
    std::iter::once(("", "any")).chain(all).collect()
}

/// Where a page begins, as its address says it. What is no place is the beginning.
fn place(text: &str) -> Option<Place> {
    let (created, id) = text.split_once('.')?;
    Some((created.parse().ok()?, id.parse().ok()?))
}

pub(super) async fn list(
    State(app): State<App>,
    Path(client_id): Path<String>,
    request: Request<Body>,
) -> Response {
    answered("orders", list_some(&app, client_id, request).await)
}

async fn list_some(app: &App, client_id: String, request: Request<Body>) -> Paged {
    let member = developer(app, request).await?;
    let (word, user) = (member.visit.field("status")?, member.user);
    let status = (!word.is_empty()).then(|| word.parse::<Status>());
    let refusal = Refusal::invalid_param("status", "choose one of the list");
    let refusal = matches!(status, Some(Err(_))).then_some(refusal);
    let status = status.and_then(std::result::Result::ok);
    let after = place(&member.visit.field("after")?);
    let limit = if refusal.is_some() { 0 } else { PAGE_ROWS + 1 };
    let work =
        move |tx: &mut Tx<'_>| account::own_orders(tx, user, &client_id, status, after, limit);
    let Some((application, mut orders)) = app.db.run(Access::Read, work).await? else {
        return not_found(&member);
    };
    let shown = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
    let is_more = orders.len() > shown;
    orders.truncate(shown);
    let more = orders.last().filter(|_| is_more).map(|last| {
        let after = format!("{}.{}", last.created, last.id);
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("status", &word)
            .append_pair("after", &after)
            .finish()
    });
    let page = ListPage {
        frame: member.frame(),
        problem: refusal.as_ref().map_or_else(Problem::default, |why| Problem::of(why, &[])),
        client_id: application.client_id,
        name: application.name,
        status: word,
        statuses: statuses(),
        orders: orders.iter().map(Row::from).collect(),
        more,
    };
    match refusal {
        None => Ok(html(StatusCode::OK, &page)?),
        Some(refusal) => refused(StatusCode::BAD_REQUEST, &refusal, &page),
    }
}

/// A line of an order.
struct Product {
    name: String,
    quantity: i64,
    devices: Vec<Device>,
}

/// What is typed about a parcel.
#[derive(Debug, Clone, Default)]
struct Typed {
    carrier: String,
    service: String,
    tracking: String,
    devices: String,
}

#[derive(Template)]
#[template(path = "order.html")]
struct OnePage {
    frame: Frame,
    problem: Problem,
    client_id: String,
    name: String,
    row: Row,
    modified: String,
    country: Option<String>,
    is_for_a_person: bool,
    original: Option<String>,
    carrier: Option<String>,
    service: Option<String>,
    tracking: Option<String>,
    shipped: Option<String>,
    products: Vec<Product>,
    /// What may follow, as buttons.
    moves: Vec<&'static str>,
    may_ship: bool,
    parcels: Vec<&'static str>,
    typed: Typed,
    /// Why there are no buttons.
    closed: &'static str,
}

impl OnePage {
    fn of(app: &App, member: &Member, own: OwnOrder) -> Self {
        let OwnOrder { application, summary } = own;
        let (order, detail) = (summary.order, summary.detail);
        let closed = match () {
            () if order.test_mode.is_some() => "It is a test order, which goes on by itself.",
            () if !app.rules.developers_fulfil => {
                "The operator of the server says how orders go on."
            }
            () if application.about.organization.is_none() => {
                "The application is in no organization: the operator of the server says how its \
                 orders go on."
            }
            () => "",
        };
        let is_open = closed.is_empty();
        let next = order.status.next().iter().filter(|_| is_open);
        let parcels = order.parcel_status.map_or(&[][..], |parcel| parcel.next()).iter();
        let products = detail.products.into_iter().map(|line| Product {
            name: line.ean.or(line.partner_ref).unwrap_or_default(),
            quantity: line.quantity,
            devices: line.devices,
        });
        Self {
            frame: member.frame(),
            problem: Problem::default(),
            client_id: application.client_id,
            name: application.name,
            modified: moment(order.modified),
            country: order.address.as_ref().map(|address| address.country.clone()),
            is_for_a_person: order.user.is_some(),
            moves: next
                .filter(|status| **status != Status::Shipped)
                .map(|status| status.name())
                .collect(),
            may_ship: is_open && order.status.may_become(Status::Shipped),
            parcels: parcels.filter(|_| is_open).map(|parcel| parcel.name()).collect(),
            row: Row::from(&order),
            original: order.original_ref,
            carrier: order.shipment.carrier,
            service: order.shipment.service,
            tracking: order.shipment.tracking,
            shipped: order.shipment.date,
            products: products.collect(),
            typed: Typed::default(),
            closed,
        }
    }
}

async fn find(app: &App, member: &Member, client_id: &str, id: &str) -> Result<Option<OwnOrder>> {
    let (user, client_id, id) = (member.user, client_id.to_owned(), id.to_owned());
    let work = move |tx: &mut Tx<'_>| account::own_order(tx, user, &client_id, &id);
    app.db.run(Access::Read, work).await
}

pub(super) async fn show(
    State(app): State<App>,
    Path((client_id, id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    let answer = async {
        let member = developer(&app, request).await?;
        match find(&app, &member, &client_id, &id).await? {
            Some(own) => Ok::<_, Stop>(html(StatusCode::OK, &OnePage::of(&app, &member, own))?),
            None => not_found(&member),
        }
    };
    answered("order", answer.await)
}

pub(super) async fn go_on(
    State(app): State<App>,
    Path((client_id, id)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    answered("order", go_on_one(&app, client_id, id, request).await)
}

impl Typed {
    fn of(member: &Member) -> Result<Self> {
        let field = |name| member.visit.field(name);
        Ok(Self {
            carrier: field("carrier")?,
            service: field("service")?,
            tracking: field("tracking")?,
            devices: field("devices")?,
        })
    }

    fn shipping(&self) -> Result<Shipping> {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let lines = self.devices.lines().map(str::trim).filter(|line| !line.is_empty());
        let device = |(at, line): (usize, &str)| {
            let place = format!("devices[{at}]");
            line.parse::<ShippedDevice>()
                .map_err(|problem| Refusal::invalid_param(&place, problem).into())
        };
        Ok(Shipping {
            carrier: said(&self.carrier),
            service: said(&self.service),
            tracking: said(&self.tracking),
            devices: lines.enumerate().map(device).collect::<Result<_>>()?,
        })
    }
}

/// How the form calls what the rules call otherwise.
const NAMES: &[(&str, &str)] = &[("carrier_service", "service"), ("tracking_number", "tracking")];

/// What is wrong, at its field; of a device, in its line.
fn problem(refusal: &Refusal) -> Problem {
    let problem = Problem::of(refusal, NAMES);
    if let Some(place) = problem.field.strip_prefix("devices[") {
        let at: usize = place.split(']').next().and_then(|at| at.parse().ok()).unwrap_or(0);
        let text = problem.text.replacen("Please check: ", "", 1);
        return Problem::new("devices", format!("Please check device {}: {text}", at + 1));
    }
    let is_field = ["carrier", "service", "tracking", "devices"].contains(&problem.field.as_str());
    Problem { field: if is_field { problem.field } else { String::new() }, ..problem }
}

async fn go_on_one(app: &App, client_id: String, id: String, request: Request<Body>) -> Paged {
    let member = posting(app, request).await?;
    let Some(own) = find(app, &member, &client_id, &id).await? else {
        return not_found(&member);
    };
    let (typed, concerned) = (Typed::of(&member)?, own.summary.user());
    let done = moved(app, &member, &client_id, &id, &typed).await?;
    if let Some(user) = concerned {
        let status = done.as_ref().err().map_or(0, |refusal| refusal.status.code());
        let (at, actor) = (app.clock.now(), Actor::Person(member.user));
        let (user, service, action) = (Some(user), "page", "order");
        app.audit.note(Entry { at, actor, user, service, action, status });
    }
    match done {
        Ok(()) => {
            let page = format!("/developer/applications/{client_id}/orders/{id}");
            Ok(Redirect::to(&page).into_response())
        }
        Err(refusal) => {
            let problem = problem(&refusal);
            let page = OnePage { problem, typed, ..OnePage::of(app, &member, own) };
            refused(StatusCode::BAD_REQUEST, &refusal, &page)
        }
    }
}

async fn moved(
    app: &App,
    member: &Member,
    client_id: &str,
    id: &str,
    typed: &Typed,
) -> Paged<std::result::Result<(), Refusal>> {
    if !app.rules.developers_fulfil {
        let problem = "the operator of the server says how orders go on";
        return Ok(Err(Refusal::invalid_param("order", problem)));
    }
    let to = match member.visit.field("do")?.as_str() {
        "move" => Ok(Move::Status(member.visit.field("status")?)),
        "parcel" => Ok(Move::Parcel(member.visit.field("parcel_status")?)),
        "ship" => typed.shipping().map(Move::Ship),
        _ => Err(Refusal::invalid_param("do", "choose one of the buttons").into()),
    };
    let to = match refusal_or_stop(to)? {
        Ok(to) => to,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (user, client, id) = (member.user, client_id.to_owned(), id.to_owned());
    let work = move |tx: &mut Tx<'_>| {
        tx.attempt(|tx| account::move_own_order(tx, user, &client, &id, &to)).map(|_| ())
    };
    refusal_or_stop(app.db.run(Access::Write, work).await)
}
