//! Seeds: a known world is made as it was written down, whole, or what is wrong in it is named.

use api::admin::{self, Makers, Outside, Seed, SeedFault, Simulation};
use domain::{Error, ManualClock, Refusal, SeededEntropy, UserId};
use serde_json::{Value, json};
use std::sync::Arc;
use store::person::Person;
use store::secrets::Keyring;
use store::{Access, Db, Environment, Limits, Target, Tx, application, subscription, sync, token};
use tempfile::TempDir;

const NOW: i64 = 1_790_000_000;

/// A store in which nothing is yet.
struct Empty {
    db: Db,
    // Last, so that it goes when nothing uses it any more.
    _folder: TempDir,
}

impl Empty {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let entropy = Arc::new(SeededEntropy::new(1));
        let keyring = Keyring::open(&folder.path().join("vitald.key"), &*entropy).unwrap();
        let environment = Environment {
            clock: Arc::new(ManualClock::new(NOW)),
            entropy,
            keyring: Arc::new(keyring),
            profile: domain::Profile::default(),
        };
        let file = Target::Sqlite(folder.path().join("vitald.db"));
        let db = Db::open(&file, environment, Limits::default()).unwrap();
        Self { db, _folder: folder }
    }

    fn does<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<T> + Send + Sync + 'static,
    ) -> domain::Result<T> {
        self.db.run_blocking(Access::Write, move |tx| tx.attempt(&work))
    }

    fn made(&self, seed: Seed) -> domain::Result<Value> {
        let made = self.does(move |tx| admin::make_seed(tx, &seed, &Others))?;
        Ok(serde_json::to_value(made).unwrap())
    }
}

fn world() -> Value {
    json!({
        "clock": { "now": "2026-01-05T07:00:00Z", "frozen": true },
        "organizations": [{ "name": "Clinic", "entitlements": ["logistics"] }],
        "applications": [{
            "name": "Reader", "redirect_uris": ["http://localhost:8888"],
            "client_id": "reader-of-the-tests", "client_secret": "secret-of-the-tests",
            "organization": "Clinic", "entitlements": ["logistics"],
        }],
        "people": [{
            "email": "Anna@example.org", "password": "correct horse", "short_name": "ANN",
            "zone": "Europe/Paris", "birth_date": "1980-05-01", "gender": "woman",
            "height": 1.68, "weight": "66.85",
            "goals": { "weight": 64, "steps": 10_000, "sleep": "8h" },
        }],
        "devices": [{
            "mac": "00:24:e4:00:00:01", "model": 13, "users": ["anna@example.org"],
            "serial": "S-1", "token": "token-of-the-scale",
        }],
        "tokens": [{
            "application": "Reader", "person": "anna@example.org",
            "access_token": "access-of-anna", "refresh_token": "refresh-of-anna",
        }],
        "subscriptions": [{
            "application": "Reader", "person": "anna@example.org", "appli": 1,
            "callback": "http://127.0.0.1:9/weight",
        }],
        "products": [{ "ean": "3700546702518", "name": "A scale", "models": [13] }],
        "surveys": [{ "file": "survey.json", "organization": "Clinic" }],
    })
}

fn read(written: Value) -> domain::Result<Seed> {
    let survey = |_: &str| {
        let text = include_str!("../../../../docs/examples/survey-high-blood-pressure.json");
        admin::read_survey(serde_json::from_str(text).unwrap())
    };
    let hash = |password: &str| match password.len() {
        0..8 => Err(Refusal::invalid_param("password", "expected more").into()),
        _ => Ok("a hash".to_owned()),
    };
    let persona = |one: &Simulation| match one.persona.as_str() {
        "runner" => Ok(()),
        _ => Err(Refusal::invalid_param("persona", "expected runner").into()),
    };
    let fault = |one: &SeedFault| match one.fields().as_slice() {
        [("name", name)] if name == "latency" => Ok(()),
        _ => Err(Refusal::invalid_param("name", "expected latency").into()),
    };
    let (survey, hash, persona, fault) = (&survey, &hash, &persona, &fault);
    admin::read_seed(written, &Outside { survey, hash, persona, fault })
}

/// Whoever makes what this crate does not: the account alone, and no fault.
struct Others;

impl Makers for Others {
    fn person(&self, tx: &mut Tx<'_>, one: &Simulation) -> domain::Result<Person> {
        admin::create_account(tx, &one.account)
    }

    fn fault(&self, _: &mut Tx<'_>, _: &SeedFault, _: Option<&str>) -> domain::Result<()> {
        Ok(())
    }
}

/// What a refusal names.
fn place(error: Error) -> String {
    let Error::Refused(refusal) = error else { panic!("{error:?}") };
    let said = refusal.cause.strip_prefix("Invalid Params: invalid ").unwrap();
    said.split_once(": ").unwrap().0.to_owned()
}

#[test]
fn what_was_written_down_is_made_and_opens() {
    let store = Empty::new();
    let seed = read(world()).unwrap();
    let clock = seed.clock.clone().unwrap();
    assert_eq!((clock.now, clock.frozen), (1_767_596_400, true));
    let made = store.made(seed).unwrap();
    let user = UserId(made["people"][0]["userid"].as_i64().unwrap());
    assert_eq!(made["people"][0]["email"], "anna@example.org");
    let opened = store.does(|tx| token::authenticate(tx, "access-of-anna")).unwrap().unwrap();
    assert_eq!((opened.user, opened.client_id.as_str()), (user, "reader-of-the-tests"));
    let id = "reader-of-the-tests";
    assert!(store.does(move |tx| application::has_secret(tx, id, "secret-of-the-tests")).unwrap());
    let device = store.does(|tx| sync::of_token(tx, "token-of-the-scale")).unwrap().unwrap();
    assert_eq!(made["devices"][0]["deviceid"], device.hash.as_str());
    let told = store.does(move |tx| subscription::list(tx, user, id, None)).unwrap();
    assert_eq!(told.len(), 1);
    let products = store.does(|tx| admin::list_products(tx, None)).unwrap();
    let surveys = store.does(|tx| admin::list_surveys(tx, 0)).unwrap();
    assert_eq!((products.len(), surveys.len()), (1, 1));
    let weight = store
        .does(move |tx| store::measure::last(tx, user, domain::measure::MeasureType::WEIGHT))
        .unwrap();
    assert_eq!(weight.map(|weight| (weight.value, weight.unit)), Some((6_685, -2)));
    // Another world is not put on top of it.
    let again = store.made(read(world()).unwrap());
    assert_eq!(place(again.unwrap_err()), "data");
    let described = store.does(admin::describe_sandbox).unwrap().unwrap();
    let described = serde_json::to_value(described).unwrap();
    assert_eq!(described["applications"], made["applications"]);
    assert_eq!(described["tokens"], json!([]));
}

/// Each of these is one change to the world above, and the place that has to be named.
fn contradictions() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("/world", json!(1), "world"),
        ("/people/0/emial", json!("x"), "people[0].emial"),
        ("/people/0/email", json!(7), "people[0].email"),
        ("/people/0/persona", json!("runner"), "people[0].birth_date"),
        ("/people/1", json!({ "email": "b@example.org", "persona": "x" }), "people[1].persona"),
        ("/people/1", json!({ "email": "b@example.org", "days": 3 }), "people[1].days"),
        ("/people/0/userid", json!(1), "people[0].userid"),
        ("/people/0/userid", json!("10000001"), "people[0].userid"),
        ("/people/0/seed", json!(7), "people[0].seed"),
        ("/faults", json!([{ "name": "nothing" }]), "faults[0].name"),
        ("/faults", json!([{ "name": "latency", "wait": 1 }]), "faults[0].wait"),
        (
            "/faults",
            json!([{ "name": "latency", "application": "Other" }]),
            "faults[0].application",
        ),
        ("/people/0/gender", json!("x"), "people[0].gender"),
        ("/people/0/birth_date", json!("yesterday"), "people[0].birth_date"),
        ("/people/0/height", json!([1]), "people[0].height"),
        ("/people/0/password", json!("short"), "people[0].password"),
        ("/people/1", json!({ "email": "ANNA@example.org" }), "people[1].email"),
        ("/clock/now", json!("noon"), "clock.now"),
        ("/clock/now", json!(5), "clock.now"),
        ("/clock/frozen", json!("yes"), "clock.frozen"),
        ("/organizations/1", json!({ "name": "Clinic" }), "organizations[1].name"),
        ("/organizations/0/entitlements", json!(["all"]), "organizations[0].entitlements"),
        ("/applications/0/organization", json!("Other"), "applications[0].organization"),
        ("/applications/0/client_id", json!("short"), "applications[0].client_id"),
        ("/applications/0/client_secret", json!("a b c d e f"), "applications[0].client_secret"),
        (
            "/applications/1",
            json!({ "name": "B", "redirect_uris": [], "client_id": "reader-of-the-tests" }),
            "applications[1].client_id",
        ),
        ("/devices/0/mac", json!("scale"), "devices[0].mac"),
        ("/devices/0/users", json!([]), "devices[0].users"),
        ("/devices/0/users/0", json!("bob@example.org"), "devices[0].users[0]"),
        (
            "/devices/1",
            json!({ "mac": "0024e4000001", "model": 1, "users": ["anna@example.org"] }),
            "devices[1].mac",
        ),
        ("/tokens/0/person", json!("bob@example.org"), "tokens[0].person"),
        ("/tokens/0/application", json!("Writer"), "tokens[0].application"),
        ("/tokens/0/scope", json!("everything"), "tokens[0].scope"),
        ("/tokens/0/refresh_token", json!("access-of-anna"), "tokens[0].refresh_token"),
        ("/tokens/0/scope", json!("user.info"), "subscriptions[0].person"),
        ("/subscriptions/0/appli", json!(3), "subscriptions[0].appli"),
        ("/subscriptions/0/appli", json!(53), "subscriptions[0].person"),
        ("/subscriptions/0/callback", json!("nowhere"), "subscriptions[0].callback"),
        ("/subscriptions/0/secret", json!("x"), "subscriptions[0].secret"),
        ("/products/0/partner_ref", json!("x"), "products[0].ean"),
        ("/surveys/0/organization", json!("Other"), "surveys[0].organization"),
    ]
}

/// Puts a value where a pointer says.
fn put(world: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match world.pointer_mut(parent).unwrap() {
        Value::Array(rows) => match last.parse::<usize>().unwrap() {
            at if at == rows.len() => rows.push(value),
            at => rows[at] = value,
        },
        table => table[last] = value,
    }
}

#[test]
fn every_unknown_key_and_contradiction_is_named_before_anything_is_made() {
    for (pointer, value, expected) in contradictions() {
        let mut world = world();
        put(&mut world, pointer, value.clone());
        let refused = read(world).map(drop).unwrap_err();
        // The value is nowhere, as it may be a secret.
        if let (Error::Refused(refusal), Some(text)) = (&refused, value.as_str())
            && text.len() > 3
        {
            assert!(!refusal.cause.contains(text), "{}", refusal.cause);
        }
        assert_eq!(place(refused), expected);
    }
}

#[test]
fn what_only_making_it_shows_is_named_too_and_undoes_all() {
    for (pointer, value, expected) in [
        ("/people/0/email", json!("no address"), "people[0].email"),
        ("/people/0/zone", json!("Nowhere"), "people[0].zone"),
        ("/people/0/height", json!(17), "people[0].height"),
        ("/people/0/short_name", json!("A"), "people[0].short_name"),
        ("/people/0/goals/weight", json!(0), "people[0].goals.weight"),
        ("/people/0/goals/steps", json!(0), "people[0].goals.steps"),
        ("/applications/0/redirect_uris", json!([]), "applications[0].redirect_uris"),
        ("/applications/0/notify_uri", json!("x"), "applications[0].notify_uri"),
        ("/organizations/0/entitlements", json!([]), "applications[0].entitlements"),
        ("/devices/0/model", json!(0), "devices[0].model"),
        ("/devices/0/serial", json!(""), "devices[0].serial"),
        ("/products/0/name", json!(""), "products[0].name"),
        ("/products/0/models", json!([0]), "products[0].models"),
    ] {
        let store = Empty::new();
        let mut world = world();
        put(&mut world, pointer, value);
        if pointer == "/people/0/email" {
            // Whoever is meant is meant everywhere.
            put(&mut world, "/devices", json!([]));
            put(&mut world, "/tokens", json!([]));
            put(&mut world, "/subscriptions", json!([]));
        }
        let refused = store.made(read(world).unwrap()).unwrap_err();
        assert_eq!(place(refused), expected);
        let is_empty = store.does(|tx| {
            Ok(admin::list_organizations(tx, domain::OrganizationId(0))?.is_empty()
                && admin::list_applications(tx, "")?.is_empty()
                && admin::list_accounts(tx, UserId(0))?.is_empty()
                && !store::sandbox::is_made(tx)?)
        });
        assert!(is_empty.unwrap(), "{pointer}");
    }
}

#[test]
fn a_store_that_is_no_sandboxs_keeps_nothing_that_was_written_down() {
    let store = Empty::new();
    let refused = store.does(|tx| {
        let written = application::Written {
            client_id: Some("reader-of-the-tests".to_owned()),
            ..Default::default()
        };
        application::create_written(tx, "Reader", &[], &Default::default(), written).map(drop)
    });
    assert!(matches!(refused, Err(Error::Failed(_))), "{refused:?}");
}
