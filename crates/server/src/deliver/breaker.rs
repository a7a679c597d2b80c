//! A circuit breaker an endpoint: what fails again and again is left alone for a while, then tried
//! with one request. It is a pure machine; the time is given to it.

/// Failures in a row after which an endpoint is left alone.
const FAILURES_MAX: u32 = 10;
/// How long at first, in seconds; twice as long each time.
const WAIT_SECONDS_MIN: i64 = 5;
/// How long at most.
const WAIT_SECONDS_MAX: i64 = 900;

/// How an endpoint is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Breaker {
    /// Some failed in a row; requests are let through.
    Closed { failures: u32 },
    /// Nothing is let through until then.
    Open { until: i64, wait: i64 },
    /// One request is on its way, to see.
    Probing { wait: i64 },
    /// Nothing failed since it was last heard of.
    #[default]
    New,
}

impl Breaker {
    /// Whether a request may go now; the first that may after a while is a probe.
    pub(super) fn admits(&mut self, now: i64) -> Result<(), i64> {
        match *self {
            Self::New | Self::Closed { .. } => Ok(()),
            Self::Open { until, wait } if now >= until => {
                *self = Self::Probing { wait };
                Ok(())
            }
            Self::Open { until, .. } => Err(until),
            Self::Probing { wait } => Err(now + wait),
        }
    }

    /// What became of a request.
    pub(super) fn note(&mut self, succeeded: bool, now: i64) {
        *self = match (*self, succeeded) {
            (_, true) => Self::New,
            (Self::New, false) => Self::Closed { failures: 1 },
            (Self::Closed { failures }, false) if failures + 1 < FAILURES_MAX => {
                Self::Closed { failures: failures + 1 }
            }
            (Self::Closed { .. }, false) => {
                Self::Open { until: now + WAIT_SECONDS_MIN, wait: WAIT_SECONDS_MIN }
            }
            (Self::Probing { wait }, false) => {
                let wait = (wait * 2).min(WAIT_SECONDS_MAX);
                Self::Open { until: now + wait, wait }
            }
            // A request that was under way when it opened says nothing new.
            (open @ Self::Open { .. }, false) => open,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            assert_eq!(breaker.admits(0), Ok(()));
            breaker.note(false, 0);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_no_sooner() {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            for _ in 1..FAILURES_MAX {
                breaker.note(false, 0);
            }
            assert_eq!(breaker.admits(0), Ok(()));
            breaker.note(true, 0);
        }
        assert_eq!(opened().admits(0), Err(5));
    }

    #[test]
    fn one_request_sees_whether_it_works_again() {
        let mut breaker = opened();
        assert_eq!(breaker.admits(4), Err(5));
        assert_eq!(breaker.admits(5), Ok(()));
        assert_eq!(breaker.admits(5), Err(10));
        breaker.note(true, 6);
        assert_eq!((breaker.admits(6), breaker.admits(6)), (Ok(()), Ok(())));
    }

    #[test]
    fn it_waits_longer_each_time_up_to_a_quarter_of_an_hour() {
        let (mut breaker, mut now, mut waits) = (opened(), 0, Vec::new());
        for _ in 0..12 {
            let until = breaker.admits(now).unwrap_err();
            waits.push(until - now);
            now = until;
            assert_eq!(breaker.admits(now), Ok(()));
            breaker.note(false, now);
        }
        assert_eq!(waits[..4], [5, 10, 20, 40]);
        assert_eq!(waits[11], WAIT_SECONDS_MAX);
    }

    #[test]
    fn what_was_under_way_when_it_opened_changes_nothing() {
        let mut breaker = opened();
        breaker.note(false, 3);
        assert_eq!(breaker.admits(3), Err(5));
        breaker.note(true, 4);
        assert_eq!(breaker, Breaker::New);
    }
}
