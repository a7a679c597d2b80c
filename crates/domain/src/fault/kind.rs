//! The kinds of faults: one table, which commands, the API and docs/sandbox-faults.md share.

use super::settings::Settings;
use crate::Refusal;

/// Where something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A call is refused once it is proven who calls, before anything is done.
    Call,
    /// A call has smaller pages.
    Pages,
    /// An address is asked whether it will do as a callback.
    Callback,
    /// An answer of status 0 is changed after the operation made it.
    Answer,
    /// An answer is late, or does not arrive whole.
    Way,
    /// A notification goes another way.
    Notification,
    /// The archive of a person's data is laid out another way.
    Archive,
}

/// Something that can be said of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// What may be said, and what holds if nothing is.
    pub takes: Takes,
    /// What it means.
    pub about: &'static str,
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A whole number; without a usual one it has to be given if it is needed.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
        /// Where none is given.
        usual: Option<i64>,
    },
    /// One of these words; the first is the usual one.
    Word(&'static [&'static str]),
    /// Names with commas between them, or a text.
    Text(&'static str),
}

/// A text has at most this many bytes.
const TEXT_BYTES_MAX: usize = 500;

impl Setting {
    /// Why a value will not do.
    pub fn check(&self, value: &str) -> Result<(), Refusal> {
        let refused = |problem: String| Err(Refusal::invalid_param(self.name, problem));
        match self.takes {
            Takes::Number { least, most, .. } => match value.trim().parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(()),
                _ => refused(format!("expected a whole number, {least} to {most}")),
            },
            Takes::Word(words) if words.contains(&value) => Ok(()),
            Takes::Word(words) => refused(format!("expected {}", words.join(" or "))),
            Takes::Text(_) if value.len() > TEXT_BYTES_MAX || value.contains(char::is_control) => {
                refused(format!("expected at most {TEXT_BYTES_MAX} bytes and no control character"))
            }
            Takes::Text(_) => Ok(()),
        }
    }
}

struct Described {
    name: &'static str,
    place: Place,
    /// Where it has an effect; none: everywhere.
    at: &'static [(&'static str, &'static str)],
    settings: &'static [Setting],
    about: &'static str,
    thread: &'static str,
}

const fn number(
    name: &'static str,
    least: i64,
    most: i64,
    usual: i64,
    about: &'static str,
) -> Setting {
    Setting { name, takes: Takes::Number { least, most, usual: Some(usual) }, about }
}

const GETMEAS: (&str, &str) = ("measure", "getmeas");
const INTRADAY: (&str, &str) = ("measure", "getintradayactivity");
const WORKOUTS: (&str, &str) = ("measure", "getworkouts");
const NIGHTS: (&str, &str) = ("sleep", "getsummary");
const SLEEP: (&str, &str) = ("sleep", "get");
const TOKENS: (&str, &str) = ("oauth2", "requesttoken");
const PAGED: &[(&str, &str)] = &[
    GETMEAS,
    ("measure", "getactivity"),
    WORKOUTS,
    NIGHTS,
    ("heart", "list"),
    ("stetho", "list"),
    ("rawdata", "get"),
    ("survey", "list"),
    ("nudge", "list"),
    ("nudgecampaign", "list"),
    ("nudgecampaign", "listusers"),
    ("oauth2", "listusers"),
];
const SUBSCRIBE: &[(&str, &str)] = &[("notify", "subscribe"), ("notify", "update")];
const APPLI: Setting = Setting {
    name: "appli",
    takes: Takes::Number { least: 0, most: 1_000, usual: None },
    about: "only notifications of this category",
};
const WAIT: Setting = number("wait_seconds", 1, 86_400, 188, "what the answer says to wait");

macro_rules! kinds {
    ($($(#[doc = $about:literal])+ $kind:ident $name:literal $place:ident at $at:expr;
        settings $settings:expr; thread $thread:literal;)*) => {
        /// What goes wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[doc = $about])+ $kind),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            const fn described(self) -> Described {
                match self { $(Self::$kind => Described {
                    name: $name,
                    place: Place::$place,
                    at: const { $at },
                    settings: const { $settings },
                    about: concat!($($about),+),
                    thread: $thread,
                }),* }
            }
        }
    };
}

kinds! {
    /// The answer comes late.
    Latency "latency" Way at &[];
        settings &[number("ms", 1, 600_000, 2_000, "how late")];
        thread "";
    /// The connection ends before the answer is there, or within it.
    Cut "cut" Way at &[];
        settings &[number("after", 0, 1 << 20, 0, "bytes of the body that arrive; 0: no answer")];
        thread "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api \
            #83; pipedream #4566; printing-press PR #1206";
    /// The call is refused with a status, under HTTP 200 like every answer.
    Status "status" Call at &[];
        settings &[
            Setting {
                name: "status",
                takes: Takes::Number { least: 1, most: 65_535, usual: Some(2_556) },
                about: "the number",
            },
            Setting {
                name: "text",
                takes: Takes::Text(""),
                about: "the error text, in place of the recorded one",
            },
        ];
        thread "open-wearables #177, PR #1177; ba-thesis README";
    /// The call is refused with 601, and told how long to wait.
    TooMany "too-many" Call at &[];
        settings &[WAIT];
        thread "withings-sync #237, #12; coach PR #435, PR #541; MMM-withings #15";
    /// A good access token is refused with 401.
    TokenExpired "token-expired" Call at &[];
        settings &[];
        thread "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api \
            #83; pipedream #4566; printing-press PR #1206";
    /// A good authorization code is refused with 503, as if its 30 seconds were over.
    CodeExpired "code-expired" Call at &[TOKENS];
        settings &[];
        thread "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api \
            #83; pipedream #4566; printing-press PR #1206";
    /// A refresh is done, and its answer is lost.
    RefreshLost "refresh-lost" Way at &[TOKENS];
        settings &[];
        thread "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api \
            #83; pipedream #4566; printing-press PR #1206";
    /// The second of two refreshes with one token is refused.
    RefreshRace "refresh-race" Call at &[TOKENS];
        settings &[
            number("window", 1, 3_600, 10, "seconds after the first in which it is refused"),
            Setting {
                name: "answer",
                takes: Takes::Word(&["503", "601"]),
                about: "503 invalid refresh_token, or 601",
            },
            WAIT,
        ];
        thread "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api \
            #83; pipedream #4566; printing-press PR #1206";
    /// Calls at another host than the one that has the data are refused: nobody is known there.
    OtherHost "other-host" Call at &[];
        settings &[Setting {
            name: "host",
            takes: Takes::Text("localhost"),
            about: "the host that has the data, without a port",
        }];
        thread "Withings documentation";
    /// A callback is refused with 293; the inspector says why.
    SubscribeRefused "subscribe-refused" Callback at SUBSCRIBE;
        settings &[Setting {
            name: "cause",
            takes: Takes::Word(&["head", "redirect", "port", "private", "timeout"]),
            about: "why",
        }];
        thread "HA #72614, #79897, #101703, #73200, #37290, #46425; python_withings_api #71; \
            simplificator #22; nokia-weight-sync #21";
    /// A callback that is not at a public name and port, by https, is refused with 293.
    LocalRefused "local-refused" Callback at SUBSCRIBE;
        settings &[];
        thread "open-wearables #177; MMM-withings PR #13; leonardo #93";
    /// A notification is not sent, and counts as delivered.
    NotificationDrop "notification-drop" Notification at &[];
        settings &[APPLI];
        thread "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
    /// A notification is sent later.
    NotificationDelay "notification-delay" Notification at &[];
        settings &[APPLI, number("seconds", 1, 604_800, 3_600, "how much later")];
        thread "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
    /// A notification is sent twice.
    NotificationDuplicate "notification-duplicate" Notification at &[];
        settings &[APPLI];
        thread "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
    /// Of two notifications the first is held back until after the second.
    NotificationReorder "notification-reorder" Notification at &[];
        settings &[APPLI, number("seconds", 1, 604_800, 60, "how long it is held back")];
        thread "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
    /// Each group has one more measure, of a type nobody knows yet.
    UnknownMeasureType "unknown-measure-type" Answer at &[GETMEAS];
        settings &[number("type", 1, 100_000, 9_999, "the type; once new: 123, 135, 173, 226")];
        thread "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
    /// Devices are of a model nobody knows yet.
    UnknownDevice "unknown-device" Answer at &[];
        settings &[number("model_id", 0, 100_000, 9_999, "the model")];
        thread "python-withings #427, #437, #544, #864";
    /// Workouts are of a category nobody knows yet.
    UnknownCategory "unknown-category" Answer at &[WORKOUTS];
        settings &[number("category", 0, 100_000, 9_999, "the category")];
        thread "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
    /// Groups and workouts have an attribution nobody knows yet.
    UnknownAttrib "unknown-attrib" Answer at &[GETMEAS, WORKOUTS];
        settings &[number("attrib", 0, 100_000, 10_000, "the attribution; once new: 10, 10000")];
        thread "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
    /// The first segment of sleep is in a state nobody knows yet.
    UnknownSleepState "unknown-sleep-state" Answer at &[SLEEP];
        settings &[number("state", 0, 100_000, 5, "the state")];
        thread "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
    /// Each group comes twice at the same second, the second time with another attribution.
    SameSecondGroups "same-second-groups" Answer at &[GETMEAS];
        settings &[number("attrib", 0, 100_000, 8, "the attribution of the second")];
        thread "withings-sync PR #220, #98, #175; python-withings PR #857";
    /// Measures have the same value with another exponent.
    OtherUnits "other-units" Answer at &[GETMEAS];
        settings &[number("digits", 1, 4, 1, "how many digits more")];
        thread "pipedream #19139; withings-sync #98";
    /// Fields are null.
    NullFields "null-fields" Answer at &[];
        settings &[Setting {
            name: "fields",
            takes: Takes::Text(
                "deviceid,hash_deviceid,model,modelid,model_id,comment,first_session_date,\
                 last_session_date",
            ),
            about: "which, with commas between",
        }];
        thread "wire-quirks 11, 12, 19, 22, 40";
    /// Fields are not there.
    MissingFields "missing-fields" Answer at &[];
        settings &[Setting {
            name: "fields",
            takes: Takes::Text(
                "hr_average,hr_min,hr_max,hr_zone_0,hr_zone_1,hr_zone_2,hr_zone_3,heart_rate,\
                 bloodpressure,completed,csrf_token,algo,fm",
            ),
            about: "which, with commas between",
        }];
        thread "wire-quirks 6, 14, 21, 29, 33";
    /// Empty maps within the body are empty lists.
    PhpEmptyArrays "php-empty-arrays" Answer at &[];
        settings &[];
        thread "wire-quirks 41";
    /// The `night_events` of nights are text that holds JSON, with distances in place of times.
    NightEventsText "night-events-text" Answer at &[NIGHTS];
        settings &[];
        thread "wire-quirks 32";
    /// The latest night is there in part, and there is more of it each time.
    PartialNights "partial-nights" Answer at &[NIGHTS, SLEEP];
        settings &[number("steps", 2, 100, 4, "how many times until it is whole")];
        thread "python_withings_api #53; HA #71210, #149319";
    /// Recordings have no samples.
    EmptySignal "empty-signal" Answer at &[("heart", "get"), ("stetho", "get")];
        settings &[];
        thread "python_withings_api PR #86; open-wearables PR #1645";
    /// Electrocardiograms are inconclusive and have no heart rate.
    InconclusiveEcg "inconclusive-ecg" Answer at &[("heart", "list")];
        settings &[];
        thread "python_withings_api PR #86; open-wearables PR #1645; wire-quirks 33";
    /// The device's clock is wrong: what was measured has other times than it arrived at.
    ClockSkew "clock-skew" Answer at &[
            GETMEAS, INTRADAY, WORKOUTS, SLEEP, NIGHTS, ("heart", "list"), ("stetho", "list"),
        ];
        settings &[number("seconds", -604_800, 604_800, 3_600, "how wrong; negative: it is slow")];
        thread "";
    /// Answers are as the reference says where real ones are not.
    AsDocumented "as-documented" Answer at &[GETMEAS, SLEEP, TOKENS, ("notify", "list")];
        settings &[];
        thread "open-wearables #177; wire-quirks 5, 7, 8, 10, 12, 26, 42";
    /// The ZIP of a person's data is as other people's apps write it: in other units, in another
    /// language, or with its rows in no order.
    ArchiveLayout "archive-layout" Archive at &[];
        settings &[Setting {
            name: "layout",
            takes: Takes::Word(&["imperial", "french", "unordered"]),
            about: "pounds, feet and inches; headers in French; rows that are not in the order of \
                    time",
        }];
        thread "openScale #727; withings-gpx #14";
    /// Pages are small, so that programs have to ask for more.
    SmallPages "small-pages" Pages at PAGED;
        settings &[number("rows", 1, 5_000, 2, "rows on a page")];
        thread "shimmer #21; withings-sync #250; HA PR #102002, #50446";
}

impl Kind {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.described().name
    }

    /// Where it goes wrong.
    #[must_use]
    pub const fn place(self) -> Place {
        self.described().place
    }

    /// What happens, in a sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.described().about.trim_ascii()
    }

    /// Where it was told of in public, or the number of a quirk of the wire; empty: nowhere.
    #[must_use]
    pub const fn thread(self) -> &'static str {
        self.described().thread
    }

    /// What can be said of it.
    #[must_use]
    pub const fn settings(self) -> &'static [Setting] {
        self.described().settings
    }

    /// The calls it has an effect on; none: all of them.
    #[must_use]
    pub const fn calls(self) -> &'static [(&'static str, &'static str)] {
        self.described().at
    }

    /// Whether it has an effect on a call.
    #[must_use]
    pub fn is_at(self, service: &str, action: &str) -> bool {
        let calls = self.calls();
        calls.is_empty() || calls.contains(&(service, action))
    }

    /// A setting that is a number: as it was given, or the usual one.
    #[must_use]
    pub fn number(self, given: &Settings, name: &str) -> Option<i64> {
        let given = given.get(name).and_then(|text| text.trim().parse().ok());
        given.or_else(|| match self.setting(name)?.takes {
            Takes::Number { usual, .. } => usual,
            _ => None,
        })
    }

    /// A setting that is text: as it was given, or the usual one.
    #[must_use]
    pub fn text(self, given: &Settings, name: &str) -> Option<String> {
        let given = given.get(name).map(str::to_owned);
        given.or_else(|| match self.setting(name)?.takes {
            Takes::Word(words) => words.first().map(|word| (*word).to_owned()),
            Takes::Text(usual) => Some(usual.to_owned()),
            Takes::Number { usual, .. } => usual.map(|usual| usual.to_string()),
        })
    }

    /// The setting of that name.
    #[must_use]
    pub fn setting(self, name: &str) -> Option<&'static Setting> {
        self.settings().iter().find(|setting| setting.name == name)
    }
}
