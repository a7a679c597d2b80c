//! What is written is read again as it was: every kind of item, in a zone whose clocks change.

use std::collections::HashSet;
use std::io::Cursor;

use domain::measure::{Measure, MeasureType};
use healthmate::{
    Column, Day, DayColumn, Decimal, Group, Item, Limits, Minutes, Night, Options, Signal, Source,
    Workout, Writer,
};
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{paris, read_bytes};

const SOURCES: &[Source] = &[
    Source::Tracker,
    Source::Bed,
    Source::Hr,
    Source::Spo2,
    Source::Location,
    Source::Swim,
    Source::CoreTemperature,
];
const COLUMNS: &[Column] = &[
    Column::Steps,
    Column::Distance,
    Column::Elevation,
    Column::Calories,
    Column::HeartRate,
    Column::Spo2,
    Column::Spo2Quality,
    Column::PoolLap,
    Column::SleepState,
    Column::RespiratoryRate,
    Column::Snoring,
    Column::Movement,
    Column::MaximumMovement,
    Column::CoreBodyTemperature,
    Column::Latitude,
    Column::Longitude,
    Column::Altitude,
    Column::Direction,
    Column::Speed,
    Column::HorizontalRadius,
    Column::VerticalRadius,
];
const DAYS: &[DayColumn] = &[
    DayColumn::Steps,
    DayColumn::Distance,
    DayColumn::Elevation,
    DayColumn::CaloriesEarned,
    DayColumn::CaloriesPassive,
    DayColumn::ManualSpo2,
];

/// When the clocks of Paris changed.
const CHANGES: &[i64] = &[1_729_990_800, 1_711_846_800, 1_698_541_200];

/// Any second of the years that are written, and often one around the hours that a change of the
/// clocks makes twice or leaves out.
fn at() -> impl Strategy<Value = i64> {
    let near = (select(CHANGES), -7_200_i64..7_200);
    prop_oneof![-60_000_000_000_i64..250_000_000_000, near.prop_map(|(at, shift)| at + shift)]
}

/// What somebody may have written, but not nothing.
fn words() -> impl Strategy<Value = Option<String>> {
    option::of("\\PC{0,20}[,\"'\r\n]?[a-zé]\\PC{0,9}")
}

/// A word that has neither blanks around it nor stands for nothing.
fn word() -> impl Strategy<Value = String> {
    "[A-Z][a-z é'\"]{0,12}[a-z]"
}

fn measure(kind: i32) -> impl Strategy<Value = Measure> {
    let value = prop_oneof![-1_000_000_i64..1_000_000, any::<i64>()];
    (value, -6_i8..=0).prop_map(move |(value, unit)| Measure::new(MeasureType(kind), value, unit))
}

/// Measures of one file with columns, at least one of them.
fn columns(kinds: &'static [i32]) -> impl Strategy<Value = Vec<Measure>> {
    let some = subsequence(kinds, 1..=kinds.len());
    some.prop_flat_map(|kinds| kinds.into_iter().map(measure).collect::<Vec<_>>())
}

fn group() -> impl Strategy<Value = Item> {
    let commented = prop_oneof![columns(&[1, 8, 88, 76, 77]), columns(&[4]), columns(&[11, 10, 9])];
    let plain = prop_oneof![columns(&[91]), columns(&[54])];
    let others = (columns(&[6, 170, 174, 226, 71, 999, 155]), option::of(0_i32..20));
    let others = others.prop_map(|(mut measures, position)| {
        measures[0].position = position;
        measures
    });
    let group = |(date, measures, comment)| Item::Group(Group { date, measures, comment });
    prop_oneof![
        (at(), commented, words()).prop_map(group),
        (at(), prop_oneof![plain, others], Just(None)).prop_map(group),
    ]
}

fn minutes() -> impl Strategy<Value = Item> {
    let samples = vec((0_i64..100_000, any::<i64>()), 1..8);
    (select(SOURCES), select(COLUMNS), at(), samples).prop_map(
        |(source, column, at, mut samples)| {
            if source == Source::Location {
                samples.truncate(1);
            }
            let (durations, digits) = samples.into_iter().unzip();
            Item::Minutes(Minutes { source, column, at, durations, digits })
        },
    )
}

fn night() -> impl Strategy<Value = Item> {
    let numbers = vec(option::of(any::<i64>()), 12);
    (at(), 0_i64..200_000, numbers, words(), words()).prop_map(
        |(start, length, numbers, night_events, note)| {
            Item::Night(Night {
                start,
                end: start + length,
                light_s: numbers[0],
                deep_s: numbers[1],
                rem_s: numbers[2],
                awake_s: numbers[3],
                wakeups: numbers[4],
                duration_to_sleep_s: numbers[5],
                duration_to_wakeup_s: numbers[6],
                snoring_s: numbers[7],
                snoring_episodes: numbers[8],
                hr_average_bpm: numbers[9],
                hr_min_bpm: numbers[10],
                hr_max_bpm: numbers[11],
                night_events,
                note,
            })
        },
    )
}

fn day() -> impl Strategy<Value = Item> {
    (0_i16..=9_999, 1_i8..=12, 1_i8..=28, select(DAYS), any::<i64>()).prop_map(
        |(year, month, day, column, digits)| {
            let date = Date::new(year, month, day).unwrap();
            Item::Day(Day { date, column, digits })
        },
    )
}

fn workout() -> impl Strategy<Value = Item> {
    let sports = [("Run", 2), ("Pétanque", 506), ("Category 9999", 9_999), ("Quidditch", 36)];
    let number = (any::<i64>(), 0_u8..19).prop_map(|(digits, places)| Decimal { digits, places });
    let data = vec(("[a-z_ {}:,é]{0,9}", number), 0..5);
    let zone = select(&["Europe/Paris", "America/New_York", "Mars/Olympus"][..]);
    (at(), 0_i64..200_000, option::of(select(sports.to_vec())), data, option::of(zone)).prop_map(
        |(start, length, sport, data, timezone)| {
            Item::Workout(Workout {
                start,
                end: start + length,
                category: sport.map(|sport| sport.1),
                name: sport.map(|sport| sport.0.to_owned()),
                data,
                timezone: timezone.map(str::to_owned),
            })
        },
    )
}

fn signal() -> impl Strategy<Value = Item> {
    let number = || option::of(0_i64..10_000);
    let samples = vec(any::<i64>(), 1..30);
    let texts = (words(), words(), words());
    (at(), word(), number(), number(), number(), samples, texts).prop_map(
        |(at, kind, frequency_hz, duration_s, wear_position, microvolts, texts)| {
            let (assessment, doctor_name, checkup_date) = texts;
            Item::Signal(Signal {
                at,
                kind,
                frequency_hz,
                duration_s,
                wear_position,
                microvolts,
                assessment,
                doctor_name,
                checkup_date,
            })
        },
    )
}

/// Items of every kind, in any order. No two groups have one date: they might become one.
fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = prop_oneof![group(), minutes(), night(), day(), workout(), signal()];
    vec(item, 0..20).prop_map(|mut items| {
        let mut dates = HashSet::new();
        items.retain(|item| match item {
            Item::Group(group) => dates.insert(group.date),
            _ => true,
        });
        items
    })
}

fn written(items: &[Item]) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), paris(), Options::default());
    items.iter().for_each(|item| writer.put(item).unwrap());
    writer.finish().unwrap().0.into_inner()
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_cached_key(|item| format!("{item:?}"));
    items
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        items in items(),
    ) {
        let (read, report) = read_bytes(&written(&items), Limits::default()).unwrap();
        for file in &report.files {
            prop_assert_eq!(&file.skipped, &vec![]);
        }
        prop_assert_eq!(sorted(read), sorted(items));
    }

    #[test]
    fn reading_and_writing_again_changes_no_byte(
        items in items(),
    ) {
        let first = written(&items);
        let (read, _) = read_bytes(&first, Limits::default()).unwrap();
        prop_assert_eq!(written(&read), first);
    }
}
