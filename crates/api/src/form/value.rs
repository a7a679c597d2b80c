//! The deserializer from texts to types, with errors of its own that never repeat a value.

use super::Field;
use domain::Refusal;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, Expected, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

/// Typed parameters of all fields.
pub(super) fn params<T: DeserializeOwned>(fields: &[Field]) -> Result<T, Refusal> {
    let given = fields.iter().filter(|field| field.is_list || !field.is_blank());
    let pairs = given.map(|field| (field.name.as_str(), Texts::of(field)));
    serde_path_to_error::deserialize(MapDeserializer::new(pairs)).map_err(|error| {
        let path = error.path().to_string();
        match error.into_inner() {
            Problem::Missing(name) => Refusal::missing_param(name),
            Problem::Invalid(problem) => Refusal::invalid_param(&path, problem),
        }
    })
}

impl Field {
    fn is_blank(&self) -> bool {
        self.texts.iter().all(String::is_empty)
    }
}

/// What is wrong. Whatever serde's own messages would quote is left out.
#[derive(Debug)]
enum Problem {
    Missing(&'static str),
    Invalid(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "missing {name}"),
            Self::Invalid(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self::Invalid(problem.to_string())
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Invalid(format!("expected {expected}"))
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Invalid(format!("expected {expected}"))
    }
    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::Invalid(format!("expected {expected}"))
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::Invalid(format!("expected one of {}", expected.join(", ")))
    }
    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
    fn duplicate_field(name: &'static str) -> Self {
        Self::Invalid(format!("{name} is given twice"))
    }
}

/// The texts of one parameter, or one element of a list.
struct Texts<'f> {
    texts: Vec<&'f str>,
    is_list: bool,
}

impl<'f> Texts<'f> {
    fn of(field: &'f Field) -> Self {
        Self { texts: field.texts.iter().map(String::as_str).collect(), is_list: field.is_list }
    }

    fn one(&self) -> Result<&'f str, Problem> {
        let first = self.texts.first().copied().unwrap_or_default();
        if self.texts.iter().all(|text| *text == first) {
            Ok(first.trim())
        } else {
            Err(Problem::Invalid("it is given more than once, with different values".to_owned()))
        }
    }

    fn parse<T: std::str::FromStr>(&self, expected: &str) -> Result<T, Problem> {
        let parsed = self.one()?.parse();
        parsed.map_err(|_| Problem::Invalid(format!("expected {expected}")))
    }

    /// The elements: `1,2`, `[1,2]`, `a[]=1&a[]=2`, or any mixture of them.
    fn elements(&self) -> Result<Vec<String>, Problem> {
        let mut elements = Vec::new();
        for text in &self.texts {
            if text.trim_start().starts_with('[') {
                let items: Vec<serde_json::Value> = serde_json::from_str(text)
                    .map_err(|_| Problem::Invalid("expected a JSON array".to_owned()))?;
                elements.extend(items.into_iter().map(super::json_text));
            } else {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                elements.extend(parts.map(str::to_owned));
            }
        }
        if elements.len() > super::FIELDS_MAX {
            return Err(Problem::Invalid(format!("at most {} elements", super::FIELDS_MAX)));
        }
        Ok(elements)
    }
}

impl<'f> IntoDeserializer<'f, Problem> for Texts<'f> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            visitor.$visit(self.parse::<$type>("a whole number in range")?)
        }
    )* };
}

impl<'de> Deserializer<'de> for Texts<'de> {
    type Error = Problem;

    integers!(
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    );

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.one()?.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" => visitor.visit_bool(true),
            "0" | "false" | "f" => visitor.visit_bool(false),
            _ => Err(Problem::Invalid("expected 0, 1, true or false".to_owned())),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_str(self.one()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let is_blank = self.texts.iter().all(|text| text.trim().is_empty()) && !self.is_list;
        if is_blank { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let elements = self.elements()?;
        let texts = elements.iter().map(|text| Element(text.clone()));
        visitor.visit_seq(SeqDeserializer::new(texts))
    }

    /// Texts of which each is a whole: only a text that stands alone is cut, at its first comma.
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let alone = self.texts.first().filter(|_| self.texts.len() == 1);
        let texts = match alone {
            Some(text) if !self.is_list && !text.trim_start().starts_with('[') => {
                text.splitn(2, ',').map(|part| part.trim().to_owned()).collect()
            }
            Some(_) => self.elements()?,
            None => self.texts.iter().map(|text| (*text).to_owned()).collect(),
        };
        if texts.len() != length {
            return Err(Problem::Invalid(format!("expected {length} texts")));
        }
        visitor.visit_seq(SeqDeserializer::new(texts.into_iter().map(Element)))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_enum(self.one()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct map struct
        identifier
    }
}

/// An element of a list: it owns its text.
struct Element(String);

impl<'de> IntoDeserializer<'de, Problem> for Element {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! element_integers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            let parsed = self.0.parse::<$type>();
            let problem = || Problem::Invalid("expected whole numbers in range".to_owned());
            visitor.$visit(parsed.map_err(|_| problem())?)
        }
    )* };
}

impl<'de> Deserializer<'de> for Element {
    type Error = Problem;

    element_integers!(
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    );

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_string(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 u8 u16 i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
