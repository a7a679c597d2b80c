//! Scenarios: what went wrong for programs in public, by name. Each is a few faults, or somebody
//! who does not exist and whose life is the trouble.

use super::kind::Kind;
use super::settings::Settings;
use super::{Calls, When};

/// A trouble that was told of in public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What happens, in a sentence.
    pub about: &'static str,
    /// Where it was told of, or the number of a quirk of the wire; empty: nowhere.
    pub thread: &'static str,
    /// The faults that make it.
    pub parts: &'static [Part],
    /// Who makes it by living.
    pub person: Option<Living>,
    /// What is to be done beside.
    pub hint: Option<&'static str>,
}

/// Somebody who does not exist, as `vitald persona add` makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Living {
    /// The name of the preset.
    pub preset: &'static str,
    /// What all chance in this life is drawn from.
    pub seed: i64,
    /// Where they live.
    pub zone: &'static str,
    /// So many days of their life are there at once.
    pub days: i64,
}

/// One fault of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What goes wrong.
    pub kind: Kind,
    /// Only at calls of this service, or at one of them.
    pub at: Option<(&'static str, Option<&'static str>)>,
    /// When.
    pub when: When,
    /// How.
    pub settings: &'static [(&'static str, &'static str)],
}

impl Part {
    /// The calls it is for.
    #[must_use]
    pub fn calls(&self) -> Option<Calls> {
        self.at.map(|(service, action)| Calls {
            service: service.to_owned(),
            action: action.map(str::to_owned),
        })
    }

    /// What is said of it.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Settings(self.settings.iter().map(owned).collect())
    }

    const fn of(kind: Kind, when: When) -> Self {
        Self { kind, at: None, when, settings: &[] }
    }

    const fn with(
        kind: Kind,
        when: When,
        settings: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { kind, at: None, when, settings }
    }

    const fn at(self, service: &'static str, action: Option<&'static str>) -> Self {
        Self { at: Some((service, action)), ..self }
    }
}

impl Scenario {
    /// The scenario of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }
}

const ONCE: When = When::Count(1);
const SOMETIMES: When = When::Probability { parts: 250_000, seed: 1 };

macro_rules! scenarios {
    ($($name:literal $about:literal; $thread:literal; [$($part:expr),*]
        $(lives $person:expr)? $(, $hint:literal)?;)*) => {
        /// Every scenario, in the order of the list they come from.
        pub const SCENARIOS: &[Scenario] = &[$(Scenario {
            name: $name,
            about: $about,
            thread: $thread,
            parts: &[$($part),*],
            person: scenarios!(@given $($person)?),
            hint: scenarios!(@given $($hint)?),
        }),*];
    };
    (@given) => { None };
    (@given $given:expr) => { Some($given) };
}

scenarios! {
    "token.race" "Two refreshes at once: the second is told that its refresh token is invalid.";
        "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api #83; \
            pipedream #4566; printing-press PR #1206";
        [Part::of(Kind::RefreshRace, When::Always)];
    "token.lost_response" "A refresh is done and its answer is lost; the old tokens are left.";
        "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api #83; \
            pipedream #4566; printing-press PR #1206";
        [Part::of(Kind::RefreshLost, ONCE)];
    "token.expired_code" "The code is too old when it is exchanged.";
        "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api #83; \
            pipedream #4566; printing-press PR #1206";
        [Part::of(Kind::CodeExpired, ONCE)];
    "token.expired" "An access token is refused before its time.";
        "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api #83; \
            pipedream #4566; printing-press PR #1206";
        [Part::of(Kind::TokenExpired, ONCE)];
    "subscribe.head" "293: the receiver does not answer HEAD.";
        "HA #72614, #79897, #101703, #73200, #37290, #46425; python_withings_api #71; \
            simplificator #22; nokia-weight-sync #21";
        [Part::with(Kind::SubscribeRefused, When::Always, &[("cause", "head")])];
    "subscribe.redirect" "293: the receiver redirects.";
        "HA #72614, #79897, #101703, #73200, #37290, #46425; python_withings_api #71; \
            simplificator #22; nokia-weight-sync #21";
        [Part::with(Kind::SubscribeRefused, When::Always, &[("cause", "redirect")])];
    "subscribe.port" "293: the receiver listens at another port than 443.";
        "HA #72614, #79897, #101703, #73200, #37290, #46425; python_withings_api #71; \
            simplificator #22; nokia-weight-sync #21";
        [Part::with(Kind::SubscribeRefused, When::Always, &[("cause", "port")])];
    "subscribe.private" "293: the receiver's name leads to a private address.";
        "HA #72614, #79897, #101703, #73200, #37290, #46425; python_withings_api #71; \
            simplificator #22; nokia-weight-sync #21";
        [Part::with(Kind::SubscribeRefused, When::Always, &[("cause", "private")])];
    "subscribe.timeout" "293: the receiver does not answer in time.";
        "HA #72614, #79897, #101703, #73200, #37290, #46425; python_withings_api #71; \
            simplificator #22; nokia-weight-sync #21";
        [Part::with(Kind::SubscribeRefused, When::Always, &[("cause", "timeout")])];
    "limit.storm" "601, call after call, for the whole application.";
        "withings-sync #237, #12; coach PR #435, PR #541; MMM-withings #15";
        [Part::with(Kind::TooMany, When::Count(20), &[("wait_seconds", "60")])],
        "the limit itself is a setting: requests_per_minute, duplicate_guard";
    "limit.same_arguments" "601 for the same call once more, with three minutes to wait.";
        "withings-sync #237, #12; coach PR #435, PR #541; MMM-withings #15";
        [Part::of(Kind::TooMany, ONCE)];
    "error.in_http_200" "HTTP says 200 and the body says that it failed.";
        "open-wearables #177, PR #1177; ba-thesis README";
        [Part::with(Kind::Status, When::Count(3), &[("status", "2556")])],
        "the true cause is on the application's page and in the log, never on the wire";
    "sandbox.missing" "Nothing to try a program on: callbacks on one's own machine are 293.";
        "open-wearables #177; MMM-withings PR #13; leonardo #93";
        [Part::of(Kind::LocalRefused, When::Always)],
        "without it this is the sandbox: vitald sandbox takes callbacks by http at 127.0.0.1";
    "notification.lost" "Notifications get lost now and then, and are not sent again.";
        "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
        [Part::of(Kind::NotificationDrop, SOMETIMES)],
        "what was missed is in the change feed: docs/sync.md";
    "notification.stuck_in_bed" "Getting out of bed is not told.";
        "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
        [Part::with(Kind::NotificationDrop, When::Always, &[("appli", "51")])];
    "notification.late" "Notifications come an hour late now and then.";
        "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
        [Part::of(Kind::NotificationDelay, SOMETIMES)];
    "notification.twice" "Notifications come twice.";
        "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
        [Part::of(Kind::NotificationDuplicate, When::Always)];
    "notification.reordered" "A later notification comes before an earlier one.";
        "HA #149319, #143527, #105076, #37368, #31587; open-wearables #1150";
        [Part::of(Kind::NotificationReorder, When::Always)];
    "compat.unknown_type" "Measures of a type the program does not know.";
        "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
        [Part::of(Kind::UnknownMeasureType, When::Always)];
    "compat.unknown_attrib" "Measures with an attribution the program does not know.";
        "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
        [Part::of(Kind::UnknownAttrib, When::Always)];
    "compat.unknown_device" "Devices of a model the program does not know.";
        "python-withings #427, #437, #544, #864";
        [Part::of(Kind::UnknownDevice, When::Always)];
    "compat.unknown_category" "Workouts of a category the program does not know.";
        "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
        [Part::of(Kind::UnknownCategory, When::Always)];
    "compat.unknown_sleep_state" "Sleep in a state the program does not know.";
        "python_withings_api #26, #70, #87; python-withings #145, #157, #450, PR #857";
        [Part::of(Kind::UnknownSleepState, When::Always)];
    "compat.same_second" "Several groups of measures at one second.";
        "withings-sync PR #220, #98, #175; python-withings PR #857";
        [Part::of(Kind::SameSecondGroups, When::Always)];
    "compat.units" "The same weight with another exponent.";
        "pipedream #19139; withings-sync #98";
        [Part::of(Kind::OtherUnits, When::Always)];
    "compat.php_arrays" "Empty maps are empty lists.";
        "wire-quirks 41";
        [Part::of(Kind::PhpEmptyArrays, When::Always)];
    "compat.missing_fields" "Fields that are usually there are not.";
        "wire-quirks 6, 14, 21, 29, 33";
        [Part::of(Kind::MissingFields, When::Always)];
    "days.travel" "Somebody half a day ahead of UTC travels: days of other lengths and zones.";
        "HA #97943; open-wearables #396, #1151; metriport #701";
        []
        lives Living {
            preset: "traveller",
            seed: 97_943,
            zone: "Pacific/Auckland",
            days: 60,
        },
        "60 days are there; vitald token issue opens them to a program, vitald clock brings more";
    "days.device_clock" "A device whose clock is an hour ahead.";
        "";
        [Part::of(Kind::ClockSkew, When::Always)];
    "paging.small" "Pages of two rows, so that a program that does not page sees little.";
        "shimmer #21; withings-sync #250; HA PR #102002, #50446";
        [Part::of(Kind::SmallPages, When::Always)];
    "sleep.parts" "A night arrives in parts.";
        "python_withings_api #53; HA #71210, #149319";
        [Part::of(Kind::PartialNights, When::Always)];
    "sleep.night_events_text" "What happened at night is text that holds JSON.";
        "wire-quirks 32";
        [Part::of(Kind::NightEventsText, When::Always)];
    "ecg.inconclusive" "Electrocardiograms without a result and without a heart rate.";
        "python_withings_api PR #86; open-wearables PR #1645";
        [Part::of(Kind::InconclusiveEcg, When::Always)];
    "ecg.empty" "Recordings without samples.";
        "python_withings_api PR #86; open-wearables PR #1645";
        [Part::of(Kind::EmptySignal, When::Always)];
    "plan.medical" "Heart data needs a plan the application does not have.";
        "python_withings_api PR #86; open-wearables PR #1645";
        [Part::with(Kind::Status, When::Always, &[("status", "277")]).at("heart", None)];
    "manual.entries" "Measures entered by hand: no device, no model.";
        "get-based #144";
        [Part::with(
            Kind::NullFields,
            When::Always,
            &[("fields", "deviceid,hash_deviceid,model,modelid")]
        ).at("measure", Some("getmeas"))];
    "documents.disagree" "Answers are as the reference says, not as real ones are.";
        "open-wearables #177";
        [Part::of(Kind::AsDocumented, When::Always)],
        "the token address of older documents, /oauth2/token, is not here either: 404";
    "healthmate.zip" "The ZIP of Health Mate is in pounds and French, with its rows in no order.";
        "openScale #727; withings-gpx #14";
        [
            Part::of(Kind::ArchiveLayout, When::Always),
            Part::with(Kind::ArchiveLayout, When::Always, &[("layout", "french")]),
            Part::with(Kind::ArchiveLayout, When::Always, &[("layout", "unordered")])
        ],
        "a person takes it out at /account/download/health-mate";
    "cloud.two_hosts" "The data is at localhost: nobody is known at 127.0.0.1.";
        "Withings documentation";
        [Part::of(Kind::OtherHost, When::Always)],
        "other names: vitald fault add other-host --set host=NAME";
    "net.slow" "Answers take two seconds.";
        "";
        [Part::of(Kind::Latency, When::Always)];
    "net.cut" "Connections end before the answer, now and then.";
        "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api #83; \
            pipedream #4566; printing-press PR #1206";
        [Part::of(Kind::Cut, SOMETIMES)];
    "net.cut_within" "Answers end after 100 bytes, now and then.";
        "HA #42717, PR #69107, #102886, #114549; lowmess/stats #42; python_withings_api #83; \
            pipedream #4566; printing-press PR #1206";
        [Part::with(Kind::Cut, SOMETIMES, &[("after", "100")])];
}
