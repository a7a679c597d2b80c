//! The settings in effect: which files are looked for, which flags set what, and `vitald config …`.
//! What settings there are stands in `server::config`.

use crate::output::Output;
use crate::{Cli, Command};
use clap::{Args, CommandFactory as _, Subcommand};
use serde::Serialize;
use serde_json::Value as Json;
use server::config::{ConfigError, Loaded, Sources, example, reference, settings, site};
use std::net::SocketAddr;
use std::path::PathBuf;
use tracing_subscriber::filter::Targets;

/// Files that are read where none is named.
const USUAL: [&str; 2] = ["vitald.toml", "/etc/vitald/vitald.toml"];

/// The flags of settings that only a server needs.
#[derive(Debug, Args, Serialize)]
pub(crate) struct Listening {
    /// Where the API, the pages and the scale gateway listen [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// One more listener with the scale gateway alone, such as 0.0.0.0:80: older scales talk to
    /// port 80 of scalews.withings.net, which your own name server can point here.
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_listen: Option<SocketAddr>,
    /// One more listener with the numbers Prometheus collects.
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics_listen: Option<SocketAddr>,
    /// The address people and programs know the server by, such as `https://health.example.org`.
    #[arg(long, value_name = "URL", value_parser = site)]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    public_url: Option<url::Url>,
    /// Be a sandbox, whose clock can be turned with `vitald clock`. Not for anybody's real data.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sandbox: bool,
}

fn as_text<S: serde::Serializer>(url: &Option<url::Url>, to: S) -> Result<S::Ok, S::Error> {
    url.as_ref().map(url::Url::as_str).serialize(to)
}

/// Lays the layers over each other, and checks everything.
pub(crate) fn load(cli: &Cli) -> Result<Loaded, ConfigError> {
    let reads_file = cli.command.reads_file();
    let sources = Sources {
        named: cli.config.clone().filter(|_| reads_file),
        usual: USUAL.into_iter().filter(|_| reads_file).map(PathBuf::from).collect(),
        environment: std::env::vars_os().collect(),
        flags: flags(cli),
    };
    let loaded = sources.load()?;
    if filter(&loaded).is_none() {
        let log = settings().into_iter().find(|setting| setting.name == "log");
        let expected = log.map(|setting| setting.expected).unwrap_or_default();
        return Err(loaded.wrong("log", &expected));
    }
    Ok(loaded)
}

/// What is logged.
pub(crate) fn filter(loaded: &Loaded) -> Option<Targets> {
    loaded.settings.log.parse().ok()
}

fn flags(cli: &Cli) -> serde_json::Map<String, Json> {
    let listening = match &cli.command {
        Command::Serve(serve) => Some(&serve.listening),
        Command::Doctor(doctor) => Some(&doctor.listening),
        Command::Config(Config::Show(show)) => Some(&show.listening),
        _ => None,
    };
    let listening = listening.and_then(|listening| serde_json::to_value(listening).ok());
    let mut flags = match listening {
        Some(Json::Object(flags)) => flags,
        _ => serde_json::Map::new(),
    };
    let data = cli.location.data.as_ref().map(|data| data.to_string_lossy().into_owned());
    let database = cli.location.database.as_ref().map(|database| database.0.clone());
    let format = cli.log_json.then(|| "json".to_owned());
    let common =
        [("data", data), ("database", database), ("log", cli.log.clone()), ("log_format", format)];
    let said = common.into_iter().filter_map(|(name, value)| Some((name, value?)));
    flags.extend(said.map(|(name, value)| (name.to_owned(), Json::from(value))));
    flags
}

/// The settings: what is in effect, and what there is.
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Show the settings in effect, and where each is from. Secrets are not shown.
    Show(Show),
    /// Print the reference of all settings as Markdown.
    Reference,
    /// Print a configuration file with every setting in it, each behind a #.
    Example,
}

/// Show the settings in effect, and where each is from. Secrets are not shown.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    listening: Listening,
}

#[derive(Serialize)]
struct Shown {
    setting: String,
    value: Option<String>,
    from: String,
}

impl Config {
    pub(crate) fn run(self, loaded: &Loaded, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Show(_) => output.many(&shown(loaded)?),
            Self::Reference => output.text(reference(flag_of).trim_end()),
            Self::Example => output.text(example().trim_end()),
        }
    }
}

fn shown(loaded: &Loaded) -> anyhow::Result<Vec<Shown>> {
    use server::config::Origin;
    let values = serde_json::to_value(&loaded.settings)?;
    let shown = settings().into_iter().map(|setting| {
        let from = match (loaded.origin(&setting.name), &loaded.file) {
            (Origin::File, Some(file)) => format!("file {}", file.display()),
            (Origin::Environment, _) => format!("environment {}", setting.variable),
            (Origin::Flag, _) => "flag".to_owned(),
            _ => "default".to_owned(),
        };
        let value = setting.shown(&values[&setting.name]);
        Shown { setting: setting.name, value, from }
    });
    Ok(shown.collect())
}

/// The flag that sets a setting, as the command line itself has it.
fn flag_of(name: &str) -> Option<String> {
    let long = name.replace('_', "-");
    let cli = Cli::command();
    let serve = cli.find_subcommand("serve")?;
    let mut flags = cli.get_arguments().chain(serve.get_arguments());
    if name == "log_format" {
        return flags.find(|flag| flag.get_long() == Some("log-json")).map(|_| "--log-json".into());
    }
    flags.find(|flag| flag.get_long() == Some(long.as_str())).map(|_| format!("--{long}"))
}
