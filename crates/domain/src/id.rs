//! The numbers things are known by. Where they come from is decided in `store`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A person (`userid` on the wire): below 2^31, as programs keep it in 32 bits.
    UserId
}
number! {
    /// An organization (`organization_id` on the wire): below 2^31.
    OrganizationId
}
number! {
    /// A device inside the store. On the wire a device is its `deviceid`, 40 hex digits.
    DeviceId
}
number! {
    /// A measure group (`grpid` on the wire): below 2^53, unique in the world.
    GroupId
}

impl UserId {
    /// The least id given to a person; real ids have eight digits too.
    pub const MIN: i64 = 10_000_000;
    /// One more than the greatest id given to a person.
    pub const END: i64 = 1 << 31;
}

impl GroupId {
    const SEQUENCE_BITS: u32 = 22;
    /// How many groups one person can have.
    pub const SEQUENCE_MAX: i64 = (1 << Self::SEQUENCE_BITS) - 1;

    /// The id of a person's n-th group. Holding both numbers makes it unique without a counter that
    /// all people share, and lets it be found by the key the person's groups are stored under.
    pub const fn new(user: UserId, sequence: i64) -> Self {
        Self((user.0 << Self::SEQUENCE_BITS) | sequence)
    }

    /// The person and the number the id was made of.
    pub const fn parts(self) -> (UserId, i64) {
        (UserId(self.0 >> Self::SEQUENCE_BITS), self.0 & Self::SEQUENCE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_id_stays_below_the_integers_of_a_double() {
        let last = GroupId::new(UserId(UserId::END - 1), GroupId::SEQUENCE_MAX);
        assert!(last.0 < 1 << 53);
        assert_eq!(last.parts(), (UserId(UserId::END - 1), GroupId::SEQUENCE_MAX));
    }
}
