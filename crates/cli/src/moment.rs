//! A moment as it is given on the command line: a date and time, Unix seconds, or how long ago it
//! is. What counts as now is said by the store's clock.

use jiff::{Span, SpanRelativeTo, Timestamp, Unit};
use std::str::FromStr;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Unix seconds.
    At(i64),
    /// So many seconds before now.
    Ago(i64),
}

impl Moment {
    pub(crate) fn before(self, now: i64) -> i64 {
        match self {
            Self::At(moment) => moment,
            Self::Ago(seconds) => now.saturating_sub(seconds),
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let timestamp = || text.parse::<Timestamp>().ok().map(|at| Self::At(at.as_second()));
        let seconds = || {
            let number: i64 = text.parse().ok()?;
            Timestamp::from_second(number).ok().map(|at| Self::At(at.as_second()))
        };
        let ago = || {
            let span: Span = text.parse().ok()?;
            let days = SpanRelativeTo::days_are_24_hours();
            let seconds = span.total((Unit::Second, days)).ok()?;
            (seconds >= 0.0).then_some(Self::Ago(seconds as i64))
        };
        let problem = "expected a moment such as 2026-11-22T07:30:00Z or Unix seconds, or how long \
                       ago it is, such as 2h or 7d";
        timestamp().or_else(seconds).or_else(ago).ok_or(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_given_in_three_ways() {
        for (text, moment) in [
            ("2026-09-21T14:13:20Z", Moment::At(1_790_000_000)),
            ("2026-09-21T16:13:20+02:00", Moment::At(1_790_000_000)),
            ("1790000000", Moment::At(1_790_000_000)),
            ("2h", Moment::Ago(7_200)),
            ("7d", Moment::Ago(604_800)),
            ("1d 12h", Moment::Ago(129_600)),
            ("90 minutes", Moment::Ago(5_400)),
        ] {
            assert_eq!(text.parse(), Ok(moment), "{text}");
        }
        for other in ["", "yesterday", "-2h", "2026-09-21", "7", "1month", "99999999999999999"] {
            let read = other.parse::<Moment>();
            assert!(read.is_err() || other == "7", "{other}: {read:?}");
        }
        assert_eq!(Moment::Ago(60).before(100), 40);
        assert_eq!(Moment::At(60).before(100), 60);
    }
}
