//! What an export looks like that was written here.

use std::io::{Cursor, Read};

use healthmate::{
    Column, Day, DayColumn, Error, Group, Item, Limits, Minutes, Night, Options, Sink, Source,
    Writer, Written,
};
use jiff::civil::date;
use zip::ZipArchive;

use super::{AT, group, items, paris, read_bytes};

fn write(items: &[Item], options: Options) -> Result<(Vec<u8>, Written), Error> {
    let mut writer = Writer::new(Cursor::new(Vec::new()), paris(), options);
    for item in items {
        writer.put(item)?;
    }
    let (out, written) = writer.finish()?;
    Ok((out.into_inner(), written))
}

fn files(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.push((file.name().unwrap().into_owned(), text));
    }
    files
}

fn steps(at: i64) -> Item {
    Item::Minutes(Minutes {
        source: Source::Tracker,
        column: Column::Distance,
        at,
        durations: vec![60, 60],
        digits: vec![44_100, 0],
    })
}

#[test]
fn items_become_the_files_of_the_layout() {
    let comment = Some("wet".to_owned());
    let weighing = Group { comment, ..group(AT, &[(1, 71_350, -3), (6, 198, -1), (11, 61, 0)]) };
    let night = Night { start: AT, end: AT + 60, light_s: Some(60), ..Night::default() };
    let day = Day { date: date(2024, 1, 2), column: DayColumn::Distance, digits: 5_012_300 };
    let items = [Item::Night(night), Item::Day(day), Item::Group(weighing), steps(AT), steps(AT)];
    let (bytes, written) = write(&items, Options::default()).unwrap();
    let files = files(&bytes);
    let file = |name: &str| {
        let found = files.iter().find(|file| file.0 == name);
        found.map(|file| file.1.lines().skip(1).map(str::to_owned).collect::<Vec<_>>())
    };
    assert!(files[0].1.contains("weight.csv"), "a README comes first");
    assert_eq!(file("weight.csv").unwrap(), ["2024-01-02 03:04:05,71.350,,,,,wet"]);
    assert_eq!(file("bp.csv").unwrap(), ["2024-01-02 03:04:05,61,,,"]);
    assert_eq!(file("other.csv").unwrap(), ["Fat ratio,2024-01-02 03:04:05,19.8,%,"]);
    assert_eq!(file("aggregates_distance.csv").unwrap(), ["2024-01-02,5012.3"]);
    let samples = "2024-01-02T03:04:05+01:00,\"[60,60]\",\"[44.1,0]\"";
    assert_eq!(file("raw_tracker_distance.csv").unwrap(), [samples, samples]);
    let night = "2024-01-02T03:04:05+01:00,2024-01-02T03:05:05+01:00,60,,,,,,,,,,,,,";
    assert_eq!(file("sleep.csv").unwrap(), [night]);
    let rows = [
        ("weight.csv", 1),
        ("bp.csv", 1),
        ("other.csv", 1),
        ("sleep.csv", 1),
        ("aggregates_distance.csv", 1),
        ("raw_tracker_distance.csv", 2),
    ];
    assert_eq!(written.files, rows.map(|(name, rows)| (name.to_owned(), rows)));
    assert_eq!(written.comments_left_out, 0);
}

#[test]
fn the_same_items_make_the_same_bytes_wherever_they_waited() {
    let items: Vec<Item> = (0..2_000).map(|at| steps(AT + at * 120)).collect();
    let (bytes, _) = write(&items, Options::default()).unwrap();
    assert_eq!(write(&items, Options::default()).unwrap().0, bytes);
    let on_disk = Options { memory_bytes: 0, ..Options::default() };
    assert_eq!(write(&items, on_disk).unwrap().0, bytes);
}

#[test]
fn positions_have_a_row_each() {
    let item = Item::Minutes(Minutes {
        source: Source::Location,
        column: Column::Altitude,
        at: AT,
        durations: vec![1, 2],
        digits: vec![35_000, 35_500],
    });
    let (bytes, _) = write(&[item], Options::default()).unwrap();
    let (items, _) = read_bytes(&bytes, Limits::default()).unwrap();
    let at = |item: &Item| match item {
        Item::Minutes(minutes) => (minutes.at, minutes.digits.clone()),
        _ => panic!("no samples"),
    };
    assert_eq!(
        items.iter().map(at).collect::<Vec<_>>(),
        [(AT, vec![35_000]), (AT + 1, vec![35_500])]
    );
}

#[test]
fn a_comment_without_a_column_is_counted() {
    let only_fat = Group { comment: Some("x".to_owned()), ..group(AT, &[(6, 198, -1)]) };
    let (_, written) = write(&[Item::Group(only_fat)], Options::default()).unwrap();
    assert_eq!(written.comments_left_out, 1);
}

#[test]
fn what_the_layout_cannot_hold_is_refused_by_column() {
    let refused = |item: Item| match write(&[item], Options::default()).unwrap_err() {
        Error::Unwritable { file, column } => (file, column),
        error => panic!("{error}"),
    };
    let weight = || "weight.csv".to_owned();
    assert_eq!(refused(Item::Group(group(i64::MAX, &[(1, 1, 0)]))), (weight(), "Date"));
    assert_eq!(refused(Item::Group(group(AT, &[(1, 1, 30)]))), (weight(), "value"));
    let night = Night { start: AT, end: AT - 1, ..Night::default() };
    assert_eq!(refused(Item::Night(night)), ("sleep.csv".to_owned(), "to"));
    let Item::Minutes(mut samples) = steps(AT) else { panic!("no samples") };
    samples.durations.pop();
    let file = "raw_tracker_distance.csv".to_owned();
    assert_eq!(refused(Item::Minutes(samples)), (file, "duration"));
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let limits = Limits { row_bytes_max: 30, file_bytes_max: 1_000, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let error = write(&[steps(AT)], options).unwrap_err();
    assert!(matches!(error, Error::RowTooLong { max: 30, .. }));
    let days =
        vec![Item::Day(Day { date: date(2024, 1, 2), column: DayColumn::Steps, digits: 1 }); 100];
    let error = write(&days, options).unwrap_err();
    assert!(matches!(error, Error::FileTooLarge { max: 1_000, .. }));
    let limits = Limits { total_bytes_max: 1_000, ..Limits::default() };
    let error = write(&days, Options { limits, ..Options::default() }).unwrap_err();
    assert!(matches!(error, Error::TotalTooLarge { max: 1_000 }));
}

#[test]
fn a_writer_takes_what_a_reading_gives() {
    let mut writer = Writer::new(Cursor::new(Vec::new()), paris(), Options::default());
    let text = "Date,Poids (lb)\n2024-01-02 03:04:05,157\n";
    for item in items("weight.csv", text) {
        writer.take(item).unwrap();
    }
    let bytes = writer.finish().unwrap().0.into_inner();
    let (items, _) = read_bytes(&bytes, Limits::default()).unwrap();
    assert_eq!(items, [Item::Group(group(AT, &[(1, 71_214, -3)]))]);
}
