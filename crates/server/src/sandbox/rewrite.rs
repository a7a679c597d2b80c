//! Faults that change an answer: a table of kinds, and what each does to the body the operation
//! made. They know answers, and nothing of who asked.

use domain::fault::{Kind, Strike};
use serde_json::{Map, Value, json};

/// What a kind does to the body of an answer.
type Rewriter = fn(&mut Value, &Strike);

const REWRITERS: &[(Kind, Rewriter)] = &[
    (Kind::UnknownMeasureType, unknown_measure_type),
    (Kind::UnknownDevice, unknown_device),
    (Kind::UnknownCategory, unknown_category),
    (Kind::UnknownAttrib, unknown_attrib),
    (Kind::UnknownSleepState, unknown_sleep_state),
    (Kind::SameSecondGroups, same_second_groups),
    (Kind::OtherUnits, other_units),
    (Kind::NullFields, null_fields),
    (Kind::MissingFields, missing_fields),
    (Kind::PhpEmptyArrays, |body, _| walk_values(body, &mut php_empty_array)),
    (Kind::NightEventsText, night_events_text),
    (Kind::PartialNights, partial_nights),
    (Kind::EmptySignal, empty_signal),
    (Kind::InconclusiveEcg, inconclusive_ecg),
    (Kind::ClockSkew, clock_skew),
    (Kind::AsDocumented, as_documented),
];

/// The envelope with its body changed by each strike in turn.
pub(super) fn rewritten(envelope: &[u8], strikes: &[Strike]) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(envelope) else { return envelope.to_vec() };
    for strike in strikes {
        let rewriter = REWRITERS.iter().find(|(kind, _)| *kind == strike.kind);
        if let (Some((_, rewrite)), Some(body)) = (rewriter, json.get_mut("body")) {
            rewrite(body, strike);
        }
    }
    json.to_string().into_bytes()
}

/// The rows of a list of the body.
fn rows<'v>(body: &'v mut Value, list: &str) -> impl Iterator<Item = &'v mut Map<String, Value>> {
    let rows = body.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
    rows.filter_map(Value::as_object_mut)
}

/// Every object within a value, itself included.
fn walk(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            change(members);
            members.values_mut().for_each(|value| walk(value, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        _ => {}
    }
}

/// Every value within a value, the innermost first, itself not included.
fn walk_values(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    let mut inner = |value: &mut Value| {
        walk_values(value, change);
        change(value);
    };
    match value {
        Value::Object(members) => members.values_mut().for_each(&mut inner),
        Value::Array(items) => items.iter_mut().for_each(&mut inner),
        _ => {}
    }
}

fn set<V: Into<Value>>(row: &mut Map<String, Value>, name: &str, value: V) {
    if let Some(known) = row.get_mut(name) {
        *known = value.into();
    }
}

fn unknown_measure_type(body: &mut Value, strike: &Strike) {
    let kind = strike.number_of("type");
    for group in rows(body, "measuregrps") {
        if let Some(measures) = group.get_mut("measures").and_then(Value::as_array_mut) {
            measures.push(json!({ "value": 42, "type": kind, "unit": -1, "algo": 0, "fm": 131 }));
        }
    }
}

fn unknown_device(body: &mut Value, strike: &Strike) {
    let model = strike.number_of("model_id");
    walk(body, &mut |row| {
        let has_number = row.contains_key("model_id") || row.contains_key("modelid");
        ["model_id", "modelid"].into_iter().for_each(|name| set(row, name, model));
        match row.get("model") {
            // Recorded: a model the service itself has no name for has an empty one.
            Some(Value::String(_)) if has_number => set(row, "model", ""),
            // Of sleep it is no model, and says whether a tracker noticed it or a mat.
            Some(Value::Number(_)) if !has_number && !row.contains_key("series") => {
                set(row, "model", model);
            }
            _ => {}
        }
    });
}

fn unknown_category(body: &mut Value, strike: &Strike) {
    let category = strike.number_of("category");
    rows(body, "series").for_each(|row| set(row, "category", category));
}

fn unknown_attrib(body: &mut Value, strike: &Strike) {
    let attrib = strike.number_of("attrib");
    for list in ["measuregrps", "series"] {
        rows(body, list).for_each(|row| set(row, "attrib", attrib));
    }
}

fn unknown_sleep_state(body: &mut Value, strike: &Strike) {
    if let Some(row) = rows(body, "series").next() {
        set(row, "state", strike.number_of("state"));
    }
}

/// Ids of groups are below 2^53; those that are made up here are those with this bit turned over,
/// so that they are the same each time.
const OTHER_GROUP: i64 = 1 << 51;

fn same_second_groups(body: &mut Value, strike: &Strike) {
    let Some(groups) = body.get_mut("measuregrps").and_then(Value::as_array_mut) else { return };
    let attrib = strike.number_of("attrib");
    let twice = |group: &Value| {
        let mut other = group.clone();
        if let Some(row) = other.as_object_mut() {
            let id = row.get("grpid").and_then(Value::as_i64).unwrap_or_default();
            set(row, "grpid", id ^ OTHER_GROUP);
            set(row, "attrib", attrib);
        }
        [group.clone(), other]
    };
    *groups = groups.iter().flat_map(twice).collect();
}

fn other_units(body: &mut Value, strike: &Strike) {
    let digits = strike.number_of("digits");
    let power = u32::try_from(digits).map_or(1, |digits| 10_i64.saturating_pow(digits));
    for group in rows(body, "measuregrps") {
        let measures = group.get_mut("measures").and_then(Value::as_array_mut);
        for measure in measures.into_iter().flatten().filter_map(Value::as_object_mut) {
            let number = |name| measure.get(name).and_then(Value::as_i64);
            let (Some(value), Some(unit)) = (number("value"), number("unit")) else { continue };
            // The same amount exactly, or as it is.
            let Some(value) = value.checked_mul(power) else { continue };
            set(measure, "value", value);
            set(measure, "unit", unit - digits);
        }
    }
}

fn null_fields(body: &mut Value, strike: &Strike) {
    let fields = strike.text_of("fields");
    walk(body, &mut |row| {
        names(&fields).for_each(|name| set(row, name, Value::Null));
    });
}

fn missing_fields(body: &mut Value, strike: &Strike) {
    let fields = strike.text_of("fields");
    walk(body, &mut |row| {
        for name in names(&fields) {
            row.shift_remove(name);
        }
    });
}

fn names(fields: &str) -> impl Iterator<Item = &str> {
    fields.split(',').map(str::trim)
}

fn php_empty_array(value: &mut Value) {
    if value.as_object().is_some_and(Map::is_empty) {
        *value = json!([]);
    }
}

/// As it was recorded: JSON in a text, the first number of each list a time, the others distances.
fn night_events_text(body: &mut Value, _: &Strike) {
    walk(body, &mut |row| {
        let Some(Value::Object(events)) = row.get_mut("night_events") else { return };
        for times in events.values_mut().filter_map(Value::as_array_mut) {
            let mut before = 0;
            for time in times {
                let at = time.as_i64().unwrap_or(before);
                *time = (at - before).into();
                before = at;
            }
        }
        let text = Value::Object(std::mem::take(events)).to_string();
        set(row, "night_events", text);
    });
}

/// The latest night ends early: a part of it the first time, all of it after the last step. What
/// was counted within it is as much less.
fn partial_nights(body: &mut Value, strike: &Strike) {
    let (step, steps) = (i64::from(strike.number), strike.number_of("steps"));
    if step >= steps {
        return;
    }
    let is_summary = rows(body, "series").any(|row| row.contains_key("data"));
    if !is_summary {
        return partial_segments(body, step, steps);
    }
    let latest = rows(body, "series").filter_map(|row| number(row, "enddate")).max();
    for row in rows(body, "series").filter(|row| number(row, "enddate") == latest) {
        let (Some(start), Some(end)) = (number(row, "startdate"), latest) else { continue };
        let lasts = (end - start) * step / steps;
        set(row, "enddate", start + lasts);
        set(row, "completed", false);
        let data = row.get_mut("data").and_then(Value::as_object_mut);
        for (name, value) in data.into_iter().flatten() {
            if let Value::Object(events) = value {
                // Seconds after the beginning; what comes later has not happened yet.
                for times in events.values_mut().filter_map(Value::as_array_mut) {
                    times.retain(|time| time.as_i64().is_none_or(|time| time <= lasts));
                }
                events.retain(|_, times| times.as_array().is_none_or(|times| !times.is_empty()));
            } else if let Some(whole) = value.as_i64().filter(|_| is_counted(name)) {
                *value = (whole * step / steps).into();
            }
        }
    }
}

fn number(row: &Map<String, Value>, name: &str) -> Option<i64> {
    row.get(name).and_then(Value::as_i64)
}

/// Whether a field of a night is more the longer the night is.
fn is_counted(name: &str) -> bool {
    const OTHERS: [&str; 4] = ["total_sleep_time", "total_timeinbed", "waso", "nb_rem_episodes"];
    name.ends_with("duration") || name.ends_with("count") || OTHERS.contains(&name)
}

/// Between two segments of a night there is less than that.
const GAP_SECONDS: i64 = 3_600;

/// The segments of the latest night that have not arrived yet are not there.
fn partial_segments(body: &mut Value, step: i64, steps: i64) {
    let Some(segments) = body.get_mut("series").and_then(Value::as_array_mut) else { return };
    let at = |segment: &Value, name: &str| segment[name].as_i64().unwrap_or_default();
    let mut spans: Vec<(i64, i64)> =
        segments.iter().map(|one| (at(one, "startdate"), at(one, "enddate"))).collect();
    spans.sort_unstable();
    let is_gap = |two: &[(i64, i64)]| match two {
        [(_, end), (start, _)] => start - end > GAP_SECONDS,
        _ => false,
    };
    let begins = spans.windows(2).rposition(is_gap).map_or(0, |at| at + 1);
    let night = spans.get(begins..).unwrap_or_default();
    let count = i64::try_from(night.len()).unwrap_or_default();
    let kept = usize::try_from(count * step / steps).unwrap_or_default().max(1);
    let Some((last, _)) = night.get(kept - 1).copied() else { return };
    segments.retain(|segment| at(segment, "startdate") <= last);
}

fn empty_signal(body: &mut Value, _: &Strike) {
    if let Some(row) = body.as_object_mut() {
        set(row, "signal", json!([]));
        set(row, "size", 0);
    }
}

fn inconclusive_ecg(body: &mut Value, _: &Strike) {
    for row in rows(body, "series") {
        if let Some(ecg) = row.get_mut("ecg").and_then(Value::as_object_mut) {
            set(ecg, "afib", 2);
        }
        row.shift_remove("heart_rate");
    }
}

/// What the device stamped; `created` and `modified` are of the server.
const STAMPED: [&str; 4] = ["date", "startdate", "enddate", "timestamp"];
/// A key of a map that is as large is a moment: 2001-09-09.
const MOMENT_MIN: i64 = 1_000_000_000;

fn clock_skew(body: &mut Value, strike: &Strike) {
    let seconds = strike.number_of("seconds");
    walk(body, &mut |row| {
        for name in STAMPED {
            // A date that is a day is text.
            if let Some(at) = number(row, name) {
                set(row, name, at.saturating_add(seconds));
            }
        }
        let moment = |key: &String| key.parse::<i64>().ok().filter(|at| *at >= MOMENT_MIN);
        if !row.is_empty() && row.keys().all(|key| moment(key).is_some()) {
            let moved = |(key, value): (String, Value)| {
                (moment(&key).map_or(key, |at| (at + seconds).to_string()), value)
            };
            *row = std::mem::take(row).into_iter().map(moved).collect();
        }
    });
}

/// What the reference says and real answers do not do (wire-quirks 5, 7, 8, 10, 12, 26, 42).
fn as_documented(body: &mut Value, _: &Strike) {
    let Some(row) = body.as_object_mut() else { return };
    if row.contains_key("measuregrps") {
        row.entry("more").or_insert_with(|| 0.into());
        row.entry("offset").or_insert_with(|| 0.into());
    }
    if let Some(at) = row.get("updatetime").and_then(Value::as_i64) {
        set(row, "updatetime", at.to_string());
    }
    if let Some(user) = row.get("userid").and_then(Value::as_str).and_then(|id| id.parse().ok()) {
        set::<i64>(row, "userid", user);
    }
    if row.contains_key("model") && row.get("series").is_some_and(Value::is_array) {
        let segments = row.get_mut("series").and_then(Value::as_array_mut).map(std::mem::take);
        let first = segments.unwrap_or_default().into_iter().next();
        set(row, "series", first.unwrap_or_else(|| json!({})));
    }
    for group in rows(body, "measuregrps") {
        if let Some(model) = group.shift_remove("modelid") {
            group.insert("model_id".to_owned(), model);
        }
    }
    for list in ["measuregrps", "profiles"] {
        for row in rows(body, list) {
            row.shift_remove("expires");
            if row.get("comment").is_some_and(Value::is_null) {
                set(row, "comment", "");
            }
        }
    }
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
