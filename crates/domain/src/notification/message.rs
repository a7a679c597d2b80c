//! What a notification is called: the same on every attempt, in the header `webhook-id`, in lists
//! and on pages.

use crate::UserId;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The name of a notification, such as `msg_2a_6ab1cd2ef001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageId {
    /// About whom; 0: nobody.
    pub user: UserId,
    /// Its number, the person's own.
    pub number: i64,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "msg_{:x}_{:x}", self.user.0, self.number)
    }
}

impl FromStr for MessageId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| i64::from_str_radix(digits, 16).ok();
        let parse = || {
            let (user, id) = text.strip_prefix("msg_")?.split_once('_')?;
            Some(Self { user: UserId(number(user)?), number: number(id)? })
        };
        // Only as it is written: two names of one notification would be two on a page.
        let found = parse().filter(|id| id.to_string() == text);
        found.ok_or("expected a name such as msg_2a_6ab1cd2ef001")
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let id = MessageId { user: UserId(42), number: 0x6ab1_cd2e_f001 };
        assert_eq!(id.to_string(), "msg_2a_6ab1cd2ef001");
        assert_eq!("msg_2a_6ab1cd2ef001".parse(), Ok(id));
        for other in ["", "msg_", "msg_2a", "msg_2A_1", "msg_+2a_1", "msg_2a_1 ", "msg_2a_1_1"] {
            assert!(other.parse::<MessageId>().is_err(), "{other}");
        }
    }
}
