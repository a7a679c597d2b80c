//! Devices that hand over what happened: to any node, at once, again, in vain and half. What is
//! seen of it is `traffic.rs`.

use crate::app::{App, NOW};
use crate::household::Person;
use crate::traffic::{DAYS_BEFORE, Traffic};
use api::{admin, sync};
use domain::{DAY_SECONDS, EntropyExt as _, Error, Failure, Result, SeededEntropy};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Waker};
use store::{Access, Db, Tx};

/// Batches of each who writes.
const BATCHES: usize = 10;

/// A device that talks to a server, through any node.
#[derive(Clone)]
pub(crate) struct Device {
    token: String,
}

impl Device {
    pub(crate) fn of(app: &App, mac: &'static str, model_id: i64, people: &[&Person<'_>]) -> Self {
        let users = people.iter().map(|person| person.id.to_string()).collect();
        let new = admin::NewDevice { mac: mac.to_owned(), model_id, users, ..Default::default() };
        let token = app.administers(move |tx| {
            admin::register_device(tx, &new)?;
            Ok(admin::issue_device_token(tx, mac, false)?.1)
        });
        Self { token }
    }

    /// The work of handing over, with something that happens after it, before it is kept.
    pub(crate) fn work(
        &self,
        batch: &str,
        then: impl Fn() -> Result<()> + Send + Sync + 'static,
    ) -> impl Fn(&mut Tx<'_>) -> Result<Value> + Send + Sync + 'static {
        let (token, batch) = (self.token.clone(), sync::Batch::read(batch.as_bytes()));
        move |tx| {
            let bytes = sync::answer(tx, Some(&token), &batch)?;
            then()?;
            Ok(serde_json::from_slice(&bytes).expect("JSON"))
        }
    }

    /// Hands over until it is kept, as devices do: what the answer says.
    pub(crate) fn hands_over(&self, db: &Db, batch: &str) -> Value {
        const TRIES_MAX: usize = 200;
        let once = || db.run_blocking(Access::Write, self.work(batch, || Ok(())));
        let mut answers = (0..TRIES_MAX).map(|_| once());
        let answer = answers.find(|answer| !matches!(answer, Err(Error::Failed(_))));
        answer.expect("an answer").expect("kept")
    }
}

pub(crate) fn batch(records: &[Value]) -> String {
    json!({ "records": records }).to_string()
}

/// What was told of one person by now, as nobody can count twice.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) minutes: BTreeSet<i64>,
    pub(crate) workouts: BTreeSet<i64>,
    pub(crate) events: BTreeSet<String>,
    pub(crate) weighings: BTreeSet<i64>,
}

/// The steps of a minute: whoever tells it again tells the same.
pub(crate) fn steps(at: i64) -> i64 {
    50 + at / 60 % 50
}

/// What becomes of a batch before it is kept at last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    /// Nothing.
    None,
    /// Nobody waits for the answer.
    Abandoned,
    /// All is written, and then it fails.
    Failed,
    /// The connections of all who write at this moment are lost.
    Broken,
    /// It comes twice at once, through any nodes.
    Twice,
    /// The answer is lost.
    Again,
    /// There is a flaw in it.
    Flawed,
}

impl Mishap {
    const ALL: [Self; 7] = [
        Self::None,
        Self::Abandoned,
        Self::Failed,
        Self::Broken,
        Self::Twice,
        Self::Again,
        Self::Flawed,
    ];
}

/// One who writes: where it goes, and what happens to it, is drawn.
pub(crate) struct Writer<'t> {
    pub(crate) traffic: &'t Traffic<'t>,
    pub(crate) number: usize,
    pub(crate) random: SeededEntropy,
}

impl Writer<'_> {
    fn draw(&self, end: i64) -> i64 {
        self.random.number(0, end)
    }

    /// A record of the watch, and a note of it.
    fn record(&self, id: &str) -> Value {
        let who = usize::from(self.draw(3) == 0);
        let user = self.traffic.people[who];
        let mut told = self.traffic.told.lock().unwrap();
        let told = &mut told[who];
        let minute = NOW - 60 * (1 + self.draw(3 * 1_440));
        match self.draw(4) {
            0 => {
                // Few beginnings, so that many tell the same workout.
                let start = NOW - 3_600 * (1 + self.draw(40));
                told.workouts.insert(start);
                json!({
                    "id": id, "type": "workout", "userid": user, "startdate": start,
                    "enddate": start + 900, "category": 1,
                })
            }
            1 => {
                told.events.insert(format!("{}/{id}", self.number));
                json!({ "id": id, "type": "event", "userid": user, "at": minute,
                        "event": "ecg_failed" })
            }
            2 => {
                told.weighings.insert(minute);
                let measures = json!([{ "type": 11, "value": 60, "unit": 0 }]);
                json!({ "id": id, "type": "measures", "userid": user, "taken_at": minute,
                        "measures": measures })
            }
            _ => {
                let minutes = (0..1 + self.draw(20)).map(|after| minute + after * 60);
                let minutes: Vec<i64> = minutes.filter(|at| *at <= NOW).collect();
                told.minutes.extend(&minutes);
                let steps: Vec<i64> = minutes.iter().map(|at| steps(*at)).collect();
                json!({ "id": id, "type": "intraday", "userid": user, "times": minutes,
                        "values": { "steps": steps } })
            }
        }
    }

    /// A minute of every day there is: more days change than a page holds.
    fn wide(&self, id: &str) -> Value {
        let mut told = self.traffic.told.lock().unwrap();
        let first = NOW - DAYS_BEFORE * DAY_SECONDS - 60 * self.draw(60);
        let times: Vec<i64> = (0..DAYS_BEFORE).map(|day| first + day * DAY_SECONDS).collect();
        told[0].minutes.extend(&times);
        let steps: Vec<i64> = times.iter().map(|at| steps(*at)).collect();
        let user = self.traffic.people[0];
        json!({ "id": id, "type": "intraday", "userid": user, "times": times,
                "values": { "steps": steps } })
    }

    fn sleep(&self, id: &str) -> Value {
        let mut start = NOW - 600 * (1 + self.draw(3 * 144));
        let mut stages = Vec::new();
        for _ in 0..1 + self.draw(3) {
            let end = (start + 600 * (1 + self.draw(20))).min(NOW);
            if start < end {
                stages.push(json!({
                    "startdate": start, "enddate": end, "state": self.draw(4),
                }));
            }
            start = end;
        }
        json!({ "id": id, "type": "sleep", "stages": stages })
    }

    fn batch(&self, number: usize) -> (&Device, String) {
        let id = |record: i64| format!("{}-{number}-{record}", self.number);
        if number == BATCHES / 2 {
            return (&self.traffic.watch, batch(&[self.wide(&id(0))]));
        }
        let count = 1 + self.draw(3);
        if self.draw(3) == 0 {
            let records: Vec<Value> = (0..count).map(|record| self.sleep(&id(record))).collect();
            return (&self.traffic.mat, batch(&records));
        }
        let records: Vec<Value> = (0..count).map(|record| self.record(&id(record))).collect();
        (&self.traffic.watch, batch(&records))
    }

    fn node(&self) -> &Db {
        &self.traffic.nodes[usize::try_from(self.draw(2)).unwrap() % self.traffic.nodes.len()]
    }

    pub(crate) fn writes(&self) {
        for number in 0..BATCHES {
            let (device, batch) = self.batch(number);
            let mishap = Mishap::ALL[(number + self.number) % Mishap::ALL.len()];
            self.suffers(mishap, device, &batch);
            let kept = device.hands_over(self.node(), &batch);
            assert_eq!(kept["status"], 0, "{kept}");
            if mishap == Mishap::Again {
                let again = device.hands_over(self.node(), &batch);
                assert_eq!(again["body"]["stored"], 0, "{again}");
            }
            self.traffic.app.clock.advance(u32::try_from(self.draw(3)).unwrap());
        }
    }

    fn suffers(&self, mishap: Mishap, device: &Device, batch: &str) {
        match mishap {
            Mishap::None | Mishap::Again => {}
            Mishap::Abandoned => {
                let run = self.node().run(Access::Write, device.work(batch, || Ok(())));
                let _ = pin!(run).poll(&mut Context::from_waker(Waker::noop()));
            }
            Mishap::Failed => {
                let fails = || Err(Error::Failed(Failure::Internal("wanted".to_owned())));
                let failed = self.node().run_blocking(Access::Write, device.work(batch, fails));
                assert!(failed.is_err(), "{failed:?}");
            }
            Mishap::Broken => {
                let Some(breaks) = self.traffic.app.breaker() else { return };
                let is_first = Arc::new(AtomicBool::new(true));
                let breaks = move || {
                    if is_first.swap(false, Ordering::SeqCst) {
                        breaks();
                    }
                    Ok(())
                };
                // Whether it was kept in the end is not known to the device.
                drop(self.node().run_blocking(Access::Write, device.work(batch, breaks)));
            }
            Mishap::Twice => {
                let begin = Barrier::new(2);
                std::thread::scope(|scope| {
                    for node in [self.node(), self.node()] {
                        let begin = &begin;
                        scope.spawn(move || {
                            begin.wait();
                            device.hands_over(node, batch);
                        });
                    }
                });
            }
            Mishap::Flawed => {
                let flaw = "{\"id\":\"x\",\"type\":\"event\",\"at\":1,\"event\":\"bed_in\"}]}";
                let flawed = batch.strip_suffix("]}").expect("a batch");
                let work = device.work(&format!("{flawed},{flaw}"), || Ok(()));
                let refused = self.node().run_blocking(Access::Write, work);
                assert!(refused.is_err(), "{refused:?}");
            }
        }
    }
}
