//! The text of a recorded answer: the envelope, its body alone, a list of them, or several in one
//! file. Every number is whole, no error repeats a value, and what is wrong is named by its place.

use super::Source;
use super::recorded::{self, Read};
use domain::measure::{Attrib, Category, Measure};
use domain::{Refusal, Result, UnixTime};
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::Value;
use std::fmt;
use store::imported::Device;
use store::measure::GROUP_MEASURES_MAX;

/// The longest name of a device or a model.
const NAME_MAX: usize = 128;
/// The most answers one file holds.
const PAGES_MAX: usize = 10_000;

/// The groups of one answer.
pub(super) struct Page {
    /// Where they stand: the file, and the place in its JSON.
    pub(super) place: String,
    pub(super) groups: Vec<Recorded>,
    /// Rows that are no measures.
    pub(super) rows: Vec<Read>,
}

#[derive(Deserialize)]
struct Answer {
    status: Option<i64>,
    body: Option<Body>,
    measuregrps: Option<Vec<Recorded>>,
    activities: Option<Vec<Value>>,
    series: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    measuregrps: Option<Vec<Recorded>>,
    activities: Option<Vec<Value>>,
    series: Option<Value>,
}

/// A group as it stands in an answer. `comment` and the person's zone are not kept.
#[derive(Deserialize)]
pub(super) struct Recorded {
    grpid: i64,
    attrib: Attrib,
    date: i64,
    created: Option<i64>,
    /// Missing in older answers.
    modified: Option<i64>,
    category: Category,
    deviceid: Option<Name>,
    /// Missing in older answers.
    hash_deviceid: Option<Name>,
    modelid: Option<i64>,
    model_id: Option<i64>,
    model: Option<String>,
    measures: Vec<Measure>,
}

/// Every answer in the text of a file.
pub(super) fn read(name: &str, text: &[u8]) -> Result<Vec<Page>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let is_list = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut answers: Vec<(String, Answer)> = Vec::new();
    if is_list {
        let list: Vec<Answer> = parse(name, "", &mut json)?;
        let placed = list.into_iter().enumerate();
        answers.extend(placed.map(|(number, answer)| (format!("[{number}]."), answer)));
        json.end().map_err(|error| refusal(name, &safe(&error)))?;
    } else {
        while json.end().is_err() {
            // Several answers in one file are counted from 1, and the first has no number.
            let number = answers.len();
            let prefix = if number == 0 { String::new() } else { format!("#{}: ", number + 1) };
            let answer = parse(name, &prefix, &mut json)?;
            answers.push((prefix, answer));
            if answers.len() > PAGES_MAX {
                return Err(refusal(name, &format!("it has more than {PAGES_MAX} answers")));
            }
        }
    }
    if answers.is_empty() {
        return Err(refusal(name, "it is empty"));
    }
    answers.into_iter().map(|(prefix, answer)| answer.page(name, &prefix)).collect()
}

fn parse<'de, T: Deserialize<'de>>(
    name: &str,
    prefix: &str,
    json: &mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>,
) -> Result<T> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { format!("{path}: ") };
        refusal(name, &format!("{prefix}{path}{}", safe(error.inner())))
    })
}

/// The words of an error without the value that was found.
fn safe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let found = ["invalid type: ", "invalid value: ", "invalid length "];
    if !found.iter().any(|found| text.starts_with(found)) {
        return format!("{text}{place}");
    }
    let expected = text.rsplit_once(", expected ").map_or("something else", |(_, words)| words);
    let words = match expected {
        "i32" | "i64" => "a whole number",
        "struct Answer" | "struct Body" | "struct Recorded" => "an object",
        other => other,
    };
    format!("expected {words}{place}")
}

fn refusal(name: &str, problem: &str) -> domain::Error {
    Refusal::invalid_param("file", format!("{name}: {problem}")).into()
}

impl Answer {
    fn page(self, name: &str, prefix: &str) -> Result<Page> {
        if self.status.is_some_and(|status| status != 0) {
            return Err(refusal(name, &format!("{prefix}status: an answer that was refused")));
        }
        let (at, body) = match self.body {
            Some(body) => ("body.", body),
            None => {
                let Self { measuregrps, activities, series, .. } = self;
                ("", Body { measuregrps, activities, series })
            }
        };
        let (list, groups, rows) = match body {
            Body { measuregrps: Some(groups), .. } => ("measuregrps", groups, Vec::new()),
            Body { activities: Some(rows), .. } => ("activities", Vec::new(), recorded::days(rows)),
            Body { series: Some(series), .. } => ("series", Vec::new(), recorded::series(series)),
            _ => {
                let problem = "no answer that is known: no measuregrps, activities or series";
                return Err(refusal(name, &format!("{prefix}{at}measuregrps: missing; {problem}")));
            }
        };
        Ok(Page { place: format!("{name}: {prefix}{at}{list}"), groups, rows })
    }
}

impl Recorded {
    /// The group, or the key that cannot be kept and why.
    pub(super) fn check(self, now: i64) -> std::result::Result<Source, (&'static str, String)> {
        let latest = now.saturating_add(UnixTime::AHEAD_SECONDS);
        let no_date = || "expected a moment between 1970 and now".to_owned();
        let is_moment = |time: &i64| (0..=latest).contains(time);
        let created = self.created.unwrap_or(now);
        let modified = self.modified.unwrap_or(created);
        let dates = [(".date", self.date), (".created", created), (".modified", modified)];
        if let Some((key, _)) = dates.iter().find(|(_, time)| !is_moment(time)) {
            return Err((key, no_date()));
        }
        if self.grpid <= 0 {
            return Err((".grpid", "expected a number above 0".to_owned()));
        }
        if !Category::ALL.contains(&self.category) {
            return Err((".category", "expected 1 or 2".to_owned()));
        }
        if !(1..=GROUP_MEASURES_MAX).contains(&self.measures.len()) {
            return Err((".measures", format!("expected 1 to {GROUP_MEASURES_MAX} of them")));
        }
        let names = [&self.deviceid, &self.hash_deviceid].map(|name| name.as_ref().map(|n| &n.0));
        let [deviceid, hash] = names;
        let is_name =
            |text: &&String| text.chars().count() <= NAME_MAX && !text.contains(char::is_control);
        let texts = [(".deviceid", deviceid), (".hash_deviceid", hash)];
        let texts = texts.into_iter().chain([(".model", self.model.as_ref())]);
        for (key, text) in texts {
            if text.is_some_and(|text| !is_name(&text)) {
                return Err((key, format!("expected at most {NAME_MAX} printable characters")));
            }
        }
        let device = deviceid.or(hash).map(|name| Device {
            name: name.clone(),
            hash: hash.unwrap_or(name).clone(),
            model_id: self.modelid.or(self.model_id),
            model: self.model.clone(),
        });
        Ok(Source {
            grpid: self.grpid,
            attrib: self.attrib,
            date: self.date,
            created,
            modified,
            category: self.category,
            device,
            measures: self.measures,
        })
    }
}

/// The name of a device: a text, or a number as partners are given.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a whole number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Name, E> {
        Ok(Name(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> std::result::Result<Name, E> {
        Ok(Name(number.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> std::result::Result<Name, E> {
        Ok(Name(number.to_string()))
    }
}
