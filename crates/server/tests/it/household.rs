//! Who uses a server: people, the programs they allow to read, and the scale in their bathroom.

use crate::answer::Answer;
use crate::app::App;
use crate::browser::Browser;
use api::admin;
use domain::signature::Signed;
use domain::{Clock as _, Entitlement, SeededEntropy, UserId};
use serde_json::Value as Json;
use std::sync::OnceLock;
use store::application::About;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Where programs have people sent back to.
pub(crate) const REDIRECT_URI: &str = "https://program.example/callback";
/// The state programs send along where its text does not matter.
pub(crate) const STATE: &str = "a-state";
pub(crate) const SCALE_MAC: &str = "00:24:e4:5c:a1:e5";
const SCALE_MODEL: i64 = 4;

/// The hash of [`PASSWORD`]: made once, as hashing is slow on purpose.
pub(crate) fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = || server::password::hash(PASSWORD, &SeededEntropy::new(0)).expect("a hash");
    HASH.get_or_init(hash).clone()
}

/// Somebody with an account.
pub(crate) struct Person<'a> {
    app: &'a App,
    pub(crate) id: UserId,
    pub(crate) email: String,
}

/// A program that calls the API.
pub(crate) struct Program<'a> {
    pub(crate) app: &'a App,
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// What a program holds after a person agreed.
#[derive(Clone)]
pub(crate) struct Tokens<'a> {
    app: &'a App,
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// The answer they came in.
    pub(crate) answer: Answer,
}

/// A scale with its session open.
pub(crate) struct Scale<'a> {
    app: &'a App,
    pub(crate) session: String,
}

impl App {
    /// Makes an account: `name@example.org` with [`PASSWORD`].
    pub(crate) fn person(&self, name: &str) -> Person<'_> {
        self.somebody(admin::NewAccount {
            email: format!("{name}@example.org"),
            time_zone: Some("Europe/Paris".to_owned()),
            ..admin::NewAccount::default()
        })
    }

    pub(crate) fn somebody(&self, account: admin::NewAccount) -> Person<'_> {
        let account = admin::NewAccount { password_hash: Some(password_hash()), ..account };
        let made = self.administers(move |tx| admin::create_account(tx, &account));
        Person { app: self, id: made.id, email: made.email }
    }

    /// Makes an application that may have people sent back to [`REDIRECT_URI`].
    pub(crate) fn client(&self) -> Program<'_> {
        self.client_named("Weight Diary", REDIRECT_URI)
    }

    pub(crate) fn client_named(&self, name: &str, redirect_uri: &str) -> Program<'_> {
        let (name, redirect_uris) = (name.to_owned(), vec![redirect_uri.to_owned()]);
        let new = admin::NewApplication { name, redirect_uris, ..Default::default() };
        let made = self.administers(move |tx| admin::create_application(tx, &new));
        Program { app: self, id: made.client_id, secret: made.client_secret }
    }

    /// An application with everything a contract can bring.
    pub(crate) fn partner(&self) -> Program<'_> {
        let redirect_uris = vec![REDIRECT_URI.to_owned()];
        let made = self.administers(move |tx| {
            let name = "Clinic";
            let organization = admin::create_organization(tx, name, &Entitlement::ALL)?;
            let about = About {
                organization: Some(organization.id),
                entitlements: organization.entitlements,
                ..About::default()
            };
            let (name, redirect_uris) = (name.to_owned(), redirect_uris.clone());
            admin::create_application(tx, &admin::NewApplication { name, redirect_uris, about })
        });
        Program { app: self, id: made.client_id, secret: made.client_secret }
    }

    /// An application that was made elsewhere.
    pub(crate) fn program(&self, id: String, secret: String) -> Program<'_> {
        Program { app: self, id, secret }
    }

    /// Registers a scale for these people.
    pub(crate) fn registers_scale(&self, people: &[&Person<'_>]) {
        let users = people.iter().map(|person| person.id.to_string()).collect();
        let new = admin::NewDevice {
            mac: SCALE_MAC.to_owned(),
            model_id: SCALE_MODEL,
            users,
            ..Default::default()
        };
        self.administers(move |tx| admin::register_device(tx, &new));
    }

    /// Registers a scale for these people, and has it open a session.
    pub(crate) fn scale(&self, people: &[&Person<'_>]) -> Scale<'_> {
        self.registers_scale(people);
        let opened = self.posts("/cgi-bin/session", &[("action", "new"), ("auth", SCALE_MAC)]);
        let session = opened.body()["sessionid"].as_str().expect("a session").to_owned();
        Scale { app: self, session }
    }
}

impl<'a> Person<'a> {
    /// Walks the pages as a browser does: log-in, consent, and back to the program with a code.
    pub(crate) fn logs_in_and_allows(&self, program: &Program<'_>, scope: &str) -> String {
        let mut browser = Browser::new(self.app);
        let page = browser.opens(&program.authorize_address(scope, STATE));
        let consent = browser.logs_in(&page, &self.email, PASSWORD);
        let back = browser.decides(&consent, "allow");
        code_of(&back, STATE)
    }

    /// All of it: the pages, and the exchange of the code.
    pub(crate) fn lets(&self, program: &Program<'a>, scope: &str) -> Tokens<'a> {
        let code = self.logs_in_and_allows(program, scope);
        Tokens::of(self.app, program.exchanges(&code))
    }
}

/// The code in the address a person is sent back to.
pub(crate) fn code_of(back: &Answer, state: &str) -> String {
    assert_eq!(back.http, 302, "{back:?}");
    let address: url::Url = back.header("location").parse().expect("an address");
    assert!(address.as_str().starts_with(REDIRECT_URI), "{address}");
    let pairs: Vec<(String, String)> = address.query_pairs().into_owned().collect();
    let [(code_name, code), (state_name, given_back)] = pairs.as_slice() else {
        panic!("code and state, nothing else: {address}")
    };
    assert_eq!((code_name.as_str(), state_name.as_str()), ("code", "state"));
    assert_eq!(given_back, state);
    code.clone()
}

impl<'a> Program<'a> {
    pub(crate) fn authorize_address(&self, scope: &str, state: &str) -> String {
        self.authorize_with(&[("scope", scope), ("state", state)])
    }

    /// The address of the authorization page; the parameters given replace or add to the usual
    /// ones.
    pub(crate) fn authorize_with(&self, changed: &[(&str, &str)]) -> String {
        let mut usual = vec![
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "user.info,user.metrics"),
            ("state", STATE),
        ];
        usual.retain(|(name, _)| changed.iter().all(|(changed, _)| changed != name));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(usual)
            .extend_pairs(changed)
            .finish();
        format!("/oauth2_user/authorize2?{query}")
    }

    /// The usual fields of a token call.
    pub(crate) fn fields<'f>(&'f self, grant: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
        let mut fields = vec![
            ("action", "requesttoken"),
            ("client_id", self.id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        fields.extend_from_slice(grant);
        fields
    }

    pub(crate) fn exchanges(&self, code: &str) -> Answer {
        let grant =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT_URI)];
        self.app.posts("/v2/oauth2", &self.fields(&grant))
    }

    pub(crate) fn refreshes(&self, refresh_token: &str) -> Answer {
        let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.app.posts("/v2/oauth2", &self.fields(&grant))
    }

    /// A signed call: fields, with a nonce and the signature.
    pub(crate) fn signed(&self, action: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let sign = |action: &str, text: &str| {
            let signed = Signed { action, client_id: &self.id, nonce_or_timestamp: text };
            signed.sign(&self.secret)
        };
        let now = self.app.clock.now().to_string();
        let signature = sign("getnonce", &now);
        let asked = [
            ("action", "getnonce"),
            ("client_id", self.id.as_str()),
            ("timestamp", now.as_str()),
            ("signature", signature.as_str()),
        ];
        let nonce = self.app.posts("/v2/signature", &asked).body()["nonce"].clone();
        let nonce = nonce.as_str().expect("a nonce").to_owned();
        let signature = sign(action, &nonce);
        let proof = [("client_id", &self.id), ("nonce", &nonce), ("signature", &signature)];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let fields = fields.iter().copied().map(owned);
        fields.chain(proof.map(|(name, value)| owned((name, value)))).collect()
    }

    /// The tokens of a refresh that works.
    pub(crate) fn renews(&self, tokens: &Tokens<'_>) -> Tokens<'a> {
        Tokens::of(self.app, self.refreshes(&tokens.refresh))
    }
}

impl<'a> Tokens<'a> {
    pub(crate) fn of(app: &'a App, answer: Answer) -> Self {
        let body = answer.body();
        let text = |name: &str| body[name].as_str().expect("a token").to_owned();
        Self { app, access: text("access_token"), refresh: text("refresh_token"), answer }
    }

    /// Calls an operation as most programs do: POST, a form, `Authorization: Bearer`.
    pub(crate) fn reads(&self, action: &str) -> Answer {
        self.reads_with(action, &[])
    }

    /// The same at any path.
    pub(crate) fn calls(&self, path: &str, action: &str) -> Answer {
        self.calls_with(path, action, &[])
    }

    /// The same with parameters.
    pub(crate) fn calls_with(&self, path: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let form = [&[("action", action)], fields].concat();
        let request = self.app.request("POST", path).bearer_auth(&self.access);
        self.app.sends(request.form(&form))
    }

    pub(crate) fn reads_with(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let path = match action {
            "getdevice" => "/v2/user",
            _ => "/measure",
        };
        self.calls_with(path, action, fields)
    }
}

impl Scale<'_> {
    /// Uploads one weight, in grams, and says that it knew nobody.
    pub(crate) fn weighs(&self, grams: i64, at: i64) -> Answer {
        let (at, measures) = (at.to_string(), weight(grams));
        let fields = [
            ("action", "store"),
            ("sessionid", self.session.as_str()),
            ("macaddress", SCALE_MAC),
            ("userid", "0"),
            ("meastime", at.as_str()),
            ("devtype", "1"),
            ("attribstatus", "1"),
            ("measures", measures.as_str()),
        ];
        self.app.posts("/cgi-bin/measure", &fields)
    }
}

/// The parameter `measures` with one weight in grams.
pub(crate) fn weight(grams: i64) -> String {
    format!("{{\"measures\":[{{\"value\":{grams},\"type\":1,\"unit\":-3}}]}}")
}

/// The weights of a getmeas answer, newest first.
pub(crate) fn weights(answer: &Answer) -> Vec<Json> {
    let body = answer.body();
    let groups = body["measuregrps"].as_array().expect("groups").iter();
    groups.map(|group| group["measures"][0]["value"].clone()).collect()
}
