//! Devices that hand over measures while things break. A batch holds one measure; it is sent again
//! until it is acknowledged, under the name it had, so that in the end every one is stored once.

use crate::http::{is_fine, post};
use crate::ledger::Ledger;
use crate::plan::{Plan, STORM};
use crate::server::Server;
use crate::site::Person;
use crate::storm::Storm;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use std::time::{Duration, Instant};

/// The moment of the first measure: long ago, whatever clock the machine has.
const AT: i64 = 1_700_000_000;
/// The moments of measures are this far apart.
const APART_SECONDS: i64 = 60;
/// Before a batch is sent again.
const PAUSE: Duration = Duration::from_millis(150);
/// Category 1: weight.
const APPLI: i64 = 1;

/// The moment of a person's measure of that number.
pub(crate) fn moment(number: usize) -> i64 {
    AT + APART_SECONDS * i64::try_from(number).unwrap_or(0)
}

/// Has an application told of a person's weights.
pub(crate) fn subscribe(server: &Server, person: &Person, callback: &str) -> Result<()> {
    let to = server.address().context("the server does not listen")?;
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("action", "subscribe")
        .append_pair("callbackurl", callback)
        .append_pair("appli", &APPLI.to_string())
        .finish();
    let answer = post(to, "/notify", &person.token, "application/x-www-form-urlencoded", &form)?;
    ensure!(is_fine(&answer), "a subscription was refused: {answer}");
    Ok(())
}

/// Where batches go, and how long they are tried.
pub(crate) struct Writing<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) servers: &'a [Server],
    pub(crate) storm: &'a Storm,
    pub(crate) ledger: &'a Ledger,
    pub(crate) until: Instant,
}

impl Writing<'_> {
    /// Sends the batches of one writer, spread over the storm: all are acknowledged then.
    pub(crate) fn write(&self, person: &Person, writer: usize) -> Result<()> {
        let storm_ms = u64::try_from(STORM.as_millis())?;
        let batches = self.plan.batches;
        for batch in 0..batches {
            let at = storm_ms * u64::try_from(batch)? / u64::try_from(batches)?;
            self.storm.wait_until(at);
            self.deliver(person, writer * batches + batch)?;
        }
        Ok(())
    }

    fn deliver(&self, person: &Person, number: usize) -> Result<()> {
        let taken_at = moment(number);
        let weight = 70_000 + i64::try_from(number)?;
        let batch = json!({ "records": [{
            "id": format!("weight-{number}"),
            "type": "measures",
            "taken_at": taken_at,
            "userid": person.user,
            "measures": [{ "type": 1, "value": weight, "unit": -3 }],
        }] });
        let batch = batch.to_string();
        // One after the other, from another one on for each batch.
        let servers = self.servers.iter().cycle().skip(number % self.servers.len());
        for server in servers {
            if let Some(to) = server.address() {
                let json = "application/json";
                match post(to, "/device/v1/sync", &person.device, json, &batch) {
                    Ok(answer) if is_fine(&answer) => return Ok(()),
                    Ok(_) => self.ledger.count("batch refused, sent again"),
                    Err(_) => self.ledger.count("batch without an answer, sent again"),
                }
            }
            ensure!(
                Instant::now() < self.until && !self.storm.is_over(),
                "a batch was never acknowledged"
            );
            self.storm.pause(PAUSE);
        }
        bail!("there is no server")
    }
}
