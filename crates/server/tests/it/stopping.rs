//! How a server ends: requests in hand are finished, new ones are not taken, and health is told
//! truthfully.

use crate::app::{App, Engine};
use crate::household::weights;
use crate::on_both_engines;
use crate::raw::Connection;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// As `server` has it: requests that do not finish are broken off after this time.
const FINISH_WAIT: Duration = Duration::from_secs(10);

on_both_engines!(a_request_in_hand_is_finished, health_is_told_truthfully);

/// Returns once the address refuses connections.
pub(crate) fn waits_until_refused(address: SocketAddr) {
    let begun = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(begun.elapsed() < FINISH_WAIT / 2, "{address} still takes connections");
        std::thread::yield_now();
    }
}

fn a_request_in_hand_is_finished(engine: Engine) {
    let app = App::on(engine);
    let anna = app.person("anna");
    let scale = app.scale(&[&anna]);
    let (tokens, address) = (anna.lets(&app.client(), "user.metrics"), app.address());
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("action", "store")
        .append_pair("sessionid", &scale.session)
        .append_pair("meastime", "1790000000")
        .append_pair("measures", &crate::household::weight(66_850))
        .finish();
    let (half, rest) = form.split_at(form.len() / 2);
    let mut upload = Connection::to(address);
    upload.writes(format!(
        "POST /cgi-bin/measure HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\n\r\n",
        form.len()
    ));
    // The server says so when it has begun to read the body: the request is in hand.
    assert!(upload.reads_head().starts_with("HTTP/1.1 100 "));
    upload.writes(half);

    let stopping = app.stops_meanwhile();
    waits_until_refused(address);
    assert!(!stopping.is_finished(), "it waits for the request");
    upload.writes(rest);
    let (head, body) = upload.reads_answer();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(body, r#"{"status":0}"#);
    app.waits_for(stopping);
    assert_eq!(upload.reads_to_end(), "", "the connection ends with its answer");

    app.begin();
    assert_eq!(weights(&tokens.reads("getmeas")), [66_850]);
}

#[test]
fn connections_without_a_request_do_not_hold_it_up() {
    let app = App::new();
    let address = app.address();
    let mut silent = Connection::to(address);
    let mut idle = Connection::to(address);
    // Answered after `silent` was accepted: connections are taken in order.
    idle.writes("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(idle.reads_answer().0.starts_with("HTTP/1.1 200 "));
    let begun = Instant::now();
    app.stop();
    assert!(begun.elapsed() < FINISH_WAIT / 2, "it took {:?}", begun.elapsed());
    assert_eq!((silent.reads_to_end(), idle.reads_to_end()), (String::new(), String::new()));
    waits_until_refused(address);
}

fn health_is_told_truthfully(engine: Engine) {
    let app = App::on(engine);
    let tokens = app.person("anna").lets(&app.client(), "user.metrics");
    let well = app.gets("/healthz");
    assert_eq!((well.http, well.text.as_str()), (200, "{\"status\":\"ok\"}\n"));
    app.db().close();
    // The process is well, so it is not to be started again; what is ill is said by /readyz.
    let ill = app.gets("/healthz");
    assert_eq!((ill.http, ill.text.as_str()), (200, "{\"status\":\"ok\"}\n"));
    assert_eq!(app.gets("/readyz").http, 503);
    for answer in [well, ill] {
        assert_eq!(answer.header("content-type"), "application/json");
    }
    assert_eq!(tokens.reads("getmeas").refused(2556), "An error occurred");
    let page = app.gets(&app_page());
    assert_eq!(page.http, 503);
    assert_eq!(page.text, "Something went wrong. Please try again.\n");
}

fn app_page() -> String {
    "/oauth2_user/authorize2?response_type=code&client_id=x&state=s&scope=user.info".to_owned()
}
