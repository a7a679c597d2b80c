//! The request a notification is: a form or JSON, signed where the subscription asks for it.

use crate::outbound::Sending;
use domain::notification::{MessageId, signing};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use store::delivery::Waiting;
use store::notification::ORDER;

/// What health data notifications are.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The request a notification is.
pub(super) fn sending(waiting: &Waiting, now: i64) -> Sending<'_> {
    let mut headers = HeaderMap::new();
    let id = MessageId { user: waiting.user, number: waiting.id }.to_string();
    if let Some(signature) = signing::signatures(&waiting.secrets, &id, now, &waiting.body) {
        let values = [
            ("webhook-id", id),
            ("webhook-timestamp", now.to_string()),
            ("webhook-signature", signature),
        ];
        for (name, value) in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
    let content_type = if waiting.appli == ORDER { "application/json" } else { FORM };
    Sending { url: &waiting.callback, content_type, body: waiting.body.clone(), headers }
}
