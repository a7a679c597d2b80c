//! Records of series that cannot be: named by their place, and nothing of the batch is kept.

use crate::app::{App, NOW, assert_names, error, status};
use crate::told::{MIDNIGHT, activity, intraday, night};
use domain::DAY_SECONDS;
use serde_json::json;

#[test]
fn a_record_that_cannot_be_is_named_and_nothing_of_the_batch_is_kept() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let good = intraday("good", MIDNIGHT, json!({ "steps": [1] }));
    let refused = [
        (intraday("a", NOW + 2 * DAY_SECONDS, json!({ "steps": [1] })), "records[1].startdate"),
        (intraday("a", 0, json!({ "steps": [1] })), "records[1].startdate"),
        (intraday("a", NOW, json!({ "steps": [1.5] })), "records[1].values.steps[0]"),
        (intraday("a", NOW, json!({ "steps": [-1] })), "records[1].values.steps[0]"),
        (intraday("a", NOW, json!({ "steps": [1e300] })), "records[1].values.steps[0]"),
        (intraday("a", NOW, json!({ "calories": ["NaN"] })), "records[1].values.calories[0]"),
        (
            intraday("a", NOW, json!({ "steps": [1], "heart_rate": [1, 2] })),
            "records[1].values.heart_rate",
        ),
        (
            json!({
                "id": "a", "type": "intraday", "times": [NOW, NOW], "values": { "steps": [1, 2] },
            }),
            "records[1].times",
        ),
        (night("a", MIDNIGHT, &[(2_000, 1)]), "records[1].stages[0].enddate"),
        (
            json!({
                "id": "a", "type": "ecg", "taken_at": NOW, "signal": [i64::MAX], "frequency": 300,
            }),
            "records[1].signal[0]",
        ),
        (
            json!({ "id": "a", "type": "stetho", "taken_at": NOW, "signal": [256] }),
            "records[1].signal[0]",
        ),
        (json!({ "id": "a", "type": "event", "at": NOW, "event": "moon_out" }), "records[1].event"),
        (
            json!({
                "id": "a", "type": "workout", "startdate": NOW, "enddate": NOW, "category": 1,
            }),
            "records[1].enddate",
        ),
        (
            json!({ "id": "a", "type": "intraday", "userid": 7, "startdate": NOW, "values": {} }),
            "records[1].userid",
        ),
    ];
    for (record, place) in refused {
        assert_names(&watch.sends(&[good.clone(), record]), place);
    }
    assert_eq!(activity(&app, &anna), json!([]));
    // Signals without samples and with one are signals.
    let empty =
        json!({ "id": "e", "type": "ecg", "taken_at": NOW, "signal": [], "frequency": 300 });
    let single =
        json!({ "id": "f", "type": "ecg", "taken_at": NOW - 1, "signal": [5], "frequency": 300 });
    assert_eq!(watch.stores(&[good, empty, single]), 3);
}

#[test]
fn of_several_people_a_record_has_to_say_whose_it_is() {
    let app = App::new();
    let (anna, ben, eve) = (app.person("anna"), app.person("ben"), app.person("eve"));
    let watch = app.watch(&[&anna, &ben]);
    let records = [
        intraday("i", MIDNIGHT, json!({ "steps": [1] })),
        night("s", MIDNIGHT, &[(60, 1)]),
        json!({
            "id": "w", "type": "workout", "startdate": NOW - 60, "enddate": NOW, "category": 1,
        }),
        json!({ "id": "e", "type": "ecg", "taken_at": NOW, "signal": [1], "frequency": 300 }),
        json!({ "id": "h", "type": "stetho", "taken_at": NOW, "signal": [1] }),
        json!({ "id": "b", "type": "event", "at": NOW, "event": "bed_in" }),
        json!({
            "id": "r", "type": "rawdata", "rawdata_type": 1, "startdate": NOW, "enddate": NOW,
            "format_version": 1, "firmware_version": 1, "sensor_name": "A", "data": { "id": [1] },
        }),
    ];
    for record in records {
        assert_names(&watch.sends(std::slice::from_ref(&record)), "records[0].userid");
        let of = |user| {
            let mut record = record.clone();
            record["userid"] = json!(user);
            record
        };
        assert_names(&watch.sends(&[of(eve.id)]), "records[0].userid");
        let kept = watch.sends(&[of(ben.id)]);
        assert_eq!(status(&kept), 0, "{kept}");
    }
    assert_eq!(activity(&app, &anna), json!([]));
    assert_eq!(activity(&app, &ben)[0]["steps"], 1);
    let nobodys = app.bridge_of("00:24:e4:00:00:76", 93, &[&anna]);
    let user = anna.id;
    app.does(move |tx| {
        let mac = "00:24:e4:00:00:76".parse().unwrap();
        let device = store::device::find_by_mac(tx, mac)?.unwrap().id;
        store::device::unlink(tx, device, user)
    });
    let record = intraday("i", MIDNIGHT, json!({ "steps": [1] }));
    assert_names(&nobodys.sends(&[record]), "records[0].userid");
}

#[test]
fn a_refusal_of_a_number_says_the_bound_that_holds() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let workout = |calories: i64| {
        json!({
            "id": calories.to_string(), "type": "workout", "startdate": NOW - 60, "enddate": NOW,
            "category": 1, "data": { "calories": calories },
        })
    };
    let bedtime = |field: &str, number: i64| {
        let mut record = night(&format!("{field}{number}"), MIDNIGHT, &[(60, 1)]);
        record["summary"] = json!({ field: number });
        record
    };
    let steps = |number: i64| intraday(&format!("s{number}"), MIDNIGHT, json!({"steps": [number]}));
    let metres = |number: i64| intraday(&format!("m{number}"), NOW, json!({"distance": [number]}));
    type Record<'r> = &'r dyn Fn(i64) -> serde_json::Value;
    let cases: [(Record<'_>, &str, u32); 5] = [
        (&workout, "a whole number", 12),
        (&|number| bedtime("hr_average", number), "a whole number", 12),
        (&|number| bedtime("rmssd_start_avg", number), "a number", 11),
        (&steps, "a whole number", 12),
        (&metres, "a number", 9),
    ];
    for (record, kind, power) in cases {
        let bound = 10_i64.pow(power);
        let said = error(&watch.sends(&[record(bound)])).to_owned();
        assert!(said.contains(&format!("expected {kind} from 0 on, below 10^{power}")), "{said}");
        assert_eq!(watch.stores(&[record(bound - 1)]), 1);
    }
}
