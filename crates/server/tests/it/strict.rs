//! The strict profile over HTTP: what RFC 9700 asks and the real service does not.

use crate::answer::Answer;
use crate::app::{App, Setup};
use crate::browser::{Browser, decision_form};
use crate::household::{PASSWORD, Person, Program, REDIRECT_URI, STATE, Tokens};
use domain::Profile;

const ISSUER: &str = "https://health.example.org";
// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: [(&str, &str); 2] = [
    ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method", "S256"),
];

fn strict() -> App {
    let (public_url, profile) = (Some(ISSUER), Profile::Strict);
    App::with(Setup { public_url, profile, ..Setup::default() })
}

/// What the application is told at its own address.
fn told(back: &Answer) -> Vec<(String, String)> {
    assert_eq!(back.http, 302, "{back:?}");
    let address: url::Url = back.header("location").parse().expect("an address");
    address.query_pairs().into_owned().collect()
}

fn value(told: &[(String, String)], name: &str) -> Option<String> {
    told.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
}

/// Logs in, allows, and gives what the application is told.
fn allows(app: &App, person: &Person<'_>, program: &Program<'_>) -> Vec<(String, String)> {
    let mut browser = Browser::new(app);
    let page = browser.opens(&program.authorize_with(&CHALLENGE));
    let consent = browser.logs_in(&page, &person.email, PASSWORD);
    told(&browser.submits(&decision_form(&consent, "allow")))
}

fn exchanges(app: &App, program: &Program<'_>, code: &str, verifier: &str) -> Answer {
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", verifier),
    ];
    app.posts("/v2/oauth2", &program.fields(&grant))
}

#[test]
fn a_code_needs_its_verifier_and_comes_with_the_name_of_the_server() {
    let app = strict();
    let (anna, program) = (app.person("anna"), app.client());
    let back = allows(&app, &anna, &program);
    let names: Vec<&str> = back.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(value(&back, "iss").as_deref(), Some(ISSUER));
    let code = value(&back, "code").expect("a code");
    assert_eq!(exchanges(&app, &program, &code, VERIFIER).status(), 0);
    for wrong in ["", "short", CHALLENGE[0].1] {
        let back = allows(&app, &anna, &program);
        let code = value(&back, "code").expect("a code");
        exchanges(&app, &program, &code, wrong).refused(503);
    }
}

#[test]
fn without_a_challenge_nobody_is_asked() {
    let app = strict();
    let program = app.client();
    for (changed, problem) in [
        (vec![], "code_challenge is missing"),
        (vec![CHALLENGE[1]], "code_challenge is missing"),
        (vec![CHALLENGE[0]], "code_challenge_method must be S256"),
        (
            vec![CHALLENGE[0], ("code_challenge_method", "plain")],
            "code_challenge_method must be S256",
        ),
        (
            vec![("code_challenge", "short"), CHALLENGE[1]],
            "code_challenge must be 43 characters of base64url",
        ),
    ] {
        let back = told(&Browser::new(&app).opens(&program.authorize_with(&changed)));
        assert_eq!(value(&back, "error").as_deref(), Some("invalid_request"));
        assert_eq!(value(&back, "error_description").as_deref(), Some(problem));
        assert_eq!(value(&back, "iss").as_deref(), Some(ISSUER));
        assert_eq!(value(&back, "state").as_deref(), Some(STATE));
    }
}

#[test]
fn a_redirect_address_is_registered_letter_for_letter() {
    let app = strict();
    let program = app.client();
    for changed in [
        format!("{REDIRECT_URI}/deeper"),
        format!("{REDIRECT_URI}?more=1"),
        REDIRECT_URI.to_uppercase(),
        "https://evil.example/".to_owned(),
    ] {
        let asked = [&CHALLENGE[..], &[("redirect_uri", changed.as_str())]].concat();
        let page = Browser::new(&app).opens(&program.authorize_with(&asked));
        assert_eq!(page.http, 400, "{changed}");
        assert!(page.text.contains("none of the application"), "{}", page.text);
    }
}

#[test]
fn a_refresh_token_that_comes_twice_ends_its_grant() {
    let app = strict();
    let (anna, program) = (app.person("anna"), app.client());
    let code = value(&allows(&app, &anna, &program), "code").expect("a code");
    let first = Tokens::of(&app, exchanges(&app, &program, &code, VERIFIER));
    let second = program.renews(&first);
    assert_eq!(second.reads("getdevice").status(), 0);
    program.refreshes(&first.refresh).refused(503);
    second.reads("getdevice").refused(401);
    program.refreshes(&second.refresh).refused(503);
}

#[test]
fn an_application_without_a_public_address_has_ten_people() {
    let app = strict();
    let home = "http://localhost:8888/callback";
    let program = app.client_named("At home", home);
    let asked = [&CHALLENGE[..], &[("redirect_uri", home)]].concat();
    let outcome = |person: &Person<'_>| {
        let mut browser = Browser::new(&app);
        let page = browser.opens(&program.authorize_with(&asked));
        let consent = browser.logs_in(&page, &person.email, PASSWORD);
        let back = told(&browser.submits(&decision_form(&consent, "allow")));
        if let Some(code) = value(&back, "code") {
            let grant = [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", home),
                ("code_verifier", VERIFIER),
            ];
            app.posts("/v2/oauth2", &program.fields(&grant)).body();
        }
        value(&back, "error")
    };
    let people: Vec<_> = (0..11).map(|number| app.person(&format!("p{number}"))).collect();
    for person in &people[..10] {
        assert_eq!(outcome(person), None);
    }
    assert_eq!(outcome(&people[10]).as_deref(), Some("access_denied"));
    // Who is one of the ten can come again.
    assert_eq!(outcome(&people[3]), None);
}

#[test]
fn the_compatible_profile_takes_a_challenge_from_who_gives_one() {
    let app = App::new();
    let (anna, program) = (app.person("anna"), app.client());
    let back = allows(&app, &anna, &program);
    let names: Vec<&str> = back.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state"]);
    let code = value(&back, "code").expect("a code");
    program.exchanges(&code).refused(503);
    let code = value(&allows(&app, &anna, &program), "code").expect("a code");
    assert_eq!(exchanges(&app, &program, &code, VERIFIER).status(), 0);
}
