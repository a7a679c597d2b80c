//! Orders on the pages of who keeps an application: listed, looked at, moved and shipped; and that
//! those of others are not there.

use crate::answer::Answer;
use crate::app::{App, Engine, Setup};
use crate::browser::{Browser, form_to, forms, unescaped};
use crate::household::{PASSWORD, Person, REDIRECT_URI};
use crate::on_both_engines;
use api::admin::{self, NewApplication, NewProduct};
use api::orders::PlaceOrders;
use domain::order::Kind;
use domain::{Clock as _, Entitlement, UserId};
use serde_json::json;
use server::Rules;
use store::application::About;
use store::audit::{self, Filter};
use store::{Access, device};

on_both_engines!(
    an_order_is_moved_shipped_and_followed_on_its_page,
    orders_come_by_the_fifty_newest_first_and_by_their_state,
    nobody_else_finds_an_order,
);

const EAN: &str = "3700546702518";
const MAC: &str = "00:24:e4:00:03:01";

/// An application of somebody's own, in an organization of its own if there is a name for it.
fn application(app: &App, owner: &Person<'_>, organization: Option<&'static str>) -> String {
    let owner = owner.id;
    app.administers(move |tx| {
        let entitlements = [Entitlement::Logistics, Entitlement::Cellular];
        let organization = organization
            .map(|name| admin::create_organization(tx, name, &entitlements))
            .transpose()?
            .map(|organization| organization.id);
        let (code, models, name) = (EAN.to_owned(), vec![17], "A scale".to_owned());
        let kind = Kind::Ean;
        admin::add_product(tx, &NewProduct { organization: None, kind, code, name, models })?;
        let about = About { owner: Some(owner), organization, ..About::default() };
        let (name, redirect_uris) = ("Programme".to_owned(), vec![REDIRECT_URI.to_owned()]);
        Ok(admin::create_application(tx, &NewApplication { name, redirect_uris, about })?.client_id)
    })
}

/// Places an order: its number.
fn placed(app: &App, client: &str, name: &str, user: Option<UserId>, test: Option<i64>) -> String {
    let address = json!({
        "name": "Anna Example", "email": "anna@example.com", "address1": "1 rue de la Paix",
        "city": "Paris", "zip": "75002", "country": "FR",
    });
    let products = json!([{ "ean": EAN, "quantity": 1 }]);
    let order = json!([{ "customer_ref_id": name, "address": address, "products": products }]);
    let client = client.to_owned();
    app.administers(move |tx| {
        let wanted = PlaceOrders {
            orders: api::orders::parse(&order.to_string())?,
            customer_id: None,
            platform_id: None,
            test_mode: test,
            user,
        };
        Ok(api::orders::place(tx, &client, &wanted)?.orders[0].order_id.clone())
    })
}

fn page_of(client: &str, order: &str) -> String {
    format!("/developer/applications/{client}/orders/{order}")
}

/// The buttons of a page that move something, by what they say.
fn buttons(page: &Answer, name: &str) -> Vec<String> {
    let forms = forms(&page.text).into_iter();
    forms.filter_map(|form| form.field(name).map(str::to_owned)).collect()
}

/// Presses the button that moves something there.
#[track_caller]
fn presses(browser: &mut Browser<'_>, page: &str, name: &str, value: &str) -> Answer {
    let shown = browser.opens(page);
    let is_it =
        |form: &crate::browser::Form| form.field("do").is_some() && form.field(name) == Some(value);
    let found = forms(&shown.text).into_iter().find(is_it);
    browser.submits(&found.unwrap_or_else(|| panic!("a button {value}: {shown:?}")))
}

#[track_caller]
fn ships(browser: &mut Browser<'_>, page: &str, devices: &str) -> Answer {
    let shown = browser.opens(page);
    let form = forms(&shown.text).into_iter().find(|form| form.field("do") == Some("ship"));
    let form = form.expect("a way to ship").with("carrier", "UPS").with("tracking", "1Z");
    browser.submits(&form.with("devices", devices))
}

fn an_order_is_moved_shipped_and_followed_on_its_page(engine: Engine) {
    let app = App::on(engine);
    let (dev, anna, ben) = (app.person("dev"), app.person("anna"), app.person("ben"));
    let clinic = application(&app, &dev, Some("Clinic"));
    let stranger = application(&app, &ben, Some("Stranger"));
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let order = placed(&app, &clinic, "REF-1", Some(anna.id), None);
    let linked = browser.opens(&format!("/developer/applications/{clinic}"));
    assert!(linked.text.contains(&format!("{clinic}/orders\"")));
    let list = browser.opens(&format!("/developer/applications/{clinic}/orders"));
    assert!(list.text.contains(&page_of(&clinic, &order)) && list.text.contains("REF-1"));
    let page = page_of(&clinic, &order);
    let shown = browser.opens(&page);
    for part in ["VERIFIED", "<dd>FR</dd>", EAN, "<dd>yes</dd>"] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    for private in ["Anna", "anna@", "rue de la Paix", "75002", "Paris"] {
        assert!(!shown.text.contains(private), "{private}");
    }
    let next = domain::order::Status::Verified.next().iter().map(|status| status.name());
    let next: Vec<&str> = next.filter(|name| *name != "SHIPPED").collect();
    assert_eq!(buttons(&shown, "status"), next);
    assert_eq!(presses(&mut browser, &page, "status", "PROCESSING").http, 303);
    // A button of a page that was opened before is none any more.
    let old = forms(&shown.text).into_iter();
    let mut old = old.filter(|form| form.field("status") == Some("ADDRESS ERROR"));
    let late = browser.submits(&old.next().expect("a button"));
    assert_eq!(late.http, 400);
    assert!(late.text.contains("what may follow now is"), "{}", late.text);
    // What is wrong is said with its line, and what was typed stays.
    app.administers(move |tx| {
        let taken = device::register(tx, "00:24:e4:00:03:09".parse().expect("a mac"), 17, "UTC")?;
        let of = store::application::find(tx, &stranger)?.expect("it").about.organization;
        device::describe(tx, taken, of, Some("Q-77"))?;
        let used = device::register(tx, "00:24:e4:00:03:08".parse().expect("a mac"), 17, "UTC")?;
        device::link(tx, used, ben.id)
    });
    for (devices, problem) in [
        ("nonsense", "device 1"),
        ("00:24:e4:00:03:01,S,x", "MODEL is a number"),
        ("00:24:e4:00:03:01\n00:24:e4:00:03:02", "device 2"),
        ("00:24:e4:00:03:09", "it is not free"),
        ("00:24:e4:00:03:08", "it is not free"),
    ] {
        let refused = ships(&mut browser, &page, devices);
        assert_eq!(refused.http, 400, "{devices}");
        let text = unescaped(&refused.text);
        assert!(text.contains(problem) && text.contains(devices), "{problem}: {text}");
        assert!(!text.contains("Q-77") && text.contains("aria-invalid=\"true\""));
    }
    let none = app
        .db()
        .run_blocking(Access::Read, |tx| device::find_by_mac(tx, MAC.parse().expect("a mac")));
    assert_eq!(none, Ok(None), "nothing was registered");
    assert_eq!(ships(&mut browser, &page, &format!("{MAC},S-1001\n")).http, 303);
    let shown = browser.opens(&page);
    for part in ["SHIPPED", "pending", "UPS", "1Z", MAC, "Body Pro 2", "S-1001"] {
        assert!(shown.text.contains(part), "{part}: {}", shown.text);
    }
    assert_eq!(buttons(&shown, "do").iter().filter(|does| *does != "parcel").count(), 0);
    let known = anna.id;
    let devices = app.db().run_blocking(Access::Read, move |tx| device::of_user(tx, known));
    assert_eq!(devices.expect("devices").len(), 1, "the scale is Anna's");
    assert_eq!(presses(&mut browser, &page, "parcel_status", "delivered").http, 303);
    assert_eq!(buttons(&browser.opens(&page), "parcel_status"), ["return"]);
    app.stop();
    app.begin();
    let rows = app.db().run_blocking(Access::Read, |tx| audit::list(tx, &Filter::default(), 100));
    let rows = rows.expect("rows");
    let of_anna = rows.iter().filter(|row| row.person == Some(dev.id) && row.user == Some(known));
    let done: i64 =
        of_anna.filter(|row| row.action == "order" && row.status == 0).map(|row| row.calls).sum();
    assert_eq!(done, 3, "moved, shipped, followed");
}

fn orders_come_by_the_fifty_newest_first_and_by_their_state(engine: Engine) {
    let app = App::on(engine);
    let dev = app.person("dev");
    let clinic = application(&app, &dev, Some("Clinic"));
    let mut browser = Browser::of(&app, &dev.email, PASSWORD);
    let list = format!("/developer/applications/{clinic}/orders");
    assert!(browser.opens(&list).text.contains("<p>None.</p>"));
    for number in 0..52 {
        placed(&app, &clinic, &format!("REF-{number:02}"), None, (number == 1).then_some(1));
        if number % 3 == 0 {
            app.clock.advance(1);
        }
    }
    let names = |page: &Answer| -> Vec<String> {
        let cells = page.text.split("<td>REF-").skip(1);
        cells.map(|cell| cell[..2].to_owned()).collect()
    };
    let first = browser.opens(&list);
    let (_, rest) = first.text.split_once(&format!("{list}?")).expect("a link");
    let query = unescaped(rest.split_once('"').expect("a link that ends").0);
    let second = browser.opens(&format!("{list}?{query}"));
    assert_eq!((names(&first).len(), names(&second).len()), (50, 2));
    assert!(names(&first)[0] > names(&first)[49] && !second.text.contains("Older"));
    let mut all = [names(&first), names(&second)].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 52, "each is there once");
    let created = browser.opens(&format!("{list}?status=CREATED"));
    assert_eq!(names(&created), ["01"]);
    assert!(created.text.contains("<td>yes</td>"), "a test order");
    assert_eq!(names(&browser.opens(&format!("{list}?status=ADDRESS+ERROR"))).len(), 0);
    let unknown = browser.opens(&format!("{list}?status=shipped"));
    assert_eq!((unknown.http, names(&unknown).len()), (400, 0));
    assert_eq!(names(&browser.opens(&format!("{list}?after=nonsense"))).len(), 50);
}

fn nobody_else_finds_an_order(engine: Engine) {
    let app = App::on(engine);
    let (dev, other) = (app.person("dev"), app.person("other"));
    let clinic = application(&app, &dev, Some("Clinic"));
    let stranger = application(&app, &other, Some("Stranger"));
    let order = placed(&app, &clinic, "REF-1", None, None);
    let mut owner = Browser::of(&app, &dev.email, PASSWORD);
    let shown = owner.opens(&page_of(&clinic, &order));
    assert_eq!(shown.http, 200);
    let mut browser = Browser::of(&app, &other.email, PASSWORD);
    let own = browser.opens(&format!("/developer/applications/{stranger}"));
    let token = form_to(&own, "/oauth2_user/logout").field("form_token").map(str::to_owned);
    let token = token.expect("a token");
    assert_eq!(browser.opens(&format!("/developer/applications/{clinic}/orders")).http, 404);
    for page in [
        page_of(&clinic, &order),
        page_of(&stranger, &order),
        page_of(&stranger, "D10000001"),
        page_of(&stranger, "x"),
        page_of("x", &order),
    ] {
        assert_eq!(browser.opens(&page).http, 404, "{page}");
        let form = forms(&shown.text).into_iter().find(|form| form.field("do") == Some("move"));
        let mut form = form.expect("a button").with("form_token", &token);
        form.action = page.clone();
        assert_eq!(browser.submits(&form).http, 404, "{page}");
    }
    let still = owner.opens(&page_of(&clinic, &order));
    assert_eq!(still.text, shown.text, "nothing was moved");
}

#[test]
fn what_goes_on_by_itself_or_is_the_operators_has_no_buttons() {
    let rules = Rules { developers_fulfil: false, ..Rules::default() };
    for (rules, organization, test, why) in [
        (Rules::default(), Some("Clinic"), Some(1), "a test order"),
        (Rules::default(), None, None, "no organization"),
        (rules, Some("Clinic"), None, "The operator of the server"),
    ] {
        let app = App::with(Setup { rules, ..Setup::default() });
        let dev = app.person("dev");
        let client = application(&app, &dev, organization);
        let order = placed(&app, &client, "REF-1", None, test);
        let mut browser = Browser::of(&app, &dev.email, PASSWORD);
        let page = page_of(&client, &order);
        let shown = browser.opens(&page);
        assert!(shown.text.contains(why), "{why}: {}", shown.text);
        assert!(buttons(&shown, "do").is_empty(), "{}", shown.text);
        let token = form_to(&shown, "/oauth2_user/logout").field("form_token").map(str::to_owned);
        let fields = [("form_token", token.as_deref()), ("do", Some("move"))];
        let fields = fields.into_iter().chain([("status", Some("TRASHED"))]);
        let fields = fields.map(|(name, value)| (name.to_owned(), value.expect("it").to_owned()));
        let form = crate::browser::Form { action: page.clone(), fields: fields.collect() };
        assert_eq!(browser.submits(&form).http, 400, "{why}");
        assert!(!browser.opens(&page).text.contains("TRASHED"), "{why}");
        assert!(app.clock.now() > 0);
    }
}
