//! One measured value, as integers end to end: `value` times ten to the power `unit`.
//!
//! A measure never becomes a float on its way through. The exponent is kept as it came, because
//! devices choose it per value and programs expect what the device sent. Groups of measures, and
//! which values are plausible, are not decided here.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

mod types;

pub use types::{Attrib, Category, KNOWN, KnownType, MeasureType};

/// Beyond this exponent, in either direction, decimal text turns scientific.
const PLAIN_TEXT_LIMIT: u8 = 18;

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Measure {
    /// The digits of the value.
    pub value: i64,
    /// What was measured.
    #[serde(rename = "type")]
    pub kind: MeasureType,
    /// The power of ten the digits are multiplied by.
    pub unit: i8,
    /// The device's mark for its algorithm. Live answers carry it, though it counts as deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    pub algo: Option<i32>,
    /// A mark of the device without a documented meaning, sent and deprecated like `algo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    pub fm: Option<i32>,
    /// The place on the body, for measures of a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    pub position: Option<i32>,
    /// The app a value was typed into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    pub apppfmid: Option<i32>,
    /// The version of the app a value was typed into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32")]
    pub appliver: Option<i32>,
}

impl Measure {
    /// A measure without any of the optional marks.
    #[must_use]
    pub const fn new(kind: MeasureType, value: i64, unit: i8) -> Self {
        Self {
            value,
            kind,
            unit,
            algo: None,
            fm: None,
            position: None,
            apppfmid: None,
            appliver: None,
        }
    }

    /// The exact value as decimal text: 66850 with unit -3 is `66.850`, 5 with unit 2 is `500`.
    ///
    /// A unit beyond 18 in either direction gives scientific text such as `5e-30`, so that no
    /// input makes a long string.
    #[must_use]
    pub fn decimal(&self) -> String {
        if self.unit.unsigned_abs() > PLAIN_TEXT_LIMIT {
            return format!("{}e{}", self.value, self.unit);
        }
        let places = usize::from(self.unit.unsigned_abs());
        if self.unit >= 0 {
            let zeros = if self.value == 0 { 0 } else { places };
            return format!("{}{:0<zeros$}", self.value, "");
        }
        let sign = if self.value < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.value.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        format!("{sign}{whole}.{fraction}")
    }

    /// The digits this value has under another unit: exact where possible, else rounded half away
    /// from zero. None if they do not fit.
    #[must_use]
    pub fn scaled(&self, unit: i8) -> Option<i64> {
        let shift = i32::from(self.unit) - i32::from(unit);
        let power = 10_i128.checked_pow(shift.unsigned_abs());
        let value = i128::from(self.value);
        let scaled = match (shift, power) {
            (0.., _) if value == 0 => 0,
            (0.., power) => value.checked_mul(power?)?,
            // Fewer than a tenth of one: the divisor has more digits than any value.
            (_, None) => 0,
            (_, Some(power)) => {
                let rounds_away = (value % power).abs() * 2 >= power;
                value / power + if rounds_away { value.signum() } else { 0 }
            }
        };
        i64::try_from(scaled).ok()
    }

    /// Which of two values is greater, exactly, whatever their units. Types are not compared.
    #[must_use]
    pub fn cmp_value(&self, other: &Self) -> Ordering {
        let shift = i32::from(self.unit) - i32::from(other.unit);
        if shift < 0 {
            return other.cmp_value(self).reverse();
        }
        // 10^19 already exceeds every value, so a larger shift changes no comparison; and a value
        // times 10^19 always fits.
        let power = 10_i128.pow(shift.unsigned_abs().min(19));
        (i128::from(self.value) * power).cmp(&i128::from(other.value))
    }
}

impl<'de> Deserialize<'de> for Measure {
    /// Reads the wire shape. Integers only: a health value that came as a float has already lost
    /// its digits. `null` counts as absent and unknown keys are ignored; errors name the key and
    /// never repeat the value. Only formats that describe themselves, such as JSON, can be read.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_map`: parsers then report a wrong type themselves and repeat the value.
        deserializer.deserialize_any(MeasureVisitor)
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Value,
    Type,
    Unit,
    Algo,
    Fm,
    Position,
    Apppfmid,
    Appliver,
    #[serde(other)]
    Other,
}

/// Visitor methods that refuse without repeating what they were given, unlike serde's own.
macro_rules! refuse {
    ($($visit:ident($ty:ty)),*) => {
        $(
            fn $visit<E: de::Error>(self, _: $ty) -> Result<Self::Value, E> {
                Err(self.refusal())
            }
        )*
    };
}

struct MeasureVisitor;

impl MeasureVisitor {
    fn refusal<E: de::Error>(&self) -> E {
        E::custom("a measure must be an object")
    }
}

impl<'de> Visitor<'de> for MeasureVisitor {
    type Value = Measure;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a measure: an object with `value`, `type` and `unit`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Measure, A::Error> {
        let (mut value, mut kind, mut unit) = (None, None, None);
        let mut measure = Measure::new(MeasureType(0), 0, 0);
        while let Some(key) = map.next_key()? {
            match key {
                Key::Value => read(&mut map, "value", &mut value)?,
                Key::Type => read(&mut map, "type", &mut kind)?,
                Key::Unit => read(&mut map, "unit", &mut unit)?,
                Key::Algo => read(&mut map, "algo", &mut measure.algo)?,
                Key::Fm => read(&mut map, "fm", &mut measure.fm)?,
                Key::Position => read(&mut map, "position", &mut measure.position)?,
                Key::Apppfmid => read(&mut map, "apppfmid", &mut measure.apppfmid)?,
                Key::Appliver => read(&mut map, "appliver", &mut measure.appliver)?,
                Key::Other => {
                    map.next_value::<de::IgnoredAny>()?;
                }
            }
        }
        measure.value = value.ok_or_else(|| de::Error::missing_field("value"))?;
        measure.kind = MeasureType(kind.ok_or_else(|| de::Error::missing_field("type"))?);
        measure.unit = unit.ok_or_else(|| de::Error::missing_field("unit"))?;
        Ok(measure)
    }

    refuse!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_i128(i128));
    refuse!(visit_u128(u128), visit_f64(f64), visit_str(&str), visit_bytes(&[u8]));
}

fn read<'de, A, T>(map: &mut A, key: &'static str, slot: &mut Option<T>) -> Result<(), A::Error>
where
    A: MapAccess<'de>,
    T: TryFrom<i64>,
{
    if slot.is_some() {
        return Err(de::Error::duplicate_field(key));
    }
    *slot = map.next_value_seed(Integer { key, of: PhantomData })?;
    Ok(())
}

/// Reads the whole number, or the `null`, that belongs to a key.
struct Integer<T> {
    key: &'static str,
    of: PhantomData<T>,
}

impl<T> Integer<T> {
    fn refusal<E: de::Error>(&self) -> E {
        E::custom(format_args!("`{}` must be a whole number", self.key))
    }
}

impl<T: TryFrom<i64>> Integer<T> {
    fn convert<E: de::Error>(&self, number: impl TryInto<i64>) -> Result<Option<T>, E> {
        let number = number.try_into().ok().and_then(|number| T::try_from(number).ok());
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(E::custom(format_args!("`{}` is out of range", self.key))),
        }
    }
}

impl<'de, T: TryFrom<i64>> DeserializeSeed<'de> for Integer<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: TryFrom<i64>> Visitor<'de> for Integer<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number in `{}`", self.key)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Option<T>, E> {
        self.convert(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Option<T>, E> {
        self.convert(number)
    }

    fn visit_i128<E: de::Error>(self, number: i128) -> Result<Option<T>, E> {
        self.convert(number)
    }

    fn visit_u128<E: de::Error>(self, number: u128) -> Result<Option<T>, E> {
        self.convert(number)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    refuse!(visit_bool(bool), visit_f64(f64), visit_str(&str), visit_bytes(&[u8]));
}

#[cfg(test)]
mod tests;
