//! What a caller got, in the form tests ask about.

use reqwest::blocking::Response;
use reqwest::header::HeaderMap;
use serde_json::Value as Json;

/// The headers a caller depends on; the others are the transport's.
const HEADERS_THAT_MATTER: [&str; 9] = [
    "allow",
    "cache-control",
    "content-security-policy",
    "content-type",
    "location",
    "referrer-policy",
    "set-cookie",
    "x-content-type-options",
    "x-request-id",
];

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) http: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn of(response: Response) -> Self {
        let (http, headers) = (response.status().as_u16(), response.headers().clone());
        Self { http, headers, text: response.text().expect("a whole answer, in UTF-8") }
    }

    /// A header that has to be there, once.
    pub(crate) fn header(&self, name: &str) -> &str {
        let all: Vec<_> = self.headers.get_all(name).iter().collect();
        assert_eq!(all.len(), 1, "{name} is there once in {self:?}");
        all[0].to_str().expect("a header of plain text")
    }

    /// Lines of JSON.
    pub(crate) fn lines(&self) -> Vec<Json> {
        assert_eq!(self.http, 200, "{self:?}");
        self.text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The envelope: only to be asked of answers of the API and the gateway.
    pub(crate) fn json(&self) -> Json {
        assert_eq!(self.http, 200, "{self:?}");
        serde_json::from_str(&self.text).expect("JSON")
    }

    pub(crate) fn status(&self) -> i64 {
        self.json()["status"].as_i64().expect("a whole number as status")
    }

    /// The body of a call that was answered.
    #[track_caller]
    pub(crate) fn body(&self) -> Json {
        let mut json = self.json();
        assert_eq!(json["status"], 0, "{self:?}");
        json["body"].take()
    }

    /// The text of a call that was refused, which has the shape every refusal has.
    #[track_caller]
    pub(crate) fn refused(&self, status: i64) -> String {
        let json = self.json();
        let error = json["error"].as_str().expect("an error text").to_owned();
        assert_eq!(json, serde_json::json!({ "status": status, "body": {}, "error": error }));
        assert_eq!(self.header("content-type"), "application/json");
        assert!(!error.is_empty());
        error
    }

    /// Status, headers that matter and body, for a snapshot.
    pub(crate) fn shown(&self) -> String {
        let headers = HEADERS_THAT_MATTER.iter().flat_map(|name| {
            let all = self.headers.get_all(*name).iter();
            all.map(move |value| format!("{name}: {}\n", value.to_str().expect("plain text")))
        });
        let body = match serde_json::from_str::<Json>(&self.text) {
            Ok(json) => format!("{json:#}"),
            Err(_) => self.text.clone(),
        };
        format!("{}\n{}\n{}\n", self.http, headers.collect::<String>(), body.trim_end())
    }
}
