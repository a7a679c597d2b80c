//! Workouts that devices tell, read back with what their minutes say.

use crate::app::App;
use crate::told::{MIDNIGHT, intraday, reads};
use serde_json::json;

#[test]
fn a_workout_is_filled_in_by_its_minutes_whenever_they_come() {
    let app = App::new();
    let anna = app.person("anna");
    let watch = app.watch(&[&anna]);
    let workout = json!({
        "id": "w", "type": "workout", "startdate": MIDNIGHT, "enddate": MIDNIGHT + 120,
        "category": 2, "data": { "calories": 33 },
    });
    watch.stores(&[workout]);
    let read = |fields: &str| {
        let form =
            format!("action=getworkouts&startdateymd=2026-09-21&enddateymd=2026-09-21{fields}");
        reads(&app, &anna, "/v2/measure", &form)["series"].as_array().unwrap().clone()
    };
    assert_eq!(read("")[0]["data"], json!({ "calories": 33 }));
    let values =
        json!({ "steps": [150, 160, 170], "heart_rate": [120, 141, 100], "calories": [9, 9, 9] });
    watch.stores(&[intraday("m", MIDNIGHT, values)]);
    let row = read("&data_fields=calories,steps,hr_average").remove(0);
    assert_eq!(row["data"], json!({ "calories": 33, "steps": 310, "hr_average": 131 }));
    assert_eq!(
        (&row["category"], &row["model"], &row["attrib"]),
        (&json!(2), &json!(93), &json!(0))
    );
    assert_eq!(row["date"], "2026-09-21");
}
