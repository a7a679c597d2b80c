//! What an export looks like that was written here.

use std::io::{Cursor, Read};

use domain::recording::SAMPLES_MAX;
use healthmate::{
    Column, Day, DayColumn, Error, Group, Item, Layout, Limits, Minutes, Night, Options, Signal,
    Sink, Source, State, Writer, Written,
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
fn other_layouts_say_the_same() {
    let weighing = |at: i64| Item::Group(group(at, &[(1, 71_350, -3), (8, 14_100, -3)]));
    let tall = Item::Group(group(AT, &[(4, 1_778, -3)]));
    let items = [weighing(AT), weighing(AT + 60), weighing(AT + 120), tall];
    let layout = Layout { is_imperial: true, is_french: true, is_unordered: true };
    let (bytes, _) = write(&items, Options { layout, ..Options::default() }).unwrap();
    let files = files(&bytes);
    let file = |name: &str| files.iter().find(|file| file.0 == name).unwrap().1.as_str();
    let weights = "Date;Poids (lb);Masse grasse (lb);Masse osseuse (lb);Masse musculaire (lb);\
                   Hydratation (lb);Commentaires\n\
                   2024-01-02 03:05:05;157,30;31,09;;;;\n\
                   2024-01-02 03:04:05;157,30;31,09;;;;\n\
                   2024-01-02 03:06:05;157,30;31,09;;;;\n";
    assert_eq!(file("weight.csv"), weights);
    assert_eq!(
        file("height.csv"),
        "Date;Taille (ft);Commentaires\n2024-01-02 03:04:05;5' 10,0'';\n"
    );
    // It is read again, to the hundredth of a pound.
    let (read, _) = read_bytes(&bytes, Limits::default()).unwrap();
    assert_eq!(read.len(), 4);
    assert!(
        read.contains(&Item::Group(group(AT, &[(1, 71_350, -3), (8, 14_102, -3)]))),
        "{read:?}"
    );
    assert!(read.contains(&Item::Group(group(AT, &[(4, 1_778, -3)]))), "{read:?}");
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

/// Files, columns, and how often.
type Told = Vec<(String, Option<&'static str>, u64)>;

/// What was left out of an export of that item, and of how many rows there is something left.
fn left_out(item: Item, options: Options) -> (Told, u64) {
    let (bytes, written) = write(&[item], options).unwrap();
    let told = written.left_out.into_iter();
    let told: Told = told.map(|left| (left.file, left.column, left.count)).collect();
    let readme = &files(&bytes)[0].1;
    for (file, column, count) in &told {
        let what = format!("{} {}: {count}", file, column.unwrap_or("a row that is too long"));
        let words = readme.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        assert!(words.map(|words| words.join(" ")).any(|line| line == what), "{readme}");
    }
    assert_eq!(readme.contains("left out"), !told.is_empty(), "{readme}");
    (told, written.files.iter().map(|file| file.1).sum())
}

#[test]
fn what_the_layout_cannot_hold_is_left_out_and_counted_by_column() {
    let left = |item| left_out(item, Options::default());
    let one = |file: &str, column| vec![(file.to_owned(), Some(column), 1)];
    assert_eq!(left(steps(AT)), (vec![], 1));
    let never = Item::Group(group(i64::MAX, &[(1, 1, 0), (6, 1, 0)]));
    let dates = [one("weight.csv", "date"), one("other.csv", "date")].concat();
    assert_eq!(left(never), (dates, 0));
    let night = Night { start: AT, end: AT - 1, ..Night::default() };
    assert_eq!(left(Item::Night(night)), (one("sleep.csv", "to"), 0));
    let Item::Minutes(mut samples) = steps(AT) else { panic!("no samples") };
    samples.durations.pop();
    let file = "raw_tracker_distance.csv";
    assert_eq!(left(Item::Minutes(samples)), (one(file, "duration"), 0));
    let long = Signal { at: AT, microvolts: vec![1; SAMPLES_MAX + 1], ..Signal::default() };
    assert_eq!(left(Item::Signal(long)), (one("signal.csv", "signal"), 0));
}

#[test]
fn an_absurd_measure_takes_no_other_along() {
    let measures = [(10, 120, 0), (9, 80, 0), (11, 60, 30), (6, 60, -19), (170, 60, -1)];
    let absurd = Item::Group(group(AT, &measures));
    let items = [absurd, Item::Group(group(AT + 60, &[(11, 60, 30)])), steps(AT)];
    let (bytes, written) = write(&items, Options::default()).unwrap();
    let left: Vec<_> =
        written.left_out.iter().map(|left| (left.file.as_str(), left.column, left.count)).collect();
    assert_eq!(left, [("bp.csv", Some("Heart rate"), 2), ("other.csv", Some("value"), 1)]);
    let files = files(&bytes);
    let rows = files.iter().skip(1).map(|file| file.1.lines().nth(1).unwrap().to_owned());
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows[0], "2024-01-02 03:04:05,,120,80,");
    assert!(rows[1].contains(",6.0,"), "{rows:?}");
    assert_eq!(rows.len(), 3);
    assert_eq!(written.files[0], ("bp.csv".to_owned(), 1), "a row of nothing is none");
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let limits = Limits { row_bytes_max: 30, file_bytes_max: 1_000, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let file = "raw_tracker_distance.csv".to_owned();
    assert_eq!(left_out(steps(AT), options), (vec![(file, None, 1)], 0));
    let days =
        vec![Item::Day(Day { date: date(2024, 1, 2), column: DayColumn::Steps, digits: 1 }); 100];
    let error = write(&days, options).unwrap_err();
    assert!(matches!(error, Error::FileTooLarge { max: 1_000, .. }));
    let limits = Limits { total_bytes_max: 1_000, ..Limits::default() };
    let error = write(&days, Options { limits, ..Options::default() }).unwrap_err();
    assert!(matches!(error, Error::TotalTooLarge { max: 1_000 }));
}

#[test]
fn the_longest_signal_that_is_kept_is_written_and_read_again() {
    let signal = |microvolts| Item::Signal(Signal { at: AT, microvolts, ..Signal::default() });
    let items = [signal((0..SAMPLES_MAX).map(|at| (at % 7) as i64 - 3).collect())];
    let (bytes, written) = write(&items, Options::default()).unwrap();
    assert_eq!(written.left_out, []);
    let (read, report) = read_bytes(&bytes, Limits::default()).unwrap();
    assert_eq!((report.files[1].state, &report.files[1].skipped), (State::Read, &vec![]));
    assert!(read == items, "another signal");
    // Nor is a row with the longest numbers too long.
    let widest = signal(vec![i64::MIN; SAMPLES_MAX]);
    assert_eq!(left_out(widest, Options::default()), (vec![], 1));
}

/// Nothing packs better, and yet it is far from the ratio that a reading takes for a bomb.
#[test]
fn many_recordings_of_nothing_are_no_bomb_when_they_are_read_again() {
    let flat = |at| Item::Signal(Signal { at, microvolts: vec![0; 60_000], ..Signal::default() });
    let items: Vec<Item> = (0..150).map(|at| flat(AT + at)).collect();
    let (bytes, _) = write(&items, Options::default()).unwrap();
    let read = read_bytes(&bytes, Limits::default()).map(|(read, _)| read.len());
    assert_eq!(read.unwrap(), items.len());
    let low = Limits { ratio_max: 100, ..Limits::default() };
    assert!(matches!(read_bytes(&bytes, low), Err(Error::RatioTooHigh { .. })));
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
