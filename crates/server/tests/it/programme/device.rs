//! A device that knows nothing but its token and what the answers of its syncs say, and does that.

use crate::app::App;
use domain::Clock as _;
use serde_json::{Value, json};

/// A device as it stands in somebody's home.
pub(super) struct Device<'a> {
    app: &'a App,
    token: String,
    /// Records it ever sent: each has a name of its own.
    sent: usize,
    /// What it was told last.
    pub(super) told: Value,
}

impl<'a> Device<'a> {
    pub(super) fn new(app: &'a App, mac: &'static str) -> Self {
        let issue = move |tx: &mut store::Tx<'_>| api::admin::issue_device_token(tx, mac, false);
        let (_, token) = app.administers(issue);
        Self { app, token, sent: 0, told: Value::Null }
    }

    /// Hands over records, whose ids it makes up, and keeps in mind what it is told.
    #[track_caller]
    pub(super) fn syncs(&mut self, mut records: Vec<Value>) {
        for record in &mut records {
            self.sent += 1;
            record["id"] = json!(format!("record/{}", self.sent));
        }
        let batch = json!({ "records": records });
        self.told = self.app.hands_over(&self.token, &batch).body();
        assert_eq!(self.told["stored"], records.len(), "{}", self.told);
    }

    /// A list of the last answer; what is absent is empty.
    pub(super) fn list(&self, name: &str) -> Vec<Value> {
        self.told[name].as_array().cloned().unwrap_or_default()
    }

    /// What the answer asks it for at once: that it has the nudges, and raw data of the sensors.
    pub(super) fn obeys(&self) -> Vec<Value> {
        let now = self.app.clock.now();
        let nudges = self.list("nudges").into_iter().map(|nudge| {
            let (campaign, event) = (&nudge["campaignid"], "delivered");
            json!({ "type": "nudge", "campaignid": campaign, "event": event, "date": now })
        });
        let rawdata = self.list("rawdata").into_iter().map(|capture| {
            json!({
                "type": "rawdata", "rawdata_type": capture["rawdata_type"], "startdate": now,
                "enddate": now, "format_version": 2, "firmware_version": 2371,
                "sensor_name": "ADXL362_RAW", "data": { "acc_x": [12, 15], "acc_y": [3, 1] },
            })
        });
        nudges.chain(rawdata).collect()
    }

    /// What stands on its screen when somebody of so many grams does: the weight unless that is
    /// hidden, and what the nudges say. And the records of it.
    pub(super) fn weighs(&self, grams: i64) -> (Vec<String>, Vec<Value>) {
        let now = self.app.clock.now();
        let is_hidden = self.list("features").iter().any(|feature| {
            feature["feature_name"] == "feature_eyes_closed_mode" && feature["active"] == true
        });
        let mut screens = Vec::new();
        if !is_hidden {
            screens.push(format!("{grams} g"));
        }
        let mut records = vec![measures(now, &[(1, grams, -3)])];
        for nudge in self.list("nudges") {
            let lines = nudge["content"].as_array().expect("two lines").iter();
            let lines: Vec<_> = lines.map(|line| line.as_str().expect("a text")).collect();
            let at = if nudge["position"] == "first" { 0 } else { screens.len() };
            screens.insert(at, lines.join(" "));
            let (campaign, event) = (&nudge["campaignid"], "displayed");
            records.push(
                json!({ "type": "nudge", "campaignid": campaign, "event": event, "date": now }),
            );
        }
        (screens, records)
    }

    /// Systolic and diastolic pressure, measured now.
    pub(super) fn measures(&self, systolic: i64, diastolic: i64) -> Vec<Value> {
        vec![measures(self.app.clock.now(), &[(10, systolic, 0), (9, diastolic, 0)])]
    }

    /// Asks what is due, question by question; the person chooses of the texts they are shown.
    pub(super) fn asks(&self, chosen: &[&str]) -> Vec<Value> {
        let surveys = self.list("surveys");
        let answer = |due: Value| {
            let asked = surveys.iter().find(|survey| survey["surveyid"] == due["surveyid"]);
            let asked = asked.expect("a survey of this number")["data"].clone();
            let questions = asked.as_array().expect("questions").iter();
            let answers = questions.filter(|question| question["type"] != "statement");
            let answers = answers.map(|question| {
                let suggested = question["suggestions"].as_array().expect("suggestions").iter();
                let ids = suggested.filter(|one| chosen.iter().any(|text| one["text"] == *text));
                let ids: Vec<_> = ids.map(|one| one["id"].clone()).collect();
                (question["id"].as_str().expect("an id").to_owned(), Value::from(ids))
            });
            let answers: serde_json::Map<String, Value> = answers.collect();
            json!({
                "type": "survey", "surveyid": due["surveyid"], "grpid": due["grpid"],
                "date": self.app.clock.now(), "answers": answers,
            })
        };
        self.list("due").into_iter().map(answer).collect()
    }
}

fn measures(at: i64, measures: &[(i64, i64, i64)]) -> Value {
    let one = |(kind, value, unit)| json!({ "type": kind, "value": value, "unit": unit });
    let measures: Vec<Value> = measures.iter().copied().map(one).collect();
    json!({ "type": "measures", "taken_at": at, "measures": measures })
}
