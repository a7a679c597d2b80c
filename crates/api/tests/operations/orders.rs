//! Orders as a partner places, changes and reads them, and everything that can be wrong with one.
//! How they go on is in `order_states.rs`, the tables themselves in `domain::order`.

use crate::app::{App, NOW, Program, assert_names, error, new, status};
use api::admin::{self, NewProduct};
use api::form::{BodyKind, Request};
use domain::order::{Kind, OrderId};
use domain::{Entitlement, OrganizationId};
use serde_json::{Value, json};
use store::application;

/// A scale everybody can order.
pub(crate) const SCALE: &str = "3700546702518";

/// What a good call of one of the operations says.
pub(crate) fn good_form(app: &App, action: &str) -> String {
    app.sells_scales();
    let name = app.fresh_ref();
    if action == "createorder" {
        return format!("order={}&customerid=ACME&platformid=7", list(&[order(&name)]));
    }
    let placed = app.places(&[order(&name)]);
    let id = placed["orders"][0]["order_id"].as_str().unwrap().to_owned();
    match action {
        "update" => format!("order_id={id}&order={}", list(&[order(&app.fresh_ref())])),
        "delete" => format!("order_id={id}"),
        _ => format!("order_ids=[\"{id}\"]"),
    }
}

/// An order of another application: its number.
pub(crate) fn placed_by(app: &App, program: &Program, name: &str) -> String {
    app.sells_scales();
    let answer = app.orders(program, "createorder", &format!("order={}", list(&[order(name)])));
    answer["body"]["orders"][0]["order_id"].as_str().unwrap().to_owned()
}

/// A good order.
pub(crate) fn order(name: &str) -> Value {
    json!({
        "customer_ref_id": name,
        "address": {
            "name": "Anna Example",
            "email": "anna@example.com",
            "telephone": "+33612345678",
            "address1": "1 rue de la Paix",
            "city": "Paris",
            "zip": "75002",
            "country": "FR",
        },
        "products": [{ "ean": SCALE, "quantity": 2 }],
    })
}

/// The same with something else at a place, such as `/address/zip`.
pub(crate) fn with(mut order: Value, place: &str, value: Value) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    order.pointer_mut(parent).unwrap()[name] = value;
    order
}

fn without(mut order: Value, place: &str) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    order.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
    order
}

/// Orders as a form carries them.
pub(crate) fn list(orders: &[Value]) -> String {
    form_urlencoded::byte_serialize(Value::from(orders).to_string().as_bytes()).collect()
}

impl App {
    /// Puts the scale into everybody's catalogue.
    pub(crate) fn sells_scales(&self) {
        self.sells(None, Kind::Ean, SCALE, &[13]);
    }

    pub(crate) fn sells(
        &self,
        organization: Option<OrganizationId>,
        kind: Kind,
        code: &str,
        models: &[i64],
    ) {
        let (code, models) = (code.to_owned(), models.to_vec());
        let new = NewProduct { organization, kind, code, name: "A scale".to_owned(), models };
        self.does(move |tx| admin::add_product(tx, &new));
    }

    /// A name that no order has.
    pub(crate) fn fresh_ref(&self) -> String {
        self.does(|tx| Ok(format!("REF-{}", store::order::draw_dropshipment(tx))))
    }

    /// A signed call.
    #[track_caller]
    pub(crate) fn orders(&self, program: &Program, action: &str, form: &str) -> Value {
        let path = if action == "getdetail" { "/v2/order" } else { "/v2/dropshipment" };
        let proof = self.signed(program, action);
        self.call(path, &format!("action={action}&{proof}&{form}"), None)
    }

    /// Places orders that are good: the body of the answer.
    #[track_caller]
    pub(crate) fn places(&self, orders: &[Value]) -> Value {
        let form = format!("order={}", list(orders));
        let answer = self.orders(&self.program, "createorder", &form);
        assert_eq!(status(&answer), 0, "{answer}");
        answer["body"].clone()
    }

    /// What is read of one order, by its name.
    #[track_caller]
    pub(crate) fn detail(&self, name: &str) -> Value {
        let form = format!("customer_ref_ids=[\"{name}\"]");
        let answer = self.orders(&self.program, "getdetail", &form);
        assert_eq!(status(&answer), 0, "{answer}");
        let older = self.orders(&self.program, "getorderstatus", &format!("{form}&enrich=t"));
        assert_eq!(answer, older, "the older name answers the same");
        answer["body"]["orders"][0].clone()
    }

    /// How many orders there are.
    fn count(&self) -> usize {
        self.does(|tx| admin::list_orders(tx, &Default::default(), OrderId(0))).len()
    }

    #[track_caller]
    fn refuses_order(&self, order: &Value, place: &str) {
        let form = format!("order={}", list(&[self::order("GOOD"), order.clone()]));
        let answer = self.orders(&self.program, "createorder", &form);
        assert_names(&answer, &format!("order[1]{place}"));
        assert_eq!(answer["body"], json!({}), "{place}");
    }
}

#[test]
fn orders_of_one_call_are_placed_with_numbers_of_their_own_and_one_in_common() {
    let app = App::new();
    app.sells_scales();
    app.sells(None, Kind::PartnerRef, "KIT-1", &[17, 45]);
    let second = with(
        order("B"),
        "/products",
        json!([
            { "partner_ref": "KIT-1", "quantity": 1 }, { "ean": SCALE, "quantity": 100 },
        ]),
    );
    let body = app.places(&[order("A"), second]);
    let common = body["dropshipmentorderid"].as_str().unwrap();
    let orders = body["orders"].as_array().unwrap();
    for (order, name) in orders.iter().zip(["A", "B"]) {
        let id: OrderId = order["order_id"].as_str().unwrap().parse().unwrap();
        assert!(id.0 >= OrderId::MIN);
        assert_eq!(order["customer_ref_id"], name);
        assert_eq!(order["dropshipmentorderid"], common);
        assert_eq!(order["status"], "VERIFIED", "its address was looked at");
    }
    assert_ne!(orders[0]["order_id"], orders[1]["order_id"]);
    let kit = json!({ "ean": null, "partner_ref": "KIT-1", "quantity": 1 });
    let scales = json!({ "ean": SCALE, "partner_ref": null, "quantity": 100 });
    assert_eq!(orders[1]["products"], json!([kit, scales]));
    // JSON bodies may hold the list itself.
    let proof = app.signed(&app.program, "createorder");
    let proof = form_urlencoded::parse(proof.as_bytes()).into_owned();
    let mut fields: serde_json::Map<String, Value> =
        proof.map(|(name, text)| (name, text.into())).collect();
    fields.insert("action".to_owned(), "createorder".into());
    fields.insert("order".to_owned(), json!([order("C")]));
    let bytes = serde_json::to_vec(&fields).unwrap();
    let request = Request::parse("", BodyKind::Json, &bytes, None).unwrap();
    let answer = app.answer("/v2/dropshipment", request);
    assert_eq!(answer["body"]["orders"][0]["customer_ref_id"], "C", "{answer}");
}

#[test]
fn what_is_read_of_an_order_before_it_is_shipped_has_the_shape_of_the_reference() {
    let app = App::new();
    app.sells_scales();
    let id = app.places(&[order("A")])["orders"][0]["order_id"].clone();
    assert_eq!(
        app.detail("A"),
        json!({
            "order_id": id,
            "customer_ref_id": "A",
            "status": "VERIFIED",
            "products": [{
                "ean": SCALE, "partner_ref": null, "devices": [], "quantity": 2,
                "hash_deviceids": [], "serial_numbers": [],
            }],
            "ship_date": null,
            "is_replacement": false,
            "original_customer_ref": null,
        })
    );
}

#[test]
fn every_part_of_an_order_that_is_missing_or_wrong_is_named_with_its_place() {
    let app = App::new();
    app.sells_scales();
    let long = "x".repeat(129);
    for part in ["name", "email", "address1", "city", "zip", "country"] {
        let place = format!("/address/{part}");
        let named = format!(".address.{part}");
        app.refuses_order(&without(order("A"), &place), &named);
        for wrong in [json!(null), json!(""), json!("  "), json!(7), json!([]), json!({})] {
            app.refuses_order(&with(order("A"), &place, wrong), &named);
        }
        for wrong in [long.as_str(), "a\nb", "a\u{7f}"] {
            app.refuses_order(&with(order("A"), &place, json!(wrong)), &named);
        }
    }
    for part in ["company_name", "address2", "state", "telephone"] {
        let (place, named) = (format!("/address/{part}"), format!(".address.{part}"));
        for wrong in [json!(7), json!(true), json!(long), json!("a\tb")] {
            app.refuses_order(&with(order("A"), &place, wrong), &named);
        }
    }
    for (place, named, wrong) in [
        ("/address/email", ".address.email", json!("anna")),
        ("/address/email", ".address.email", json!("Anna <anna@example.com>")),
        ("/address/telephone", ".address.telephone", json!("0612345678")),
        ("/address/country", ".address.country", json!("France")),
        ("/address/country", ".address.country", json!("XX")),
        ("/address", ".address", json!("1 rue de la Paix")),
        ("/address", ".address", json!(null)),
        ("/customer_ref_id", ".customer_ref_id", json!(null)),
        ("/customer_ref_id", ".customer_ref_id", json!("")),
        ("/customer_ref_id", ".customer_ref_id", json!(7)),
        ("/customer_ref_id", ".customer_ref_id", json!("x".repeat(65))),
        ("/customer_ref_id", ".customer_ref_id", json!("é")),
        ("/force_address", ".force_address", json!("yes")),
        ("/force_address", ".force_address", json!(1)),
        ("/products", ".products", json!(null)),
        ("/products", ".products", json!([])),
        ("/products", ".products", json!({})),
        ("/products", ".products", json!(3)),
        ("/products", ".products", json!(vec![json!({ "ean": SCALE, "quantity": 1 }); 21])),
        ("/products/0", ".products[0]", json!(SCALE)),
        ("/products/0", ".products[0]", json!({ "quantity": 1 })),
        (
            "/products/0",
            ".products[0]",
            json!({ "ean": SCALE, "partner_ref": "KIT", "quantity": 1 }),
        ),
        ("/products/0", ".products[0].ean", json!({ "ean": 37005, "quantity": 1 })),
        ("/products/0", ".products[0].ean", json!({ "ean": "37005", "quantity": 1 })),
        ("/products/0", ".products[0].partner_ref", json!({ "partner_ref": SCALE, "quantity": 1 })),
        ("/products/0", ".products[0].quantity", json!({ "ean": SCALE })),
        ("/products/0", ".products[0].quantity", json!({ "ean": SCALE, "quantity": 0 })),
        ("/products/0", ".products[0].quantity", json!({ "ean": SCALE, "quantity": -1 })),
        ("/products/0", ".products[0].quantity", json!({ "ean": SCALE, "quantity": 101 })),
        ("/products/0", ".products[0].quantity", json!({ "ean": SCALE, "quantity": 1.5 })),
        ("/products/0", ".products[0].quantity", json!({ "ean": SCALE, "quantity": "1" })),
    ] {
        let order = match place {
            "/products/0" => with(order("A"), "/products", json!([wrong])),
            place => with(order("A"), place, wrong),
        };
        app.refuses_order(&order, named);
    }
    for wrong in [json!("A"), json!(null), json!([])] {
        app.refuses_order(&wrong, "");
    }
    assert_eq!(app.count(), 0, "nothing was placed");
}

#[test]
fn the_parameters_beside_the_orders_are_looked_at_too() {
    let app = App::new();
    app.sells_scales();
    let good = list(&[order("A")]);
    let eleven: Vec<Value> = (0..11).map(|at| order(&format!("A{at}"))).collect();
    for (form, name) in [
        (String::new(), "order"),
        ("order=".to_owned(), "order"),
        ("order=x".to_owned(), "order"),
        ("order={}".to_owned(), "order"),
        ("order=[]".to_owned(), "order"),
        (format!("order={}", list(&eleven)), "order"),
        (format!("order={good}&testmode=0"), "testmode"),
        (format!("order={good}&testmode=5"), "testmode"),
        (format!("order={good}&testmode=x"), "testmode"),
        (format!("order={good}&customerid={}", "x".repeat(65)), "customerid"),
        (format!("order={good}&customerid=%C3%A9"), "customerid"),
        (format!("order={good}&platformid=-1"), "platformid"),
        (format!("order={good}&platformid=65536"), "platformid"),
        (format!("order={good}&platformid=x"), "platformid"),
    ] {
        assert_names(&app.orders(&app.program, "createorder", &form), name);
    }
    assert_eq!(app.count(), 0);
    assert_eq!(app.places(&eleven[..10])["orders"].as_array().unwrap().len(), 10);
}

#[test]
fn of_ten_orders_of_which_one_goes_nowhere_none_is_placed() {
    let app = App::new();
    app.sells_scales();
    let mut ten: Vec<Value> = (0..10).map(|at| order(&format!("A{at}"))).collect();
    ten[6] = with(ten[6].clone(), "/address/zip", json!("7500"));
    ten[8] = with(ten[8].clone(), "/address/country", json!("US"));
    let answer = app.orders(&app.program, "createorder", &format!("order={}", list(&ten)));
    assert_names(&answer, "order[6].address.zip");
    let named = json!({ "invalid_address_customer_ref_ids": ["A6", "A8"] });
    assert_eq!(answer["body"], named);
    assert_eq!(app.count(), 0);
    assert!(!error(&answer).contains("7500"), "no error repeats a value");
    // Who insists has it sent there all the same.
    for at in [6, 8] {
        ten[at] = with(ten[at].clone(), "/force_address", json!(true));
    }
    let placed = app.places(&ten);
    assert_eq!(placed["orders"][6]["status"], "VERIFIED");
    assert_eq!(app.count(), 10);
}

#[test]
fn a_name_is_given_once_by_an_application_and_a_lost_answer_is_looked_up() {
    let app = App::new();
    app.sells_scales();
    let twice = format!("order={}", list(&[order("A"), order("B"), order("A")]));
    let answer = app.orders(&app.program, "createorder", &twice);
    assert_names(&answer, "order[2].customer_ref_id");
    let placed = app.places(&[order("A")]);
    let again = format!("order={}", list(&[order("B"), order("A")]));
    let answer = app.orders(&app.program, "createorder", &again);
    assert_names(&answer, "order[1].customer_ref_id");
    assert_eq!(app.detail("A")["order_id"], placed["orders"][0]["order_id"]);
    assert_eq!(app.count(), 1);
    // Another application's names are its own.
    let other = app.another_partner();
    let form = format!("order={}", list(&[order("A")]));
    assert_eq!(status(&app.orders(&other, "createorder", &form)), 0);
}

#[test]
fn an_organization_orders_from_its_own_catalogue_and_everybodys() {
    let app = App::new();
    let (client, other) = (app.program.id.clone(), app.another_partner());
    let found = app.does(move |tx| application::find(tx, &client)).unwrap();
    app.sells(found.about.organization, Kind::PartnerRef, "OURS", &[13]);
    let wanted = |name: &str| {
        let product = json!([{ "partner_ref": "OURS", "quantity": 1 }]);
        format!("order={}", list(&[with(order(name), "/products", product)]))
    };
    assert_eq!(status(&app.orders(&app.program, "createorder", &wanted("A"))), 0);
    let answer = app.orders(&other, "createorder", &wanted("A"));
    assert_names(&answer, "order[0].products[0].partner_ref");
    assert!(error(&answer).contains("vitald product add"), "{answer}");
    app.sells(None, Kind::PartnerRef, "OURS", &[13]);
    assert_eq!(status(&app.orders(&other, "createorder", &wanted("A"))), 0);
}

#[test]
fn orders_are_found_by_either_name_and_what_nobody_knows_is_left_out() {
    let app = App::new();
    app.sells_scales();
    let placed = app.places(&[order("A"), order("b,c")]);
    let billed = format!("customerid=ACME&order={}", list(&[order("D")]));
    app.orders(&app.program, "createorder", &billed);
    let id = |at: usize| placed["orders"][at]["order_id"].as_str().unwrap().to_owned();
    let (first, second) = (id(0), id(1));
    let other = app.another_partner();
    for action in ["getdetail", "getorderstatus"] {
        let found = |program: &Program, form: &str| -> Vec<String> {
            let answer = app.orders(program, action, form);
            assert_eq!(status(&answer), 0, "{answer}");
            let orders = answer["body"]["orders"].as_array().unwrap();
            orders
                .iter()
                .map(|order| order["customer_ref_id"].as_str().unwrap().to_owned())
                .collect()
        };
        let ours = |form: &str| found(&app.program, form);
        assert_eq!(ours(&format!("order_ids=[\"{second}\",\"{first}\"]")), ["b,c", "A"]);
        assert_eq!(ours(&format!("order_ids={first},{second},{first}")), ["A", "b,c"]);
        assert_eq!(ours("customer_ref_ids=[\"b,c\",\"nobody's\",\"A\"]"), ["b,c", "A"]);
        assert_eq!(ours("customer_ref_ids=A,D"), ["A", "D"]);
        assert_eq!(ours("customer_ref_ids=A,D&customerid=ACME"), ["D"]);
        assert_eq!(ours("customer_ref_ids=A,D&customerid="), ["A", "D"]);
        for unknown in ["order_ids=D1", "order_ids=x", "order_ids=[7]", "customer_ref_ids=x"] {
            assert_eq!(ours(unknown), [""; 0], "{unknown}");
        }
        assert_eq!(found(&other, &format!("order_ids={first}")), [""; 0], "another's");
        assert_eq!(found(&other, "customer_ref_ids=A"), [""; 0], "another's");
        let both = format!("order_ids={first}&customer_ref_ids=A");
        for wrong in ["", "order_ids=", both.as_str()] {
            let answer = app.orders(&app.program, action, wrong);
            assert_names(&answer, "order_ids and customer_ref_ids");
        }
        let many = vec!["x"; 101].join(",");
        for (form, name) in [
            ("order_ids=[]".to_owned(), "order_ids"),
            ("order_ids=[\"D1\"".to_owned(), "order_ids"),
            ("customer_ref_ids=[]".to_owned(), "customer_ref_ids"),
            (format!("customer_ref_ids={many}"), "customer_ref_ids"),
        ] {
            assert_names(&app.orders(&app.program, action, &form), name);
        }
    }
    let answer = app.orders(&app.program, "getorderstatus", "order_ids=D1&enrich=moon");
    assert_names(&answer, "enrich");
}

#[test]
fn an_application_under_another_contract_orders_nothing() {
    let app = App::new();
    app.sells_scales();
    let cellular = app.does(|tx| {
        let only = [Entitlement::Cellular];
        let organization = admin::create_organization(tx, "Clinic", &only)?.id;
        let about = application::About {
            organization: Some(organization),
            entitlements: only.to_vec(),
            ..Default::default()
        };
        let redirect_uris = vec!["https://app.example/".to_owned()];
        let new = admin::NewApplication { name: "Clinic".to_owned(), redirect_uris, about };
        admin::create_application(tx, &new)
    });
    let cellular = Program { id: cellular.client_id, secret: cellular.client_secret };
    let form = format!("order={}", list(&[order("A")]));
    assert_eq!(status(&app.orders(&cellular, "createorder", &form)), 277);
    // Of what it ordered along with an account it may read.
    assert_eq!(status(&app.orders(&cellular, "getdetail", "order_ids=D1")), 0);
}

#[test]
fn the_address_of_an_order_goes_with_the_account_it_was_for() {
    let app = App::new();
    app.sells_scales();
    let anna = app.account(new("anna"));
    let (client, user) = (app.program.id.clone(), anna.id);
    let orders = api::orders::parse(&json!([order("A")]).to_string()).unwrap();
    app.does(move |tx| {
        let wanted = api::orders::PlaceOrders {
            orders: orders.clone(),
            customer_id: None,
            platform_id: None,
            test_mode: None,
            user: Some(user),
        };
        api::orders::place(tx, &client, &wanted).map(|_| ())
    });
    let kept = |app: &App| {
        let client = app.program.id.clone();
        app.does(move |tx| store::order::by_ref(tx, &client, "A")).unwrap()
    };
    assert_eq!((kept(&app).user, kept(&app).created), (Some(user), NOW));
    assert_eq!(kept(&app).address.map(|address| address.city), Some("Paris".to_owned()));
    app.does(move |tx| store::erase::erase(tx, user));
    assert_eq!((kept(&app).user, kept(&app).address), (None, None));
    assert_eq!(app.detail("A")["status"], "VERIFIED");
}
