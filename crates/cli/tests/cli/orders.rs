//! Orders at the command line: the catalogue, and how a real order goes on.

use crate::home::Home;
use serde_json::{Value, json};

const EAN: &str = "3700546702518";
const MAC: &str = "00:24:e4:00:01:01";
const OTHER_MAC: &str = "00:24:e4:00:01:02";

/// A partner that may have devices sent, and a way to call as it.
struct Shop<'h> {
    home: &'h Home,
    id: String,
    secret: String,
    organization: String,
}

impl<'h> Shop<'h> {
    fn new(home: &'h Home) -> Self {
        let logistics = ["--entitlement", "logistics"];
        let create = [&["organization", "create", "--name", "Clinic"], &logistics[..]].concat();
        let organization = home.json(&create)["organization_id"].to_string();
        let create =
            ["client", "create", "--name", "Shop", "--redirect-uri", "https://shop.example/"];
        let of = ["--organization", organization.as_str()];
        let client = home.json(&[&create[..], &of, &logistics].concat());
        let text = |name: &str| client[name].as_str().expect("a text").to_owned();
        Self { home, id: text("client_id"), secret: text("client_secret"), organization }
    }

    /// Calls an operation as the partner.
    fn calls(&self, service: &str, action: &str, parameters: &[&str]) -> Value {
        let proof = ["--client-id", self.id.as_str(), "--client-secret", self.secret.as_str()];
        let call = [&["call", service, action], parameters, &proof].concat();
        self.home.json(&call)["body"].clone()
    }

    /// Has something sent: the order's number.
    fn places(&self, name: &str) -> String {
        let address = json!({
            "name": "Anna", "email": "anna@example.com", "address1": "1 rue de la Paix",
            "city": "Paris", "zip": "75002", "country": "FR",
        });
        let products =
            json!([{ "ean": EAN, "quantity": 1 }, { "partner_ref": "KIT", "quantity": 1 }]);
        let order = json!([{ "customer_ref_id": name, "address": address, "products": products }]);
        let body = self.calls("dropshipment", "createorder", &[&format!("order={order}")]);
        body["orders"][0]["order_id"].as_str().expect("a number").to_owned()
    }
}

fn catalogue(home: &Home) {
    let add = ["product", "add", "--ean", EAN, "--name", "A scale", "--model", "13"];
    let added = home.json(&add);
    assert_eq!(added["models"], json!([13]));
    home.json(&[
        "product",
        "add",
        "--partner-ref",
        "KIT",
        "--name",
        "A kit",
        "--model",
        "17",
        "--model",
        "45",
    ]);
}

#[test]
fn a_real_order_is_moved_shipped_delivered_and_replaced() {
    let home = Home::new();
    let shop = Shop::new(&home);
    catalogue(&home);
    let id = shop.places("A");
    let shown = home.json(&["order", "show", &id]);
    assert_eq!(
        (&shown["status"], &shown["address"]["city"]),
        (&json!("VERIFIED"), &json!("Paris"))
    );
    assert_eq!(home.json(&["order", "move", &id, "PROCESSING"])["status"], "PROCESSING");
    let device = format!("{MAC},SN-1");
    let other = format!("2={OTHER_MAC},,45");
    let carried = ["--carrier", "UPS", "--service", "Next Day Air", "--tracking", "1Z"];
    let devices = ["--device", device.as_str(), "--device", other.as_str()];
    let shipped = home.json(&[&["order", "ship", &id], &carried[..], &devices].concat());
    assert_eq!(
        (&shipped["status"], &shipped["parcel_status"]),
        (&json!("SHIPPED"), &json!("pending"),)
    );
    let products = &shipped["products"];
    assert_eq!(products[0]["serial_numbers"], json!(["SN-1"]));
    assert_eq!(products[1]["devices"][0]["model_id"], 45);
    assert_eq!(home.json(&["order", "parcel", &id, "delivered"])["parcel_status"], "delivered");
    // The partner sees the same, and the devices are its organization's.
    let detail = shop.calls("order", "getdetail", &[&format!("order_ids={id}")]);
    assert_eq!(detail["orders"][0]["products"], *products);
    let listed = home.json(&["device", "list"]);
    let of: Vec<String> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|device| device["organization_id"].to_string())
        .collect();
    assert_eq!(of, [shop.organization.clone(), shop.organization.clone()]);
    let replaced = home.json(&["order", "replace", &id]);
    assert_eq!(replaced["customer_ref_id"], "A-R1");
    assert_eq!(
        (&replaced["is_replacement"], &replaced["original_customer_ref"]),
        (&json!(true), &json!("A"),)
    );
    let named = home.json(&["order", "replace", &id, "--ref", "MINE"]);
    assert_eq!(named["customer_ref_id"], "MINE");
    let all = home.json(&["order", "list", "--client", &shop.id]);
    assert_eq!(all.as_array().map(Vec::len), Some(3));
    let shipped = home.json(&["order", "list", "--status", "SHIPPED"]);
    assert_eq!(shipped[0]["order_id"], id.as_str());
    assert_eq!(home.json(&["order", "list", "--client", "x"]), json!([]));
}

#[test]
fn what_cannot_be_is_refused_with_what_would_do() {
    let home = Home::new();
    let shop = Shop::new(&home);
    catalogue(&home);
    let id = shop.places("A");
    for (arguments, named) in [
        (&["order", "show", "D1"][..], "order"),
        (&["order", "show", "x"], "order"),
        (&["order", "move", &id, "SHIPPED"], "vitald order ship"),
        (&["order", "move", &id, "OPEN"], "PROCESSING"),
        (&["order", "parcel", &id, "delivered"], "parcel_status"),
        (&["order", "replace", &id], "order"),
        (&["order", "ship", &id, "--device", "x"], "devices[0].mac_address"),
        (&["order", "ship", &id, "--device", "3=00:24:e4:00:01:01"], "devices[0].line"),
        (&["order", "ship", &id, "--device", "2=00:24:e4:00:01:01"], "devices[0].model_id"),
        (&["product", "add", "--ean", "é", "--name", "x"], "ean"),
        (&["product", "add", "--ean", "1", "--name", "x", "--organization", "1"], "organization"),
        (&["product", "remove", "--ean", "1"], "ean"),
    ] {
        let ran = home.runs(arguments);
        assert!(ran.failed(3).contains(named), "{ran:?}");
    }
    for unreadable in [
        &["order", "move", &id, "moon"][..],
        &["order", "ship", &id, "--device", "a,b,c,d"],
        &["order", "ship", &id, "--device", "x=00:24:e4:00:01:01"],
        &["order", "ship", &id, "--device", "00:24:e4:00:01:01,,x"],
        &["product", "add", "--name", "x"],
        &["product", "add", "--name", "x", "--ean", "1", "--partner-ref", "1"],
    ] {
        assert_eq!(home.runs(unreadable).code, Some(2), "{unreadable:?}");
    }
    assert_eq!(home.json(&["order", "show", &id])["status"], "VERIFIED");
}

#[test]
fn the_catalogue_is_listed_and_shrinks() {
    let home = Home::new();
    let shop = Shop::new(&home);
    catalogue(&home);
    let own = ["--organization", shop.organization.as_str()];
    let add = ["product", "add", "--ean", EAN, "--name", "Ours"];
    home.json(&[&add[..], &own].concat());
    let listed = home.json(&["product", "list"]);
    let names: Vec<&str> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|product| product["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["A scale", "A kit", "Ours"]);
    assert_eq!(listed[0]["organization_id"], json!(null));
    home.json(&[&["product", "remove", "--ean", EAN], &own[..]].concat());
    assert_eq!(home.json(&["product", "list"]).as_array().map(Vec::len), Some(2));
}
