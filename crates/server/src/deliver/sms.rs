//! Texts to phones: handed over as JSON to an address the operator chose, which sends them. What it
//! is and whom it asks is not known here.

use crate::outbound::{Outbound, Sending};
use api::account::Sms;
use domain::notification::{Outcome, Rule};
use reqwest::header::HeaderMap;
use serde_json::json;

/// Where texts are handed over.
pub(crate) struct SmsHook {
    url: String,
    outbound: Outbound,
    rule: Rule,
}

impl SmsHook {
    pub(super) const fn new(url: String, outbound: Outbound, rule: Rule) -> Self {
        Self { url, outbound, rule }
    }

    /// Hands a text over: `{"to": "+33…", "text": "…"}`. It is tried once, as whoever waits for it
    /// asks again. The log says no more than whether it was taken.
    pub(crate) async fn send(&self, sms: &Sms) {
        let request = Sending {
            url: &self.url,
            content_type: "application/json",
            body: json!({ "to": sms.to, "text": sms.text }).to_string(),
            headers: HeaderMap::new(),
        };
        let sent = self.outbound.send(request, &self.rule).await;
        match sent.outcome {
            Outcome::Delivered => tracing::info!("a text was handed over to sms_hook"),
            outcome => tracing::warn!(?outcome, http = sent.http, "sms_hook took no text"),
        }
    }
}
