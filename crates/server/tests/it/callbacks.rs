//! Which callbacks are taken, and what the maker of a program learns of one that is not: the wire
//! says 293, the page of the application says why.

use crate::app::{App, Setup};
use crate::browser::Browser;
use crate::household::{PASSWORD, Person, Program, REDIRECT_URI, Tokens};
use crate::name_server::NameServer;
use crate::receiver::{Receiver, Reply};
use api::admin::NewApplication;
use domain::notification::Callbacks;
use std::net::TcpListener;
use store::application::About;

/// An application of somebody's own.
fn own_program<'a>(app: &'a App, owner: &Person<'_>) -> Program<'a> {
    let about = About { owner: Some(owner.id), ..About::default() };
    let (name, redirect_uris) = ("Diary".to_owned(), vec![REDIRECT_URI.to_owned()]);
    let new = NewApplication { name, redirect_uris, about };
    let made = app.administers(move |tx| api::admin::create_application(tx, &new));
    app.program(made.client_id, made.client_secret)
}

struct Maker<'a> {
    tokens: Tokens<'a>,
    browser: Browser<'a>,
    page: String,
}

impl<'a> Maker<'a> {
    fn of(app: &'a App) -> Self {
        let dev = app.person("dev");
        let program = own_program(app, &dev);
        let tokens = dev.lets(&program, "user.metrics");
        let browser = Browser::of(app, &dev.email, PASSWORD);
        Self { tokens, browser, page: format!("/developer/applications/{}", program.id) }
    }

    /// Subscribes, is refused, and reads why on the page.
    #[track_caller]
    fn is_refused(&mut self, callback: &str, why: &str) {
        let asked = [("callbackurl", callback), ("appli", "1")];
        let text = self.tokens.notify("subscribe", &asked).refused(293);
        assert_eq!(text, "The callback URL is either unknown or invalid");
        let page = self.browser.opens(&self.page).text;
        // The newest call comes first.
        let newest = page.split("subscribe").nth(1).unwrap_or_default();
        assert!(newest.contains(why), "{callback}: {newest}");
    }

    fn is_taken(&self, callback: &str) {
        self.tokens.notify("subscribe", &[("callbackurl", callback), ("appli", "1")]).body();
    }
}

#[test]
fn the_page_says_why_a_callback_was_refused() {
    let app = App::with(Setup { refuses_204: true, ..Setup::default() });
    let (mut maker, receiver) = (Maker::of(&app), Receiver::new());
    let at = receiver.url("/cb");
    let mut answers = |reply, why: &str| {
        receiver.will([reply]);
        maker.is_refused(&at, why);
        assert_eq!(receiver.next().method, "HEAD");
    };
    answers(Reply::Status(404, ""), "answered HEAD with 404");
    answers(Reply::Status(204, ""), "answered 204; answer 200");
    answers(Reply::Status(301, "location: https://a.example/\r\n"), "redirects are not followed");
    answers(Reply::HangUp, "broke off");
    answers(Reply::Raw(b"SSH-2.0-OpenSSH\r\n".to_vec()), "no HTTP");
    let floods = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000);
    answers(Reply::Raw(floods), "broke off");
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    maker.is_refused(&format!("http://127.0.0.1:{free}/cb"), "connection refused");
    maker.is_refused(&receiver.url("/cb").replace("http:", "https:"), "TLS failed");
    maker.is_refused("ftp://127.0.0.1/cb", "neither http nor https");
    maker.is_refused("http://me:secret@127.0.0.1/cb", "a name or a password");
    maker.is_refused(&format!("http://127.0.0.1/{}", "x".repeat(2_000)), "255 characters");
    assert!(maker.tokens.notify("list", &[]).body()["profiles"].as_array().unwrap().is_empty());
    maker.is_taken(&at);
}

#[test]
fn the_guides_rules_and_no_private_address() {
    let names = NameServer::begin();
    let name_server = Some(names.address());
    let callbacks = Callbacks::Public;
    let app = App::with(Setup { callbacks, name_server, ..Setup::default() });
    let mut maker = Maker::of(&app);
    for (callback, why) in [
        ("http://my.example.org/cb", "not https"),
        ("https://my.example.org:8443/cb", "neither 443 nor 80"),
        ("https://127.0.0.1/cb", "is a number"),
        ("https://[::1]/cb", "is a number"),
        ("https://2130706433/cb", "is a number"),
        ("https://localhost/cb", "network at home"),
        ("https://nas.local./cb", "network at home"),
        ("https://my.example.org/cb#x", "a fragment"),
    ] {
        maker.is_refused(callback, why);
    }
    assert_eq!(names.asked(), 0, "nobody was asked where any of these is");
    // What a name leads to is looked at too, wherever it says it is.
    for private in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1"] {
        names.leads("my.example.org", &[private], 0);
        maker.is_refused("https://my.example.org/cb", "private network");
    }
    names.leads("my.example.org", &[], 0);
    maker.is_refused("https://nowhere.example.org/cb", "no address (DNS)");
}

#[test]
fn a_name_is_asked_for_again_when_its_time_is_over_and_not_before() {
    let (names, receiver) = (NameServer::begin(), Receiver::new());
    let app = App::with(Setup { name_server: Some(names.address()), ..Setup::default() });
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    names.leads("receiver.test", &["127.0.0.1"], 3_600);
    let at = receiver.url("/cb").replace("127.0.0.1", "receiver.test");
    // Each of them ends the connection, so that the next one has to be made anew.
    for appli in ["1", "2", "4"] {
        receiver.will([Reply::Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec())]);
        tokens.notify("subscribe", &[("callbackurl", &at), ("appli", appli)]).body();
    }
    assert_eq!(names.asked(), 1);
    names.leads("brief.test", &["127.0.0.1"], 0);
    let at = receiver.url("/cb").replace("127.0.0.1", "brief.test");
    for appli in ["1", "2", "4"] {
        receiver.will([Reply::Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec())]);
        tokens.notify("subscribe", &[("callbackurl", &at), ("appli", appli)]).body();
    }
    assert_eq!(names.asked(), 4, "each time, as its life is over at once");
}
