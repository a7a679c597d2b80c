//! How orders go on: test orders on the clock, real ones by hand, and what partners are told of
//! each move.

use crate::app::{App, NOW, assert_names, assert_refuses, status};
use crate::orders::{SCALE, list, order, with};
use api::admin::{self, Account};
use api::orders::{PlaceOrders, ShippedDevice, Shipping};
use domain::DeviceId;
use domain::device::Mac;
use domain::order::{Kind, Status};
use serde_json::{Value, json};
use store::order as kept;
use store::{application, device};

const MAC: &str = "00:24:e4:00:01:01";
const OTHER_MAC: &str = "00:24:e4:00:01:02";

impl App {
    /// The application of the test is told about orders, and there is a scale to order.
    fn is_told_of_orders(&self) {
        self.sells_scales();
        let client = self.program.id.clone();
        self.does(move |tx| {
            let mut known = application::find(tx, &client)?.unwrap();
            known.about.notify_uri = Some("https://app.example/orders".to_owned());
            application::change(tx, &known)
        });
    }

    /// What it was told about orders, oldest first.
    fn told_orders(&self) -> Vec<Value> {
        let told = self.told(&self.program).into_iter();
        told.map(|body| serde_json::from_str(&body).unwrap()).collect()
    }

    /// What is told next, as its state.
    fn told_states(&self) -> Vec<String> {
        let state = |told: &Value| {
            let text = told["status"].as_str().or(told["parcel_status"].as_str());
            text.unwrap().to_owned()
        };
        self.told_orders().iter().map(state).collect()
    }

    /// What the worker does.
    fn goes_on(&self) -> usize {
        self.does(|tx| kept::advance(tx, kept::STEPS_MAX))
    }

    /// Places one order: its number.
    #[track_caller]
    pub(crate) fn placed(&self, order: Value) -> String {
        self.places(&[order])["orders"][0]["order_id"].as_str().unwrap().to_owned()
    }

    fn placed_for(&self, person: &Account, name: &str) -> String {
        let (client, user) = (self.program.id.clone(), person.id);
        let orders = api::orders::parse(&json!([order(name)]).to_string()).unwrap();
        let placed = self.does(move |tx| {
            let wanted = PlaceOrders {
                orders: orders.clone(),
                customer_id: None,
                platform_id: None,
                test_mode: None,
                user: Some(user),
            };
            api::orders::place(tx, &client, &wanted)
        });
        placed.orders[0].order_id.clone()
    }

    fn moves(&self, id: &str, status: &str) -> domain::Result<String> {
        let (id, status) = (id.to_owned(), status.to_owned());
        let moved = self.tries(move |tx| admin::move_order(tx, &id, &status));
        moved.map(|summary| summary.order.status.to_string())
    }

    fn moves_parcel(&self, id: &str, parcel: &str) -> domain::Result<()> {
        let (id, parcel) = (id.to_owned(), parcel.to_owned());
        self.tries(move |tx| admin::move_parcel(tx, &id, &parcel).map(|_| ()))
    }

    pub(crate) fn ships(&self, id: &str, devices: &[ShippedDevice]) -> domain::Result<()> {
        let shipping = Shipping {
            carrier: Some("UPS".to_owned()),
            service: Some("Next Day Air".to_owned()),
            tracking: Some("1Z".to_owned()),
            devices: devices.to_vec(),
        };
        let id = id.to_owned();
        self.tries(move |tx| admin::ship_order(tx, &id, &shipping).map(|_| ()))
    }

    fn device(&self, mac: &str) -> Option<device::Device> {
        let mac: Mac = mac.parse().unwrap();
        self.does(move |tx| device::find_by_mac(tx, mac))
    }
}

pub(crate) fn sent(mac: &str) -> ShippedDevice {
    ShippedDevice { mac: mac.to_owned(), ..ShippedDevice::default() }
}

#[test]
fn test_orders_play_their_sequences_on_the_clock_and_each_move_is_told() {
    for (mode, rest) in [
        (1, &["PROCESSING", "OPEN", "pending", "info_received", "in_transit", "delivered"][..]),
        (2, &["TRASHED"]),
        (3, &["PROCESSING", "FAILED"]),
        (4, &["PROCESSING", "BACKHOLD"]),
    ] {
        let app = App::new();
        app.is_told_of_orders();
        let form = format!("testmode={mode}&customerid=ACME&order={}", list(&[order("A")]));
        let placed = app.orders(&app.program, "createorder", &form);
        assert_eq!(placed["body"]["orders"][0]["status"], "CREATED");
        let expected: Vec<&str> =
            ["ADDRESS VERIFICATION", "VERIFIED"].iter().chain(rest).copied().collect();
        for (at, state) in expected.iter().enumerate() {
            app.waits(9);
            assert_eq!(app.goes_on(), 0, "not before ten seconds");
            app.waits(1);
            assert_eq!(app.goes_on(), 1, "{mode} {state}");
            assert_eq!(app.told_states()[at], *state, "{mode}");
        }
        app.waits(1_000);
        assert_eq!(app.goes_on(), 0, "it is over");
        assert_eq!(app.told_states(), expected);
        let id = &placed["body"]["orders"][0]["order_id"];
        let first = json!({
            "customer_id": "ACME", "customer_ref": "A", "order_id": id,
            "status": "ADDRESS VERIFICATION", "is_replacement": false,
        });
        assert_eq!(app.told_orders()[0], first);
        let detail = app.detail("A");
        if mode == 1 {
            let tracking = format!("TEST-{}", id.as_str().unwrap());
            let last = json!({
                "customer_id": "ACME", "customer_ref": "A", "order_id": id,
                "parcel_status": "delivered", "carrier": "Test carrier",
                "carrier_service": "Test service", "tracking_number": tracking,
                "is_replacement": false,
            });
            assert_eq!(app.told_orders().last(), Some(&last));
            assert_eq!(
                (&detail["status"], &detail["parcel_status"]),
                (&json!("SHIPPED"), &json!("delivered"),)
            );
            assert_eq!(detail["ship_date"], "2026-09-21");
            assert_eq!(detail["products"][0]["mac_addresses"], json!([]), "nothing is sent");
        } else {
            assert_eq!(detail["status"], expected[expected.len() - 1]);
            assert!(detail.get("carrier").is_none() && detail.get("parcel_status").is_none());
        }
    }
}

#[test]
fn a_clock_that_jumps_misses_nothing_and_keeps_the_order_of_things() {
    let app = App::new();
    app.is_told_of_orders();
    let play = |name: &str| {
        let form = format!("testmode=1&order={}", list(&[order(name)]));
        assert_eq!(status(&app.orders(&app.program, "createorder", &form)), 0);
    };
    play("A");
    app.waits(5);
    play("B");
    app.waits(3_600);
    assert_eq!(app.does(|tx| kept::advance(tx, 3)), 3, "in parts");
    assert_eq!(app.goes_on(), 13);
    let told = app.told_orders();
    let names: Vec<&str> = told.iter().map(|told| told["customer_ref"].as_str().unwrap()).collect();
    assert_eq!(names, ["A", "B"].repeat(8), "by when they were due");
    assert_eq!(app.does(kept::next_due), None);
}

#[test]
fn a_test_order_can_be_changed_and_cancelled_while_it_plays() {
    let app = App::new();
    app.is_told_of_orders();
    let form = format!("testmode=1&order={}", list(&[order("A")]));
    let placed = app.orders(&app.program, "createorder", &form);
    let id = placed["body"]["orders"][0]["order_id"].as_str().unwrap().to_owned();
    app.waits(10);
    app.goes_on();
    let form = format!("order_id={id}&order={}", list(&[order("B")]));
    let updated = app.orders(&app.program, "update", &form);
    assert_eq!(updated["body"]["orders"][0]["status"], "ADDRESS VERIFICATION", "it plays on");
    assert_refuses(app.moves(&id, "VERIFIED"), "order");
    let deleted = app.orders(&app.program, "delete", &format!("order_id={id}"));
    assert_eq!(status(&deleted), 0);
    app.waits(1_000);
    assert_eq!(app.goes_on(), 0);
    assert_eq!(app.told_states(), ["ADDRESS VERIFICATION", "TRASHED"]);
}

#[test]
fn a_shipped_order_shows_its_devices_which_are_the_organizations_and_the_persons() {
    let app = App::new();
    app.is_told_of_orders();
    let anna = app.person("anna");
    let id = app.placed_for(&anna, "A");
    assert_eq!(app.moves(&id, "PROCESSING").unwrap(), "PROCESSING");
    let serial = Some("SN-1".to_owned());
    let devices = [ShippedDevice { serial, ..sent(MAC) }, sent(OTHER_MAC)];
    app.ships(&id, &devices).unwrap();
    let (first, second) = (app.device(MAC).unwrap(), app.device(OTHER_MAC).unwrap());
    let detail = app.detail("A");
    let product = &detail["products"][0];
    let shown = |device: &device::Device| {
        json!({
            "serial_number": device.serial, "mac_address": device.mac.to_string(),
            "hash_deviceid": device.hash, "model": "Body+", "model_id": 13,
        })
    };
    let mut expected = [&first, &second];
    expected.sort_by_key(|device| device.id);
    assert_eq!(product["devices"], json!(expected.map(shown)));
    let macs = expected.map(|device| device.mac.to_string());
    assert_eq!(product["mac_addresses"], json!(macs), "flat, too");
    assert_eq!(product["hash_deviceids"], json!(expected.map(|device| device.hash.clone())));
    assert_eq!(product["serial_numbers"], json!(["SN-1"]));
    for (key, value) in [
        ("status", "SHIPPED"),
        ("parcel_status", "pending"),
        ("carrier", "UPS"),
        ("carrier_service", "Next Day Air"),
        ("tracking_number", "1Z"),
        ("ship_date", "2026-09-21"),
    ] {
        assert_eq!(detail[key], value);
    }
    let client = app.program.id.clone();
    let organization = app.does(move |tx| kept::organization(tx, &client));
    assert_eq!((first.organization, second.organization), (organization, organization));
    let users = |id: DeviceId| app.does(move |tx| device::users(tx, id));
    assert_eq!((users(first.id), users(second.id)), (vec![anna.id], vec![anna.id]));
    // The same parcel said again is the same; another one is not.
    app.ships(&id, &devices).unwrap();
    let other = Shipping { tracking: Some("2Z".to_owned()), ..Shipping::default() };
    let order = id.clone();
    assert_refuses(app.tries(move |tx| admin::ship_order(tx, &order, &other)), "order");
    for parcel in ["in_transit", "in_transit", "delivered"] {
        app.moves_parcel(&id, parcel).unwrap();
    }
    assert_refuses(app.moves_parcel(&id, "pending"), "parcel_status");
    assert_refuses(app.moves_parcel(&id, "moon"), "parcel_status");
    assert_eq!(app.told_states(), ["PROCESSING", "pending", "in_transit", "delivered"]);
    let told = &app.told_orders()[1];
    assert_eq!((&told["carrier"], told.get("status")), (&json!("UPS"), None));
}

#[test]
fn what_cannot_be_shipped_registers_and_links_nothing() {
    let app = App::new();
    app.is_told_of_orders();
    app.sells(None, Kind::PartnerRef, "KIT", &[17, 45]);
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let id = app.placed_for(&anna, "A");
    crate::access::wearable(&app, &ben, "00:24:e4:00:01:03");
    let (partner, mac) = (app.another_partner().id, OTHER_MAC.parse().unwrap());
    app.does(move |tx| {
        let theirs = device::register(tx, mac, 13, "UTC")?;
        let organization = kept::organization(tx, &partner)?;
        device::describe(tx, theirs, organization, None)
    });
    let with_line = |line| ShippedDevice { line: Some(line), ..sent(MAC) };
    let three = [sent(MAC), sent("00:24:e4:00:01:04"), sent("00:24:e4:00:01:05")];
    for (devices, name) in [
        (&[sent("x")][..], "devices[0].mac_address"),
        (&[sent("")], "devices[0].mac_address"),
        (&[sent(MAC), sent(MAC)], "devices[1].mac_address"),
        (&[sent(MAC), sent(OTHER_MAC)], "devices[1].mac_address"),
        (&[ShippedDevice { model: Some(4), ..sent(OTHER_MAC) }], "devices[0].model_id"),
        (&[ShippedDevice { model: Some(0), ..sent(MAC) }], "devices[0].model_id"),
        (&[ShippedDevice { serial: Some(String::new()), ..sent(MAC) }], "devices[0].serial_number"),
        (&[with_line(0)], "devices[0].line"),
        (&[with_line(2)], "devices[0].line"),
        (&three, "devices[2].line"),
        (
            &[ShippedDevice { model: Some(93), ..sent("00:24:e4:00:01:03") }],
            "devices[0].mac_address",
        ),
    ] {
        assert_refuses(app.ships(&id, devices), name);
        assert_eq!(app.device(MAC), None, "{name}");
    }
    // Of a box with several models it has to be said which one a device is.
    let product = json!([{ "partner_ref": "KIT", "quantity": 1 }]);
    let kit = app.placed(with(order("B"), "/products", product));
    assert_refuses(app.ships(&kit, &[sent(MAC)]), "devices[0].model_id");
    let both = [(MAC, 17), ("00:24:e4:00:01:09", 45)]
        .map(|(mac, model)| ShippedDevice { model: Some(model), ..sent(mac) });
    app.ships(&kit, &both).unwrap();
    let long = Shipping { carrier: Some("x".repeat(65)), ..Shipping::default() };
    let order = id.clone();
    assert_refuses(app.tries(move |tx| admin::ship_order(tx, &order, &long)), "carrier");
    assert_refuses(app.ships("D1", &[]), "order");
    assert_refuses(app.ships("x", &[]), "order");
    assert_eq!(app.detail("A")["status"], "VERIFIED");
}

#[test]
fn an_operator_moves_orders_along_the_table_and_nowhere_else() {
    let app = App::new();
    app.is_told_of_orders();
    for from in Status::ALL {
        let reaches: &[&str] = match from {
            Status::Verified => &[],
            Status::AddressVerification => &["ADDRESS VERIFICATION"],
            Status::AddressError => &["ADDRESS ERROR"],
            Status::Processing => &["PROCESSING"],
            Status::Open => &["PROCESSING", "OPEN"],
            Status::Backhold => &["BACKHOLD"],
            Status::Failed => &["FAILED"],
            Status::Trashed => &["TRASHED"],
            // No real order is there, or it is left by `ship` alone.
            Status::Created | Status::Shipped => continue,
        };
        for to in Status::ALL.iter().filter(|to| **to != Status::Shipped) {
            let id = app.placed(order(&app.fresh_ref()));
            reaches.iter().for_each(|status| assert_eq!(app.moves(&id, status).unwrap(), *status));
            let before = app.told_orders().len();
            let moved = app.moves(&id, to.name());
            let is_told = app.told_orders().len() > before;
            if from == to {
                assert_eq!((moved.unwrap().as_str(), is_told), (to.name(), false), "once");
            } else if from.may_become(*to) {
                assert_eq!((moved.unwrap().as_str(), is_told), (to.name(), true));
            } else {
                assert_refuses(moved, "status");
                assert!(!is_told);
            }
        }
    }
    let id = app.placed(order("A"));
    assert_refuses(app.moves(&id, "SHIPPED"), "status");
    assert_refuses(app.moves(&id, "shipped"), "status");
    assert_refuses(app.moves_parcel(&id, "in_transit"), "parcel_status");
}

#[test]
fn an_order_is_updated_until_it_is_packed_and_cancelled_until_it_is_shipped() {
    let app = App::new();
    app.is_told_of_orders();
    let id = app.placed(order("A"));
    app.placed(order("TAKEN"));
    let update = |id: &str, orders: &[Value]| {
        app.orders(&app.program, "update", &format!("order_id={id}&order={}", list(orders)))
    };
    // The carrier does not know the address; the partner is told, and mends it.
    app.moves(&id, "ADDRESS VERIFICATION").unwrap();
    app.moves(&id, "ADDRESS ERROR").unwrap();
    let moved = with(order("A"), "/address/city", json!("Lyon"));
    let moved = with(moved, "/products", json!([{ "ean": SCALE, "quantity": 5 }]));
    let updated = update(&id, &[moved]);
    let shown = &updated["body"]["orders"][0];
    assert_eq!((&shown["status"], &shown["order_id"]), (&json!("VERIFIED"), &json!(id)));
    assert_eq!(shown["products"], json!([{ "ean": SCALE, "partner_ref": null, "quantity": 5 }]));
    assert_eq!(app.told_states(), ["ADDRESS VERIFICATION", "ADDRESS ERROR", "VERIFIED"]);
    // Another name, if it is free; a repeat is the same as once.
    for _ in 0..2 {
        assert_eq!(update(&id, &[order("B")])["body"]["orders"][0]["customer_ref_id"], "B");
    }
    assert_names(&update(&id, &[order("TAKEN")]), "order[0].customer_ref_id");
    assert_names(&update(&id, &[order("B"), order("C")]), "order");
    assert_names(&update(&id, &[]), "order");
    assert_names(&update("D1", &[order("B")]), "order_id");
    assert_names(&update("", &[order("B")]), "order_id");
    let unknown = json!([{ "ean": "1", "quantity": 1 }]);
    let answer = update(&id, &[with(order("B"), "/products", unknown)]);
    assert_names(&answer, "order[0].products[0].ean");
    let nowhere = with(order("B"), "/address/zip", json!("1"));
    let answer = update(&id, std::slice::from_ref(&nowhere));
    assert_names(&answer, "order[0].address.zip");
    assert_eq!(answer["body"], json!({ "invalid_address_customer_ref_ids": ["B"] }));
    assert_eq!(status(&update(&id, &[with(nowhere, "/force_address", json!(true))])), 0);
    // Another application has no such order.
    let other = app.another_partner();
    let form = format!("order_id={id}&order={}", list(&[order("B")]));
    assert_names(&app.orders(&other, "update", &form), "order_id");
    assert_names(&app.orders(&other, "delete", &format!("order_id={id}")), "order_id");
    app.moves(&id, "PROCESSING").unwrap();
    assert_eq!(status(&update(&id, &[order("B")])), 277);
    app.ships(&id, &[]).unwrap();
    assert_eq!(status(&update(&id, &[order("B")])), 277);
    let delete = |id: &str| app.orders(&app.program, "delete", &format!("order_id={id}"));
    assert_eq!(status(&delete(&id)), 277);
    for wrong in ["D1", "x", ""] {
        assert_names(&delete(wrong), "order_id");
    }
    let second = app.placed(order("C"));
    app.moves(&second, "PROCESSING").unwrap();
    let before = app.told_orders().len();
    for _ in 0..2 {
        assert_eq!(delete(&second), json!({ "status": 0, "body": {} }), "again is as once");
    }
    assert_eq!(app.told_states()[before..], ["TRASHED"]);
    assert_eq!(status(&update(&second, &[order("C")])), 277);
    let third = app.placed(order("D"));
    app.moves(&third, "FAILED").unwrap();
    assert_eq!(status(&delete(&third)), 277);
}

#[test]
fn a_replacement_is_the_same_order_again_and_is_told_with_what_it_stands_in_for() {
    let app = App::new();
    app.is_told_of_orders();
    let anna = app.person("anna");
    let id = app.placed_for(&anna, "A");
    let replaces = |id: &str, name: Option<&str>| {
        let (id, name) = (id.to_owned(), name.map(str::to_owned));
        app.tries(move |tx| admin::replace_order(tx, &id, name.as_deref()))
    };
    assert_refuses(replaces(&id, None), "order");
    let serial = Some("SN-1".to_owned());
    app.ships(&id, &[ShippedDevice { serial, ..sent(MAC) }]).unwrap();
    for (given, name) in [(None, "A-R1"), (None, "A-R2"), (Some("MINE"), "MINE")] {
        let made = replaces(&id, given).unwrap();
        assert_eq!(made.order.customer_ref, name);
        assert_eq!((made.order.user, made.order.created), (Some(anna.id), NOW));
        let told = app.told_orders().pop().unwrap();
        let expected = json!({
            "customer_id": null, "customer_ref": name, "order_id": made.order.id.to_string(),
            "status": "VERIFIED", "is_replacement": true, "original_customer_ref": "A",
            "original_serial_number": "SN-1",
        });
        assert_eq!(told, expected);
        let detail = app.detail(name);
        assert_eq!(
            (&detail["is_replacement"], &detail["original_customer_ref"]),
            (&json!(true), &json!("A"),)
        );
        assert_eq!(detail["products"][0]["quantity"], 2);
    }
    assert_refuses(replaces(&id, Some("A")), "ref");
    assert_refuses(replaces(&id, Some("")), "ref");
    assert_refuses(replaces("D1", None), "order");
}

#[test]
fn the_catalogue_is_kept_by_the_operator_who_is_told_what_is_wrong() {
    let app = App::new();
    let new = |change: &dyn Fn(&mut admin::NewProduct)| {
        let mut new = admin::NewProduct {
            organization: None,
            kind: Kind::Ean,
            code: SCALE.to_owned(),
            name: "A scale".to_owned(),
            models: vec![13],
        };
        change(&mut new);
        app.tries(move |tx| admin::add_product(tx, &new))
    };
    assert_refuses(new(&|new| new.code.clear()), "ean");
    assert_refuses(new(&|new| new.code = "x".repeat(65)), "ean");
    assert_refuses(new(&|new| new.name = "  ".to_owned()), "name");
    assert_refuses(new(&|new| new.models = vec![0]), "model");
    assert_refuses(new(&|new| new.models = vec![13; 17]), "model");
    let nobody = Some(domain::OrganizationId(1));
    assert_refuses(new(&|new| new.organization = nobody), "organization");
    new(&|_| {}).unwrap();
    new(&|new| new.name = "The scale".to_owned()).unwrap();
    let listed = app.does(|tx| admin::list_products(tx, None));
    assert_eq!(listed.len(), 1, "the same one, changed");
    assert_eq!(listed[0].name, "The scale");
    app.does(|tx| admin::remove_product(tx, None, Kind::Ean, SCALE));
    let again = app.tries(|tx| admin::remove_product(tx, None, Kind::Ean, SCALE));
    assert_refuses(again, "ean");
}
