//! What all runs came to: lines for people, and the figures for programs.

use crate::plan::Plan;
use crate::run::Outcome;
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;

/// The figures.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Runs that came to their end.
    runs: u64,
    /// Notifications that were to arrive.
    events: usize,
    /// Those that did not.
    lost: usize,
    /// Deliveries beyond the first of each.
    duplicates: u64,
    seed: u64,
    /// The numbers of runs that lost something, invented something, or did not come to their end.
    failed: Vec<u64>,
    /// What cannot be broken here.
    skipped: Vec<&'static str>,
    /// What was broken, and how often.
    faults: BTreeMap<&'static str, u64>,
}

impl Report {
    pub(crate) fn new(seed: u64, skipped: Vec<&'static str>) -> Self {
        Self { seed, skipped, ..Self::default() }
    }

    /// Adds a run: the line that says how it went.
    pub(crate) fn add(&mut self, plan: &Plan, outcome: &Result<Outcome>) -> String {
        let Plan { number, engine, .. } = plan;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                self.failed.push(*number);
                return format!("run {number} on {engine:?} broke off: {error:#}");
            }
        };
        self.runs += 1;
        self.events += outcome.events;
        self.lost += outcome.lost.len();
        self.duplicates += outcome.duplicates;
        for (fault, times) in &outcome.faults {
            *self.faults.entry(fault).or_default() += times;
        }
        if !outcome.is_good() {
            self.failed.push(*number);
        }
        let (events, duplicates) = (outcome.events, outcome.duplicates);
        let (lost, strange) = (outcome.lost.len(), outcome.strange.len());
        let calm = outcome.calm.as_secs_f64();
        let mut line = format!(
            "run {number} on {engine:?}: {events} events, {lost} lost, {duplicates} duplicates, \
             {calm:.1} s after the storm"
        );
        if strange > 0 {
            line.push_str(&format!(", {strange} strange"));
        }
        line
    }

    pub(crate) const fn is_good(&self) -> bool {
        self.failed.is_empty()
    }

    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Everything, for people.
    pub(crate) fn text(&self) -> String {
        let Self { runs, events, lost, duplicates, .. } = self;
        let mut text: String = self
            .faults
            .iter()
            .map(|(fault, times)| format!("{times:>8}  {fault}\n"))
            .chain(self.skipped.iter().map(|what| format!(" skipped  {what}\n")))
            .collect();
        text.push_str(&format!(
            "{runs} runs, {events} events, {lost} lost, {duplicates} duplicates"
        ));
        text
    }
}
