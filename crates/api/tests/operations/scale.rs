//! A scale of the older kind, and what it says.

use crate::app::{App, status};
use api::admin::{self, Account, NewDevice};
use serde_json::Value;

/// The number of a model that weighs.
pub(crate) const SCALE_MODEL: i64 = 5;

/// A registered scale.
pub(crate) struct Scale<'a> {
    app: &'a App,
    /// Its hardware address, as older scales write it.
    pub(crate) mac: String,
}

impl App {
    /// A scale with the n-th hardware address, used by these people.
    pub(crate) fn scale(&self, number: u8, people: &[&Account]) -> Scale<'_> {
        let mac = format!("00:24:e4:00:00:{number:02x}");
        let users = people.iter().map(|person| person.email.clone()).collect();
        let device =
            NewDevice { mac: mac.clone(), model_id: SCALE_MODEL, users, ..Default::default() };
        self.does(move |tx| admin::register_device(tx, &device));
        Scale { app: self, mac }
    }
}

impl Scale<'_> {
    /// Opens a session, saying `more` about itself: the body of the answer.
    #[track_caller]
    pub(crate) fn begins(&self, more: &str) -> Value {
        let mut answer = self.app.scale_call("/cgi-bin/session", &self.greeting(more));
        assert_eq!(status(&answer), 0, "{answer}");
        answer["body"].take()
    }

    /// What it says when it opens a session.
    pub(crate) fn greeting(&self, more: &str) -> String {
        let mac = &self.mac;
        format!("action=new&auth={mac}&macaddress={mac}&mfgid=0&hash=0&duration=30&{more}")
    }

    /// The id of a new session.
    #[track_caller]
    pub(crate) fn session(&self) -> String {
        self.begins("")["sessionid"].as_str().unwrap().to_owned()
    }

    /// Hands over measures, as JSON, taken at `date`: the whole answer.
    #[track_caller]
    pub(crate) fn sends(&self, date: i64, measures: &str, more: &str) -> Value {
        let (session, mac) = (self.session(), &self.mac);
        let measures: String = percent(measures);
        let form = format!(
            "action=store&sessionid={session}&macaddress={mac}&meastime={date}&devtype=1\
             &measures={measures}&{more}"
        );
        self.app.scale_call("/cgi-bin/measure", &form)
    }

    /// Hands over a weight, without knowing whose it is.
    #[track_caller]
    pub(crate) fn weighs(&self, date: i64, grams: i64) {
        self.weighs_for("userid=0&attribstatus=1", date, grams);
    }

    /// Hands over a weight with an opinion whose it is.
    #[track_caller]
    pub(crate) fn weighs_for(&self, opinion: &str, date: i64, grams: i64) {
        let answer = self.sends(date, &weights(&[grams]), opinion);
        assert_eq!(status(&answer), 0, "{answer}");
    }
}

/// Weights in grams, in the words of a scale.
pub(crate) fn weights(grams: &[i64]) -> String {
    let measures: Vec<String> =
        grams.iter().map(|grams| format!("{{\"value\":{grams},\"type\":1,\"unit\":-3}}")).collect();
    format!("{{\"measures\":[{}]}}", measures.join(","))
}

/// A text as a form carries it.
pub(crate) fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
