//! Delivery: what the outbox holds goes out, and what became of it is written down. One task takes
//! decisions (`worker.rs`); attempts and transactions run beside it. A notification is in the store
//! until it is written that it has arrived, so whatever ends this process, it is tried again: at
//! least once, and after a crash perhaps twice.
//!
//! docs/notifications.md says what receivers see.

mod breaker;
mod faulted;
mod mail;
mod queue;
mod request;
mod sms;
mod sweep;
mod worker;

use crate::figures::Deliveries;
use crate::outbound::{Outbound, Sending};
use domain::notification::{Callbacks, Outcome, Rule};
use mail::Mailer;
pub use mail::Smtp;
use reqwest::header::HeaderMap;
pub(crate) use sms::SmsHook;
use std::net::SocketAddr;
use std::sync::Arc;
use store::{Db, Environment};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use worker::Worker;

/// How notifications are delivered.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Whether this server delivers; if not, another one of the same store does.
    pub is_on: bool,
    /// Where they may go.
    pub callbacks: Callbacks,
    /// Whether an address that answers its verification 204 is refused.
    pub refuses_204: bool,
    /// When they are tried.
    pub rule: Rule,
    /// How many days they stay in the log.
    pub log_days: u32,
    /// What is asked for names in place of the system's name servers.
    pub name_server: Option<SocketAddr>,
    /// How warnings are sent.
    pub smtp: Option<Smtp>,
    /// Where texts to phones are handed over.
    pub sms_hook: Option<String>,
}

impl Default for Delivery {
    fn default() -> Self {
        crate::config::Settings::default().serving().delivery
    }
}

impl Delivery {
    /// What requests go out by.
    pub(crate) fn outbound(&self) -> std::io::Result<Outbound> {
        let idle = queue::ENDPOINT_REQUESTS_MAX;
        Outbound::new(self.callbacks, self.refuses_204, self.name_server, idle)
    }

    /// What texts to phones go out by. The operator says where they are handed over, so that may be
    /// anywhere.
    pub(crate) fn sms(&self) -> std::io::Result<Option<SmsHook>> {
        let outbound = || Outbound::new(Callbacks::Any, false, self.name_server, 1);
        let hook = |url: &String| Ok(SmsHook::new(url.clone(), outbound()?, self.rule.clone()));
        self.sms_hook.as_ref().map(hook).transpose()
    }
}

/// Sends so many bodies to callbacks in turn as delivery would, with the same client, without a
/// queue and without a trace: what a bench compares delivery with. How many arrived.
pub async fn send_plainly(
    delivery: &Delivery,
    callbacks: &[String],
    body: &str,
    count: usize,
) -> std::io::Result<usize> {
    let (outbound, rule) = (delivery.outbound()?, Arc::new(delivery.rule.clone()));
    let mut sending = tokio::task::JoinSet::new();
    let lanes = callbacks.len() * queue::ENDPOINT_REQUESTS_MAX;
    for lane in 0..lanes {
        let (outbound, rule, body) = (outbound.clone(), Arc::clone(&rule), body.to_owned());
        let callback = callbacks[lane % callbacks.len()].clone();
        let times = count / lanes + usize::from(lane < count % lanes);
        sending.spawn(async move {
            let mut arrived = 0;
            for _ in 0..times {
                let request = Sending {
                    url: &callback,
                    content_type: request::FORM,
                    body: body.clone(),
                    headers: HeaderMap::new(),
                };
                let sent = outbound.send(request, &rule).await;
                arrived += usize::from(sent.outcome == Outcome::Delivered);
            }
            arrived
        });
    }
    let mut arrived = 0;
    while let Some(lane) = sending.join_next().await {
        arrived += lane.map_err(std::io::Error::other)?;
    }
    Ok(arrived)
}

/// Delivery that goes on.
struct Delivering {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Delivering {
    /// Takes up nothing new, waits for what is on its way, and writes down what became of it.
    async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has nothing left to finish.
        let _ = self.task.await;
    }
}

/// Delivery of a server; it can be begun anew, where what it delivers from is another.
pub(crate) struct Deliverer {
    begin: Box<dyn Fn() -> std::io::Result<Delivering> + Send + Sync>,
    going: Mutex<Option<Delivering>>,
}

impl Deliverer {
    /// Begins to deliver.
    pub(crate) fn start(
        delivery: &Delivery,
        outbound: Outbound,
        db: &Db,
        environment: &Environment,
        figures: Option<Deliveries>,
        is_sandbox: bool,
    ) -> std::io::Result<Self> {
        let (delivery, db, environment) = (delivery.clone(), db.clone(), environment.clone());
        let begin = move || {
            let (outbound, figures) = (outbound.clone(), figures.clone());
            start(&delivery, outbound, &db, &environment, figures, is_sandbox)
        };
        let going = Mutex::new(Some(begin()?));
        Ok(Self { begin: Box::new(begin), going })
    }

    /// Stops for good.
    pub(crate) async fn stop(&self) {
        if let Some(delivering) = self.going.lock().await.take() {
            delivering.stop().await;
        }
    }

    /// Stops while something is done, and begins anew.
    pub(crate) async fn without<T>(&self, work: impl Future<Output = T>) -> std::io::Result<T> {
        let mut going = self.going.lock().await;
        let Some(delivering) = going.take() else { return Ok(work.await) };
        delivering.stop().await;
        let done = work.await;
        *going = Some((self.begin)()?);
        Ok(done)
    }
}

/// Begins to deliver.
fn start(
    delivery: &Delivery,
    outbound: Outbound,
    db: &Db,
    environment: &Environment,
    figures: Option<Deliveries>,
    is_sandbox: bool,
) -> std::io::Result<Delivering> {
    let mailer = delivery.smtp.as_ref().map(Mailer::new).transpose()?;
    let (stop, stopped) = watch::channel(false);
    let worker = Worker::new(worker::Parts {
        db: db.clone(),
        clock: Arc::clone(&environment.clock),
        entropy: Arc::clone(&environment.entropy),
        outbound,
        rule: Arc::new(delivery.rule.clone()),
        log_days: delivery.log_days,
        mailer,
        figures,
        is_sandbox,
    });
    Ok(Delivering { stop, task: tokio::spawn(worker.run(stopped)) })
}
