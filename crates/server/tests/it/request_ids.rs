//! Request ids in and out: a proxy's is taken and given back, everything else gets one of ours.

use crate::answer::Answer;
use crate::app::App;
use crate::raw::Connection;

fn answered(app: &App, headers: &[(&str, &str)]) -> Answer {
    let request = app.request("GET", "/v2/measure?action=getmeas");
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Answer::of(request.send().expect("an answer"))
}

fn is_ours(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[test]
fn the_id_of_a_proxy_is_given_back() {
    let app = App::new();
    for id in [
        "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "4BF92F3577B34DA6A3CE929D0E0E4736",
        "0123456789abcdef",
    ] {
        assert_eq!(answered(&app, &[("x-request-id", id)]).header("x-request-id"), id);
    }
}

#[test]
fn an_id_that_could_be_something_else_is_not_taken() {
    let app = App::new();
    // The last is as long as a token.
    for id in [
        "",
        "0123456789abcde",
        "anna@example.org-----",
        "00:24:e4:5c:a1:e5:00:24",
        "0123456789abcdef\tforged=1",
        "0123456789abcdef0123456789abcdef01234567",
    ] {
        let answer = answered(&app, &[("x-request-id", id)]);
        assert!(is_ours(answer.header("x-request-id")), "{id}: {answer:?}");
    }
    let two = [("x-request-id", "0123456789abcdef"), ("x-request-id", "fedcba9876543210")];
    let answer = answered(&app, &two);
    assert!(two.iter().all(|(_, id)| answer.header("x-request-id") != *id), "{answer:?}");
    let mut raw = Connection::to(app.address());
    raw.writes(
        b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: \xff\xfe0123456789abcdef\r\n\r\n",
    );
    let (head, _) = raw.reads_answer();
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).expect("an id");
    assert!(is_ours(id), "{head}");
}
