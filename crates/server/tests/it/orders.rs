//! Orders over HTTP: placed by a signed call, played or moved on by a warehouse's program, and told
//! to the partner by requests that arrive.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW, Setup};
use crate::household::Program;
use crate::on_both_engines;
use crate::receiver::Receiver;
use api::admin::{self, NewProduct};
use domain::Clock as _;
use domain::order::Kind;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use store::application;

on_both_engines!(
    a_test_order_plays_on_the_servers_clock_and_the_partner_is_told,
    a_warehouse_ships_an_order_and_the_partner_is_told,
);

const EAN: &str = "3700546702518";
const TOKEN: &str = "a-token-of-the-warehouse-9f2c";
const MAC: &str = "00:24:e4:00:01:01";

/// A partner that is told about orders, and a scale it can order.
fn shop<'a>(app: &'a App, receiver: &Receiver) -> Program<'a> {
    let program = app.partner();
    let (client, uri) = (program.id.clone(), receiver.url("/orders"));
    app.administers(move |tx| {
        let (kind, code, models) = (Kind::Ean, EAN.to_owned(), vec![13]);
        let name = "A scale".to_owned();
        admin::add_product(tx, &NewProduct { organization: None, kind, code, name, models })?;
        let mut known = application::find(tx, &client)?.expect("an application");
        known.about.notify_uri = Some(uri.clone());
        application::change(tx, &known)
    });
    program
}

fn order(name: &str) -> String {
    let address = json!({
        "name": "Anna", "email": "anna@example.com", "address1": "1 rue de la Paix",
        "city": "Paris", "zip": "75002", "country": "FR",
    });
    let products = json!([{ "ean": EAN, "quantity": 1 }]);
    json!([{ "customer_ref_id": name, "address": address, "products": products }]).to_string()
}

fn calls(program: &Program<'_>, app: &App, action: &str, fields: &[(&str, &str)]) -> Answer {
    let path = if action == "getdetail" { "/v2/order" } else { "/v2/dropshipment" };
    let fields = program.signed(action, &[&[("action", action)], fields].concat());
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    app.posts(path, &fields)
}

fn places(program: &Program<'_>, app: &App, fields: &[(&str, &str)]) -> String {
    let body = calls(program, app, "createorder", fields).body();
    body["orders"][0]["order_id"].as_str().expect("a number").to_owned()
}

/// What the partner is told next.
fn told(receiver: &Receiver) -> Value {
    let received = receiver.next();
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/orders"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    serde_json::from_str(&received.body).expect("JSON")
}

fn says(app: &App, id: &str, token: Option<&str>, body: &Value) -> Answer {
    let request = app.request("POST", &format!("/fulfilment/v1/orders/{id}")).json(body);
    let request = match token {
        Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    };
    app.sends(request)
}

fn a_test_order_plays_on_the_servers_clock_and_the_partner_is_told(engine: Engine) {
    let app = App::with(Setup { engine, ..Setup::default() });
    let receiver = Receiver::new();
    let program = shop(&app, &receiver);
    let id = places(&program, &app, &[("order", &order("A")), ("testmode", "3")]);
    for status in ["ADDRESS VERIFICATION", "VERIFIED", "PROCESSING"] {
        app.clock.advance(10);
        let expected = json!({
            "customer_id": null, "customer_ref": "A", "order_id": id, "status": status,
            "is_replacement": false,
        });
        assert_eq!(told(&receiver), expected);
    }
    // It goes on where it was when the server comes back.
    app.stop();
    app.begin();
    app.clock.advance(10);
    assert_eq!(told(&receiver)["status"], "FAILED");
    app.clock.advance(1_000);
    let detail = calls(&program, &app, "getdetail", &[("order_ids", &id)]).body();
    assert_eq!(detail["orders"][0]["status"], "FAILED");
    app.stop();
    assert!(receiver.has_nothing_more());
}

fn a_warehouse_ships_an_order_and_the_partner_is_told(engine: Engine) {
    let app = App::with(Setup { engine, fulfilment_token: Some(TOKEN), ..Setup::default() });
    let receiver = Receiver::new();
    let program = shop(&app, &receiver);
    let id = places(&program, &app, &[("order", &order("A")), ("customerid", "ACME")]);
    let done = says(&app, &id, Some(TOKEN), &json!({ "status": "PROCESSING" })).body();
    assert_eq!(done["order"]["status"], "PROCESSING");
    assert_eq!(told(&receiver)["status"], "PROCESSING");
    let ship = json!({ "ship": {
        "carrier": "UPS", "carrier_service": "Next Day Air", "tracking_number": "1Z",
        "devices": [{ "mac_address": MAC, "serial_number": "SN-1" }],
    } });
    let shipped = says(&app, &id, Some(TOKEN), &ship).body();
    assert_eq!(shipped["order"]["products"][0]["mac_addresses"], json!([MAC]));
    let expected = json!({
        "customer_id": "ACME", "customer_ref": "A", "order_id": id, "parcel_status": "pending",
        "carrier": "UPS", "carrier_service": "Next Day Air", "tracking_number": "1Z",
        "is_replacement": false,
    });
    assert_eq!(told(&receiver), expected);
    // A repeat after a lost answer is no second parcel.
    assert_eq!(says(&app, &id, Some(TOKEN), &ship).body(), shipped);
    says(&app, &id, Some(TOKEN), &json!({ "parcel_status": "delivered" })).body();
    assert_eq!(told(&receiver)["parcel_status"], "delivered");
    let detail = calls(&program, &app, "getdetail", &[("customer_ref_ids", "[\"A\"]")]).body();
    assert_eq!(detail["orders"][0]["parcel_status"], "delivered");
    assert_eq!(detail["orders"][0]["ship_date"], "2026-09-21");
    assert_eq!(calls(&program, &app, "delete", &[("order_id", &id)]).status(), 277);
    app.stop();
    assert!(receiver.has_nothing_more());
}

#[test]
fn an_address_that_is_none_is_answered_with_the_orders_that_have_one() {
    let (app, receiver) = (App::new(), Receiver::new());
    let program = shop(&app, &receiver);
    let bad = order("A").replace("75002", "7500");
    let answer = calls(&program, &app, "createorder", &[("order", &bad)]).json();
    assert_eq!(answer["status"], 503);
    assert_eq!(answer["body"], json!({ "invalid_address_customer_ref_ids": ["A"] }));
    let detail = calls(&program, &app, "getdetail", &[("customer_ref_ids", "A")]).body();
    assert_eq!(detail, json!({ "orders": [] }));
}

#[test]
fn without_the_token_nobody_says_anything_of_an_order() {
    let app = App::new();
    let nothing = says(&app, "D12345678", Some(TOKEN), &json!({ "status": "PROCESSING" }));
    assert_eq!(nothing.http, 404, "it is not set");
    let app = App::with(Setup { fulfilment_token: Some(TOKEN), ..Setup::default() });
    let receiver = Receiver::new();
    let program = shop(&app, &receiver);
    let id = places(&program, &app, &[("order", &order("A"))]);
    let longer = format!("{TOKEN}0");
    for wrong in [None, Some(""), Some("x"), Some(&TOKEN[1..]), Some(longer.as_str())] {
        let refused = says(&app, &id, wrong, &json!({ "status": "PROCESSING" }));
        assert_eq!(refused.http, 401);
        let json: Value = serde_json::from_str(&refused.text).expect("JSON");
        assert_eq!((&json["status"], &json["body"]), (&json!(401), &json!({})));
    }
    let get = app.sends(app.request("GET", &format!("/fulfilment/v1/orders/{id}")));
    assert_eq!(get.http, 405);
    app.stop();
    assert!(receiver.has_nothing_more());
}

#[test]
fn a_warehouse_is_told_what_is_wrong_and_nothing_is_done() {
    let app = App::with(Setup { fulfilment_token: Some(TOKEN), ..Setup::default() });
    let receiver = Receiver::new();
    let program = shop(&app, &receiver);
    let id = places(&program, &app, &[("order", &order("A"))]);
    let device = |device: Value| json!({ "ship": { "devices": [device] } });
    for (body, named) in [
        (json!({}), "body"),
        (json!([]), "body"),
        (json!({ "status": "PROCESSING", "parcel_status": "pending" }), "body"),
        (json!({ "state": "PROCESSING" }), "state"),
        (json!({ "status": 7 }), "status"),
        (json!({ "status": "moon" }), "status"),
        (json!({ "status": "SHIPPED" }), "status"),
        (json!({ "status": "CREATED" }), "status"),
        (json!({ "parcel_status": "in_transit" }), "parcel_status"),
        (json!({ "ship": 7 }), "ship"),
        (json!({ "ship": { "carrier": "x".repeat(65) } }), "carrier"),
        (device(json!({})), "ship.devices[0]"),
        (device(json!({ "mac_address": 7 })), "ship.devices[0].mac_address"),
        (device(json!({ "mac_address": "x" })), "devices[0].mac_address"),
        (device(json!({ "mac_address": MAC, "line": -1 })), "ship.devices[0].line"),
        (device(json!({ "mac_address": MAC, "line": 2 })), "devices[0].line"),
    ] {
        let refused = says(&app, &id, Some(TOKEN), &body);
        assert_eq!(refused.http, 400, "{body}");
        let json: Value = serde_json::from_str(&refused.text).expect("JSON");
        assert_eq!(json["status"], 503);
        let text = json["error"].as_str().expect("a text");
        assert!(text.contains(&format!(" {named}")), "{text} names not {named}");
    }
    for unknown in ["D1", "x"] {
        assert_eq!(says(&app, unknown, Some(TOKEN), &json!({ "status": "OPEN" })).http, 400);
    }
    let path = format!("/fulfilment/v1/orders/{id}");
    for body in [vec![b'x'], vec![b' '; 65 << 10], vec![0xff]] {
        let request = app.request("POST", &path).header(AUTHORIZATION, format!("Bearer {TOKEN}"));
        assert_eq!(app.sends(request.body(body)).http, 400);
    }
    let detail = calls(&program, &app, "getdetail", &[("order_ids", &id)]).body();
    assert_eq!(detail["orders"][0]["status"], "VERIFIED");
    assert_eq!(app.clock.now(), NOW);
    app.stop();
    assert!(receiver.has_nothing_more());
}
