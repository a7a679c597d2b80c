//! Files that are not quite as expected: what is read all the same, and what is told of the rest.

use healthmate::{Error, Item, Reason, Sink, State, Stop};
use std::io::Cursor;

use super::{AT, Taken, archive, group, items, paris, read_files, report, skipped};

#[test]
fn columns_stand_in_any_order_and_unknown_ones_are_ignored() {
    let text = "Mood,comments,WEIGHT [kg],date\ngood,,71.2,2024-01-02 03:04:05\n";
    assert_eq!(items("weight.csv", text), [Item::Group(group(AT, &[(1, 712, -1)]))]);
}

#[test]
fn of_two_columns_with_one_name_the_first_counts() {
    let text = "Date,Weight (kg),Weight (lb)\n2024-01-02 03:04:05,71.2,157\n";
    assert_eq!(items("weight.csv", text), [Item::Group(group(AT, &[(1, 712, -1)]))]);
}

#[test]
fn latin_1_is_read_where_it_is_not_utf_8() {
    let bytes = b"Date,Height (m),Comments\n2024-01-02 03:04:05,1.78,caf\xE9\n";
    let (items, _) = read_files(&[("height.csv", bytes)]);
    let Item::Group(group) = &items[0] else { panic!("no group") };
    assert_eq!(group.comment.as_deref(), Some("café"));
}

#[test]
fn rows_that_give_nothing_are_counted_by_reason_with_the_first_line() {
    let text = "Date,Weight (kg),Fat mass (kg)\r\n\
                2024-01-02 03:04:05,NaN,\r\n\
                2024-01-02 03:04:05,inf,\r\n\
                2024-01-02 03:04:05,71.2,99999999999999999999999\r\n\
                02/01/2024,71.2,\r\n\
                ,71.2,\r\n\
                2024-01-02 03:04:05,,\r\n\
                2024-01-02 03:04:05\r\n\
                2024-01-02 03:04:05,71.2,14.1\r\n";
    let expected = [
        (Reason::BadNumber { column: "Weight" }, 2, 2),
        (Reason::BadNumber { column: "Fat mass" }, 1, 4),
        (Reason::BadDate { column: "Date" }, 2, 5),
        (Reason::NoValue, 2, 7),
    ];
    assert_eq!(skipped("weight.csv", text), expected);
    let report = report("weight.csv", text);
    assert_eq!((report.rows, report.items), (8, 1));
}

#[test]
fn lists_that_do_not_belong_together_are_skipped() {
    let text = "start,duration,value\n\
                2024-01-02T03:04:05Z,\"[60,60]\",[1]\n\
                2024-01-02T03:04:05Z,[],[]\n\
                2024-01-02T03:04:05Z,[60],[NaN]\n\
                2024-01-02T03:04:05Z,[-60],[1]\n\
                2024-01-02T03:04:05Z,\"[9223372036854775807,1]\",\"[1,1]\"\n\
                yesterday,[60],[1]\n";
    let expected = [
        (Reason::ListsDiffer, 1, 2),
        (Reason::NoValue, 1, 3),
        (Reason::BadList { column: "value" }, 1, 4),
        (Reason::BadList { column: "duration" }, 2, 5),
        (Reason::BadDate { column: "start" }, 1, 7),
    ];
    assert_eq!(skipped("raw_hr_hr.csv", text), expected);
}

#[test]
fn other_measures_need_a_type_that_is_known() {
    let text = "type,date,value,unit,position\n\
                Aura,2024-01-02 03:04:05,3,,\n\
                Visceral fat,2024-01-02 03:04:05,3,,under the bed\n\
                Type 999,2024-01-02 03:04:05,3,,\n";
    let expected = [(Reason::UnknownType, 1, 2), (Reason::BadNumber { column: "position" }, 1, 3)];
    assert_eq!(skipped("other.csv", text), expected);
    let (items, _) = read_files(&[("other.csv", text.as_bytes())]);
    assert_eq!(items, [Item::Group(group(AT, &[(999, 3, 0)]))]);
}

#[test]
fn nights_and_workouts_end_after_they_start() {
    let row = "from,to\n2024-01-02T03:04:05Z,2024-01-02T03:04:04Z\n";
    for name in ["sleep.csv", "activities.csv"] {
        assert_eq!(skipped(name, row), [(Reason::EndsBeforeStart, 1, 2)]);
    }
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let state = |name, text| report(name, text).state;
    assert_eq!(state("weight.csv", ""), State::Empty);
    assert_eq!(state("weight.csv", "\n\n"), State::Empty);
    assert_eq!(state("weight.csv", "Date,Comments\n"), State::NoColumn { column: "Weight" });
    assert_eq!(state("weight.csv", "a,b\n1,2\n"), State::NoColumn { column: "Date" });
    assert_eq!(state("raw_hr_hr.csv", "start,value\n"), State::NoColumn { column: "duration" });
    assert_eq!(state("signal.csv", "date\n"), State::NoColumn { column: "signal" });
    assert_eq!(state("moods.csv", "date,value\n"), State::NotUnderstood);
    assert_eq!(state("weight", "Date,Weight\n"), State::NotUnderstood);
    for name in ["note.csv", "user.csv", "account.csv", "README.txt"] {
        assert_eq!(state(name, "date,value\n1,2\n"), State::LeftOut);
    }
}

#[test]
fn a_quote_that_is_never_closed_takes_only_the_rest_of_its_file() {
    let text = "Date,Weight (kg)\n2024-01-02 03:04:05,71.2\n2024-01-02 03:04:05,\"71.3\n";
    assert_eq!(report("weight.csv", text).items, 2);
    let long = format!("{text}{}", "2024-01-02 03:04:05,71.2\n".repeat(60_000));
    let height = "Date,Height (m)\n2024-01-02 03:04:05,1.78\n";
    let (items, report) =
        read_files(&[("weight.csv", long.as_bytes()), ("height.csv", height.as_bytes())]);
    assert_eq!(report.files[0].state, State::RowTooLong);
    assert_eq!(report.files[1].state, State::Read);
    let expected = [group(AT, &[(1, 712, -1)]), group(AT, &[(4, 178, -2)])];
    assert_eq!(items, expected.map(Item::Group));
}

#[test]
fn what_is_there_twice_is_given_twice() {
    let text = b"Date,Weight (kg)\n2024-01-02 03:04:05,71.2\n2024-01-02 03:04:05,71.2\n";
    let (items, report) = read_files(&[("a/weight.csv", text), ("b/weight.csv", text)]);
    assert_eq!(items.len(), 4);
    assert_eq!(report.files.len(), 2);
}

#[test]
fn the_sink_hears_of_progress() {
    let text = format!("date,value\n{}", "2024-01-02,1\n".repeat(2_500));
    let archive = archive(&[("aggregates_steps.csv", text.as_bytes())]);
    let mut taken = Taken::default();
    healthmate::read(Cursor::new(archive), &paris(), &mut taken).unwrap();
    let steps = |rows| ("aggregates_steps.csv".to_owned(), rows);
    assert_eq!(taken.progress, [steps(1_000), steps(2_000), steps(2_500)]);
}

#[test]
fn the_sink_ends_the_reading() {
    struct Full;
    impl Sink for Full {
        fn take(&mut self, _: Item) -> Result<(), Stop> {
            Err("full".into())
        }
    }
    let archive = archive(&[("aggregates_steps.csv", b"date,value\n2024-01-02,1\n")]);
    let error = healthmate::read(Cursor::new(archive), &paris(), &mut Full).unwrap_err();
    assert!(matches!(error, Error::Stopped(stop) if stop.to_string() == "full"));
}

#[test]
fn a_report_is_plain_data_without_values() {
    let text = "Date,Weight (kg)\n2024-01-02 03:04:05,secret\n";
    let (_, report) = read_files(&[("weight.csv", text.as_bytes()), ("x.bin", b"")]);
    let expected = serde_json::json!({"files": [
        {
            "name": "weight.csv", "state": "read", "rows": 1, "items": 0,
            "skipped": [
                {"reason": "bad_number", "column": "Weight", "rows": 1, "first_line": 2},
            ],
        },
        {"name": "x.bin", "state": "not_understood", "rows": 0, "items": 0, "skipped": []},
    ]});
    assert_eq!(serde_json::to_value(&report).unwrap(), expected);
}
