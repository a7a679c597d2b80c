//! When a notification is tried, and what becomes of it and of its subscription. Time is given;
//! nothing here waits.

use super::attempt::{Attempt, Outcome};
use crate::DAY_SECONDS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Attempts of one cycle.
const TRIES_PER_CYCLE: usize = 2;
/// The second attempt of a cycle follows the first after this long.
const SECOND_TRY_SECONDS: i64 = 1;
/// At most this part of the time between two cycles is added to the later ones by chance.
const JITTER_PART: i64 = 10;
/// A receiver that asks for more time is given this much at most.
const RETRY_AFTER_SECONDS_MAX: i64 = DAY_SECONDS;
/// A notification that waits for an endpoint this long is given up, whatever attempts are left.
pub const WAIT_SECONDS_MAX: i64 = DAY_SECONDS;

/// Which generation of the guide is followed (field-notes 1.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleName {
    /// Five cycles of two attempts; a subscription is cancelled after 20 days of failures.
    #[default]
    Current,
    /// One attempt, 200 within two seconds; a subscription is removed after four failures.
    Older,
}

/// How a notification is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which generation it is.
    pub name: RuleName,
    /// When each cycle begins, in seconds after the event.
    pub cycles: Vec<i64>,
    /// How long one attempt may take.
    pub limit: Duration,
}

/// What becomes of a notification after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// It is tried again, not before this moment.
    Again(i64),
    /// It is not tried any more.
    GivenUp,
}

impl Rule {
    /// Failed attempts in a row after which somebody is warned; under the older rule, those after
    /// which the subscription is removed.
    pub const FAILURES: i64 = 4;
    /// Warnings that are sent at most, one a day.
    pub const WARNINGS_MAX: i64 = 4;
    /// A subscription is cancelled when every attempt has failed for so long.
    pub const FAILING_SECONDS_MAX: i64 = 20 * DAY_SECONDS;

    /// The current rule: T+0, +10 s, +1 min, +1 h, +4 h.
    #[must_use]
    pub fn current() -> Self {
        let limit = Duration::from_secs(5);
        Self { name: RuleName::Current, cycles: vec![0, 10, 60, 3_600, 14_400], limit }
    }

    /// The older one.
    #[must_use]
    pub fn older() -> Self {
        Self { name: RuleName::Older, cycles: vec![0], limit: Duration::from_secs(2) }
    }

    const fn tries(&self) -> usize {
        match self.name {
            RuleName::Current => TRIES_PER_CYCLE,
            RuleName::Older => 1,
        }
    }

    /// Whether an answer's code is one of success.
    #[must_use]
    pub fn is_success(&self, http: u16) -> bool {
        match self.name {
            RuleName::Current => (200..400).contains(&http),
            RuleName::Older => http == 200,
        }
    }

    /// What becomes of a notification that was made at `created` and has had these attempts, the
    /// last of them a moment ago. `chance` is any number.
    #[must_use]
    pub fn verdict(&self, created: i64, attempts: &[Attempt], now: i64, chance: u64) -> Verdict {
        let (begun, attempts) = Attempt::round(created, attempts);
        let Some(last) = attempts.last() else { return Verdict::Again(now) };
        match last.outcome {
            Outcome::Delivered | Outcome::Lost => return Verdict::Delivered,
            Outcome::Gone => return Verdict::GivenUp,
            _ => {}
        }
        let (made, tries) = (attempts.len(), self.tries());
        let Some(cycle) = self.cycles.get(made / tries) else { return Verdict::GivenUp };
        let due = if made % tries > 0 {
            now.saturating_add(SECOND_TRY_SECONDS)
        } else {
            let before = self.cycles[made / tries - 1];
            let slack = (cycle.saturating_sub(before) / JITTER_PART).max(0).cast_unsigned() + 1;
            let jitter = i64::try_from(chance % slack).unwrap_or(0);
            begun.saturating_add(*cycle).saturating_add(jitter).max(now)
        };
        let asked = last.retry_after.unwrap_or(0).clamp(0, RETRY_AFTER_SECONDS_MAX);
        Verdict::Again(due.max(now.saturating_add(asked)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(at: i64) -> Attempt {
        Attempt { at, outcome: Outcome::Refused, http: None, took_ms: 1, retry_after: None }
    }

    #[test]
    fn the_current_rule_tries_ten_times_in_five_hours() {
        let rule = Rule::current();
        for chance in [0, 7, u64::MAX] {
            let (created, mut now, mut attempts) = (1_000, 1_000, Vec::new());
            let mut dates = Vec::new();
            loop {
                attempts.push(failed(now));
                dates.push(now - created);
                match rule.verdict(created, &attempts, now, chance) {
                    Verdict::Again(due) => {
                        assert!(due > now);
                        now = due;
                    }
                    Verdict::GivenUp => break,
                    Verdict::Delivered => unreachable!("nothing succeeded"),
                }
            }
            assert_eq!(dates.len(), 10);
            for (cycle, start) in [0, 10, 60, 3_600, 14_400].into_iter().enumerate() {
                let (first, second) = (dates[2 * cycle], dates[2 * cycle + 1]);
                assert!((start..=start + start / 10 + 1).contains(&first), "{first} for {start}");
                assert_eq!(second, first + 1);
            }
        }
    }

    #[test]
    fn what_is_sent_anew_has_its_cycles_from_then_on() {
        let rule = Rule::current();
        for before in [1, 9, 10] {
            let mut attempts: Vec<_> = (0..before).map(failed).collect();
            attempts.push(Attempt::anew(90_000));
            assert_eq!(rule.verdict(0, &attempts, 90_000, 0), Verdict::Again(90_000));
            attempts.push(failed(90_000));
            assert_eq!(rule.verdict(0, &attempts, 90_000, 0), Verdict::Again(90_001));
            attempts.push(failed(90_001));
            assert_eq!(rule.verdict(0, &attempts, 90_001, 0), Verdict::Again(90_010));
            attempts.extend((2..10).map(|number| failed(90_000 + number)));
            assert_eq!(rule.verdict(0, &attempts, 90_010, 0), Verdict::GivenUp);
        }
    }

    #[test]
    fn a_receiver_may_ask_for_time_and_may_be_gone() {
        let rule = Rule::current();
        let asks = |seconds| Attempt { retry_after: Some(seconds), ..failed(0) };
        assert_eq!(rule.verdict(0, &[asks(90)], 0, 0), Verdict::Again(90));
        assert_eq!(rule.verdict(0, &[asks(i64::MAX)], 0, 0), Verdict::Again(86_400));
        assert_eq!(rule.verdict(0, &[asks(-5)], 0, 0), Verdict::Again(1));
        let gone = Attempt { outcome: Outcome::Gone, http: Some(410), ..failed(0) };
        assert_eq!(rule.verdict(0, &[gone], 0, 0), Verdict::GivenUp);
        let delivered = Attempt { outcome: Outcome::Delivered, http: Some(200), ..failed(0) };
        assert_eq!(rule.verdict(0, &[failed(0), delivered], 0, 0), Verdict::Delivered);
    }

    #[test]
    fn the_older_rule_tries_once_and_wants_200() {
        let rule = Rule::older();
        assert_eq!(rule.verdict(0, &[failed(0)], 0, 0), Verdict::GivenUp);
        assert!(rule.is_success(200) && !rule.is_success(204) && !rule.is_success(302));
        let current = Rule::current();
        assert!(current.is_success(204) && current.is_success(302) && !current.is_success(400));
    }
}
