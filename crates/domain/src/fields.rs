//! Sets of named numbers of which any may be missing: a minute of activity, the summary of a night.
//! A set is a struct with an optional member for each; its table says how each is stored and told.
//! Nothing here knows what they mean.
//!
//! Numbers are kept as integers (`Field::places` after the point), so that what came from a device
//! is what is given out.

use schemars::{Schema, json_schema};
use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A named number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// What it is stored under: never used for anything else, also when the field is gone.
    pub number: u16,
    /// The reference's name.
    pub name: &'static str,
    /// What it is, for documents.
    pub text: &'static str,
    /// How it is written.
    pub form: Form,
}

/// How a field is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number.
    Whole,
    /// A number with this many places after the point.
    Decimal(u8),
    /// One of a few words.
    Word,
}

/// A value of a field, which is an integer inside.
pub trait Digits: Copy {
    /// How it is written.
    const FORM: Form;
    /// The integer.
    fn digits(self) -> i64;
    /// The value of an integer that [`Digits::digits`] gave.
    fn of(digits: i64) -> Self;
}

impl Digits for i64 {
    const FORM: Form = Form::Whole;
    fn digits(self) -> i64 {
        self
    }
    fn of(digits: i64) -> Self {
        digits
    }
}

/// A set of fields.
pub trait Fields: Default + Clone + PartialEq {
    /// Every field, in the order in which they are told.
    const ALL: &'static [Field];

    /// The integer of a field, if it has a value.
    fn digits(&self, number: u16) -> Option<i64>;

    /// Gives a field a value, or none. A number that is no field changes nothing.
    fn set(&mut self, number: u16, digits: Option<i64>);

    /// Every field that has a value.
    fn present(&self) -> impl Iterator<Item = (u16, i64)> {
        Self::ALL.iter().filter_map(|field| Some((field.number, self.digits(field.number)?)))
    }

    /// Whether none has a value.
    fn is_empty(&self) -> bool {
        self.present().next().is_none()
    }

    /// The same, with the values of `over` where it has some.
    #[must_use]
    fn under(mut self, over: &Self) -> Self {
        over.present().for_each(|(number, digits)| self.set(number, Some(digits)));
        self
    }

    /// Takes the values of fields that are not wanted away.
    fn keep(&mut self, is_wanted: impl Fn(&Field) -> bool) {
        for field in Self::ALL.iter().filter(|field| !is_wanted(field)) {
            self.set(field.number, None);
        }
    }
}

/// The schema of a set: no field has to be there.
pub fn schema<F: Fields>() -> Schema {
    let properties = F::ALL.iter().map(|field| {
        let kind = match field.form {
            Form::Whole => "integer",
            Form::Decimal(_) => "number",
            Form::Word => "string",
        };
        let text = field.text.trim();
        (field.name.to_owned(), serde_json::json!({ "type": kind, "description": text }))
    });
    let properties: serde_json::Map<_, _> = properties.collect();
    json_schema!({ "type": "object", "properties": properties })
}

/// A number with `PLACES` digits after the point, as its digits. On the wire it is a JSON number,
/// without a point where it needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal<const PLACES: u8>(pub i64);

impl<const PLACES: u8> Decimal<PLACES> {
    const SCALE: i64 = 10_i64.pow(PLACES as u32);

    /// The nearest to a number, halves away from zero. `None`: it is none, or beyond all use.
    pub fn nearest(number: f64) -> Option<Self> {
        // An f64 holds every integer up to here.
        const DIGITS_END: f64 = (1_i64 << 53) as f64;
        let digits = (number * Self::SCALE as f64).round();
        (digits.abs() < DIGITS_END).then_some(Self(digits as i64))
    }

    /// As a number.
    pub fn number(self) -> f64 {
        self.0 as f64 / Self::SCALE as f64
    }
}

impl<const PLACES: u8> Digits for Decimal<PLACES> {
    const FORM: Form = Form::Decimal(PLACES);
    fn digits(self) -> i64 {
        self.0
    }
    fn of(digits: i64) -> Self {
        Self(digits)
    }
}

impl<const PLACES: u8> Serialize for Decimal<PLACES> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % Self::SCALE == 0 {
            serializer.serialize_i64(self.0 / Self::SCALE)
        } else {
            serializer.serialize_f64(self.number())
        }
    }
}

impl<'de, const PLACES: u8> Deserialize<'de> for Decimal<PLACES> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const PLACES: u8>;
        impl<const PLACES: u8> Visitor<'_> for Number<PLACES> {
            type Value = Decimal<PLACES>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number below 2^53 digits")
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
                self.visit_f64(number as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                self.visit_f64(number as f64)
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
                Decimal::nearest(number).ok_or_else(|| E::custom("number, expected a smaller one"))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// How a temperature compares with what is usual for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemperatureStatus(u8);

impl TemperatureStatus {
    /// The words of the reference, at their numbers.
    const WORDS: [&'static str; 3] = ["unknown", "usual", "elevated"];
}

impl Digits for TemperatureStatus {
    const FORM: Form = Form::Word;
    fn digits(self) -> i64 {
        self.0.into()
    }
    fn of(digits: i64) -> Self {
        let known = u8::try_from(digits).ok().filter(|at| usize::from(*at) < Self::WORDS.len());
        Self(known.unwrap_or(0))
    }
}

impl Serialize for TemperatureStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::WORDS[usize::from(self.0)])
    }
}

impl<'de> Deserialize<'de> for TemperatureStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let at = Self::WORDS.iter().position(|known| *known == word);
        at.and_then(|at| u8::try_from(at).ok())
            .map(Self)
            .ok_or_else(|| D::Error::custom("word, expected unknown, usual or elevated"))
    }
}

/// Makes a set of fields: `number name: type`, each with its documentation.
macro_rules! fields {
    (
        $(#[$doc:meta])*
        pub struct $set:ident {
            $( #[doc = $text:literal] $number:literal $name:ident: $kind:ty, )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $set {
            $(
                #[doc = $text]
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $name: Option<$kind>,
            )*
        }

        impl $crate::fields::Fields for $set {
            const ALL: &'static [$crate::fields::Field] = &[$(
                $crate::fields::Field {
                    number: $number,
                    name: stringify!($name),
                    text: $text,
                    form: <$kind as $crate::fields::Digits>::FORM,
                },
            )*];

            fn digits(&self, number: u16) -> Option<i64> {
                match number {
                    $( $number => self.$name.map($crate::fields::Digits::digits), )*
                    _ => None,
                }
            }

            fn set(&mut self, number: u16, digits: Option<i64>) {
                match number {
                    $( $number => self.$name = digits.map($crate::fields::Digits::of), )*
                    _ => {}
                }
            }
        }

        impl schemars::JsonSchema for $set {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($set).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::fields::schema::<Self>()
            }
        }
    };
}
pub(crate) use fields;

#[cfg(test)]
mod tests {
    #![expect(unreachable_pub, reason = "the macro makes public sets")]
    use super::*;

    fields! {
        /// Two of a kind.
        pub struct Pair {
            /// A count.
            1 count: i64,
            /// A length.
            4 length: Decimal<3>,
            /// A word.
            7 status: TemperatureStatus,
        }
    }

    fn read(text: &str) -> Result<Pair, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_missing_is_left_out_and_what_is_whole_has_no_point() {
        let pair = read(r#"{"length":5078.594,"count":null,"other":1,"status":"usual"}"#).unwrap();
        assert_eq!(pair.present().collect::<Vec<_>>(), [(4, 5_078_594), (7, 1)]);
        let text = serde_json::to_string(&pair).unwrap();
        assert_eq!(text, r#"{"length":5078.594,"status":"usual"}"#);
        let whole = Pair { length: Some(Decimal(2_000)), ..Pair::default() };
        assert_eq!(serde_json::to_string(&whole).unwrap(), r#"{"length":2}"#);
        assert!(Pair::default().is_empty() && !whole.is_empty());
    }

    #[test]
    fn numbers_that_are_none_are_refused_without_being_repeated() {
        for wrong in ["1e300", "-1e300", "1e17"] {
            let problem = read(&format!(r#"{{"length":{wrong}}}"#)).unwrap_err();
            assert!(problem.contains("expected a smaller one"), "{problem}");
        }
        assert!(read(r#"{"length":"5"}"#).is_err());
        assert!(read(r#"{"count":1.5}"#).is_err());
        assert!(read(r#"{"status":"warm"}"#).is_err());
        assert_eq!(Decimal::<3>::nearest(f64::NAN), None);
        assert_eq!(Decimal::<3>::nearest(-0.0005), Some(Decimal(-1)));
    }

    #[test]
    fn one_set_lies_over_another() {
        let below = Pair { count: Some(1), length: Some(Decimal(5)), ..Pair::default() };
        let over = Pair { count: Some(2), ..Pair::default() };
        let mut both = below.under(&over);
        assert_eq!(both, Pair { count: Some(2), length: Some(Decimal(5)), ..Pair::default() });
        both.keep(|field| field.name == "count");
        assert_eq!(both, over);
    }
}
