//! What an operator does, and what is refused of it: a refusal names what is wrong and changes
//! nothing.

use crate::app::{ALL_SCOPES, App, NOW, assert_refuses, groups, keys, new, status};
use api::admin::{self, Account, NewAccount, NewApplication, NewDevice};
use domain::{DeviceId, UserId};
use serde_json::{Value, json};
use store::device::SCALE_USERS_MAX;

fn accounts(app: &App) -> Vec<Account> {
    app.does(|tx| admin::list_accounts(tx, UserId(0)))
}

fn tries(app: &App, account: NewAccount) -> domain::Result<Account> {
    app.tries(move |tx| admin::create_account(tx, &account))
}

fn registers(app: &App, mac: &str, model_id: i64, users: &[&str]) -> domain::Result<Vec<UserId>> {
    let users = users.iter().map(|user| (*user).to_owned()).collect();
    let device = NewDevice { mac: mac.to_owned(), model_id, users, ..Default::default() };
    app.tries(move |tx| admin::register_device(tx, &device).map(|summary| summary.users))
}

fn linked(app: &App) -> Vec<usize> {
    let devices = app.does(|tx| admin::list_devices(tx, DeviceId(0)));
    devices.iter().map(|summary| summary.users.len()).collect()
}

#[test]
fn an_account_needs_nothing_but_an_address() {
    let app = App::new();
    let email = " Anna.Example@Example.COM ".to_owned();
    let anna = app.account(NewAccount { email, ..NewAccount::default() });
    assert_eq!(anna.email, "anna.example@example.com");
    assert_eq!((anna.short_name.as_str(), anna.time_zone.as_str()), ("ANN", "UTC"));
    let paris = app.account(NewAccount { time_zone: Some("europe/paris".to_owned()), ..new("p") });
    assert_eq!(paris.time_zone, "Europe/Paris");
    assert_eq!((anna.birth_date, anna.gender, anna.is_demo), (None, None, false));
    assert!((UserId::MIN..UserId::END).contains(&anna.id.0));
    assert!(groups(&app.measures(&anna, "")).is_empty());
    let a = app.account(new("a"));
    assert_eq!(a.short_name, "ME");
}

#[test]
fn what_an_account_says_of_the_body_becomes_groups_typed_in_while_it_was_made() {
    let app = App::new();
    let anna = app.account(NewAccount {
        height_m: Some("1.78".to_owned()),
        weight_kg: Some("66.850".to_owned()),
        goal_weight_kg: Some("62".to_owned()),
        ..new("anna")
    });
    let answer = app.measures(&anna, "");
    let described = |group: &Value| {
        let measure = &group["measures"][0];
        assert_eq!(group["date"], NOW);
        json!([
            group["category"],
            group["attrib"],
            measure["type"],
            measure["value"],
            measure["unit"]
        ])
    };
    let mut described: Vec<Value> = groups(&answer).iter().map(described).collect();
    described.sort_unstable_by_key(Value::to_string);
    let expected =
        [json!([1, 4, 1, 66_850, -3]), json!([1, 4, 4, 178, -2]), json!([2, 2, 1, 62, 0])];
    assert_eq!(described, expected);
}

#[test]
fn an_account_that_cannot_be_is_refused_by_name() {
    let app = App::new();
    let some = |text: &str| Some(text.to_owned());
    for email in [
        "",
        "anna",
        "anna@",
        "@example.com",
        "a b@example.com",
        "anna@example.com\0",
        "Anna <anna@example.com>",
        "anna@[127.0.0.1]",
    ] {
        let account = NewAccount { email: email.to_owned(), ..NewAccount::default() };
        assert_refuses(tries(&app, account), "email");
    }
    for zone in ["", "Mars/Olympus", "Etc/Unknown", "+02:00", "CEST", "../etc/passwd"] {
        assert_refuses(
            tries(&app, NewAccount { time_zone: some(zone), ..new("anna") }),
            "timezone",
        );
    }
    for name in ["", "x", "toolong", "a b", "a\u{7}b", "<b>"] {
        assert_refuses(
            tries(&app, NewAccount { short_name: some(name), ..new("anna") }),
            "shortname",
        );
    }
    for height in ["", "x", "0.2", "3.1", "178", "-1.7", "1,78", "1.78m", "1e0", "NaN"] {
        assert_refuses(tries(&app, NewAccount { height_m: some(height), ..new("anna") }), "height");
    }
    for weight in ["", "x", "0", "0.4", "701", "-64", "64,5", "64.1234", "9e9", "١٢"] {
        let of_weight = NewAccount { weight_kg: some(weight), ..new("anna") };
        assert_refuses(tries(&app, of_weight), "weight");
        let of_goal = NewAccount { goal_weight_kg: some(weight), ..new("anna") };
        assert_refuses(tries(&app, of_goal), "goal-weight");
    }
    assert!(accounts(&app).is_empty());
}

#[test]
fn an_address_belongs_to_one_account() {
    let app = App::new();
    let anna = app.person("anna");
    for email in ["anna@example.com", "ANNA@example.com", " anna@EXAMPLE.com"] {
        let account = NewAccount { email: email.to_owned(), ..NewAccount::default() };
        assert_refuses(tries(&app, account), "email");
    }
    assert_eq!(accounts(&app), [anna]);
}

#[test]
fn an_account_is_found_by_id_and_by_address() {
    let app = App::new();
    let (anna, _) = (app.person("anna"), app.person("ben"));
    let finds = |text: &str| {
        let text = text.to_owned();
        app.tries(move |tx| admin::find_account(tx, &text))
    };
    let id = anna.id.to_string();
    for text in [id.as_str(), "anna@example.com", " ANNA@example.com "] {
        assert_eq!(finds(text), Ok(anna.clone()), "{text}");
    }
    for text in ["", "0", "-1", "99999999999999999999", "anna", "carl@example.com"] {
        assert_refuses(finds(text), "user");
    }
}

#[test]
fn a_device_is_registered_once_and_linked_to_each_of_its_people() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    let (anna_id, ben_email) = (anna.id.to_string(), ben.email.as_str());
    assert_eq!(registers(&app, "00:24:e4:00:00:01", 5, &[&anna_id]), Ok(vec![anna.id]));
    app.waits(1);
    let both = Ok(vec![anna.id, ben.id]);
    assert_eq!(registers(&app, "0024E4000001", 5, &[ben_email, &anna_id]), both);
    assert_eq!(registers(&app, "0024E4000001", 5, &[ben_email]), both);
    assert_eq!(linked(&app), [2]);
}

#[test]
fn a_device_that_cannot_be_is_refused_by_name_and_leaves_nothing() {
    let app = App::new();
    let anna = app.person("anna");
    let (mac, email) = ("00:24:e4:00:00:01", anna.email.as_str());
    for wrong in ["", "00:24:e4", "00:24:e4:00:00:0g", "the kitchen"] {
        assert_refuses(registers(&app, wrong, 5, &[email]), "mac");
    }
    for wrong in [0, 65_536, -1, i64::MAX] {
        assert_refuses(registers(&app, mac, wrong, &[email]), "model");
    }
    assert_refuses(registers(&app, mac, 5, &[]), "user");
    assert_refuses(registers(&app, mac, 5, &[email, "nobody@example.com"]), "user");
    assert_eq!(linked(&app), [0_usize; 0]);
    registers(&app, mac, 5, &[email]).unwrap();
    assert_refuses(registers(&app, mac, 6, &[email]), "mac");
    // A model that no table knows is one all the same.
    assert_eq!(registers(&app, "00:24:e4:00:00:02", 4_711, &[email]), Ok(vec![anna.id]));
}

#[test]
fn a_scale_knows_sixteen_people_and_a_refusal_links_none() {
    let app = App::new();
    let people: Vec<String> =
        (0..=SCALE_USERS_MAX).map(|number| app.person(&format!("p{number}")).email).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let mac = "00:24:e4:00:00:01";
    assert_refuses(registers(&app, mac, 5, &people), "mac");
    assert_eq!(linked(&app), [0_usize; 0]);
    assert_eq!(registers(&app, mac, 5, &people[..SCALE_USERS_MAX]).unwrap().len(), SCALE_USERS_MAX);
    assert_refuses(registers(&app, mac, 5, &people[SCALE_USERS_MAX..]), "mac");
    assert_eq!(linked(&app), [SCALE_USERS_MAX]);
}

#[test]
fn an_application_that_cannot_be_is_refused_by_name() {
    let app = App::new();
    let makes = |name: &str, uris: &[&str]| {
        let redirect_uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
        let new =
            NewApplication { name: name.to_owned(), redirect_uris, ..NewApplication::default() };
        app.tries(move |tx| admin::create_application(tx, &new).map(|made| made.client_id))
    };
    let good = "https://app.example/cb";
    for name in ["", " ", "a\nb", &"x".repeat(101)] {
        assert_refuses(makes(name, &[good]), "name");
    }
    let long = format!("https://app.example/{}", "x".repeat(2_000));
    for uri in
        ["", "/cb", "app.example", "javascript:alert(1)", "https://a@b/", "https://a/#b", &long]
    {
        assert_refuses(makes("A", &[uri]), "redirect-uri");
        assert_refuses(makes("A", &[good, &format!("{uri} , x")]), "redirect-uri");
    }
    let many: Vec<String> = (0..33).map(|number| format!("{good}/{number}")).collect();
    assert_refuses(makes("A", &[&many.join(",")]), "redirect-uri");
    assert_refuses(makes("A", &[]), "redirect-uri");
    let of_program = |tx: &mut store::Tx<'_>| admin::list_applications(tx, "");
    assert_eq!(app.does(of_program).len(), 1);
    let id = makes(" A ", &["https://a.example/x, myapp://cb", good, good]).unwrap();
    assert_eq!((id.len(), app.does(of_program).len()), (64, 2));
    let made = app.does(of_program).into_iter().find(|made| made.client_id == id).unwrap();
    assert_eq!(made.name, "A");
    assert_eq!(made.redirect_uris, ["https://a.example/x", good, "myapp://cb"]);
}

#[test]
fn tokens_are_issued_for_a_known_application_person_and_scope() {
    let app = App::new();
    let anna = app.person("anna");
    let issues = |client: &str, user: &str, scope: Option<&str>| {
        let (client, user) = (client.to_owned(), user.to_owned());
        let scope = scope.map(str::to_owned);
        app.tries(move |tx| admin::issue_token(tx, &client, &user, scope.as_deref()))
    };
    let (client, email) = (app.program.id.as_str(), anna.email.as_str());
    assert_refuses(issues("unknown", email, None), "client");
    assert_refuses(issues(client, "nobody@example.com", None), "user");
    for scope in ["", ",", "user.everything", "user.info;user.metrics", "USER.INFO"] {
        assert_refuses(issues(client, email, Some(scope)), "scope");
    }
    // What is this server's own is given to who asks for it alone.
    let scope = issues(client, email, None).unwrap().scope;
    assert_eq!(format!("{scope},vitald.delete"), ALL_SCOPES);
    let tokens = issues(client, email, Some("user.info")).unwrap();
    assert_eq!((tokens.user, tokens.scope.as_str()), (anna.id, "user.info"));
    let answer = app.call("/v2/user", "action=getdevice", Some(&tokens.access_token));
    assert_eq!((status(&answer), keys(&answer["body"])), (0, vec!["devices"]));
    assert_eq!(status(&app.refreshes(&tokens.refresh_token)), 0);
}
