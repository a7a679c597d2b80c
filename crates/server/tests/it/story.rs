//! The whole story once: a scale uploads, a person allows a program to read, the program reads. The
//! snapshot is the same on either engine.

use crate::answer::Answer;
use crate::app::{App, Engine, NOW};
use crate::browser::Browser;
use crate::household::{PASSWORD, SCALE_MAC, STATE, Tokens, code_of, weight};
use crate::on_both_engines;
use api::admin::NewAccount;
use domain::person::Gender;

on_both_engines!(a_weighing_reaches_the_program);

/// What was called and what came back, to be read by people.
#[derive(Default)]
struct Transcript {
    text: String,
    drawn: Vec<String>,
}

impl Transcript {
    fn note(&mut self, call: &str, answer: &Answer) {
        let shown = answer.shown();
        let mut rest = shown.as_str();
        self.text.push_str(&format!("=== {call}\n"));
        while let Some(at) = rest.find(is_digit) {
            let (before, from) = rest.split_at(at);
            let (word, after) = from.split_at(from.find(|c| !is_digit(c)).unwrap_or(from.len()));
            self.text.push_str(before);
            self.write(word);
            rest = after;
        }
        self.text.push_str(&format!("{rest}\n"));
    }

    /// What was drawn at random is called by its place among what was drawn, so that a story stays
    /// the same when something else draws too.
    fn write(&mut self, word: &str) {
        if word.len() < DRAWN_DIGITS_MIN && !self.drawn.iter().any(|drawn| drawn == word) {
            return self.text.push_str(word);
        }
        let known = self.drawn.iter().position(|drawn| drawn == word).unwrap_or_else(|| {
            self.drawn.push(word.to_owned());
            self.drawn.len() - 1
        });
        self.text.push_str(&format!("<drawn {known}>"));
    }
}

/// Everything shorter is a time or a value, but for the numbers of people.
const DRAWN_DIGITS_MIN: usize = 16;

fn is_digit(letter: char) -> bool {
    matches!(letter, '0'..='9' | 'a'..='f' | '-')
}

fn a_weighing_reaches_the_program(engine: Engine) {
    let app = App::on(engine);
    let anna = app.somebody(NewAccount {
        email: "anna@example.org".to_owned(),
        short_name: Some("ANN".to_owned()),
        time_zone: Some("Europe/Paris".to_owned()),
        birth_date: Some(jiff::civil::date(1984, 5, 16)),
        gender: Some(Gender::Woman),
        height_m: Some("1.68".to_owned()),
        weight_kg: Some("67".to_owned()),
        goal_weight_kg: Some("64.5".to_owned()),
        ..NewAccount::default()
    });
    let mut transcript = Transcript::default();
    transcript.drawn.push(anna.id.0.to_string());
    app.registers_scale(&[&anna]);
    app.clock.advance(600);
    a_scale_uploads(&app, &mut transcript);
    app.clock.advance(60);

    let program = app.client();
    let mut browser = Browser::new(&app);
    let login = browser.opens(&program.authorize_address("user.info,user.metrics", STATE));
    transcript.note("the person follows the program's link", &login);
    let sent = browser.submits(&crate::browser::login_form(&login, &anna.email, PASSWORD));
    transcript.note("the person logs in", &sent);
    let consent = browser.opens(sent.header("location"));
    transcript.note("the browser follows", &consent);
    let back = browser.decides(&consent, "allow");
    transcript.note("the person allows it", &back);

    let exchanged = program.exchanges(&code_of(&back, STATE));
    transcript.note("the program exchanges the code", &exchanged);
    let tokens = Tokens::of(&app, exchanged);
    transcript.note("the program calls getmeas", &tokens.reads("getmeas"));
    transcript.note("the program calls getdevice", &tokens.reads("getdevice"));
    app.clock.advance(10_800);
    transcript.note("three hours later it calls getmeas", &tokens.reads("getmeas"));
    let renewed = program.refreshes(&tokens.refresh);
    transcript.note("the program refreshes", &renewed);
    let renewed = Tokens::of(&app, renewed);
    let since = NOW.to_string();
    let changes = renewed.reads_with("getmeas", &[("lastupdate", &since)]);
    transcript.note("the program asks what has changed", &changes);
    transcript.note("the old refresh token comes again", &program.refreshes(&tokens.refresh));
    insta::assert_snapshot!("a_weighing_reaches_the_program", transcript.text);
}

fn a_scale_uploads(app: &App, transcript: &mut Transcript) {
    let once = app.posts("/cgi-bin/once", &[("action", "get")]);
    transcript.note("the scale asks for a token", &once);
    let fields = [
        ("action", "new"),
        ("auth", SCALE_MAC),
        ("macaddress", SCALE_MAC),
        ("mfgid", "262151"),
        ("hash", "3f2a9b7c51d0e8"),
        ("currentfw", "1651"),
        ("batterylvl", "80"),
        ("duration", "30"),
        ("zreboot", "1"),
    ];
    let opened = app.posts("/cgi-bin/session", &fields);
    transcript.note("the scale opens a session", &opened);
    let session = opened.body()["sessionid"].as_str().expect("a session").to_owned();
    let (at, measures) = ((NOW + 590).to_string(), weight(66_850));
    let fields = [
        ("action", "store"),
        ("sessionid", session.as_str()),
        ("macaddress", SCALE_MAC),
        ("userid", "0"),
        ("meastime", at.as_str()),
        ("devtype", "1"),
        ("attribstatus", "1"),
        ("measures", measures.as_str()),
    ];
    transcript.note("the scale hands over 66.850 kg", &app.posts("/cgi-bin/measure", &fields));
    transcript.note("the answer got lost: again", &app.posts("/cgi-bin/measure", &fields));
    let end = [("action", "delete"), ("sessionid", session.as_str())];
    transcript.note("the scale ends its session", &app.posts("/cgi-bin/session", &end));
    let late = app.posts("/cgi-bin/measure", &fields);
    transcript.note("it uploads without a session", &late);
}
