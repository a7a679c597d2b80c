//! Every kind of file, in English and metric units.

use healthmate::{
    Column, Day, DayColumn, Decimal, Group, Item, Minutes, Night, Signal, Source, Workout,
};
use jiff::civil::date;

use super::{AT, group, items};

fn minutes(source: Source, column: Column, durations: &[i64], digits: &[i64]) -> Item {
    let (durations, digits) = (durations.to_vec(), digits.to_vec());
    Item::Minutes(Minutes { source, column, at: AT, durations, digits })
}

#[test]
fn a_weighing_is_a_group_with_what_the_scale_measured() {
    let text = "Date,\"Weight (kg)\",\"Fat mass (kg)\",\"Bone mass (kg)\",\"Muscle mass (kg)\",\
                \"Hydration (kg)\",Comments\n\
                \"2024-01-03 03:04:05\",71.20,14.10,2.90,54.20,38.50,\n\
                \"2024-01-02 03:04:05\",71.350,,,,,\"after \"\"the\"\" run, wet\"\n";
    let full = [(1, 7_120, -2), (8, 1_410, -2), (88, 290, -2), (76, 5_420, -2), (77, 3_850, -2)];
    let comment = Some("after \"the\" run, wet".to_owned());
    let expected = [
        Item::Group(group(AT + 86_400, &full)),
        Item::Group(Group { comment, ..group(AT, &[(1, 71_350, -3)]) }),
    ];
    assert_eq!(items("weight.csv", text), expected);
}

#[test]
fn a_height_is_a_group() {
    let text = "Date,\"Height (m)\",Comments\n\"2024-01-02 03:04:05\",1.78,\n";
    assert_eq!(items("height.csv", text), [Item::Group(group(AT, &[(4, 178, -2)]))]);
}

#[test]
fn blood_pressure_has_a_heart_rate_or_is_one() {
    let text = "Date,\"Heart rate\",Systolic,Diastolic,Comments\n\
                \"2024-01-02 03:04:05\",61,121,79,\n\"2024-01-02 03:04:05\",58,,,\n";
    let expected = [
        Item::Group(group(AT, &[(11, 61, 0), (10, 121, 0), (9, 79, 0)])),
        Item::Group(group(AT, &[(11, 58, 0)])),
    ];
    assert_eq!(items("bp.csv", text), expected);
}

#[test]
fn pulse_wave_velocity_and_oxygen_are_dates_and_values() {
    let text = "date,value\n2024-01-02T03:04:05+01:00,6.835\n";
    assert_eq!(items("pwv.csv", text), [Item::Group(group(AT, &[(91, 6_835, -3)]))]);
    let text = "date,value\n2024-01-02 03:04:05,97\n";
    assert_eq!(items("manual_spo2.csv", text), [Item::Group(group(AT, &[(54, 97, 0)]))]);
}

#[test]
fn other_measures_of_one_date_are_one_group() {
    let text = "type,date,value,unit,position\n\
                Visceral fat,2024-01-02 03:04:05,3.5,,\n\
                Fat Mass for segments,2024-01-02 03:04:05,1.20,kg,Right arm\n\
                Fat Mass for segments,2024-01-02 03:04:05,1.25,kg,Left arm\n\
                BMR,2024-01-02 03:04:05,1650,kcal,\n\
                BMR,2024-01-02 03:04:05,1660,kcal,\n\
                Body Temperature,2024-01-03 03:04:05,36.6,°C,\n";
    let mut first = group(AT, &[(170, 35, -1), (174, 120, -2), (174, 125, -2), (226, 1_650, 0)]);
    first.measures[1].position = Some(2);
    first.measures[2].position = Some(3);
    let expected = [
        Item::Group(first),
        Item::Group(group(AT, &[(226, 1_660, 0)])),
        Item::Group(group(AT + 86_400, &[(71, 366, -1)])),
    ];
    assert_eq!(items("other.csv", text), expected);
}

#[test]
fn a_night_has_what_the_device_could_tell() {
    let text = "from,to,\"light (s)\",\"deep (s)\",\"rem (s)\",\"awake (s)\",\"wake up\",\
                \"Duration to sleep (s)\",\"Duration to wake up (s)\",\"Snoring (s)\",\
                \"Snoring episodes\",\"Average heart rate\",\"Heart rate (min)\",\
                \"Heart rate (max)\",\"Night events\",Notes\n\
                2024-01-02T03:04:05+01:00,2024-01-02T09:04:05+01:00,9000,5400,3600,600,2,420,\
                180,0,,56,48,71,\"{\"\"1\"\":[120,60]}\",late\n";
    let expected = Night {
        start: AT,
        end: AT + 6 * 3_600,
        light_s: Some(9_000),
        deep_s: Some(5_400),
        rem_s: Some(3_600),
        awake_s: Some(600),
        wakeups: Some(2),
        duration_to_sleep_s: Some(420),
        duration_to_wakeup_s: Some(180),
        snoring_s: Some(0),
        snoring_episodes: None,
        hr_average_bpm: Some(56),
        hr_min_bpm: Some(48),
        hr_max_bpm: Some(71),
        night_events: Some("{\"1\":[120,60]}".to_owned()),
        note: Some("late".to_owned()),
    };
    assert_eq!(items("sleep.csv", text), [Item::Night(expected)]);
}

#[test]
fn a_workout_has_a_sport_and_its_numbers() {
    let text = "from,to,from (manual),to (manual),Timezone,Activity type,Data,GPS,Modified\n\
                2024-01-02T03:04:05+01:00,2024-01-02T04:04:05+01:00,,,Europe/Paris,Running,\
                \"{\"\"calories\"\":412.5,\"\"hr_average\"\":141,\"\"note\"\":null}\",,\n\
                2024-01-02 02:04:05,2024-01-02 02:34:05,2024-01-01 21:04:05,,America/New_York,\
                Underwater chess,{},,\n";
    let running = Workout {
        start: AT,
        end: AT + 3_600,
        category: Some(2),
        name: Some("Running".to_owned()),
        data: vec![
            ("calories".to_owned(), Decimal { digits: 4_125, places: 1 }),
            ("hr_average".to_owned(), Decimal { digits: 141, places: 0 }),
        ],
        timezone: Some("Europe/Paris".to_owned()),
    };
    let corrected = Workout {
        start: AT,
        end: AT + 5 * 3_600 + 1_800,
        category: Some(healthmate::OTHER_SPORT),
        name: Some("Underwater chess".to_owned()),
        data: vec![],
        timezone: Some("America/New_York".to_owned()),
    };
    assert_eq!(items("activities.csv", text), [Item::Workout(running), Item::Workout(corrected)]);
}

#[test]
fn totals_of_days_have_the_places_of_their_column() {
    let text = "date,value\n2024-01-02,5012.3\n";
    let day = |column, digits| [Item::Day(Day { date: date(2024, 1, 2), column, digits })];
    assert_eq!(items("aggregates_steps.csv", text), day(DayColumn::Steps, 5_012));
    assert_eq!(items("aggregates_distance.csv", text), day(DayColumn::Distance, 5_012_300));
    assert_eq!(items("aggregates_elevation.csv", text), day(DayColumn::Elevation, 5_012_300));
    let earned = items("aggregates_calories_earned.csv", text);
    assert_eq!(earned, day(DayColumn::CaloriesEarned, 5_012_300));
    let passive = items("aggregates_calories_passive.csv", text);
    assert_eq!(passive, day(DayColumn::CaloriesPassive, 5_012_300));
    assert_eq!(items("aggregates_manual_spo2.csv", text), day(DayColumn::ManualSpo2, 5_012));
}

#[test]
fn samples_are_lists_of_durations_and_values() {
    let text = "start,duration,value\n2024-01-02T03:04:05+01:00,\"[60,120]\",\"[44.1,0.0004]\"\n";
    let expected = [
        ("raw_tracker_distance.csv", Source::Tracker, Column::Distance, [44_100, 0]),
        ("raw_tracker_steps.csv", Source::Tracker, Column::Steps, [44, 0]),
        ("raw_tracker_calories-earned.csv", Source::Tracker, Column::Calories, [44_100, 0]),
        ("raw_hr_hr.csv", Source::Hr, Column::HeartRate, [44, 0]),
        ("raw_bed_snoring.csv", Source::Bed, Column::Snoring, [44, 0]),
        ("raw_sleep-monitor_respiratory-rate.csv", Source::Bed, Column::RespiratoryRate, [44, 0]),
        ("raw_spo2_auto_spo2.csv", Source::Spo2, Column::Spo2, [44, 0]),
        ("raw_swim_lap-pool.csv", Source::Swim, Column::PoolLap, [44, 0]),
        (
            "raw_core_body_temperature_Core body temperature.csv",
            Source::CoreTemperature,
            Column::CoreBodyTemperature,
            [44_100, 0],
        ),
    ];
    for (name, source, column, digits) in expected {
        assert_eq!(items(name, text), [minutes(source, column, &[60, 120], &digits)]);
    }
}

#[test]
fn of_positions_only_the_first_sample_of_a_row_counts() {
    let text = "start,duration,value\n2024-01-02T03:04:05+01:00,\"[1,1]\",\"[48.8566,garbage]\"\n";
    let expected = minutes(Source::Location, Column::Latitude, &[1], &[488_566_000]);
    assert_eq!(items("raw_location_latitude.csv", text), [expected]);
}

#[test]
fn a_recording_is_in_microvolts_whatever_the_device() {
    let header = "date,type,frequency,duration,wearposition,signal,doctor_assessment,doctor_name,\
                  checkup_date\n";
    let watch = "2024-01-02 03:04:05,ECG,300,30,Left Wrist,\"[12,-7,0]\",,,\n";
    let monitor = "2024-01-02 03:04:05,ECG,500 Hz,20,somewhere,\"[0.012,-0.007,0]\",fine,Dr. Who,\
                   2024-02-01\n";
    let expected = Signal {
        at: AT,
        kind: "ECG".to_owned(),
        frequency_hz: Some(300),
        duration_s: Some(30),
        wear_position: Some(1),
        microvolts: vec![12, -7, 0],
        ..Signal::default()
    };
    let other = Signal {
        frequency_hz: Some(500),
        duration_s: Some(20),
        wear_position: None,
        assessment: Some("fine".to_owned()),
        doctor_name: Some("Dr. Who".to_owned()),
        checkup_date: Some("2024-02-01".to_owned()),
        ..expected.clone()
    };
    let text = format!("{header}{watch}{monitor}");
    assert_eq!(items("signal.csv", &text), [Item::Signal(expected), Item::Signal(other)]);
}
