//! Who may call what: every entry of the table against every wrong credential. A new operation is
//! covered as soon as it stands in the table.

use crate::app::{
    ALL_SCOPES, App, CALLBACK, INVALID_TOKEN, NOW, error, groups, new, status, weight,
};
use crate::{care, nudges, orders, partners, signed, subscribes, surveys};
use api::admin::{Account, NewAccount};
use api::caller::Proof;
use api::form::{BodyKind, Request};
use api::operation::Entry;
use api::ops;
use domain::measure::Attrib;
use domain::recording::{About, Kind};
use domain::{GroupId, Scope};
use serde_json::Value;
use store::measure::NewGroup;
use store::recording::{self, Recording};
use store::{application, device};

const INVALID_CLIENT: &str =
    "XRequestID: Not provided invalid_client: The client credentials are invalid";
const MISSING_SCOPE: &str = "Insufficient_scope: The request requires higher privileges than \
                             provided by the access token";
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef01234567";

/// A credential in the two places where programs put it.
#[derive(Debug, Default, Clone)]
pub(crate) struct Credential {
    header: Option<String>,
    form: String,
}

impl Credential {
    fn header(text: impl Into<String>) -> Self {
        Self { header: Some(text.into()), form: String::new() }
    }

    pub(crate) fn form(text: impl Into<String>) -> Self {
        Self { header: None, form: text.into() }
    }

    /// An access token, once in each place.
    fn token(token: &str) -> [Self; 2] {
        [Self::header(format!("Bearer {token}")), Self::form(format!("access_token={token}"))]
    }
}

/// Wrong credentials: a name, what is sent, and status and text of the answer.
pub(crate) type Wrong = Vec<(String, Credential, i64, String)>;

/// What a good call of an operation says besides its credential.
pub(crate) fn good_form(app: &App, person: &Account, entry: &Entry) -> String {
    if let Some(form) = partners::good_form(app, person, entry) {
        return form;
    }
    match entry.action.unwrap() {
        _ if entry.service().starts_with("nudge") => nudges::good_form(app, person, entry),
        action if ["dropshipment", "order"].contains(&entry.service()) => {
            orders::good_form(app, action)
        }
        action if entry.service() == "notify" => subscribes::good_form(app, person, action),
        action if ["survey", "answers"].contains(&entry.service()) => {
            surveys::good_form(app, person, entry.service(), action)
        }
        "addtorpm" => care::good_form(app, person),
        "getactivity" | "getsummary" => "startdateymd=2026-09-01&enddateymd=2026-09-21&\
                                         lastupdate=1790000000"
            .to_owned(),
        "getworkouts" => "lastupdate=1790000000".to_owned(),
        "getintradayactivity" | "list" | "changes" => String::new(),
        "delete" => format!("grpid={}", doubtful(app, person)),
        "activate" | "deactivate" => {
            format!("hash_deviceid={}&rawdata_type=1", wearable(app, person, UNLIKE_OTHERS).hash)
        }
        "get" => match entry.service() {
            "sleep" => "startdate=1789900000&enddate=1790000000".to_owned(),
            "heart" => {
                let (id, client) = (recorded(app, person, Kind::Ecg), app.program.id.clone());
                let token = app.does(move |tx| Ok(recording::token(tx, &client, id)));
                format!("signalid={id}&signal_token={token}")
            }
            "stetho" => format!("signalid={}", recorded(app, person, Kind::Stetho)),
            _ => format!(
                "hash_deviceid={}&rawdata_type=1&startdate=1&enddate=2",
                wearable(app, person, UNLIKE_OTHERS).hash
            ),
        },
        "link" | "unlink" => {
            let device = wearable(app, person, UNLIKE_OTHERS);
            let name = if entry.action == Some("link") { "mac_addresses" } else { "mac_address" };
            format!("{name}={}", device.mac)
        }
        "getmeas" | "getdevice" | "getgoals" | "getnonce" | "listusers" => String::new(),
        "revoke" => {
            app.token(person, "user.info");
            format!("userid={}", person.id)
        }
        "recoverauthorizationcode" => {
            let (id, client) = (person.id, app.program.id.clone());
            app.does(move |tx| store::person::set_owner(tx, id, Some(&client)));
            format!("userid={id}")
        }
        "getdemoaccess" => {
            app.does(|tx| match store::person::demo(tx)? {
                Some(_) => Ok(()),
                None => {
                    let demo = NewAccount { is_demo: true, ..new("demo") };
                    api::admin::create_account(tx, &demo).map(|_| ())
                }
            });
            "scope_oauth2=user.metrics".to_owned()
        }
        "createclient" => "name=Second&description=Another&intended_environment=dev\
                           &intended_integrations=cellular&redirect_uris=https://second.example/"
            .to_owned(),
        "confirmuser" => format!("grpid={}&is_confirmed=1", doubtful(app, person)),
        "requesttoken" => {
            let code = app.code(person, ALL_SCOPES);
            format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}")
        }
        action => panic!("say here what a good call of {action} looks like"),
    }
}

/// The hardware address of the watch of the forms above.
const UNLIKE_OTHERS: &str = "00:24:e4:00:00:55";

/// A watch somebody uses, registered for the organization of the application.
pub(crate) fn wearable(app: &App, person: &Account, mac: &'static str) -> device::Device {
    let (user, client) = (person.id, app.program.id.clone());
    app.does(move |tx| {
        let id = device::register(tx, mac.parse().unwrap(), 93, "Europe/Paris")?;
        device::link(tx, id, user)?;
        let organization = application::find(tx, &client)?.unwrap().about.organization;
        device::describe(tx, id, organization, None)?;
        Ok(device::find(tx, id)?.unwrap())
    })
}

/// A recording of somebody, taken by hand.
pub(crate) fn recorded(app: &App, person: &Account, kind: Kind) -> GroupId {
    let user = person.id;
    app.does(move |tx| {
        let time_zone = "Europe/Paris".to_owned();
        let about = About { frequency: Some(300), ..About::default() };
        let recording = Recording { kind, date: NOW, device: None, time_zone, about };
        let signal = match kind {
            Kind::Ecg => signal::raw::pack(&[1, 2, 3]),
            Kind::Stetho => signal::raw::pack_bytes(&[213, 85]),
        };
        recording::insert(tx, user, &recording, &signal)
    })
}

/// A group that somebody has to be asked about.
pub(crate) fn doubtful(app: &App, person: &Account) -> GroupId {
    let scale = app
        .does(|tx| device::register(tx, "00:24:e4:00:00:99".parse().unwrap(), 4, "Europe/Paris"));
    let (device, attrib) = (Some(scale), Attrib::AMBIGUOUS);
    app.stores(person, &[NewGroup { device, attrib, ..weight(NOW, 64_000) }])[0]
}

/// Calls every operation once, with everything as it should be.
pub(crate) fn call_every(app: &App, person: &Account) {
    for (entry, proof) in built() {
        let credential = good(app, person, entry, proof).pop().unwrap();
        let answer = send(app, entry, &good_form(app, person, entry), &credential);
        assert_eq!(status(&answer), 0, "{:?}: {answer}", entry.action);
    }
}

fn send(app: &App, entry: &Entry, form: &str, credential: &Credential) -> Value {
    let form = format!("action={}&{form}&{}", entry.action.unwrap(), credential.form);
    let header = credential.header.as_deref();
    let request = Request::parse("", BodyKind::Form, form.as_bytes(), header).unwrap();
    app.answer(entry.path, request)
}

pub(crate) fn built() -> impl Iterator<Item = (&'static Entry, Proof)> {
    ops::every().filter_map(|entry| Some((entry, entry.built()?.proof)))
}

/// Every wrong credential of a kind, and what it is told.
fn wrong(app: &App, person: &Account, entry: &Entry, proof: Proof) -> Wrong {
    match proof {
        Proof::Bearer(scope) => {
            let mut wrong = dead_tokens(app, person);
            for other in Scope::ALL.into_iter().filter(|other| *other != scope) {
                let token = app.token(person, other.name());
                wrong.extend(Credential::token(&token).map(|credential| {
                    (format!("only {other}"), credential, 2555, MISSING_SCOPE.to_owned())
                }));
            }
            wrong
        }
        Proof::AnyBearer => dead_tokens(app, person),
        Proof::BearerOrSigned(_) | Proof::AnyBearerOrSigned => {
            let token = match proof {
                Proof::BearerOrSigned(scope) => Proof::Bearer(scope),
                _ => Proof::AnyBearer,
            };
            let mut all = wrong(app, person, entry, token);
            // Without a signature it is a call with a token.
            let signed = signed::wrong(app, person, entry.action.unwrap(), &[]).into_iter();
            all.extend(signed.filter(|(.., status, _)| *status == 342));
            all
        }
        Proof::SecretOrSigned => {
            let mut wrong = wrong_secrets(app, person);
            // Without a secret it is a signed call like any other, but for what is missing.
            let signed = signed::wrong(app, person, entry.action.unwrap(), &[]).into_iter();
            wrong.extend(signed.filter(|(.., status, _)| *status == 342));
            wrong
        }
        Proof::Signed(any_of) => signed::wrong(app, person, entry.action.unwrap(), any_of),
        Proof::Timestamp => signed::wrong_time(app),
    }
}

fn dead_tokens(app: &App, person: &Account) -> Wrong {
    let revoked = app.token(person, ALL_SCOPES);
    let (client, user) = (app.program.id.clone(), person.id);
    app.does(move |tx| store::grant::revoke(tx, &client, user));
    let expired = app.token(person, ALL_SCOPES);
    app.waits(10_800);
    let first = app.tokens(person, ALL_SCOPES);
    let ended = app.refreshes(&first.refresh_token)["body"]["access_token"].clone();
    let used = app.refreshes(&first.refresh_token)["body"]["access_token"].clone();
    let (ended, used) = (ended.as_str().unwrap(), used.as_str().unwrap());
    let answer = app.call("/v2/user", "action=getdevice", Some(used));
    assert_eq!(status(&answer), 0);
    let mut wrong = vec![
        ("none".to_owned(), Credential::default()),
        ("a blank header".to_owned(), Credential::header("Bearer ")),
        ("a blank parameter".to_owned(), Credential::form("access_token=")),
        ("another scheme".to_owned(), Credential::header(format!("Basic {used}"))),
        ("no scheme".to_owned(), Credential::header(used)),
        ("a secret".to_owned(), Credential::form(app.program.credentials())),
    ];
    let upper = used.to_uppercase();
    for (name, token) in [
        ("unknown", UNKNOWN),
        ("expired", &expired),
        ("revoked", &revoked),
        ("an ended sibling", ended),
        ("a refresh token", &first.refresh_token),
        ("a good one in capitals", &upper),
        ("a good one, cut", &used[..39]),
        ("a good one, longer", &format!("{used}0")),
    ] {
        wrong.extend(Credential::token(token).map(|credential| (name.to_owned(), credential)));
    }
    let with_text = |(name, credential)| (name, credential, 401, INVALID_TOKEN.to_owned());
    wrong.into_iter().map(with_text).collect()
}

fn wrong_secrets(app: &App, person: &Account) -> Wrong {
    let (id, secret) = (&app.program.id, &app.program.secret);
    let other = app.another_program();
    let token = app.token(person, ALL_SCOPES);
    let missing = "Invalid Params: missing client_id";
    [
        ("nothing", String::new(), 503, missing),
        ("no id", format!("client_secret={secret}"), 503, missing),
        ("a token", format!("access_token={token}"), 503, missing),
        ("no secret", format!("client_id={id}"), 401, INVALID_CLIENT),
        ("a blank secret", format!("client_id={id}&client_secret="), 401, INVALID_CLIENT),
        ("a wrong secret", format!("client_id={id}&client_secret={UNKNOWN}"), 401, INVALID_CLIENT),
        (
            "a cut secret",
            format!("client_id={id}&client_secret={}", &secret[..63]),
            401,
            INVALID_CLIENT,
        ),
        (
            "an unknown id",
            format!("client_id={UNKNOWN}&client_secret={secret}"),
            401,
            INVALID_CLIENT,
        ),
        (
            "another's secret",
            format!("client_id={id}&client_secret={}", other.secret),
            401,
            INVALID_CLIENT,
        ),
    ]
    .map(|(name, form, status, text)| {
        (name.to_owned(), Credential::form(form), status, text.to_owned())
    })
    .into()
}

fn good(app: &App, person: &Account, entry: &Entry, proof: Proof) -> Vec<Credential> {
    let signed = || Credential::form(app.signed(&app.program, entry.action.unwrap()));
    match proof {
        Proof::Bearer(scope) => {
            let tokens = [app.token(person, scope.name()), app.token(person, ALL_SCOPES)];
            tokens.iter().flat_map(|token| Credential::token(token)).collect()
        }
        Proof::AnyBearer => {
            let tokens = Scope::every().map(|scope| app.token(person, scope.name()));
            tokens.flat_map(|token| Credential::token(&token)).collect()
        }
        Proof::BearerOrSigned(scope) => {
            let mut good = good(app, person, entry, Proof::Bearer(scope));
            good.push(signed());
            good
        }
        Proof::AnyBearerOrSigned => {
            // What a token or a signature alone is good for depends on what is asked for: see
            // `subscribes.rs`. Both together are good for everything.
            let token = app.token(person, "user.metrics");
            let tokens = Credential::token(&token);
            let both = tokens.clone().map(|token| Credential {
                form: format!("{}&{}", token.form, app.signed(&app.program, entry.action.unwrap())),
                ..token
            });
            tokens.into_iter().chain(both).collect()
        }
        Proof::SecretOrSigned => {
            let secret = app.program.credentials();
            let both = format!("{secret}&nonce=1&signature=2");
            vec![Credential::form(secret), Credential::form(both), signed()]
        }
        Proof::Signed(_) => vec![signed(), signed()],
        Proof::Timestamp => {
            let now = app.now();
            [now, now - 600, now + 600]
                .map(|time| Credential::form(app.program.signs_time(time)))
                .to_vec()
        }
    }
}

#[test]
fn every_built_operation_refuses_every_wrong_credential_and_takes_the_right_one() {
    let app = App::new();
    let anna = app.person("anna");
    for (entry, proof) in built() {
        let action = entry.action.unwrap();
        let wrong = wrong(&app, &anna, entry, proof);
        // Made after the wrong ones, as time goes by there; a code lives for 30 seconds.
        let form = good_form(&app, &anna, entry);
        for (name, credential, expected, text) in wrong {
            let answer = send(&app, entry, &form, &credential);
            let told = (status(&answer), error(&answer));
            assert_eq!(told, (expected, text.as_str()), "{action}: {name}");
        }
        // Not one of the refused calls has spent anything of the form.
        let mut forms = Some(form);
        for credential in good(&app, &anna, entry, proof) {
            let form = forms.take().unwrap_or_else(|| good_form(&app, &anna, entry));
            let answer = send(&app, entry, &form, &credential);
            assert_eq!(status(&answer), 0, "{action}: {credential:?}: {answer}");
        }
    }
    assert!(app.now() > NOW);
}

#[test]
fn a_token_opens_only_its_persons_data() {
    let app = App::new();
    let (anna, ben) = (app.person("anna"), app.person("ben"));
    app.stores(&anna, &[weight(NOW, 64_000)]);
    let (token, id) = (app.token(&ben, ALL_SCOPES), anna.id.to_string());
    for more in ["", "&userid=", "&user_id="] {
        let form = format!("action=getmeas{more}{}", if more.is_empty() { "" } else { &id });
        let answer = app.call("/measure", &form, Some(&token));
        assert!(groups(&answer).is_empty(), "{form}");
    }
    let annas = app.call("/measure", "action=getmeas", Some(&app.token(&anna, ALL_SCOPES)));
    assert_eq!(groups(&annas).len(), 1);
}
