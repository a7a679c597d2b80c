//! Attempts to deliver a notification, and how several are packed into a few bytes: the log of
//! deliveries is as long as everything that was ever told.

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver answered with a code that is none of success.
    Status,
    /// The receiver said that it is gone for good: 410.
    Gone,
    /// The name leads to no address.
    Dns,
    /// Nobody listens there, or no way leads there.
    Refused,
    /// The connection could not be secured.
    Tls,
    /// The receiver took too long.
    TimedOut,
    /// The connection broke off before an answer was there.
    Broken,
    /// What was answered is no HTTP.
    NotHttp,
    /// The address is one nothing is sent to.
    Private,
    /// The URL is one nothing is sent to.
    Unfit,
    /// No attempt: somebody had it sent anew, and what follows is counted from here.
    Anew,
    /// Nothing was sent: a fault of a sandbox lost it.
    Lost,
}

impl Outcome {
    const ALL: [(Self, u8, &'static str); 13] = [
        (Self::Delivered, 0, "delivered"),
        (Self::Status, 1, "status"),
        (Self::Gone, 2, "gone"),
        (Self::Dns, 3, "dns"),
        (Self::Refused, 4, "refused"),
        (Self::Tls, 5, "tls"),
        (Self::TimedOut, 6, "timed_out"),
        (Self::Broken, 7, "broken"),
        (Self::NotHttp, 8, "not_http"),
        (Self::Private, 9, "private_address"),
        (Self::Unfit, 10, "unfit_url"),
        (Self::Anew, 11, "sent_anew"),
        (Self::Lost, 12, "lost"),
    ];

    /// Every outcome an attempt can have.
    pub fn every() -> impl Iterator<Item = Self> {
        let all = Self::ALL.into_iter().map(|(outcome, ..)| outcome);
        all.filter(|outcome| *outcome != Self::Anew)
    }

    const fn number(self) -> u8 {
        self as u8
    }

    fn of(number: u8) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == number).map(|(outcome, ..)| *outcome)
    }

    /// A word for logs and lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(known, ..)| *known == self).map_or("", |(.., name)| *name)
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Delivered => "The receiver has it",
            Self::Status => "The receiver answered with a code that is none of success",
            Self::Gone => "The receiver said that it is gone for good (410)",
            Self::Dns => "The name leads to no address",
            Self::Refused => "Nobody listens there, or no way leads there",
            Self::Tls => "The connection could not be secured: see the certificate and its name",
            Self::TimedOut => "The receiver took too long",
            Self::Broken => "The connection broke off before an answer was there",
            Self::NotHttp => "What was answered is no HTTP",
            Self::Private => "The name leads to an address of a private network",
            Self::Unfit => "The URL is one nothing is sent to",
            Self::Anew => "Somebody had it sent again",
            Self::Lost => "A fault of this sandbox lost it: nothing was sent",
        }
    }
}

/// An attempt to deliver a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: i64,
    /// How it ended.
    pub outcome: Outcome,
    /// What the receiver answered, if it answered.
    pub http: Option<u16>,
    /// How long it took.
    pub took_ms: u32,
    /// How long the receiver asked to be left alone, in seconds. Not kept.
    pub retry_after: Option<i64>,
}

impl Attempt {
    /// Stands between the attempts before and after somebody had a notification sent anew.
    #[must_use]
    pub const fn anew(at: i64) -> Self {
        Self { at, outcome: Outcome::Anew, http: None, took_ms: 0, retry_after: None }
    }

    /// Whether something was sent, or it was tried.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.outcome != Outcome::Anew
    }

    /// Where the attempts that count begin, and since when they are made: those after the last time
    /// that somebody had the notification sent anew, or all.
    #[must_use]
    pub fn round(created: i64, attempts: &[Self]) -> (i64, &[Self]) {
        match attempts.iter().rposition(|attempt| !attempt.is_made()) {
            Some(place) => (attempts[place].at, &attempts[place + 1..]),
            None => (created, attempts),
        }
    }
}

/// Seconds after the event (5 bytes), outcome (1), code (2), milliseconds (4).
const BYTES: usize = 12;

/// Attempts as they are stored, counted from the event. Times beyond 34,000 years do not occur.
#[must_use]
pub fn packed(created: i64, attempts: &[Attempt]) -> Vec<u8> {
    let mut out = Vec::with_capacity(attempts.len() * BYTES);
    for attempt in attempts {
        let after = attempt.at.saturating_sub(created).clamp(0, (1 << 40) - 1);
        out.extend_from_slice(&after.to_le_bytes()[..5]);
        out.push(attempt.outcome.number());
        out.extend_from_slice(&attempt.http.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&attempt.took_ms.to_le_bytes());
    }
    out
}

/// What [`packed`] made; none if it did not.
#[must_use]
pub fn unpacked(created: i64, bytes: &[u8]) -> Option<Vec<Attempt>> {
    if !bytes.len().is_multiple_of(BYTES) {
        return None;
    }
    let read = |bytes: &[u8]| {
        let [a, b, c, d, e, outcome, f, g, h, i, j, k] = *bytes.first_chunk::<BYTES>()?;
        let http = u16::from_le_bytes([f, g]);
        Some(Attempt {
            at: created.saturating_add(i64::from_le_bytes([a, b, c, d, e, 0, 0, 0])),
            outcome: Outcome::of(outcome)?,
            http: (http > 0).then_some(http),
            took_ms: u32::from_le_bytes([h, i, j, k]),
            retry_after: None,
        })
    };
    bytes.chunks_exact(BYTES).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let attempts: Vec<Attempt> = (Outcome::ALL.into_iter().zip(0_u32..))
            .map(|((outcome, ..), number)| Attempt {
                at: 1_700_000_000 + i64::from(number) * 14_400,
                outcome,
                http: (number % 2 == 0).then_some(200),
                took_ms: number * 1_000,
                retry_after: None,
            })
            .collect();
        let bytes = packed(1_700_000_000, &attempts);
        assert_eq!(bytes.len(), attempts.len() * BYTES);
        assert_eq!(unpacked(1_700_000_000, &bytes), Some(attempts));
        assert_eq!(unpacked(0, &bytes[1..]), None);
        assert_eq!(unpacked(0, &[99; 12]), None);
        assert_eq!(unpacked(0, &[]), Some(Vec::new()));
    }

    #[test]
    fn every_outcome_has_its_number() {
        for (outcome, number, name) in Outcome::ALL {
            assert_eq!((outcome.number(), outcome.name()), (number, name));
            assert!(!outcome.meaning().is_empty());
        }
    }
}
