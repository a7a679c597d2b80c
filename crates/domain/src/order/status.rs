//! The states of orders and parcels, and which may follow which: one table each. Whatever moves an
//! order asks here first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! states {
    ($(#[$doc:meta])* $type:ident { $($(#[$one:meta])* $name:ident = $wire:literal
        => [$($next:ident),*];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize, JsonSchema)]
        pub enum $type {
            $($(#[$one])* #[serde(rename = $wire)] $name,)*
        }

        impl $type {
            /// Every one, in the reference's order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire,)*
                }
            }

            /// What may follow: the table.
            pub const fn next(self) -> &'static [Self] {
                match self {
                    $(Self::$name => &[$(Self::$next),*],)*
                }
            }
        }

        impl FromStr for $type {
            type Err = UnknownStatus;
            fn from_str(text: &str) -> Result<Self, UnknownStatus> {
                let known = Self::ALL.iter().find(|known| known.name() == text);
                known.copied().ok_or(UnknownStatus)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

/// No such state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownStatus;

states! {
    /// How far an order is.
    Status {
        /// It was made.
        Created = "CREATED" => [AddressVerification, Verified, Failed, Trashed];
        /// The carrier is asked whether it knows the address.
        AddressVerification = "ADDRESS VERIFICATION" => [AddressError, Verified, Failed, Trashed];
        /// The carrier does not know the address: it is to be updated.
        AddressError = "ADDRESS ERROR" => [AddressVerification, Verified, Trashed];
        /// The address is good.
        Verified = "VERIFIED" => [
            AddressVerification, AddressError, Processing, Shipped, Backhold, Failed, Trashed
        ];
        /// It is being packed.
        Processing = "PROCESSING" => [Open, Shipped, Backhold, Failed, Trashed];
        /// It could not be done.
        Failed = "FAILED" => [];
        /// It waits for the carrier.
        Open = "OPEN" => [Shipped, Backhold, Failed, Trashed];
        /// The carrier has it. What follows is said of the parcel.
        Shipped = "SHIPPED" => [];
        /// It was cancelled.
        Trashed = "TRASHED" => [];
        /// It is held back, as when a product is missing.
        Backhold = "BACKHOLD" => [Processing, Open, Failed, Trashed];
    }
}

states! {
    /// How far the parcel of a shipped order is.
    ParcelStatus {
        /// The carrier has not said anything yet.
        Pending = "pending" => [
            InfoReceived, InTransit, FailedAttempt, Exception, Delayed, Pickup, Delivered, Return,
            Expired
        ];
        /// The carrier knows of it.
        InfoReceived = "info_received" => [
            InTransit, FailedAttempt, Exception, Delayed, Pickup, Delivered, Return, Expired
        ];
        /// It is on its way.
        InTransit = "in_transit" => [
            FailedAttempt, Exception, Delayed, Pickup, Delivered, Return, Expired
        ];
        /// Nobody was there.
        FailedAttempt = "failed_attempt" => [
            InTransit, Exception, Delayed, Pickup, Delivered, Return, Expired
        ];
        /// Something happened to it.
        Exception = "exception" => [
            InTransit, FailedAttempt, Delayed, Pickup, Delivered, Return, Expired
        ];
        /// It takes longer.
        Delayed = "delayed" => [
            InTransit, FailedAttempt, Exception, Pickup, Delivered, Return, Expired
        ];
        /// It waits to be fetched.
        Pickup = "pickup" => [InTransit, Exception, Delivered, Return, Expired];
        /// It arrived.
        Delivered = "delivered" => [Return];
        /// It goes back.
        Return = "return" => [];
        /// The carrier has not said anything for too long.
        Expired = "expired" => [];
    }
}

impl Status {
    /// Whether one may follow the other.
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Whether what is ordered, and where it goes, may still be changed.
    pub const fn may_be_updated(self) -> bool {
        matches!(
            self,
            Self::Created | Self::AddressVerification | Self::AddressError | Self::Verified
        )
    }
}

impl ParcelStatus {
    /// Whether one may follow the other.
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    const OVER: [Status; 3] = [Status::Failed, Status::Shipped, Status::Trashed];
    const AT_REST: [ParcelStatus; 2] = [ParcelStatus::Return, ParcelStatus::Expired];

    /// Takes every wish the table allows, and no other.
    fn walk(wishes: &[Status]) -> Vec<Status> {
        let mut path = vec![Status::Created];
        for wish in wishes {
            let now = path[path.len() - 1];
            if now.may_become(*wish) {
                path.push(*wish);
            }
        }
        path
    }

    proptest! {
        #[test]
        fn whatever_is_wished_an_order_goes_the_ways_of_the_table(
            wishes in prop::collection::vec(select(Status::ALL), 0..40),
        ) {
            let path = walk(&wishes);
            for pair in path.windows(2) {
                prop_assert!(pair[0].next().contains(&pair[1]), "{:?}", pair);
                prop_assert!(!OVER.contains(&pair[0]), "what is over is over");
                prop_assert!(pair[0] != pair[1]);
                prop_assert!(pair[1] != Status::Created, "nothing begins again");
            }
            let shipped = path.iter().position(|status| *status == Status::Shipped);
            if let Some(at) = shipped {
                prop_assert_eq!(at, path.len() - 1);
                prop_assert!(path.contains(&Status::Verified), "with an address that is good");
            }
        }

        #[test]
        fn a_parcel_that_came_back_or_was_lost_stays_so(
            wishes in prop::collection::vec(select(ParcelStatus::ALL), 0..40),
        ) {
            let (mut now, mut seen) = (ParcelStatus::Pending, vec![ParcelStatus::Pending]);
            for wish in wishes.into_iter() {
                if now.may_become(wish) {
                    prop_assert!(!AT_REST.contains(&now));
                    prop_assert!(now != ParcelStatus::Delivered || wish == ParcelStatus::Return);
                    now = wish;
                    seen.push(now);
                }
            }
            let again = seen.iter().filter(|status| **status == ParcelStatus::Pending).count();
            prop_assert_eq!(again, 1, "nothing waits again once the carrier has spoken");
        }
    }

    #[test]
    fn the_table_is_this_one() {
        // A second telling, in pairs: what is not here is not allowed.
        let told = "CREATED>ADDRESS VERIFICATION CREATED>VERIFIED CREATED>FAILED CREATED>TRASHED \
            ADDRESS VERIFICATION>ADDRESS ERROR ADDRESS VERIFICATION>VERIFIED \
            ADDRESS VERIFICATION>FAILED ADDRESS VERIFICATION>TRASHED \
            ADDRESS ERROR>ADDRESS VERIFICATION ADDRESS ERROR>VERIFIED ADDRESS ERROR>TRASHED \
            VERIFIED>ADDRESS VERIFICATION VERIFIED>ADDRESS ERROR VERIFIED>PROCESSING \
            VERIFIED>SHIPPED VERIFIED>BACKHOLD VERIFIED>FAILED VERIFIED>TRASHED \
            PROCESSING>OPEN PROCESSING>SHIPPED PROCESSING>BACKHOLD PROCESSING>FAILED \
            PROCESSING>TRASHED OPEN>SHIPPED OPEN>BACKHOLD OPEN>FAILED OPEN>TRASHED \
            BACKHOLD>PROCESSING BACKHOLD>OPEN BACKHOLD>FAILED BACKHOLD>TRASHED";
        let ours: Vec<String> = Status::ALL
            .iter()
            .flat_map(|from| from.next().iter().map(move |to| format!("{from}>{to}")))
            .collect();
        for pair in &ours {
            assert!(told.contains(pair.as_str()), "{pair}");
        }
        assert_eq!(ours.len(), told.matches('>').count());
        for over in OVER {
            assert_eq!(over.next(), [], "{over}");
        }
    }

    #[test]
    fn only_what_is_not_being_packed_can_be_changed() {
        let may: Vec<&str> = Status::ALL
            .iter()
            .filter(|status| status.may_be_updated())
            .map(|status| status.name())
            .collect();
        assert_eq!(may, ["CREATED", "ADDRESS VERIFICATION", "ADDRESS ERROR", "VERIFIED"]);
    }

    #[test]
    fn every_word_is_the_references_and_is_read_again() {
        for status in Status::ALL {
            assert_eq!(status.name().parse(), Ok(*status));
        }
        for status in ParcelStatus::ALL {
            assert_eq!(status.name().parse(), Ok(*status));
        }
        assert_eq!((Status::ALL.len(), ParcelStatus::ALL.len()), (10, 10));
        assert_eq!("shipped".parse::<Status>(), Err(UnknownStatus));
        assert_eq!("".parse::<ParcelStatus>(), Err(UnknownStatus));
    }
}
