//! Orders: what states they and their parcels go through, what test orders play, and what is told
//! of them. It stores nothing. Sources: field-notes 1.6 and 9; what they leave open (the way
//! through the states, the times of the test sequences) is decided here and told in
//! docs/orders.md.

mod address;
mod status;
mod story;
mod told;

pub use address::{Address, FIELD_CHARS_MAX};
pub use status::{ParcelStatus, Status, UnknownStatus};
pub use story::{Event, TEST_CARRIER, TEST_SERVICE, TestMode};
pub use told::Told;

use std::fmt;
use std::str::FromStr;

/// Orders of one call.
pub const ORDERS_MAX: usize = 10;
/// Lines of one order.
pub const LINES_MAX: usize = 20;
/// Of one product in one order.
pub const QUANTITY_MAX: i64 = 100;
/// Devices one parcel can bring.
pub const DEVICES_MAX: usize = 200;
/// What a partner calls an order has at most this many characters.
pub const REF_CHARS_MAX: usize = 64;

/// An order's number: `order_id` on the wire, `D` and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub i64);

impl OrderId {
    /// The least number that is drawn; the reference's sample has eight digits too.
    pub const MIN: i64 = 10_000_000;
    /// One more than the greatest.
    pub const END: i64 = 1 << 32;
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "D{}", self.0)
    }
}

/// The text is no order's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOrderId;

impl FromStr for OrderId {
    type Err = NoOrderId;
    /// As it is written, and not otherwise: no sign, no zeros in front.
    fn from_str(text: &str) -> Result<Self, NoOrderId> {
        let number = text.trim().strip_prefix('D').and_then(|digits| digits.parse::<u32>().ok());
        let id = number.map(|number| Self(number.into())).ok_or(NoOrderId)?;
        if id.to_string() == text.trim() { Ok(id) } else { Err(NoOrderId) }
    }
}

/// How a product is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// By its international article number.
    Ean,
    /// By what the operator and the partner call it.
    PartnerRef,
}

impl Kind {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ean => "ean",
            Self::PartnerRef => "partner_ref",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Ean, Self::PartnerRef].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether a text may be what a partner calls an order, or what a product is called: 1 to 64
/// printable characters of ASCII, none at the ends that nobody sees.
pub fn is_ref(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    (1..=REF_CHARS_MAX).contains(&text.len()) && text.bytes().all(is_plain) && text.trim() == text
}

/// Model numbers as a list in JSON.
pub fn models_text(models: &[i64]) -> String {
    serde_json::Value::from(models).to_string()
}

/// The numbers of such a list; none if it cannot be read.
pub fn models_of(text: &str) -> Vec<i64> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orders_number_is_read_as_it_is_written() {
        let id = OrderId(12_345_678);
        assert_eq!((id.to_string().as_str(), "D12345678".parse()), ("D12345678", Ok(id)));
        for bad in ["", "D", "12345678", "d12345678", "D012345678", "D+1", "D-1", "D1.0", "D1 2"] {
            assert_eq!(bad.parse::<OrderId>(), Err(NoOrderId), "{bad}");
        }
    }

    #[test]
    fn what_a_partner_calls_an_order_is_short_and_printable() {
        for good in ["A", "MOUVEMENTREFERENCE12345678", "a b,c", &"x".repeat(64)] {
            assert!(is_ref(good), "{good}");
        }
        for bad in ["", " a", "a ", "a\nb", "é", &"x".repeat(65)] {
            assert!(!is_ref(bad), "{bad}");
        }
    }

    #[test]
    fn models_are_kept_as_a_list() {
        assert_eq!(models_text(&[13, 45]), "[13,45]");
        assert_eq!(models_of("[13,45]"), [13, 45]);
        assert_eq!(models_of("x"), [0; 0]);
    }
}
