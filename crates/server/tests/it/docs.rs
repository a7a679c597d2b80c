//! The document of the API and the page that shows it: served by this server alone.

use crate::answer::Answer;
use crate::app::{App, Setup};
use crate::scales;
use serde_json::Value;

/// Every address in an attribute of a page, or in `url(…)` of a style sheet.
fn addresses<'t>(text: &'t str, openings: &[(&str, char)]) -> Vec<&'t str> {
    let found = openings.iter().flat_map(|(opening, end)| {
        text.split(opening).skip(1).map(|rest| rest.split(*end).next().unwrap_or(rest))
    });
    found.collect()
}

/// The sources a policy allows, with what for.
fn sources(page: &Answer) -> Vec<&str> {
    page.header("content-security-policy").split(';').map(str::trim).collect()
}

#[test]
fn the_document_is_json_for_the_address_the_server_is_known_by() {
    let public_url = Some("https://health.example.org");
    let app = App::with(Setup { public_url, ..Setup::default() });
    let answer = app.gets("/openapi.json");
    assert_eq!((answer.http, answer.header("content-type")), (200, "application/json"));
    let document: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(document, api::openapi::document(public_url));
    let here = App::new().gets("/openapi.json");
    assert_eq!(serde_json::from_str::<Value>(&here.text).unwrap(), api::openapi::document(None));
}

#[test]
fn the_page_fetches_nothing_from_elsewhere() {
    let app = App::new();
    for path in ["/docs", "/docs/"] {
        let page = app.gets(path);
        assert_eq!((page.http, page.header("content-type")), (200, "text/html; charset=utf-8"));
        let wanted = addresses(&page.text, &[("src=\"", '"'), ("href=\"", '"')]);
        assert!(wanted.len() >= 4, "{}", page.text);
        for address in wanted.into_iter().filter(|address| *address != "data:,") {
            assert!(address.starts_with('/') && !address.starts_with("//"), "{address}");
            assert_eq!(app.gets(address).http, 200, "{address}");
        }
        assert!(!page.text.contains("<script>"), "no script in the page: the policy forbids it");
        // Whatever the viewer would like to fetch, the browser does not.
        let expected = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ];
        assert_eq!(sources(&page), expected);
    }
    let style = app.gets("/docs/swagger-ui.css");
    let wanted = addresses(&style.text, &[("url(", ')')]);
    assert!(!wanted.is_empty());
    for address in wanted {
        assert!(address.trim_matches(['"', '\'']).starts_with("data:"), "{address}");
    }
    assert!(!style.text.contains("@import"));
    let start = app.gets("/docs/docs.js");
    assert!(start.text.contains("\"/openapi.json\"") && start.text.contains("validatorUrl: null"));
    assert!(!start.text.contains("://"), "{}", start.text);
}

#[test]
fn what_the_page_is_made_of_keeps_the_policy_of_all_others() {
    let app = App::new();
    for (path, kind) in [
        ("/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
        ("/openapi.json", "application/json"),
    ] {
        let file = app.gets(path);
        assert_eq!((file.http, file.header("content-type")), (200, kind), "{path}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(sources(&file)[1], "style-src 'self'", "{path}");
    }
    assert_eq!(app.gets("/docs/unknown.js").http, 404);
}

#[test]
fn a_listener_of_the_scales_own_has_no_documents() {
    let app = App::with(Setup { has_scale_listener: true, ..Setup::default() });
    for path in ["/docs", "/openapi.json"] {
        let asked = scales::at(app.scale_address(), "GET", path);
        assert_eq!(asked.send().unwrap().status(), 404, "{path}");
    }
}
