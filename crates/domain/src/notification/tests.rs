//! What is sent in each category, and what is told as one.

use super::{Action, Appli, Detail};
use crate::measure::MeasureType;
use crate::{GroupId, Scope, UserId};

fn form(detail: &Detail, appli: Appli) -> String {
    detail.form(Some(UserId(12345)), appli, |id| format!("{:x}.digest", id.0))
}

#[test]
fn the_form_is_the_guides() {
    // The sample of field-notes 1.2: the end is one past the last moment.
    let detail = Detail::Between(1_530_576_000, 1_530_698_752);
    let sample = "userid=12345&appli=1&startdate=1530576000&enddate=1530698753";
    assert_eq!(form(&detail, Appli::WEIGHT), sample);
    let day = "2026-03-01".parse().unwrap();
    let days = Detail::Days(day, day);
    assert_eq!(form(&days, Appli::ACTIVITY), "userid=12345&appli=16&date=2026-03-01");
    let bed = Detail::AtDevice("a1b2".to_owned(), 7, 7);
    assert_eq!(form(&bed, Appli::BED_IN), "userid=12345&appli=50&date=7&deviceid=a1b2");
    let profile = Detail::Profile(Action::Unlink);
    assert_eq!(form(&profile, Appli::PROFILE), "userid=12345&appli=46&action=unlink");
    let ecg = Detail::Recorded(5, 5, GroupId(255));
    let expected = "userid=12345&appli=54&startdate=5&enddate=6&signal_token=ff.digest";
    assert_eq!(form(&ecg, Appli::ECG), expected);
    let unowned = Detail::Unowned("a1b2".to_owned(), "00:24:e4:00:00:01".to_owned(), 9);
    let expected = "appli=53&date=9&deviceid=a1b2&mac_address=00%3A24%3Ae4%3A00%3A00%3A01";
    assert_eq!(unowned.form(None, Appli::NO_ACCOUNT, |_| String::new()), expected);
}

#[test]
fn what_comes_together_is_told_once() {
    let joined = Detail::Between(5, 9).joined(&Detail::Between(1, 6));
    assert_eq!(joined, Some(Detail::Between(1, 9)));
    let newest = Detail::Recorded(9, 9, GroupId(2)).joined(&Detail::Recorded(4, 4, GroupId(3)));
    assert_eq!(newest, Some(Detail::Recorded(4, 9, GroupId(2))));
    let (here, there) =
        (|at| Detail::AtDevice("a".into(), at, at), Detail::AtDevice("b".into(), 1, 1));
    assert_eq!(here(3).joined(&here(1)), Some(Detail::AtDevice("a".into(), 1, 3)));
    assert_eq!(here(3).joined(&there), None);
    let (first, second) = ("2026-03-01".parse().unwrap(), "2026-03-03".parse().unwrap());
    let days = Detail::Days(first, first).joined(&Detail::Days(second, second)).unwrap();
    let expected =
        "userid=12345&appli=16&date=2026-03-03&startdateymd=2026-03-01&enddateymd=2026-03-03";
    assert_eq!(form(&days, Appli::ACTIVITY), expected);
}

#[test]
fn the_categories_are_those_of_the_guide() {
    let numbers: Vec<i64> = Appli::KNOWN.iter().map(|known| known.appli.0).collect();
    let guide = [1, 2, 4, 16, 44, 46, 50, 51, 52, 53, 54, 55, 58, 60, 61, 62, 63, 98, 99, 100];
    assert_eq!(numbers, guide);
    let scope = |number| Appli(number).known().and_then(|known| known.scope);
    assert_eq!((scope(16), scope(46), scope(53)), (Some(Scope::Activity), Some(Scope::Info), None));
    assert!(Appli(3).known().is_none());
    let of = |kind| Appli::of_measure(MeasureType(kind));
    assert_eq!(of(71), [Appli::WEIGHT, Appli::TEMPERATURE]);
    assert_eq!(of(54), [Appli::PRESSURE]);
    assert_eq!(of(251), [Appli::URINE]);
    assert!(of(4).is_empty() && of(9999).is_empty());
}
