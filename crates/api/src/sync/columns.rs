//! Columns of numbers, a list for each field: how a batch writes what was noticed at many moments.

use super::invalid;
use domain::fields::{Field, Fields, Form};
use domain::{Result, UnixTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::marker::PhantomData;

/// The most moments of one record: twelve days of minutes.
pub(super) const MOMENTS_MAX: usize = 17_280;
/// No number is greater, in the digits it is kept with.
pub(super) const DIGITS_MAX: i64 = 1_000_000_000_000;
/// A distance of moments is at most this long.
const INTERVAL_SECONDS_MAX: i64 = 86_400;

/// The moments of a record: `startdate` and a number every `interval` seconds, or `times`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Moments {
    /// The first moment, in Unix seconds.
    pub startdate: Option<UnixTime>,
    /// Seconds from one moment to the next; without it 60.
    pub interval: Option<i64>,
    /// Every moment, rising, instead of `startdate` and `interval`.
    #[serde(default)]
    pub times: Vec<i64>,
}

/// A list for each field, all of one length; `null` where there is nothing.
#[derive(Debug)]
pub struct Columns<F> {
    lists: Map<String, Value>,
    fields: PhantomData<F>,
}

impl<F> Default for Columns<F> {
    fn default() -> Self {
        Self { lists: Map::new(), fields: PhantomData }
    }
}

impl<'de, F> Deserialize<'de> for Columns<F> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let lists = Map::deserialize(deserializer)?;
        Ok(Self { lists, fields: PhantomData })
    }
}

impl<F: Fields> JsonSchema for Columns<F> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Columns".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let list = |field: &Field| {
            let kind = if field.form == Form::Whole { "integer" } else { "number" };
            let items = serde_json::json!({ "type": [kind, "null"] });
            let list = serde_json::json!({
                "type": "array", "items": items, "maxItems": MOMENTS_MAX,
                "description": field.text.trim(),
            });
            (field.name.to_owned(), list)
        };
        let properties: Map<String, Value> = F::ALL.iter().map(list).collect();
        json_schema!({
            "type": "object",
            "description": "A list for each field, all of one length; null where there is nothing.",
            "properties": properties,
        })
    }
}

impl<F: Fields> Columns<F> {
    /// The values of each moment. Lists that are no field are passed over.
    pub(super) fn rows(&self, place: &str) -> Result<Vec<F>> {
        let known = |field: &&Field| self.lists.contains_key(field.name);
        let mut rows: Vec<F> = Vec::new();
        for (at, field) in F::ALL.iter().filter(known).enumerate() {
            let place = format!("{place}.{}", field.name);
            let list = self.lists.get(field.name).and_then(Value::as_array);
            let list = list.ok_or_else(|| invalid(&place, "expected a list"))?;
            if at == 0 {
                if list.len() > MOMENTS_MAX {
                    let problem = format!("expected at most {MOMENTS_MAX} moments");
                    return Err(invalid(&place, problem).into());
                }
                rows.resize(list.len(), F::default());
            } else if list.len() != rows.len() {
                return Err(invalid(&place, "expected as many as in the list before it").into());
            }
            for (at, (row, value)) in rows.iter_mut().zip(list).enumerate() {
                let digits = digits(field.form, value)
                    .map_err(|problem| invalid(&format!("{place}[{at}]"), problem))?;
                row.set(field.number, digits);
            }
        }
        Ok(rows)
    }
}

fn digits(form: Form, value: &Value) -> std::result::Result<Option<i64>, String> {
    let digits = match (form, value) {
        (_, Value::Null) => return Ok(None),
        (Form::Whole, Value::Number(number)) => number.as_i64(),
        (Form::Decimal(places), Value::Number(number)) => {
            let scaled = number.as_f64().map(|number| number * 10_f64.powi(places.into()));
            let in_range = |number: &f64| number.abs() <= DIGITS_MAX as f64;
            scaled.map(f64::round).filter(in_range).map(|number| number as i64)
        }
        _ => None,
    };
    let digits = digits.filter(|digits| (0..DIGITS_MAX).contains(digits));
    digits.map(Some).ok_or_else(|| format!("{}, or null", expected(form)))
}

/// What would do, in the words of a refusal: below [`DIGITS_MAX`], with the point where the form
/// has it.
pub(super) fn expected(form: Form) -> String {
    let places = if let Form::Decimal(places) = form { places.into() } else { 0 };
    let kind = if places == 0 { "a whole number" } else { "a number" };
    format!("expected {kind} from 0 on, below 10^{}", DIGITS_MAX.ilog10().saturating_sub(places))
}

impl Moments {
    /// The moments of `count` rows, and how far they are apart where that is said.
    pub(super) fn of(
        &self,
        count: usize,
        place: &str,
        now: i64,
    ) -> Result<(Vec<i64>, Option<i64>)> {
        let named = |name: &str, problem: &str| invalid(&format!("{place}.{name}"), problem);
        let interval = self.interval.unwrap_or(60);
        if !(1..=INTERVAL_SECONDS_MAX).contains(&interval) {
            return Err(named("interval", "expected 1 to 86400 seconds").into());
        }
        let (times, interval) = match (self.startdate, self.times.is_empty()) {
            (Some(start), true) => {
                let steps = 0..i64::try_from(count).unwrap_or(i64::MAX);
                let at = |step: i64| start.0.saturating_add(step.saturating_mul(interval));
                (steps.map(at).collect::<Vec<_>>(), Some(interval))
            }
            (None, _) => {
                if self.times.len() != count {
                    let problem = "expected as many moments as the lists have numbers";
                    return Err(named("times", problem).into());
                }
                if !self.times.is_sorted_by(|one, next| one < next) {
                    return Err(named("times", "expected rising moments").into());
                }
                (self.times.clone(), self.interval)
            }
            (Some(_), false) => {
                return Err(named("times", "give either startdate or times").into());
            }
        };
        let name = if self.startdate.is_some() { "startdate" } else { "times" };
        for at in times.first().into_iter().chain(times.last()) {
            super::plausible(UnixTime(*at), now, &format!("{place}.{name}"))?;
        }
        Ok((times, interval))
    }
}
