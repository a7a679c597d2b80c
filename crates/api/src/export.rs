//! All of a person's data as it leaves: as the items of a Health Mate export, and as lines of JSON.
//! Each part is read in a transaction of its own, so that nobody waits for a long one. Where the
//! parts go is for others to say; no secret is in them.

use crate::import::healthmate::{bed_field, tracker_field};
use crate::ops::own;
use crate::source::{Source as Device, Sources};
use crate::summary::{Summaries, ranked_samples};
use domain::calendar;
use domain::fields::Fields as _;
use domain::recording::Kind as RecordingKind;
use domain::{DAY_SECONDS, Error, GroupId, Result, ScopeSet, UserId};
use healthmate::{
    Column, Day, DayColumn, Decimal, Group, Item, Minutes, Night, Signal, Source, Workout,
};
use serde_json::{Value, json};
use store::measure::Filter;
use store::{Tx, measure, night, person, raw, recording, series, survey, workout};

/// Rows of one part.
const PART_ROWS: i64 = 500;
/// Lines of one kind of one part, about.
const LINES: i64 = 200;
/// Days of series of one part.
const PART_DAYS: i64 = 14;

/// Where the next part begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Measure groups after the one of that number.
    Groups(Option<i64>),
    /// Series from that day on, in days since 1970 of UTC.
    Series(Option<i64>),
    /// Days before that one.
    Days(Option<i64>),
    /// Nights after the one of that number.
    Nights(Option<i64>),
    /// Workouts after the one of that number.
    Workouts(Option<i64>),
    /// Electrocardiograms after the one of that number.
    Hearts(Option<i64>),
}

impl Place {
    /// The first part.
    pub const FIRST: Self = Self::Groups(None);
}

/// The columns of minutes in an export.
const TRACKER_COLUMNS: [(Source, Column); 9] = [
    (Source::Tracker, Column::Steps),
    (Source::Tracker, Column::Elevation),
    (Source::Tracker, Column::Calories),
    (Source::Tracker, Column::Distance),
    (Source::Swim, Column::PoolLap),
    (Source::Hr, Column::HeartRate),
    (Source::Spo2, Column::Spo2),
    (Source::CoreTemperature, Column::CoreBodyTemperature),
    (Source::Tracker, Column::RespiratoryRate),
];
const BED_COLUMNS: [Column; 4] =
    [Column::HeartRate, Column::RespiratoryRate, Column::Snoring, Column::Movement];

/// A part of a person's data as items, and where the next one begins, if there is one.
pub fn part(tx: &mut Tx<'_>, user: UserId, place: Place) -> Result<(Vec<Item>, Option<Place>)> {
    person::get(tx, user)?;
    match place {
        Place::Groups(after) => groups(tx, user, after),
        Place::Series(from) => minutes(tx, user, from),
        Place::Days(before) => days(tx, user, before),
        Place::Nights(after) => nights(tx, user, after),
        Place::Workouts(after) => workouts(tx, user, after),
        Place::Hearts(after) => hearts(tx, user, after),
    }
}

fn groups(tx: &mut Tx<'_>, user: UserId, after: Option<i64>) -> Result<(Vec<Item>, Option<Place>)> {
    let rows = usize::try_from(PART_ROWS).map_err(Error::internal)?;
    let category = Some(domain::measure::Category::REAL);
    let filter = Filter { category, ..Filter::default() };
    let page = measure::page(tx, user, &filter, after, rows)?;
    let next = match page.next_offset {
        Some(offset) => Place::Groups(Some(offset)),
        None => Place::Series(None),
    };
    let items = page.groups.into_iter().map(|group| {
        Item::Group(Group { date: group.date, measures: group.measures, comment: None })
    });
    Ok((items.collect(), Some(next)))
}

fn minutes(tx: &mut Tx<'_>, user: UserId, from: Option<i64>) -> Result<(Vec<Item>, Option<Place>)> {
    let Some((first, last)) = series::days(tx, user)? else {
        return Ok((Vec::new(), Some(Place::Days(None))));
    };
    let from = from.unwrap_or(first).max(first);
    let to = from + PART_DAYS;
    let mut items = Vec::new();
    let (start, end) = (from * DAY_SECONDS, to * DAY_SECONDS);
    // Of several devices the one that has the say, as everywhere: the layout has no place for two.
    let told = series::samples_between(tx, user, start, end)?;
    let samples = ranked_samples(tx, &mut Sources::default(), user, told)?;
    for (source, column) in TRACKER_COLUMNS {
        let Some((field, scale)) = tracker_field(column) else { continue };
        let moments = samples.iter().filter_map(|(_, sample)| {
            Some((sample.at, sample.seconds(), sample.values.digits(field)? / scale))
        });
        items.extend(lists(source, column, moments));
    }
    for sleep in Summaries::of(tx, user)?.slept(tx, start, end)? {
        let source = if is_mat(sleep.source.as_ref()) { Source::Bed } else { Source::Tracker };
        // A stage that reaches into the part began before it, and was given there.
        let stages = sleep.stages.iter().filter(|stage| (start..end).contains(&stage.start));
        let states = stages.map(|stage| (stage.start, stage.seconds(), stage.state.0));
        items.extend(lists(source, Column::SleepState, states));
        for column in BED_COLUMNS {
            let Some(field) = bed_field(column) else { continue };
            let vitals = sleep.vitals.iter().filter(|vital| (start..end).contains(&vital.at));
            let moments =
                vitals.filter_map(|vital| Some((vital.at, 60, vital.values.digits(field)?)));
            items.extend(lists(Source::Bed, column, moments));
        }
    }
    let next = if to > last { Place::Days(None) } else { Place::Series(Some(to)) };
    Ok((items, Some(next)))
}

/// Whether it lies under a mattress; of an import the class is known and no model.
fn is_mat(source: Option<&Device>) -> bool {
    source.is_some_and(|source| {
        let is_class = source.model.as_deref() == Some("Sleep Monitor");
        is_class || domain::device::sleep_source(source.model_id) == 32
    })
}

/// Moments as lists: each follows the one before without a gap.
fn lists(
    source: Source,
    column: Column,
    moments: impl Iterator<Item = (i64, i64, i64)>,
) -> Vec<Item> {
    const LIST_MAX: usize = 60;
    let mut lists: Vec<Minutes> = Vec::new();
    let mut end = i64::MIN;
    for (at, seconds, digits) in moments {
        match lists.last_mut() {
            Some(last) if at == end && last.digits.len() < LIST_MAX => {
                last.durations.push(seconds);
                last.digits.push(digits);
            }
            _ => lists.push(Minutes {
                source,
                column,
                at,
                durations: vec![seconds],
                digits: vec![digits],
            }),
        }
        end = at.saturating_add(seconds);
    }
    lists.into_iter().map(Item::Minutes).collect()
}

fn days(tx: &mut Tx<'_>, user: UserId, before: Option<i64>) -> Result<(Vec<Item>, Option<Place>)> {
    let filter = store::day::Filter { changed_after: Some(i64::MIN), ..Default::default() };
    let rows = store::day::page(tx, user, &filter, before, PART_ROWS)?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == PART_ROWS => Place::Days(Some(last.day.day)),
        _ => Place::Nights(None),
    };
    let mut items = Vec::new();
    for row in rows {
        let (date, activity) = (calendar::date(row.day.day), row.day.activity);
        let passive = activity
            .totalcalories
            .map(|total| total.0 - activity.calories.map_or(0, |active| active.0));
        let columns = [
            (DayColumn::Steps, activity.steps),
            (DayColumn::Distance, activity.distance.map(|digits| digits.0)),
            (DayColumn::Elevation, activity.elevation.map(|digits| digits.0)),
            (DayColumn::CaloriesEarned, activity.calories.map(|digits| digits.0)),
            (DayColumn::CaloriesPassive, passive),
        ];
        items.extend(
            columns.into_iter().filter_map(|(column, digits)| {
                Some(Item::Day(Day { date, column, digits: digits? }))
            }),
        );
    }
    Ok((items, Some(next)))
}

fn nights(tx: &mut Tx<'_>, user: UserId, after: Option<i64>) -> Result<(Vec<Item>, Option<Place>)> {
    let filter = night::Filter { changed_after: Some(i64::MIN), ..Default::default() };
    let rows = night::page(tx, user, &filter, after, PART_ROWS, night::Wanted::ALL)?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == PART_ROWS => Place::Nights(Some(last.id.parts().1)),
        _ => Place::Workouts(None),
    };
    let items = rows.into_iter().map(|row| {
        let (data, events) = (row.data.whole()?, row.events.unwrap_or_default());
        Ok(Item::Night(Night {
            start: row.start,
            end: row.end,
            light_s: data.lightsleepduration,
            deep_s: data.deepsleepduration,
            rem_s: data.remsleepduration,
            awake_s: data.wakeupduration,
            wakeups: data.wakeupcount,
            duration_to_sleep_s: data.durationtosleep,
            duration_to_wakeup_s: data.durationtowakeup,
            snoring_s: data.snoring,
            snoring_episodes: data.snoringepisodecount,
            hr_average_bpm: data.hr_average,
            hr_min_bpm: data.hr_min,
            hr_max_bpm: data.hr_max,
            night_events: (!events.is_empty()).then(|| distances(&events)),
            note: None,
        }))
    });
    Ok((items.collect::<Result<_>>()?, Some(next)))
}

/// The events of a night as the live service writes them: a text, each number the distance from the
/// one before.
fn distances(events: &domain::sleep::Events) -> String {
    let kinds = events.iter().map(|(kind, times)| {
        let mut last = 0;
        let distances = times.iter().map(|time| {
            let distance = time - last;
            last = *time;
            json!(distance)
        });
        (kind.to_string(), distances.collect())
    });
    Value::Object(kinds.collect()).to_string()
}

fn workouts(
    tx: &mut Tx<'_>,
    user: UserId,
    after: Option<i64>,
) -> Result<(Vec<Item>, Option<Place>)> {
    let filter = workout::Filter { changed_after: Some(i64::MIN), ..Default::default() };
    let rows = workout::page(tx, user, &filter, after, PART_ROWS)?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == PART_ROWS => Place::Workouts(Some(last.id.parts().1)),
        _ => Place::Hearts(None),
    };
    let items = rows.into_iter().map(|row| {
        let fields = row.workout.data.present().filter_map(|(number, digits)| {
            let all = domain::workout::Workout::ALL;
            let field = all.iter().find(|field| field.number == number)?;
            Some((field.name.to_owned(), Decimal { digits, places: 0 }))
        });
        Item::Workout(Workout {
            start: row.workout.start,
            end: row.workout.end,
            category: Some(row.workout.category),
            name: None,
            data: fields.collect(),
            timezone: Some(row.workout.time_zone),
        })
    });
    Ok((items.collect(), Some(next)))
}

fn hearts(tx: &mut Tx<'_>, user: UserId, after: Option<i64>) -> Result<(Vec<Item>, Option<Place>)> {
    const PART_HEARTS: i64 = 20;
    let time = (i64::MIN, i64::MAX);
    let rows = recording::page(tx, user, RecordingKind::Ecg, time, after, PART_HEARTS)?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == PART_HEARTS => {
            Some(Place::Hearts(Some(last.id.parts().1)))
        }
        _ => None,
    };
    let mut items = Vec::new();
    for row in rows {
        let microvolts = signal_of(tx, row.id)?;
        let about = row.recording.about;
        let duration_s = about
            .frequency
            .filter(|hertz| *hertz > 0)
            .map(|hertz| i64::try_from(microvolts.len()).unwrap_or(i64::MAX) / hertz);
        items.push(Item::Signal(Signal {
            at: row.recording.date,
            kind: "ECG".to_owned(),
            frequency_hz: about.frequency,
            duration_s,
            wear_position: about.position,
            microvolts,
            ..Signal::default()
        }));
    }
    Ok((items, next))
}

/// The samples of an electrocardiogram.
pub fn signal_of(tx: &mut Tx<'_>, id: GroupId) -> Result<Vec<i64>> {
    let packed = recording::signal(tx, id)?;
    signal::raw::unpack(&packed).map_err(|damage| Error::internal(format!("a signal: {damage}")))
}

/// Where the next lines begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinePlace {
    /// Rows after that place in the change feed.
    Rows(i64),
    /// Answers to surveys after the one of that number.
    Answers(i64),
}

/// Lines of JSON: who the person is, then every row as the change feed gives it, with its signal,
/// then what they answered to surveys; and where the next part begins, if there is one.
pub fn lines(
    tx: &mut Tx<'_>,
    user: UserId,
    after: Option<LinePlace>,
) -> Result<(Vec<Value>, Option<LinePlace>)> {
    let mut lines = Vec::new();
    let from = match after {
        None => 0,
        Some(LinePlace::Rows(from)) => from,
        Some(LinePlace::Answers(after)) => return answered(tx, user, after),
    };
    if after.is_none() {
        let pairs = crate::account::beginning(tx, user)?.into_iter();
        let mut about: serde_json::Map<String, Value> =
            pairs.map(|(name, value)| (name.to_owned(), value)).collect();
        about.insert("kind".to_owned(), json!("person"));
        lines.push(about.into());
    }
    let page = own::page(tx, user, &ScopeSet::all(), from, LINES)?;
    for change in page.changes.into_iter().filter(|change| !change.deleted) {
        let mut line = json!({
            "kind": change.kind, "id": change.id, "modified": change.modified, "data": change.data,
        });
        if let Some(signal) = signal_of_row(tx, user, change.kind, &change.id)? {
            line["signal"] = signal;
        }
        lines.push(line);
    }
    if page.more {
        return Ok((lines, Some(LinePlace::Rows(page.cursor))));
    }
    let (answers, next) = answered(tx, user, 0)?;
    lines.extend(answers);
    Ok((lines, next))
}

/// What somebody answered to surveys: by question, the numbers of what was chosen.
fn answered(tx: &mut Tx<'_>, user: UserId, after: i64) -> Result<(Vec<Value>, Option<LinePlace>)> {
    person::get(tx, user)?;
    let answers = survey::answers_after(tx, user, after, LINES)?;
    let last = answers.last().filter(|_| answers.len() as i64 == LINES);
    let next = last.map(|(id, _)| LinePlace::Answers(id.parts().1));
    let mut lines = Vec::with_capacity(answers.len());
    for (id, answer) in answers {
        let asked = survey::find(tx, answer.survey)?.map(|kept| kept.survey.name);
        let data = json!({
            "surveyid": answer.survey, "name": asked, "grpid": answer.group,
            "timestamp": answer.taken, "answers": answer.answers,
        });
        lines.push(json!({ "kind": "survey_answer", "id": id.to_string(), "data": data }));
    }
    Ok((lines, next))
}

/// The samples behind a row that has some.
fn signal_of_row(tx: &mut Tx<'_>, user: UserId, kind: &str, id: &str) -> Result<Option<Value>> {
    let number = id.rsplit('/').next().and_then(|number| number.parse().ok()).map(GroupId);
    let Some(id) = number.filter(|id| id.parts().0 == user) else { return Ok(None) };
    Ok(match kind {
        "ecg" => Some(json!(signal_of(tx, id)?)),
        "stetho" => {
            let packed = recording::signal(tx, id)?;
            let bytes = signal::raw::unpack_bytes(&packed)
                .map_err(|damage| Error::internal(format!("a signal: {damage}")))?;
            Some(json!(bytes))
        }
        "rawdata" => raw::find(tx, id)?.map(|stored| {
            let columns = stored.segment.columns.into_iter();
            let columns: serde_json::Map<String, Value> =
                columns.map(|(name, values)| (name, json!(values))).collect();
            columns.into()
        }),
        _ => None,
    })
}
