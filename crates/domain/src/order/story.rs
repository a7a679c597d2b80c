//! What test orders play: a sequence each of the four test modes, on the clock. Nothing is sent.

use super::{ParcelStatus, Status};

/// Between two events. Long enough to see each in turn, short enough to wait for.
const STEP_SECONDS: i64 = 10;
/// Who carries the parcel of a test order.
pub const TEST_CARRIER: &str = "Test carrier";
/// And how.
pub const TEST_SERVICE: &str = "Test service";

/// What a test order plays: `testmode` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestMode {
    /// It is shipped, and arrives.
    Shipped,
    /// It is cancelled.
    Trashed,
    /// It fails.
    Failed,
    /// It is held back.
    Backhold,
}

/// Something that happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It moves.
    Order(Status),
    /// Its parcel moves.
    Parcel(ParcelStatus),
}

impl TestMode {
    /// Every one, by number.
    pub const ALL: [Self; 4] = [Self::Shipped, Self::Trashed, Self::Failed, Self::Backhold];

    /// The number on the wire.
    pub const fn number(self) -> i64 {
        match self {
            Self::Shipped => 1,
            Self::Trashed => 2,
            Self::Failed => 3,
            Self::Backhold => 4,
        }
    }

    /// The one of that number.
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.number() == number)
    }

    /// What happens, after how many seconds since the order was made.
    pub fn story(self) -> impl Iterator<Item = (i64, Event)> {
        let seconds = (1..).map(|step| step * STEP_SECONDS);
        seconds.zip(BEGINNING.iter().chain(self.rest()).copied())
    }

    /// One event of it, counted from 0.
    pub fn event(self, step: usize) -> Option<(i64, Event)> {
        self.story().nth(step)
    }

    const fn rest(self) -> &'static [Event] {
        match self {
            Self::Shipped => &[
                Event::Order(Status::Processing),
                Event::Order(Status::Open),
                // The parcel is pending from here on.
                Event::Order(Status::Shipped),
                Event::Parcel(ParcelStatus::InfoReceived),
                Event::Parcel(ParcelStatus::InTransit),
                Event::Parcel(ParcelStatus::Delivered),
            ],
            Self::Trashed => &[Event::Order(Status::Trashed)],
            Self::Failed => &[Event::Order(Status::Processing), Event::Order(Status::Failed)],
            Self::Backhold => &[Event::Order(Status::Processing), Event::Order(Status::Backhold)],
        }
    }
}

/// How each of them begins, after `CREATED`.
const BEGINNING: &[Event] =
    &[Event::Order(Status::AddressVerification), Event::Order(Status::Verified)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_goes_the_ways_of_the_tables_and_ends_as_it_is_called() {
        let ends = [Status::Shipped, Status::Trashed, Status::Failed, Status::Backhold];
        for (mode, end) in TestMode::ALL.into_iter().zip(ends) {
            let (mut status, mut parcel, mut last) = (Status::Created, None, 0);
            for (seconds, event) in mode.story() {
                assert!(seconds > last, "one after the other");
                last = seconds;
                match event {
                    Event::Order(next) => {
                        assert!(status.may_become(next), "{status} {next}");
                        status = next;
                        parcel = (next == Status::Shipped).then_some(ParcelStatus::Pending);
                    }
                    Event::Parcel(next) => {
                        assert!(parcel.is_some_and(|now| now.may_become(next)), "{next}");
                        parcel = Some(next);
                    }
                }
            }
            assert_eq!(status, end);
            let arrives = (mode == TestMode::Shipped).then_some(ParcelStatus::Delivered);
            assert_eq!(parcel, arrives);
        }
    }

    #[test]
    fn the_times_are_those_of_the_documents() {
        let times = |mode: TestMode| -> Vec<(i64, String)> {
            let told = |event| match event {
                Event::Order(status) => status.to_string(),
                Event::Parcel(status) => status.to_string(),
            };
            mode.story().map(|(at, event)| (at, told(event))).collect()
        };
        let tail = |mode| times(mode).split_off(2);
        assert_eq!(times(TestMode::Trashed)[0], (10, "ADDRESS VERIFICATION".to_owned()));
        assert_eq!(times(TestMode::Trashed)[1], (20, "VERIFIED".to_owned()));
        assert_eq!(tail(TestMode::Trashed), [(30, "TRASHED".to_owned())]);
        let expected = [(30, "PROCESSING"), (40, "FAILED")].map(|(at, s)| (at, s.to_owned()));
        assert_eq!(tail(TestMode::Failed), expected);
        let expected = [(30, "PROCESSING"), (40, "BACKHOLD")].map(|(at, s)| (at, s.to_owned()));
        assert_eq!(tail(TestMode::Backhold), expected);
        let expected = [
            (30, "PROCESSING"),
            (40, "OPEN"),
            (50, "SHIPPED"),
            (60, "info_received"),
            (70, "in_transit"),
            (80, "delivered"),
        ];
        assert_eq!(tail(TestMode::Shipped), expected.map(|(at, s)| (at, s.to_owned())));
        assert_eq!(TestMode::Shipped.event(8), None);
        assert_eq!((TestMode::of(0), TestMode::of(5)), (None, None));
    }
}
