//! A server without HTTP: what stands between a request that was read and the bytes of its answer.

use crate::documented::assert_documented;
use api::admin::{self, Account, NewAccount, NewApplication};
use api::client::{Client, Credentials, InProcess};
use api::form::{BodyKind, Request};
use api::{dispatch, gateway};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{Clock as _, Entitlement, Error, GroupId, ManualClock, SeededEntropy};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use store::application::About;
use store::measure::NewGroup;
use store::secrets::Keyring;
use store::token::Tokens;
use store::{Access, Db, Environment, Limits, Target, Tx};
use tempfile::TempDir;

/// What the clock shows at first: 2026-09-21T14:13:20Z.
pub(crate) const NOW: i64 = 1_790_000_000;
/// Where the application of every test has people sent back to.
pub(crate) const CALLBACK: &str = "https://app.example/callback";
/// All there is to ask for.
pub(crate) const ALL_SCOPES: &str =
    "user.info,user.metrics,user.activity,user.sleepevents,user.data,user.rawdata,vitald.delete";

/// The text of 401 for tokens, as recorded.
pub(crate) const INVALID_TOKEN: &str =
    "XRequestID: Not provided invalid_token: The access token provided is invalid";

/// Everything a test needs of a server.
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    /// An application that is registered from the beginning.
    pub(crate) program: Program,
    // Last, so that it goes when nothing uses it any more.
    _folder: TempDir,
}

/// An application that calls.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Program {
    /// What the client needs of it.
    pub(crate) fn key(&self) -> Credentials {
        Credentials::application(&self.id, &self.secret)
    }

    /// Its credentials, as a form has them.
    pub(crate) fn credentials(&self) -> String {
        format!("client_id={}&client_secret={}", self.id, self.secret)
    }
}

impl App {
    /// An empty store with one application.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (Arc::new(ManualClock::new(NOW)), Arc::new(SeededEntropy::new(7)));
        let keyring = Arc::new(Keyring::open(&folder.path().join("key"), &*entropy).unwrap());
        let environment = Environment {
            clock: clock.clone(),
            entropy,
            keyring,
            profile: domain::Profile::default(),
        };
        // However busy the machine is, no test is about the limit of time.
        let limits =
            Limits { connections: 2, work: Duration::from_secs(3_600), ..Limits::default() };
        let target = Target::Sqlite(folder.path().join("vitald.db"));
        let db = Db::open(&target, environment, limits).unwrap();
        let program = register(&db, "Program", &Entitlement::ALL);
        Self { db, clock, program, _folder: folder }
    }

    /// One more application.
    pub(crate) fn another_program(&self) -> Program {
        register(&self.db, "Another program", &[])
    }

    /// One more application, with everything a contract can bring.
    pub(crate) fn another_partner(&self) -> Program {
        register(&self.db, "Another partner", &Entitlement::ALL)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Time goes by.
    pub(crate) fn waits(&self, seconds: u32) {
        self.clock.advance(seconds);
    }

    /// Does what an operator or a page does, in one transaction.
    pub(crate) fn tries<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<T> + Send + Sync + 'static,
    ) -> domain::Result<T> {
        self.db.run_blocking(Access::Write, work)
    }

    /// The same where nothing can be in the way.
    #[track_caller]
    pub(crate) fn does<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> domain::Result<T> + Send + Sync + 'static,
    ) -> T {
        self.tries(work).unwrap()
    }

    /// A person in Paris of whom nothing is known.
    pub(crate) fn person(&self, name: &str) -> Account {
        self.account(NewAccount { time_zone: Some("Europe/Paris".to_owned()), ..new(name) })
    }

    /// A person of whom something is known.
    pub(crate) fn account(&self, account: NewAccount) -> Account {
        self.does(move |tx| admin::create_account(tx, &account))
    }

    /// A pair of tokens.
    pub(crate) fn tokens(&self, person: &Account, scope: &str) -> Tokens {
        let (client, user) = (self.program.id.clone(), person.email.clone());
        let scope = scope.to_owned();
        self.does(move |tx| admin::issue_token(tx, &client, &user, Some(&scope)))
    }

    /// An access token.
    pub(crate) fn token(&self, person: &Account, scope: &str) -> String {
        self.tokens(person, scope).access_token
    }

    /// Stores groups as they are.
    pub(crate) fn stores(&self, person: &Account, groups: &[NewGroup]) -> Vec<GroupId> {
        let (id, groups) = (person.id, groups.to_vec());
        self.does(move |tx| store::measure::insert(tx, id, &groups))
    }

    /// The usual request: a form, and the token in the header.
    #[track_caller]
    pub(crate) fn call(&self, path: &str, form: &str, token: Option<&str>) -> Value {
        let header = token.map(|token| format!("Bearer {token}"));
        let request = Request::parse("", BodyKind::Form, form.as_bytes(), header.as_deref());
        self.answer(path, request.unwrap())
    }

    /// A program that calls through the client.
    pub(crate) fn client(&self, credentials: Credentials) -> Client<InProcess> {
        Client::new(InProcess(self.db.clone()), credentials, self.clock.clone())
    }

    /// The whole answer to any request, as `server::rpc` makes it; it is what the OpenAPI document
    /// says.
    #[track_caller]
    pub(crate) fn answer(&self, path: &str, request: Request) -> Value {
        let found = dispatch::find(path, &request).map_err(Error::from);
        let entry = found.as_ref().ok().map(|(entry, _)| *entry);
        let answer = found.and_then(|(_, built)| {
            self.db.run_blocking(built.access, move |tx| built.answer(tx, &request))
        });
        let bytes = answer.unwrap_or_else(|error| refused(&error));
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(answer["body"].is_object(), "{answer}");
        assert_eq!(answer.get("error").is_some(), status(&answer) != 0, "{answer}");
        if let Some(entry) = entry {
            assert_documented(entry, &answer);
        }
        answer
    }

    /// A call of a scale, as `server::gateway` answers it: the very text.
    #[track_caller]
    pub(crate) fn scale_text(&self, path: &str, form: &str) -> String {
        let request = Request::parse("", BodyKind::Form, form.as_bytes(), None).unwrap();
        let found = gateway::find(path, &request).map_err(Error::from);
        let answer = found.and_then(|call| {
            self.db.run_blocking(call.access, move |tx| call.answer(tx, &request))
        });
        String::from_utf8(answer.unwrap_or_else(|error| refused(&error))).unwrap()
    }

    /// The same as JSON.
    #[track_caller]
    pub(crate) fn scale_call(&self, path: &str, form: &str) -> Value {
        serde_json::from_str(&self.scale_text(path, form)).unwrap()
    }
}

/// The envelope of a refusal. A failure is a defect of what is tested.
#[track_caller]
fn refused(error: &Error) -> Vec<u8> {
    assert!(matches!(error, Error::Refused(_)), "{error}");
    dispatch::envelope(error).1
}

fn register(db: &Db, name: &'static str, entitlements: &'static [Entitlement]) -> Program {
    let work = move |tx: &mut Tx<'_>| {
        let mut about = About { entitlements: entitlements.to_vec(), ..About::default() };
        if !entitlements.is_empty() {
            about.organization = Some(admin::create_organization(tx, name, entitlements)?.id);
        }
        let (name, redirect_uris) = (name.to_owned(), vec![CALLBACK.to_owned()]);
        admin::create_application(tx, &NewApplication { name, redirect_uris, about })
    };
    let made = db.run_blocking(Access::Write, work).unwrap();
    Program { id: made.client_id, secret: made.client_secret }
}

/// An account with nothing but an address.
pub(crate) fn new(name: &str) -> NewAccount {
    NewAccount { email: format!("{name}@example.com"), ..NewAccount::default() }
}

pub(crate) fn status(answer: &Value) -> i64 {
    answer["status"].as_i64().unwrap()
}

pub(crate) fn error(answer: &Value) -> &str {
    answer["error"].as_str().unwrap_or_else(|| panic!("no error: {answer}"))
}

/// A refusal of a parameter: 503, and its name.
#[track_caller]
pub(crate) fn assert_names(answer: &Value, parameter: &str) {
    assert_eq!(status(answer), 503, "{answer}");
    let text = error(answer);
    let named = ["invalid", "missing"].map(|what| format!("Invalid Params: {what} {parameter}"));
    assert!(named.iter().any(|named| text.starts_with(named)), "{text:?} names not {parameter}");
}

/// What an operator is told: 503, and the name of what is wrong.
#[track_caller]
pub(crate) fn assert_refuses<T: std::fmt::Debug>(result: domain::Result<T>, parameter: &str) {
    let Err(Error::Refused(refusal)) = &result else { panic!("not refused: {result:?}") };
    assert_eq!(refusal.status.code(), 503, "{refusal:?}");
    assert!(refusal.text.contains(&format!(" {parameter}")), "{refusal:?} names not {parameter}");
}

/// A group that was typed in.
pub(crate) fn by_hand(date: i64, measures: &[Measure]) -> NewGroup {
    NewGroup {
        date,
        category: Category::REAL,
        attrib: Attrib::MANUAL,
        device: None,
        measures: measures.to_vec(),
    }
}

/// A weight in grams, typed in.
pub(crate) fn weight(date: i64, grams: i64) -> NewGroup {
    by_hand(date, &[Measure::new(MeasureType::WEIGHT, grams, -3)])
}

/// The dates of the groups of an answer, in its order.
#[track_caller]
pub(crate) fn dates(answer: &Value) -> Vec<i64> {
    groups(answer).iter().map(|group| group["date"].as_i64().unwrap()).collect()
}

/// The groups of an answer.
#[track_caller]
pub(crate) fn groups(answer: &Value) -> &[Value] {
    assert_eq!(status(answer), 0, "{answer}");
    answer["body"]["measuregrps"].as_array().unwrap()
}

/// An answer without the numbers and texts that are drawn: what is left is the same for every seed.
pub(crate) fn without_draws(mut answer: Value) -> Value {
    const DRAWN: [&str; 5] = ["id", "grpid", "deviceid", "hash_deviceid", "sessionid"];
    match &mut answer {
        Value::Object(members) => {
            for (name, member) in members {
                let is_drawn = DRAWN.contains(&name.as_str());
                *member = match member.take() {
                    Value::Number(number) if is_drawn && number.is_i64() => "(drawn)".into(),
                    Value::String(text) if is_drawn && text.len() == 40 => "(40 digits)".into(),
                    member => without_draws(member),
                };
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| *item = without_draws(item.take()));
        }
        _ => {}
    }
    answer
}

/// The keys of an object, in the order in which they are written.
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
