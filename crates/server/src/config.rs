//! The settings: their names, what they mean, what they are when nobody says. The struct is the
//! only list; names, types, defaults and texts of everything else are taken from its schema. Where
//! values come from stands in `layers.rs`. What is not a setting (a password, an application) is
//! data.

mod error;
mod layers;
mod reference;

pub use error::ConfigError;
pub use layers::{Loaded, Origin, Sources};
pub use reference::{Setting, example, reference, settings};

use crate::Rules;
use domain::Profile;
use domain::notification::{Callbacks, Rule, RuleName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::{Limits, Target};

/// Every setting. The doc comments are what operators read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// The folder of the embedded store and of the key file. A relative one is looked for in the
    /// folder vitald is started in.
    #[schemars(with = "String", extend("x-expected" = "a folder"))]
    pub data: PathBuf,
    /// Keep the data in PostgreSQL instead of in a file in `data`, where the key file stays. The
    /// address may hold a password: it is shown nowhere, and the file it stands in is best readable
    /// by vitald alone.
    #[schemars(
        with = "Option<String>",
        extend(
            "x-expected" = "an address such as postgres://USER@HOST/NAME",
            "x-example" = "postgres://vitald@localhost/vitald",
            "x-secret" = true
        )
    )]
    pub database: Option<Secret>,
    /// Where the API, the pages and the scale gateway listen. Port 0 lets the system choose.
    #[schemars(extend("x-expected" = "an address and port such as 127.0.0.1:8080"))]
    pub listen: SocketAddr,
    /// One more listener with the scale gateway alone: older scales talk to port 80 of
    /// `scalews.withings.net`, which your own name server can point here.
    #[schemars(extend(
        "x-expected" = "an address and port such as 0.0.0.0:80",
        "x-example" = "0.0.0.0:80"
    ))]
    pub scale_listen: Option<SocketAddr>,
    /// One more listener with the numbers Prometheus collects. Not for the public.
    #[schemars(extend(
        "x-expected" = "an address and port such as 127.0.0.1:9090",
        "x-example" = "127.0.0.1:9090"
    ))]
    pub metrics_listen: Option<SocketAddr>,
    /// The address people and programs know the server by. With https in it, cookies are bound to
    /// https.
    #[serde(with = "site_or_none")]
    #[schemars(
        with = "Option<String>",
        extend(
            "x-expected" = "https://HOST or http://HOST, without a path",
            "x-example" = "https://health.example.org"
        )
    )]
    pub public_url: Option<url::Url>,
    /// The rules of OAuth: `compatible`, as the real service has them, or `strict`, as RFC 9700
    /// asks (redirect addresses letter for letter, PKCE, `iss`, and a refresh token that comes
    /// twice ends its grant; applications whose addresses are not https on a public name have 10
    /// people).
    #[schemars(with = "String", extend("x-expected" = "compatible or strict"))]
    pub profile: Profile,
    /// Calls an application may make in a minute, unless it has a number of its own; further ones
    /// are answered status 601. 0: as many as it likes.
    #[schemars(range(max = 1_000_000))]
    pub requests_per_minute: u32,
    /// Answer the same call with the same arguments status 601 within ten seconds, as the real
    /// service does.
    #[schemars(extend("x-expected" = "true or false"))]
    pub duplicate_guard: bool,
    /// Whether anybody who reaches the pages can make an account.
    #[schemars(extend("x-expected" = "true or false"))]
    pub sign_up: bool,
    /// Whether everybody with an account can register applications.
    #[schemars(extend("x-expected" = "true or false"))]
    pub developers: bool,
    /// Whether who keeps an application of an organization says on its pages how its orders go on.
    /// Not where the operator's warehouse alone does: see docs/orders.md.
    #[schemars(extend("x-expected" = "true or false"))]
    pub developers_fulfil: bool,
    /// Write down who read or changed whose data, when, and by which application: see `vitald
    /// audit`. What the operator changes at the command line is always written down.
    #[schemars(extend("x-expected" = "true or false"))]
    pub audit: bool,
    /// Deliver notifications. Of several servers on one PostgreSQL, those that do share the work.
    #[schemars(extend("x-expected" = "true or false"))]
    pub deliver: bool,
    /// Where notifications may go: `public`, https on a name of the internet, port 443 or 80, as
    /// the real service has it; or `any`, also http, numbers, any port, this machine and networks
    /// at home, for sandboxes and for receivers next to the server.
    #[schemars(with = "String", extend("x-expected" = "public or any"))]
    pub callbacks: Callbacks,
    /// Refuse a callback that answers its verification 204, as the real service was seen to do.
    #[schemars(extend("x-expected" = "true or false"))]
    pub callback_refuses_204: bool,
    /// When notifications are tried: `current`, five cycles of two attempts, or `older`, one
    /// attempt within two seconds, and no subscription any more after four failures.
    #[schemars(with = "String", extend("x-expected" = "current or older"))]
    pub delivery_rule: RuleName,
    /// When each cycle of the current rule begins, in seconds after the event.
    #[schemars(
        with = "String",
        extend("x-expected" = "up to 20 numbers of seconds, rising, such as 0 10 60 3600 14400")
    )]
    pub delivery_cycles: Cycles,
    /// How long one attempt of the current rule may take, in seconds.
    #[schemars(range(min = 1, max = 60))]
    pub delivery_seconds: u16,
    /// How many days notifications stay in the log of deliveries.
    #[schemars(range(min = 1, max = 3650))]
    pub delivery_log_days: u32,
    /// The name server that is asked where callbacks are, in place of the system's.
    #[schemars(extend(
        "x-expected" = "an address and port such as 127.0.0.1:53",
        "x-example" = "127.0.0.1:53"
    ))]
    pub name_server: Option<SocketAddr>,
    /// The mail server by which the makers of applications are warned of subscriptions that fail.
    /// The address may hold a password: it is shown nowhere.
    #[schemars(
        with = "Option<String>",
        extend(
            "x-expected" = "an address such as smtps://NAME:PASSWORD@HOST",
            "x-example" = "smtps://vitald@mail.example.org",
            "x-secret" = true
        )
    )]
    pub smtp: Option<Secret>,
    /// Whom those mails are from.
    #[schemars(extend("x-expected" = "an e-mail address"))]
    pub mail_from: String,
    /// Where texts to phones are handed over, as JSON with `to` and `text`: codes for people who
    /// claim an account that was made for them. It may hold a secret: it is shown nowhere.
    #[schemars(
        with = "Option<String>",
        extend(
            "x-expected" = "an address such as http://127.0.0.1:9000/sms",
            "x-example" = "http://127.0.0.1:9000/sms",
            "x-secret" = true
        )
    )]
    pub sms_hook: Option<Secret>,
    /// What a warehouse's program proves itself with when it says how orders go on, at
    /// `/fulfilment/v1`; without it there is no such way in. See docs/orders.md.
    #[serde(with = "token_or_none")]
    #[schemars(
        with = "Option<String>",
        extend(
            "x-expected" = "at least 16 printable characters, drawn at random",
            "x-example" = "a-secret-of-your-own-drawn-at-random",
            "x-secret" = true
        )
    )]
    pub fulfilment_token: Option<Secret>,
    /// Be a sandbox: the clock can be turned (`vitald clock`), and with it everything that waits.
    /// Not for a server that keeps anybody's real data.
    #[schemars(extend("x-expected" = "true or false"))]
    pub sandbox: bool,
    /// What programs prove themselves with that turn a sandbox; without it only those on the same
    /// machine may. It is shown nowhere.
    #[schemars(
        with = "Option<String>",
        extend(
            "x-expected" = "a text of your own",
            "x-example" = "correct-horse-battery-staple",
            "x-secret" = true
        )
    )]
    pub sandbox_token: Option<Secret>,
    /// What is logged to standard error.
    #[schemars(extend(
        "x-expected" = "error, warn, info, debug or trace, or per module: info,store=debug"
    ))]
    pub log: String,
    /// How log lines look: for people or for programs.
    #[schemars(with = "String", extend("x-expected" = "text or json"))]
    pub log_format: LogFormat,
    /// Connections to the database: those that read (SQLite, beside the one that writes), or those
    /// that read and write (PostgreSQL).
    #[schemars(range(min = 1, max = 256))]
    pub connections: u16,
    /// Requests that may wait for the database in each of its two queues; further ones are answered
    /// status 601 at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub queue_jobs: u32,
    /// Writes that may share one commit (SQLite).
    #[schemars(range(min = 1, max = 10_000))]
    pub batch_jobs: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("vitald-data"),
            database: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            scale_listen: None,
            metrics_listen: None,
            public_url: None,
            profile: Profile::Compatible,
            requests_per_minute: 120,
            duplicate_guard: false,
            sign_up: true,
            developers: true,
            developers_fulfil: true,
            audit: true,
            deliver: true,
            callbacks: Callbacks::Public,
            callback_refuses_204: false,
            delivery_rule: RuleName::Current,
            delivery_cycles: Cycles(Rule::current().cycles),
            delivery_seconds: 5,
            delivery_log_days: 30,
            name_server: None,
            smtp: None,
            mail_from: "vitald@localhost".to_owned(),
            sms_hook: None,
            fulfilment_token: None,
            sandbox: false,
            sandbox_token: None,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
            connections: 8,
            queue_jobs: 4_096,
            batch_jobs: 256,
        }
    }
}

impl Settings {
    /// What the server is started with.
    pub fn serving(&self) -> crate::Config {
        crate::Config {
            listen: self.listen,
            scale_listen: self.scale_listen,
            metrics_listen: self.metrics_listen,
            public_url: self.public_url.clone(),
            rules: Rules {
                requests_per_minute: self.requests_per_minute,
                duplicate_guard: self.duplicate_guard,
                sign_up: self.sign_up,
                developers: self.developers,
                developers_fulfil: self.developers_fulfil,
            },
            audit: self.audit,
            delivery: self.delivery(),
            sandbox: None,
            fulfilment_token: self.fulfilment_token.clone(),
        }
    }

    fn delivery(&self) -> crate::Delivery {
        let rule = match self.delivery_rule {
            RuleName::Older => Rule::older(),
            RuleName::Current => Rule {
                cycles: self.delivery_cycles.0.clone(),
                limit: Duration::from_secs(self.delivery_seconds.into()),
                ..Rule::current()
            },
        };
        crate::Delivery {
            is_on: self.deliver,
            callbacks: self.callbacks,
            refuses_204: self.callback_refuses_204,
            rule,
            log_days: self.delivery_log_days,
            name_server: self.name_server,
            smtp: self
                .smtp
                .as_ref()
                .map(|Secret(url)| crate::Smtp { url: url.clone(), from: self.mail_from.clone() }),
            sms_hook: self.sms_hook.as_ref().map(|Secret(url)| url.clone()),
        }
    }

    /// What the store is opened with.
    pub fn limits(&self) -> Limits {
        Limits {
            connections: self.connections.into(),
            queue_jobs: usize::try_from(self.queue_jobs).unwrap_or(usize::MAX),
            batch_jobs: usize::try_from(self.batch_jobs).unwrap_or(usize::MAX),
            ..Limits::default()
        }
    }

    /// Where the data is.
    pub fn target(&self) -> Target {
        target(&self.data, self.database.as_ref())
    }
}

/// Where the data is, by folder and by the address of a PostgreSQL.
pub fn target(folder: &Path, database: Option<&Secret>) -> Target {
    match database {
        Some(Secret(address)) => Target::Postgres(address.clone()),
        None => Target::Sqlite(folder.join("vitald.db")),
    }
}

/// The key file of a folder.
pub fn key_file(folder: &Path) -> PathBuf {
    folder.join("vitald.key")
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// When cycles begin: rising seconds, the first of them 0 or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycles(pub Vec<i64>);

/// The most cycles.
const CYCLES_MAX: usize = 20;

impl Serialize for Cycles {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        texts.join(" ").serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cycles {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let numbers = text.split([' ', ',']).filter(|text| !text.is_empty());
        let cycles: Result<Vec<u32>, _> = numbers.map(str::parse).collect();
        let cycles: Vec<i64> = cycles.unwrap_or_default().into_iter().map(i64::from).collect();
        let is_rising = cycles.windows(2).all(|pair| pair[0] < pair[1]);
        if cycles.is_empty() || cycles.len() > CYCLES_MAX || !is_rising {
            return Err(serde::de::Error::custom("expected rising numbers of seconds"));
        }
        Ok(Self(cycles))
    }
}

/// Text that is shown nowhere, not even in debug output.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// The address of a whole site: what `public_url` may be.
pub fn site(text: &str) -> Result<url::Url, String> {
    let url: url::Url = text.parse().map_err(|error| format!("{error}"))?;
    let is_site = matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/";
    if is_site { Ok(url) } else { Err("expected https://HOST or http://HOST".to_owned()) }
}

mod token_or_none {
    use super::Secret;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    /// Shorter ones are guessed.
    const CHARS_MIN: usize = 16;

    pub(super) fn serialize<S: Serializer>(
        token: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        token.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        let token = Option::<String>::deserialize(deserializer)?;
        let is_good = |token: &String| {
            token.len() >= CHARS_MIN && token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match token {
            Some(token) if !is_good(&token) => {
                Err(serde::de::Error::custom("expected at least 16 printable characters"))
            }
            token => Ok(token.map(Secret)),
        }
    }
}

mod site_or_none {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        site: &Option<url::Url>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        site.as_ref().map(url::Url::as_str).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<url::Url>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::site(&text)).transpose().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
