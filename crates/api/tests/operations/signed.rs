//! Signed calls: every wrong signature, nonce and time, and what the operations do that only an
//! application can call.

use crate::access::{Credential, Wrong};
use crate::app::{ALL_SCOPES, App, CALLBACK, NOW, Program, error, new, status};
use api::admin::{Account, NewAccount};
use domain::signature::{NONCE_SECONDS, Signed, TIMESTAMP_SECONDS};
use domain::{Entitlement, UserId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::{application, nonce, organization};

const INVALID_SIGNATURE: &str = "Invalid Params: invalid signature";
const UNAUTHORIZED: &str = "Unauthorized";

impl Program {
    /// The proof of a signed call.
    pub(crate) fn signs(&self, action: &str, nonce: &str) -> String {
        let signature = self.signature(action, nonce);
        format!("client_id={}&nonce={nonce}&signature={signature}", self.id)
    }

    /// The proof of a call that signs the time.
    pub(crate) fn signs_time(&self, timestamp: i64) -> String {
        let signature = self.signature("getnonce", &timestamp.to_string());
        format!("client_id={}&timestamp={timestamp}&signature={signature}", self.id)
    }

    fn signature(&self, action: &str, nonce_or_timestamp: &str) -> String {
        Signed { action, client_id: &self.id, nonce_or_timestamp }.sign(&self.secret)
    }
}

impl App {
    pub(crate) fn nonce(&self, program: &Program) -> String {
        let id = program.id.clone();
        self.does(move |tx| nonce::issue(tx, &id))
    }

    /// The proof of a signed call that has never been used.
    pub(crate) fn signed(&self, program: &Program, action: &str) -> String {
        program.signs(action, &self.nonce(program))
    }

    /// A signed call of the application of the test.
    #[track_caller]
    fn calls(&self, action: &str, form: &str) -> Value {
        self.calls_as(&self.program, action, form)
    }

    #[track_caller]
    fn calls_as(&self, program: &Program, action: &str, form: &str) -> Value {
        let proof = self.signed(program, action);
        self.call("/v2/oauth2", &format!("action={action}&{proof}&{form}"), None)
    }

    /// Somebody whose account the application of the test made.
    pub(crate) fn owned(&self, name: &str) -> Account {
        let (account, client) = (new(name), self.program.id.clone());
        self.does(move |tx| {
            let made = api::admin::create_account(tx, &account)?;
            api::admin::own_account(tx, &made.email, &client)?;
            Ok(made)
        })
    }

    fn demo(&self) -> Account {
        self.account(NewAccount { is_demo: true, ..new("demo") })
    }
}

fn form(text: impl Into<String>) -> Credential {
    Credential::form(text)
}

/// Every wrong proof of a signed call.
pub(crate) fn wrong(app: &App, person: &Account, action: &str, any_of: &[Entitlement]) -> Wrong {
    let (program, other) = (&app.program, app.another_program());
    let expired = app.nonce(program);
    app.waits(u32::try_from(NONCE_SECONDS).unwrap());
    let fresh = || app.nonce(program);
    let token = app.token(person, ALL_SCOPES);
    let used = fresh();
    let burns =
        app.call("/v2/oauth2", &format!("action=revoke&{}", program.signs("revoke", &used)), None);
    assert_eq!(error(&burns), "Invalid Params: missing userid");
    let (id, nonce) = (&program.id, fresh());
    let signature = program.signature(action, &nonce);
    let missing = |name: &str| format!("Invalid Params: missing {name}");
    let mut wrong: Wrong = vec![
        ("nothing".into(), form(""), 503, missing("client_id")),
        ("a token".into(), form(format!("access_token={token}")), 503, missing("client_id")),
        ("a secret".into(), form(program.credentials()), 503, missing("nonce")),
        (
            "no signature".into(),
            form(format!("client_id={id}&nonce={nonce}")),
            503,
            missing("signature"),
        ),
    ];
    let upper = signature.to_uppercase();
    let foreign = app.nonce(&other);
    let with = |nonce: &str, signature: &str| {
        form(format!("client_id={id}&nonce={nonce}&signature={signature}"))
    };
    for (name, credential) in [
        (
            "an unknown application",
            form(format!("client_id=x&nonce={nonce}&signature={signature}")),
        ),
        ("a wrong signature", with(&nonce, &"0".repeat(64))),
        ("a cut signature", with(&nonce, &signature[..62])),
        ("a signature in capitals", with(&nonce, &upper)),
        ("the signature of another action", with(&nonce, &program.signature("getnonce", &nonce))),
        ("the signature of another nonce", with(&nonce, &program.signature(action, &used))),
        ("another's signature", with(&nonce, &other.signature(action, &nonce))),
        ("a used nonce", form(program.signs(action, &used))),
        ("an expired nonce", form(program.signs(action, &expired))),
        ("a foreign nonce", form(program.signs(action, &foreign))),
        ("a made up nonce", form(program.signs(action, &"0".repeat(40)))),
    ] {
        wrong.push((name.into(), credential, 342, INVALID_SIGNATURE.into()));
    }
    if !any_of.is_empty() {
        let proof = app.signed(&other, action);
        wrong.push(("without a contract".into(), form(proof), 277, UNAUTHORIZED.into()));
    }
    wrong
}

/// Every wrong proof of a call that signs the time.
pub(crate) fn wrong_time(app: &App) -> Wrong {
    let (program, other, now) = (&app.program, app.another_program(), app.now());
    let id = &program.id;
    let signature = program.signature("getnonce", &now.to_string());
    let mut wrong: Wrong = vec![
        ("nothing".into(), form(""), 503, "Invalid Params: missing client_id".into()),
        (
            "no signature".into(),
            form(format!("client_id={id}&timestamp={now}")),
            503,
            "Invalid Params: missing signature".into(),
        ),
    ];
    for (name, text) in [
        ("an unknown application", format!("client_id=x&timestamp={now}&signature={signature}")),
        ("a wrong signature", format!("client_id={id}&timestamp={now}&signature=0")),
        ("another time", format!("client_id={id}&timestamp={}&signature={signature}", now + 1)),
        (
            "another's signature",
            format!(
                "client_id={id}&timestamp={now}&signature={}",
                other.signature("getnonce", &now.to_string())
            ),
        ),
    ] {
        wrong.push((name.into(), form(text), 342, INVALID_SIGNATURE.into()));
    }
    let problem = "Invalid Params: invalid timestamp: expected the time in Unix seconds, within \
                   ten minutes of the server's";
    for far in [now - TIMESTAMP_SECONDS - 1, now + TIMESTAMP_SECONDS + 1, 0, i64::MIN, i64::MAX] {
        wrong.push((format!("{far}"), form(program.signs_time(far)), 503, problem.into()));
    }
    wrong
}

fn users(answer: &Value) -> Vec<i64> {
    assert_eq!(status(answer), 0, "{answer}");
    let users = answer["body"]["users"].as_array().unwrap();
    users.iter().map(|user| user["userid"].as_i64().unwrap()).collect()
}

#[test]
fn a_nonce_is_good_for_one_call_also_when_the_call_is_refused() {
    let app = App::new();
    let fetched = app.call(
        "/v2/signature",
        &format!("action=getnonce&{}", app.program.signs_time(NOW)),
        None,
    );
    let nonce = fetched["body"]["nonce"].as_str().unwrap().to_owned();
    assert_eq!((status(&fetched), nonce.len()), (0, 40));
    let proof = app.program.signs("revoke", &nonce);
    let refused = app.call("/v2/oauth2", &format!("action=revoke&{proof}&userid=1"), None);
    assert_eq!(error(&refused), "Invalid Params: invalid userid");
    let again = app.call("/v2/oauth2", &format!("action=revoke&{proof}&userid=1"), None);
    assert_eq!((status(&again), error(&again)), (342, INVALID_SIGNATURE));
}

#[test]
fn whoever_cannot_sign_burns_no_nonce() {
    let app = App::new();
    let nonce = app.nonce(&app.program);
    let forged = format!("client_id={}&nonce={nonce}&signature={}", app.program.id, "0".repeat(64));
    let refused = app.call("/v2/oauth2", &format!("action=listusers&{forged}"), None);
    assert_eq!(status(&refused), 342);
    let proof = app.program.signs("listusers", &nonce);
    let answer = app.call("/v2/oauth2", &format!("action=listusers&{proof}"), None);
    assert_eq!(status(&answer), 0);
}

#[test]
fn both_secrets_are_good_while_one_replaces_the_other() {
    let app = App::new();
    let id = app.program.id.clone();
    let secret = app.does(move |tx| api::admin::rotate_secret(tx, &id, Some(60)));
    let renewed = Program { secret, ..app.program.clone() };
    for program in [&app.program, &renewed] {
        assert_eq!(users(&app.calls_as(program, "listusers", "")), [0; 0]);
    }
    app.waits(60);
    assert_eq!(status(&app.calls_as(&app.program, "listusers", "")), 342);
    assert_eq!(users(&app.calls_as(&renewed, "listusers", "")), [0; 0]);
}

#[test]
fn tokens_can_be_had_with_a_signature_instead_of_the_secret() {
    let app = App::new();
    let anna = app.person("anna");
    let exchange = |proof: &str| {
        let grant = format!(
            "grant_type=authorization_code&code={}&redirect_uri={CALLBACK}",
            app.code(&anna, ALL_SCOPES)
        );
        app.call("/v2/oauth2", &format!("action=requesttoken&{proof}&{grant}"), None)
    };
    let first = exchange(&app.signed(&app.program, "requesttoken"));
    assert_eq!(first["body"]["userid"], anna.id.0, "{first}");
    let refresh = first["body"]["refresh_token"].as_str().unwrap();
    let proof = app.signed(&app.program, "requesttoken");
    let form = format!("action=requesttoken&{proof}&grant_type=refresh_token");
    let second = app.call("/v2/oauth2", &format!("{form}&refresh_token={refresh}"), None);
    assert_eq!(status(&second), 0, "{second}");
    // With both the secret counts, and no nonce is spent.
    let nonce = app.nonce(&app.program);
    let both = format!("{}&nonce={nonce}&signature=0", app.program.credentials());
    assert_eq!(status(&exchange(&both)), 0);
    assert_eq!(status(&exchange(&app.program.signs("requesttoken", &nonce))), 0);
}

#[test]
fn people_are_listed_with_their_hash_and_whose_account_it_is() {
    let app = App::new();
    let (anna, ben, own) = (app.person("anna"), app.person("ben"), app.owned("own"));
    app.token(&anna, "user.info");
    app.token(&anna, "user.metrics");
    let other = app.another_partner();
    let answer = app.calls("listusers", "");
    let mut expected = vec![anna.id.0, own.id.0];
    expected.sort_unstable();
    assert_eq!(users(&answer), expected);
    assert_eq!((&answer["body"]["more"], &answer["body"]["offset"]), (&json!(false), &json!(0)));
    let of = |id: UserId| {
        let all = answer["body"]["users"].as_array().unwrap();
        all.iter().find(|user| user["userid"] == id.0).unwrap().clone()
    };
    assert_eq!(of(anna.id)["email"], "anna@example.com");
    assert_eq!(
        (&of(anna.id)["fully_owned"], &of(own.id)["fully_owned"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(of(anna.id)["hash_userid"].as_str().unwrap().len(), 64);
    assert_ne!(of(anna.id)["hash_userid"], of(own.id)["hash_userid"]);
    // Another application sees its own people alone, and knows them by other hashes.
    assert_eq!(users(&app.calls_as(&other, "listusers", "")), [0; 0]);
    let (client, email) = (other.id.clone(), anna.email.clone());
    app.does(move |tx| api::admin::issue_token(tx, &client, &email, None));
    let theirs = app.calls_as(&other, "listusers", "");
    assert_eq!(users(&theirs), [anna.id.0]);
    assert_ne!(theirs["body"]["users"][0]["hash_userid"], of(anna.id)["hash_userid"]);
    assert!(!users(&answer).contains(&ben.id.0));
}

#[test]
fn people_are_listed_in_pages_without_a_gap_and_without_a_repeat() {
    let app = App::new();
    let client = app.program.id.clone();
    let made: BTreeSet<i64> = app.does(move |tx| {
        (0..450)
            .map(|number| {
                let made = api::admin::create_account(tx, &new(&format!("p{number}")))?;
                store::person::set_owner(tx, made.id, Some(&client))?;
                Ok(made.id.0)
            })
            .collect()
    });
    let (mut seen, mut offset, mut sizes) = (Vec::new(), 0, Vec::new());
    loop {
        let page = app.calls("listusers", &format!("offset={offset}"));
        sizes.push(users(&page).len());
        seen.extend(users(&page));
        offset = page["body"]["offset"].as_i64().unwrap();
        if page["body"]["more"] == false {
            break;
        }
    }
    assert_eq!((sizes, offset), (vec![200, 200, 50], 0));
    assert_eq!(seen, made.into_iter().collect::<Vec<_>>());
}

#[test]
fn what_an_application_gives_back_is_gone_and_what_others_have_stays() {
    let app = App::new();
    let (anna, ben, other) = (app.person("anna"), app.person("ben"), app.another_partner());
    let tokens = app.tokens(&anna, ALL_SCOPES);
    let (second, bens) = (app.token(&anna, "user.info"), app.token(&ben, "user.info"));
    let (client, email) = (other.id.clone(), anna.email.clone());
    let theirs = app.does(move |tx| api::admin::issue_token(tx, &client, &email, None));
    let code = app.code(&anna, ALL_SCOPES);
    let revoke = format!("userid={}", anna.id);
    let answer = app.calls("revoke", &revoke);
    assert_eq!((status(&answer), &answer["body"]), (0, &json!({})));
    let works = |token: &str| status(&app.call("/v2/user", "action=getdevice", Some(token))) == 0;
    assert!(!works(&tokens.access_token) && !works(&second));
    assert!(works(&bens) && works(&theirs.access_token));
    assert_eq!(status(&app.refreshes(&tokens.refresh_token)), 503);
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
    assert_eq!(error(&app.exchanges(&form)), "Invalid Params: invalid code");
    // Again, somebody else's and an unknown id: all alike.
    for id in [anna.id.0, 1, i64::MAX] {
        let refused = app.calls("revoke", &format!("userid={id}"));
        assert_eq!((status(&refused), error(&refused)), (503, "Invalid Params: invalid userid"));
    }
}

#[test]
fn a_code_can_be_recovered_for_an_account_of_ones_own_alone() {
    let app = App::new();
    let (anna, own, other) = (app.person("anna"), app.owned("own"), app.another_partner());
    app.token(&anna, ALL_SCOPES);
    let recover = |program: &Program, id: i64| {
        app.calls_as(program, "recoverauthorizationcode", &format!("userid={id}"))
    };
    for (program, id) in [(&app.program, anna.id.0), (&app.program, 1), (&other, own.id.0)] {
        let refused = recover(program, id);
        assert_eq!((status(&refused), error(&refused)), (503, "Invalid Params: invalid userid"));
    }
    let code = |answer: &Value| answer["body"]["user"]["code"].as_str().unwrap().to_owned();
    let redeem = |code: &str, uri: &str| {
        app.exchanges(&format!("grant_type=authorization_code&code={code}&redirect_uri={uri}"))
    };
    let elsewhere = code(&recover(&app.program, own.id.0));
    assert_eq!(status(&redeem(&elsewhere, "https://evil.example/")), 503);
    let recovered = code(&recover(&app.program, own.id.0));
    app.waits(599);
    let tokens = redeem(&recovered, CALLBACK);
    assert_eq!(tokens["body"]["userid"], own.id.0, "{tokens}");
    let scopes = "user.info,user.metrics,user.activity,user.sleepevents,user.data";
    assert_eq!(tokens["body"]["scope"], scopes);
    let late = code(&recover(&app.program, own.id.0));
    app.waits(600);
    assert_eq!(status(&redeem(&late, CALLBACK)), 503);
}

#[test]
fn the_demo_person_can_be_read_and_not_changed() {
    let app = App::new();
    let missing = app.calls("getdemoaccess", "scope_oauth2=user.metrics");
    assert_eq!((status(&missing), error(&missing)), (277, UNAUTHORIZED));
    let demo = app.demo();
    let group = crate::access::doubtful(&app, &demo);
    for bad in ["nonsense", "user.metrics,nonsense", ","] {
        let refused = app.calls("getdemoaccess", &format!("scope_oauth2={bad}"));
        assert_eq!(status(&refused), 503, "{bad}");
    }
    let answer = app.calls("getdemoaccess", "scope_oauth2=user.metrics,user.info");
    assert_eq!(answer["body"]["expires_in"], 10_800, "{answer}");
    let token = answer["body"]["access_token"].as_str().unwrap();
    let read = app.call("/measure", "action=getmeas", Some(token));
    assert_eq!(read["body"]["measuregrps"].as_array().unwrap().len(), 1);
    let confirm = format!("action=confirmuser&grpid={group}&is_confirmed=1");
    let refused = app.call("/v2/measure", &confirm, Some(token));
    assert_eq!((status(&refused), error(&refused)), (277, UNAUTHORIZED));
    // The refreshed pair is of the same grant; the one the pages give is like it.
    let refreshed = app.refreshes(answer["body"]["refresh_token"].as_str().unwrap());
    let token = refreshed["body"]["access_token"].as_str().unwrap();
    assert_eq!(status(&app.call("/v2/measure", &confirm, Some(token))), 277);
    let (ask, id) = (app.asks("user.metrics"), demo.id);
    let ask = api::authorize::Ask { mode: Some("demo".to_owned()), ..ask };
    let address = app.does(move |tx| ask.permit(tx, id)).unwrap();
    let code = url::Url::parse(&address).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
    let tokens = app.exchanges(&form);
    let token = tokens["body"]["access_token"].as_str().unwrap();
    assert_eq!(status(&app.call("/v2/measure", &confirm, Some(token))), 277);
}

const CLIENT: &str = "name=Second&description=Another&intended_environment=prod\
                      &redirect_uris=[\"https://second.example/\"]";

#[test]
fn an_application_makes_another_of_its_own_organization() {
    let app = App::new();
    let answer = app
        .calls("createclient", &format!("{CLIENT}&intended_integrations=[\"cellular\",\"sdk\"]"));
    let body = &answer["body"];
    assert_eq!(status(&answer), 0, "{answer}");
    assert_eq!(
        (&body["name"], &body["desc"], &body["img"]),
        (&json!("Second"), &json!("Another"), &json!(""))
    );
    assert_eq!(body["is_restricted"], false);
    let id = body["client_id"].as_str().unwrap().to_owned();
    let made = app.does(move |tx| application::find(tx, &id)).unwrap();
    assert_eq!(made.about.entitlements, [Entitlement::Sdk, Entitlement::Cellular]);
    let program = app.program.id.clone();
    let ours = app.does(move |tx| application::find(tx, &program)).unwrap();
    assert_eq!(made.about.organization, ours.about.organization);
    assert_eq!(body["organization_id"], ours.about.organization.unwrap().0);
    // What it was given works at once.
    let second =
        Program { id: made.client_id, secret: body["client_secret"].as_str().unwrap().to_owned() };
    assert_eq!(users(&app.calls_as(&second, "listusers", "")), [0; 0]);
    let plain = CLIENT.replace("https:", "http:");
    let plain = app.calls("createclient", &format!("{plain}&intended_integrations=app_to_app"));
    assert_eq!(plain["body"]["is_restricted"], true, "{plain}");
}

#[test]
fn an_application_makes_none_of_another_organization_and_none_that_may_do_more() {
    let app = App::new();
    let small = app.does(|tx| {
        let id = organization::create(tx, "Small", &[Entitlement::Logistics])?;
        let about = application::About {
            organization: Some(id),
            entitlements: vec![Entitlement::Logistics],
            ..application::About::default()
        };
        application::create(tx, "Small", &[CALLBACK.to_owned()], &about)
    });
    let small = Program { id: small.client_id, secret: small.client_secret };
    let create = |program: &Program, more: &str| {
        app.calls_as(program, "createclient", &format!("{CLIENT}&{more}"))
    };
    let beyond = create(&small, "intended_integrations=cellular");
    assert_eq!((status(&beyond), error(&beyond)), (277, UNAUTHORIZED));
    let foreign = create(&small, "intended_integrations=logistics&organization_id=1");
    assert_eq!(error(&foreign), "Invalid Params: invalid organization_id");
    assert_eq!(status(&create(&small, "intended_integrations=logistics")), 0);
    let unknown = create(&app.program, "intended_integrations=rpm");
    assert_eq!(status(&unknown), 503);
}
