//! Orders: one name, one order, whoever asks at once; moves that only one of many makes; test
//! orders that go on once, on however many nodes.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use crate::subscriptions::program;
use domain::device::Mac;
use domain::order::{Address, Kind, OrderId, ParcelStatus, Status, TestMode};
use domain::{OrganizationId, Result, UserId};
use store::order::{self, Filter, Line, New, Order, Shipment};
use store::product::{self, EVERYBODY, Product};
use store::{Db, Tx, device};

on_both!(
    an_order_is_kept_as_it_was_made,
    of_many_orders_of_one_name_at_once_one_is_made,
    of_many_moves_at_once_one_is_made_and_told,
    what_is_changed_meanwhile_is_not_changed_again,
    test_orders_go_on_once_on_two_nodes_and_in_due_order,
    a_real_order_never_goes_on_by_itself,
    a_shipped_order_knows_its_devices_and_its_parcel_moves,
    orders_are_listed_by_number_application_and_state,
    an_organizations_own_product_comes_before_everybodys,
    the_catalogue_is_listed_in_pages,
);

fn address() -> Address {
    Address {
        name: "Ada".to_owned(),
        company_name: None,
        email: "ada@example.com".to_owned(),
        telephone: None,
        address1: "1 Main Street".to_owned(),
        address2: None,
        city: "Town".to_owned(),
        zip: "75001".to_owned(),
        state: None,
        country: "FR".to_owned(),
    }
}

fn line(code: &str, quantity: i64) -> Line {
    Line { kind: Kind::Ean, code: code.to_owned(), quantity }
}

/// Makes an order, if there is none of that name.
fn make(
    tx: &mut Tx<'_>,
    client_id: &str,
    customer_ref: &str,
    (user, test_mode): (Option<UserId>, Option<TestMode>),
) -> Result<Option<OrderId>> {
    let status = if test_mode.is_some() { Status::Created } else { Status::Verified };
    let new = New {
        dropshipment: 7,
        client_id,
        customer_ref,
        customer_id: Some("ACME"),
        platform_id: Some(3),
        user,
        status,
        address: &address(),
        force_address: false,
        test_mode,
        original_ref: None,
        lines: &[line("1", 2), line("2", 1)],
    };
    order::insert(tx, &new)
}

/// An order for somebody.
pub(crate) fn ordered_for(tx: &mut Tx<'_>, user: UserId, client: &str) -> Result<()> {
    make(tx, client, "REF-1", (Some(user), None)).map(|_| ())
}

fn placed(db: &Db, client: &str, name: &'static str, mode: Option<TestMode>) -> OrderId {
    let client = client.to_owned();
    db.write(move |tx| make(tx, &client, name, (None, mode))).expect("an order")
}

fn get(db: &Db, id: OrderId) -> Order {
    db.read(move |tx| order::find(tx, id)).expect("an order")
}

/// A program that wants to be told about orders.
fn shop(h: &Harness, db: &Db) -> String {
    let client = program(db, "Shop");
    h.tamper("update application set notify_uri = 'https://program.example/orders'");
    client
}

/// What was told about orders, oldest first, as states.
fn told(h: &Harness) -> Vec<String> {
    let bodies: Vec<String> =
        h.column("select body from notification where appli = 0 order by created, notification_id");
    bodies
}

/// The same on so many threads at once.
fn at_once<T: Send + 'static>(
    dbs: &[Db],
    times: usize,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Clone + Send + Sync + 'static,
) -> Vec<T> {
    let threads: Vec<_> = (0..times)
        .map(|at| {
            let (db, work) = (dbs[at % dbs.len()].clone(), work.clone());
            std::thread::spawn(move || db.write(work))
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
}

fn an_order_is_kept_as_it_was_made(h: &Harness) {
    let db = h.open();
    let (ada, client) = (account(&db, "ada"), program(&db, "Shop"));
    let own = client.clone();
    let id = db.write(move |tx| make(tx, &own, "A", (Some(ada), None))).expect("an order");
    let db = h.reopen(db);
    let kept = get(&db, id);
    let expected = Order {
        id,
        dropshipment: 7,
        client_id: client.clone(),
        customer_ref: "A".to_owned(),
        customer_id: Some("ACME".to_owned()),
        platform_id: Some(3),
        user: Some(ada),
        status: Status::Verified,
        parcel_status: None,
        address: Some(address()),
        force_address: false,
        test_mode: None,
        step: 0,
        due: None,
        shipment: Shipment::default(),
        original_ref: None,
        created: NOON,
        modified: NOON,
    };
    assert_eq!(kept, expected);
    assert_eq!(db.read(move |tx| order::lines(tx, id)), [line("1", 2), line("2", 1)]);
    let other = program(&db, "Other");
    assert_eq!(db.read(move |tx| order::of_application(tx, &other, id)), None);
    let own = client.clone();
    assert_eq!(db.read(move |tx| order::of_application(tx, &own, id)), Some(expected.clone()));
    assert_eq!(db.read(move |tx| order::by_ref(tx, &client, "A")), Some(expected));
}

fn of_many_orders_of_one_name_at_once_one_is_made(h: &Harness) {
    let dbs = [h.open(), h.open()];
    let client = program(&dbs[0], "Shop");
    let made = at_once(&dbs, 8, move |tx| make(tx, &client, "A", (None, None)));
    assert_eq!(made.iter().flatten().count(), 1);
    assert_eq!(h.numbers("select cast(count(*) as bigint) from parcel_order"), [1]);
    assert_eq!(h.numbers("select cast(count(*) as bigint) from order_product"), [2]);
}

fn of_many_moves_at_once_one_is_made_and_told(h: &Harness) {
    let dbs = [h.open(), h.open()];
    let client = shop(h, &dbs[0]);
    let id = placed(&dbs[0], &client, "A", None);
    let before = get(&dbs[0], id);
    let moved = at_once(&dbs, 8, move |tx| order::move_to(tx, &before, Status::Processing));
    assert_eq!(moved.iter().filter(|moved| **moved).count(), 1);
    assert_eq!(get(&dbs[0], id).status, Status::Processing);
    assert_eq!(told(h).len(), 1);
    // Who saw it as it was does not take it back.
    let stale = Order { status: Status::Verified, ..get(&dbs[0], id) };
    assert!(!dbs[0].write(move |tx| order::move_to(tx, &stale, Status::Trashed)));
    assert_eq!((get(&dbs[0], id).status, told(h).len()), (Status::Processing, 1));
}

fn what_is_changed_meanwhile_is_not_changed_again(h: &Harness) {
    let db = h.open();
    let client = shop(h, &db);
    let id = placed(&db, &client, "A", None);
    let before = get(&db, id);
    h.clock.advance(5);
    let after = Order { customer_ref: "B".to_owned(), force_address: true, ..before.clone() };
    let change = after.clone();
    assert!(db.write(move |tx| order::change(tx, &change, &[line("3", 9)])));
    assert_eq!(get(&db, id), Order { modified: NOON + 5, ..after.clone() });
    assert_eq!(db.read(move |tx| order::lines(tx, id)), [line("3", 9)]);
    db.write(move |tx| order::move_to(tx, &before, Status::Processing));
    assert!(!db.write(move |tx| order::change(tx, &after, &[])));
    assert_eq!(db.read(move |tx| order::lines(tx, id)), [line("3", 9)]);
}

fn test_orders_go_on_once_on_two_nodes_and_in_due_order(h: &Harness) {
    let dbs = [h.open(), h.open()];
    let client = shop(h, &dbs[0]);
    let first = placed(&dbs[0], &client, "A", Some(TestMode::Shipped));
    h.clock.advance(5);
    let second = placed(&dbs[0], &client, "B", Some(TestMode::Trashed));
    assert_eq!(dbs[0].read(order::next_due), Some(NOON + 10));
    assert_eq!(dbs[0].write(|tx| order::advance(tx, 10)), 0);
    h.clock.advance(5);
    // Two nodes, several looks each: what is due happens once.
    at_once(&dbs, 6, |tx| order::advance(tx, 10));
    assert_eq!(get(&dbs[0], first).status, Status::AddressVerification);
    assert_eq!(get(&dbs[0], second).status, Status::Created);
    assert_eq!(told(h).len(), 1);
    h.clock.advance(1_000);
    at_once(&dbs, 6, |tx| order::advance(tx, 100));
    // What another node was about to do is left for the next look.
    while dbs[0].write(|tx| order::advance(tx, 100)) > 0 {}
    assert_eq!(told(h).len(), 8 + 3);
    let (first, second) = (get(&dbs[0], first), get(&dbs[0], second));
    assert_eq!(
        (first.status, first.parcel_status),
        (Status::Shipped, Some(ParcelStatus::Delivered),)
    );
    assert_eq!((second.status, second.due), (Status::Trashed, None));
    assert_eq!(dbs[0].read(order::next_due), None);
    // One node alone plays them by when they are due.
    let (third, fourth) = (
        placed(&dbs[0], &client, "C", Some(TestMode::Failed)),
        placed(&dbs[0], &client, "D", Some(TestMode::Failed)),
    );
    h.clock.advance(10);
    assert_eq!(dbs[0].write(|tx| order::advance(tx, 1)), 1);
    let earlier = get(&dbs[0], third.min(fourth)).status;
    let later = get(&dbs[0], third.max(fourth)).status;
    assert_eq!((earlier, later), (Status::AddressVerification, Status::Created));
}

fn a_real_order_never_goes_on_by_itself(h: &Harness) {
    let db = h.open();
    let client = shop(h, &db);
    let id = placed(&db, &client, "A", None);
    h.clock.advance(100_000);
    assert_eq!(db.read(order::next_due), None);
    assert_eq!(db.write(|tx| order::advance(tx, 10)), 0);
    assert_eq!(get(&db, id).status, Status::Verified);
}

fn a_shipped_order_knows_its_devices_and_its_parcel_moves(h: &Harness) {
    let db = h.open();
    let client = shop(h, &db);
    let id = placed(&db, &client, "A", None);
    let before = get(&db, id);
    let shipment = Shipment {
        carrier: Some("UPS".to_owned()),
        service: None,
        tracking: Some("1Z".to_owned()),
        date: Some("2023-11-14".to_owned()),
    };
    let sent = shipment.clone();
    let device = db.write(move |tx| {
        let mac: Mac = "00:24:e4:00:00:01".parse().expect("a MAC");
        let device = device::register(tx, mac, 13, "UTC")?;
        order::add_device(tx, id, 1, device)?;
        assert!(order::ship(tx, &before, &sent)?);
        Ok(device)
    });
    let kept = get(&db, id);
    assert_eq!((kept.status, &kept.shipment), (Status::Shipped, &shipment));
    assert_eq!(kept.parcel_status, Some(ParcelStatus::Pending));
    let devices = db.read(move |tx| order::devices(tx, id));
    assert_eq!(devices.iter().map(|(at, one)| (*at, one.id)).collect::<Vec<_>>(), [(1, device)]);
    let stale = kept.clone();
    assert!(db.write(move |tx| order::move_parcel(tx, &kept, ParcelStatus::Delivered)));
    assert!(!db.write(move |tx| order::move_parcel(tx, &stale, ParcelStatus::InTransit)));
    assert_eq!(get(&db, id).parcel_status, Some(ParcelStatus::Delivered));
    let told = told(h);
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("\"pending\"") && !told[0].contains("\"status\""), "{told:?}");
    assert!(told[1].contains("\"delivered\"") && told[1].contains("\"1Z\""), "{told:?}");
}

fn orders_are_listed_by_number_application_and_state(h: &Harness) {
    let db = h.open();
    let (shop, other) = (program(&db, "Shop"), program(&db, "Other"));
    let mut all = vec![placed(&db, &shop, "A", None), placed(&db, &shop, "B", None)];
    all.push(placed(&db, &other, "A", None));
    all.push(placed(&db, &other, "C", Some(TestMode::Failed)));
    all.sort();
    let walk = |filter: Filter| {
        let (mut found, mut after) = (Vec::new(), OrderId(0));
        loop {
            let filter = filter.clone();
            let page = db.read(move |tx| order::list(tx, &filter, after, 2));
            let Some(last) = page.last() else { return found };
            after = last.id;
            found.extend(page);
        }
    };
    let ids = |orders: &[Order]| orders.iter().map(|order| order.id).collect::<Vec<_>>();
    assert_eq!(ids(&walk(Filter::default())), all);
    let of_shop = walk(Filter { client_id: Some(shop.clone()), status: None });
    assert!(of_shop.len() == 2 && of_shop.iter().all(|order| order.client_id == shop));
    let created = walk(Filter { client_id: None, status: Some(Status::Created) });
    assert_eq!(created.iter().map(|order| &*order.customer_ref).collect::<Vec<_>>(), ["C"]);
    // Newest first: of one second by their numbers.
    h.clock.advance(5);
    let late = placed(&db, &shop, "D", None);
    let newest = |after: Option<order::Place>, status: Option<Status>| {
        let shop = shop.clone();
        db.read(move |tx| order::newest(tx, &shop, status, after, 2))
    };
    let mut of_shop = ids(&of_shop);
    of_shop.sort();
    let first = newest(None, None);
    assert_eq!(ids(&first), [late, of_shop[1]]);
    let last = first.last().map(|last| (last.created, last.id));
    assert_eq!(ids(&newest(last, None)), [of_shop[0]]);
    assert_eq!(ids(&newest(None, Some(Status::Created))), []);
}

fn sold(organization: OrganizationId, code: &str, name: &str) -> Product {
    let (code, name) = (code.to_owned(), name.to_owned());
    Product { organization, kind: Kind::Ean, code, name, models: vec![13, 45], created: NOON }
}

fn an_organizations_own_product_comes_before_everybodys(h: &Harness) {
    let db = h.open();
    let (ours, theirs) = (OrganizationId(12_345), OrganizationId(54_321));
    let all = [sold(EVERYBODY, "1", "Plain"), sold(ours, "1", "Ours"), sold(ours, "2", "Alone")];
    let puts = all.clone();
    db.write(move |tx| puts.iter().try_for_each(|one| product::put(tx, one)));
    let find = |organization, kind, code: &'static str| {
        let found = db.read(move |tx| product::find(tx, organization, kind, code));
        found.map(|product| product.name)
    };
    assert_eq!(find(Some(ours), Kind::Ean, "1").as_deref(), Some("Ours"));
    assert_eq!(find(Some(theirs), Kind::Ean, "1").as_deref(), Some("Plain"));
    assert_eq!(find(None, Kind::Ean, "1").as_deref(), Some("Plain"));
    assert_eq!(find(Some(theirs), Kind::Ean, "2"), None);
    assert_eq!(find(Some(ours), Kind::PartnerRef, "1"), None);
    // Said again, it is changed.
    let again = sold(ours, "1", "Renamed");
    db.write(move |tx| product::put(tx, &again));
    assert_eq!(find(Some(ours), Kind::Ean, "1").as_deref(), Some("Renamed"));
    assert!(db.write(move |tx| product::remove(tx, ours, Kind::Ean, "1")));
    assert!(!db.write(move |tx| product::remove(tx, ours, Kind::Ean, "1")));
    assert_eq!(find(Some(ours), Kind::Ean, "1").as_deref(), Some("Plain"));
}

fn the_catalogue_is_listed_in_pages(h: &Harness) {
    let db = h.open();
    let mut all = vec![sold(EVERYBODY, "1", "A"), sold(EVERYBODY, "2", "B")];
    all.push(Product { kind: Kind::PartnerRef, ..sold(EVERYBODY, "1", "C") });
    all.push(sold(OrganizationId(12_345), "1", "D"));
    let puts = all.clone();
    db.write(move |tx| puts.iter().try_for_each(|one| product::put(tx, one)));
    let (mut found, mut after) = (Vec::new(), (OrganizationId(-1), "", String::new()));
    loop {
        let (organization, kind, code) = after.clone();
        let page = db.read(move |tx| product::list(tx, (organization, kind, &code), 2));
        let Some(last) = page.last() else { break };
        after = (last.organization, last.kind.name(), last.code.clone());
        found.extend(page);
    }
    assert_eq!(found, all);
}
