//! Where vitald differs from the reference on purpose: one reason a row. What is compared stands in
//! `main.rs`.

/// The id of an operation, the key (`auth`, `params.…`, `reply.…`), what vitald has there (nothing
/// when it has no such key), and why. A type ends in `|null` when null is possible, in `?` when the
/// key can be absent.
pub(crate) type Deviation = (&'static str, &'static str, Option<&'static str>, &'static str);

pub(crate) const TOKEN: &str = "oauth2-getaccesstoken";
const MEASURES: &str = "measure-getmeas";
const DEVICES: &str = "userv2-getdevice";
const GOALS: &str = "userv2-getgoals";
const HEART: &str = "heartv2-get";
const HEARTS: &str = "heartv2-list";
pub(crate) const SLEEP: &str = "sleepv2-get";
const NIGHTS: &str = "sleepv2-getsummary";

const PEOPLE: &str = "oauth2-listusers";
const PKCE: &str = "RFC 7636, for who asks for it and for the strict profile";
const LISTED: &str = "a list of people has to be a list: the reference shows one row flat";
const OWN: &str = "in the reference's sample call, not in its list of parameters";
const BY_HAND: &str = "null in a group that was entered by hand, as recorded (wire-quirks 11)";
const LAST_PAGE: &str = "there only while there is more, as recorded (wire-quirks 8)";
const MARK: &str = "sent only where the device has it, as recorded (wire-quirks 14)";
const TYPED: &str = "recorded on values that were typed in (wire-quirks 14)";
const PARTNERS: &str = "given to the applications of the device's organization only";
const ACTIVATE: &str = "userv2-activate";
const UNSAID: &str = "null of a person who never said";
const NOT_SET: &str = "a goal that is not set is left out, as recorded (wire-quirks 41)";
const FILTERED: &str = "what with_filtered asks for has no shape in the reference";
const INTERVALS: &str = "what with_intervals asks for has no shape in the reference";
const NO_RATE: &str = "left out where the device found none (wire-quirks 33)";
const LISTS: &str = "an object of lists, as the guide says (field-notes §7)";
const EVENTS: &str = "a dictionary, by its own description (wire-quirks 32)";
const TOLD: &str = "notify-get";
const FOREVER: &str = "recorded: the last moment of 32 bits (wire-quirks 42)";
const UNNOTED: &str = "null where nothing was noted, as recorded (wire-quirks 42)";
const SIGNS: &str = "our own: what is sent is signed, for who asks for it";
const ORDER: &str = "dropshipmentv2-createorder";
const USER_ORDER: &str = "dropshipmentv2-createuserorder";
const UPDATED: &str = "dropshipmentv2-update";
const STATUS: &str = "dropshipmentv2-getorderstatus";
const ORDERED: &str = "orderv2-getdetail";
const ONE_NAME: &str = "null where the other name says it: a product has exactly one";
const UNSENT: &str = "null until it is shipped";
const ORIGINAL: &str = "null where it replaces nothing";
const TEXTS: &str = "the reference gives no type: texts, as its samples";
const NO_ADDRESS: &str = "in the body of status 503 (field-notes §9): what succeeds has all orders";
const NO_SERIAL: &str = "null where nobody said what is printed on it";
const ANSWERS: &str = "answersv2-get";
const SURVEY: &str = "surveyv2-get";
const SURVEYS: &str = "surveyv2-list";
const GUIDE: &str = "as the guide's example has it (field-notes 8.3)";
const WORD: &str = "the guide's example has the word beside the number (field-notes 8.3)";
const CHOSEN: &str = "a list of one object by question: the guide's object in the reference's list";
const NO_GROUP: &str = "null where an answer is about no measure that is known";
const NO_HEIGHT: &str = "null where nobody said how tall the person is";
const NO_SESSION: &str = "null until the device has talked to the server (wire-quirks 40)";

pub(crate) const DEVIATIONS: &[Deviation] = &[
    (TOKEN, "params.code_verifier", Some("string?"), PKCE),
    (PEOPLE, "reply.hash_userid", None, LISTED),
    (PEOPLE, "reply.userid", None, LISTED),
    (PEOPLE, "reply.email", None, LISTED),
    (PEOPLE, "reply.fully_owned", None, LISTED),
    (PEOPLE, "reply.users[].hash_userid", Some("string"), LISTED),
    (PEOPLE, "reply.users[].userid", Some("integer"), LISTED),
    (PEOPLE, "reply.users[].email", Some("string"), LISTED),
    (PEOPLE, "reply.users[].fully_owned", Some("boolean"), LISTED),
    ("oauth2-createclient", "params.organization_id", Some("integer?"), OWN),
    (MEASURES, "reply.updatetime", Some("integer"), "as recorded (wire-quirks 7)"),
    (MEASURES, "reply.more", Some("integer?"), LAST_PAGE),
    (MEASURES, "reply.offset", Some("integer?"), LAST_PAGE),
    (MEASURES, "reply.measuregrps[].deviceid", Some("string|null"), BY_HAND),
    (MEASURES, "reply.measuregrps[].hash_deviceid", Some("string|null"), BY_HAND),
    (MEASURES, "reply.measuregrps[].model", Some("string|null"), BY_HAND),
    (MEASURES, "reply.measuregrps[].model_id", Some("integer|null"), BY_HAND),
    (
        MEASURES,
        "reply.measuregrps[].modelid",
        Some("integer|null"),
        "recorded beside model_id (10)",
    ),
    (MEASURES, "reply.measuregrps[].comment", Some("string|null"), "null, as recorded (12)"),
    (MEASURES, "reply.measuregrps[].measures[].algo", Some("integer?"), MARK),
    (MEASURES, "reply.measuregrps[].measures[].fm", Some("integer?"), MARK),
    (MEASURES, "reply.measuregrps[].measures[].position", Some("integer?"), MARK),
    (MEASURES, "reply.measuregrps[].measures[].apppfmid", Some("integer?"), TYPED),
    (MEASURES, "reply.measuregrps[].measures[].appliver", Some("integer?"), TYPED),
    (DEVICES, "reply.devices[].mac_address", Some("string?"), PARTNERS),
    (DEVICES, "reply.devices[].fw", Some("string?"), PARTNERS),
    (DEVICES, "reply.devices[].network", Some("string?"), PARTNERS),
    (DEVICES, "reply.devices[].last_used_network", Some("string?"), PARTNERS),
    (DEVICES, "reply.devices[].sim_status", Some("string?"), PARTNERS),
    (DEVICES, "reply.devices[].first_session_date", Some("integer|null"), NO_SESSION),
    (DEVICES, "reply.devices[].last_session_date", Some("integer|null"), NO_SESSION),
    (GOALS, "reply.goals.steps", Some("integer?"), NOT_SET),
    (GOALS, "reply.goals.sleep", Some("integer?"), NOT_SET),
    (GOALS, "reply.goals.weight", Some("object?"), NOT_SET),
    (HEART, "reply.filtered", Some("array?"), FILTERED),
    (HEART, "reply.filtered[]", Some("integer"), FILTERED),
    (HEART, "reply.intervals", Some("object?"), INTERVALS),
    (HEART, "reply.intervals.pr", Some("integer|null"), INTERVALS),
    (HEART, "reply.intervals.qrs", Some("integer|null"), INTERVALS),
    (HEART, "reply.intervals.qt", Some("integer|null"), INTERVALS),
    (HEART, "reply.intervals.qtc", Some("integer|null"), INTERVALS),
    (HEART, "reply.heart_rate", Some("integer?"), NO_RATE),
    (HEARTS, "reply.series[].heart_rate", Some("integer?"), NO_RATE),
    (HEARTS, "reply.series[].bloodpressure", Some("object?"), "watches take none (33)"),
    (HEARTS, "reply.series[].stetho", Some("object?"), "most devices record no sounds"),
    (HEARTS, "reply.series[].timezone", Some("string"), "recorded (field-notes §6.5)"),
    (
        "measurev2-getworkouts",
        "reply.series[].data.core_body_temperature_status",
        Some("string?"),
        "one of three words, by its own description (wire-quirks 25)",
    ),
    ("rawdatav2-get", "reply.rawdata[].data", None, LISTS),
    ("rawdatav2-get", "reply.rawdata[].data.$timestamp[]", Some("integer"), LISTS),
    (SLEEP, "reply.series.hash_deviceid", Some("string|null"), "recorded (wire-quirks 27)"),
    (NIGHTS, "params.offset", Some("integer?"), "programs send it (wire-quirks 30)"),
    (NIGHTS, "reply.series[].data.night_events", Some("object?"), EVENTS),
    (NIGHTS, "reply.series[].data.night_events.$timestamp[]", Some("integer"), EVENTS),
    (NIGHTS, "reply.series[].data.night_events[]", None, EVENTS),
    ("stethov2-get", "reply.position", Some("integer|null"), "null where the device did not say"),
    ("userv2-link", "reply.devices[].last_session_date", Some("integer|null"), NO_SESSION),
    (ACTIVATE, "reply.devices[].last_session_date", Some("integer|null"), NO_SESSION),
    (ACTIVATE, "reply.devices[].serial_number", Some("string|null"), "null where it is unknown"),
    ("userv2-get", "reply.user.birthdate", Some("integer|null"), UNSAID),
    ("userv2-get", "reply.user.gender", Some("integer|null"), UNSAID),
    (
        "nudgecampaignv2-listusers",
        "reply.users[].completion_date",
        Some("integer|null"),
        "null until the nudge was shown as often as it should be",
    ),
    (ORDER, "reply.orders", None, NO_ADDRESS),
    (ORDER, "reply.invalid_address_customer_ref_ids", None, NO_ADDRESS),
    (ORDER, "reply.invalid_address_customer_ref_ids[]", None, NO_ADDRESS),
    (ORDER, "reply.orders[].products[].ean", Some("string|null"), ONE_NAME),
    (ORDER, "reply.orders[].products[].partner_ref", Some("string|null"), ONE_NAME),
    (USER_ORDER, "reply.orders", None, NO_ADDRESS),
    (USER_ORDER, "reply.invalid_address_customer_ref_ids", None, NO_ADDRESS),
    (USER_ORDER, "reply.invalid_address_customer_ref_ids[]", None, NO_ADDRESS),
    (USER_ORDER, "reply.orders[].products[].ean", Some("string|null"), ONE_NAME),
    (USER_ORDER, "reply.orders[].products[].partner_ref", Some("string|null"), ONE_NAME),
    (UPDATED, "reply.orders[].products[].ean", Some("string|null"), ONE_NAME),
    (UPDATED, "reply.orders[].products[].partner_ref", Some("string|null"), ONE_NAME),
    (STATUS, "reply.orders[].products[].ean", Some("string|null"), ONE_NAME),
    (STATUS, "reply.orders[].products[].partner_ref", Some("string|null"), ONE_NAME),
    (STATUS, "reply.orders[].products[].devices[].serial_number", Some("string|null"), NO_SERIAL),
    (STATUS, "reply.orders[].products[].hash_deviceids[]", Some("string"), TEXTS),
    (STATUS, "reply.orders[].products[].serial_numbers[]", Some("string"), TEXTS),
    (STATUS, "reply.orders[].ship_date", Some("string|null"), UNSENT),
    (STATUS, "reply.orders[].original_customer_ref", Some("string|null"), ORIGINAL),
    (ORDERED, "reply.orders[].products[].ean", Some("string|null"), ONE_NAME),
    (ORDERED, "reply.orders[].products[].partner_ref", Some("string|null"), ONE_NAME),
    (ORDERED, "reply.orders[].products[].devices[].serial_number", Some("string|null"), NO_SERIAL),
    (ORDERED, "reply.orders[].products[].hash_deviceids[]", Some("string"), TEXTS),
    (ORDERED, "reply.orders[].products[].serial_numbers[]", Some("string"), TEXTS),
    (ORDERED, "reply.orders[].ship_date", Some("string|null"), UNSENT),
    (ORDERED, "reply.orders[].original_customer_ref", Some("string|null"), ORIGINAL),
    (TOLD, "reply.expires", Some("integer"), FOREVER),
    (TOLD, "reply.comment", Some("string|null"), UNNOTED),
    ("notify-list", "reply.profiles[].expires", Some("integer"), FOREVER),
    ("notify-list", "reply.profiles[].comment", Some("string|null"), UNNOTED),
    ("notify-subscribe", "params.webhook_secret", Some("string?"), SIGNS),
    ("notify-update", "params.webhook_secret", Some("string?"), SIGNS),
    (ANSWERS, "reply.answers[].grpid", Some("integer|null"), NO_GROUP),
    (ANSWERS, "reply.answers[].answers[]", None, CHOSEN),
    (ANSWERS, "reply.answers[].answers[].$timestamp[]", Some("integer"), CHOSEN),
    (SURVEY, "reply.survey.trigger_conditions[]", None, GUIDE),
    (SURVEY, "reply.survey.trigger_conditions[].type", Some("integer"), GUIDE),
    (SURVEY, "reply.survey.trigger_conditions[].value", Some("string"), GUIDE),
    (SURVEYS, "reply.surveys[].trigger_conditions[]", None, GUIDE),
    (SURVEYS, "reply.surveys[].trigger_conditions[].type", Some("integer"), GUIDE),
    (SURVEYS, "reply.surveys[].trigger_conditions[].value", Some("string"), GUIDE),
    (SURVEY, "reply.survey.trigger_type_name", Some("string"), WORD),
    (SURVEY, "reply.survey.answer_type_name", Some("string"), WORD),
    (SURVEY, "reply.survey.category_name", Some("string"), WORD),
    (SURVEY, "reply.survey.data[]", None, GUIDE),
    (SURVEY, "reply.survey.data[].id", Some("string"), GUIDE),
    (SURVEY, "reply.survey.data[].title", Some("string"), GUIDE),
    (SURVEY, "reply.survey.data[].type", Some("string"), GUIDE),
    (SURVEY, "reply.survey.data[].content", Some("string"), GUIDE),
    (SURVEY, "reply.survey.data[].suggestions[].id", Some("integer"), GUIDE),
    (SURVEY, "reply.survey.data[].suggestions[].text", Some("string"), GUIDE),
    ("userv2-addtorpm", "reply.user.height", Some("object|null"), NO_HEIGHT),
    (
        "userv2-link",
        "reply.devices[].serial_number",
        Some("string|null"),
        "null where it is unknown",
    ),
];

/// What many keys of several operations have in common.
pub(crate) struct Habit {
    /// The ids of the operations.
    pub(crate) of: &'static [&'static str],
    /// How the keys end.
    pub(crate) keys: &'static [&'static str],
    /// What is added to the type of the reference.
    pub(crate) adds: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) const HABITS: &[Habit] = &[
    Habit {
        of: &[
            "heartv2-get",
            "heartv2-list",
            "measurev2-getactivity",
            "measurev2-getintradayactivity",
            "measurev2-getworkouts",
            "sleepv2-get",
            "sleepv2-getsummary",
            "stethov2-get",
            "stethov2-list",
        ],
        keys: &["deviceid", "model", "model_id", "modelid"],
        adds: "|null",
        reason: "null of a phone and of what was typed in, as recorded (wire-quirks 19, 22, 24)",
    },
    Habit {
        of: &[
            "measurev2-getactivity",
            "measurev2-getintradayactivity",
            "measurev2-getworkouts",
            "sleepv2-getsummary",
        ],
        keys: &[
            "totalcalories",
            "core_body_temperature",
            "hrv_quality",
            "rmssd",
            "sdnn1",
            "spo2_auto",
            "pause_duration",
            "intensity",
            "spo2_average",
            "apnea_hypopnea_index",
            "quality_assessment",
            "mvt_active_duration",
            "_avg",
            "sleep_score",
            "snoring",
            "snoringepisodecount",
            "withings_index",
        ],
        adds: "?",
        reason: "a field no device gives or nobody asked for is left out (field-notes §6)",
    },
    Habit {
        of: &["sleepv2-get"],
        keys: &["hrv_quality", "mvt_score", "rmssd", "sdnn_1", "snoring", "withings_index"],
        adds: "object?",
        reason: "a map that nobody asked for is left out (wire-quirks 27)",
    },
];
