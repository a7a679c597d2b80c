//! Where settings come from: defaults, then a file, then the environment, then the command line;
//! the later wins. Everything is checked before anything is used, and nothing here changes
//! anything.

use super::reference::{Setting, settings};
use super::{ConfigError, Secret, Settings};
use ::config::{Config, Environment, File, FileFormat, Map, Source as _};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const PREFIX: &str = "VITALD_";
/// Variables that are not settings: of the command line itself, of `vitald call`, of commands that
/// turn a sandbox.
const NOT_SETTINGS: [&str; 5] = [
    "VITALD_CONFIG",
    "VITALD_ACCESS_TOKEN",
    "VITALD_CLIENT_ID",
    "VITALD_CLIENT_SECRET",
    "VITALD_URL",
];
const TESTS_PREFIX: &str = "VITALD_TEST_";

/// Where to look for settings.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file that was named: it must be there.
    pub named: Option<PathBuf>,
    /// Files that are read if none was named: the first that is there, alone.
    pub usual: Vec<PathBuf>,
    /// All variables of the environment.
    pub environment: Vec<(OsString, OsString)>,
    /// What stood on the command line, by the settings' names.
    pub flags: serde_json::Map<String, Json>,
}

/// Where a setting's value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Nobody said.
    Default,
    /// The configuration file.
    File,
    /// A variable of the environment.
    Environment,
    /// The command line.
    Flag,
}

/// The settings in effect.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Their values.
    pub settings: Settings,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// Where each is from, by its name.
    pub origins: BTreeMap<String, Origin>,
    /// What is odd but does no harm.
    pub warnings: Vec<String>,
    /// The text of the file: to say in which line something stands.
    text: Secret,
}

impl Sources {
    /// Reads, checks and lays over each other.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        let known = settings();
        let (file, text) = self.read_file()?;
        let in_file = parse(file.as_deref(), &text, &known)?;
        let (variables, warnings) = self.variables(&known)?;
        let origins = known.iter().map(|setting| {
            let name = &setting.name;
            let origin = if self.flags.contains_key(name) {
                Origin::Flag
            } else if variables.contains_key(&variable_of(name)) {
                Origin::Environment
            } else if in_file.contains_key(name) {
                Origin::File
            } else {
                Origin::Default
            };
            (name.clone(), origin)
        });
        let origins = origins.collect();
        let built = self.lay(&text, variables).map_err(|error| {
            // Every layer has been read once already: this cannot be the operator's doing.
            ConfigError::other(format!("the settings do not fit together: {error}"))
        })?;
        let settings = Settings::default();
        let mut loaded = Loaded { settings, file, origins, warnings, text: Secret(text) };
        loaded.settings = loaded.check(&built, &known)?;
        loaded.check_addresses()?;
        Ok(loaded)
    }

    fn read_file(&self) -> Result<(Option<PathBuf>, String), ConfigError> {
        let usual = || self.usual.iter().find(|file| file.exists()).cloned();
        let Some(file) = self.named.clone().or_else(usual) else {
            return Ok((None, String::new()));
        };
        match std::fs::read_to_string(&file) {
            Ok(text) => Ok((Some(file), text)),
            Err(error) => Err(ConfigError::unreadable(&file, &error)),
        }
    }

    /// The variables that are settings, and what to say of others that look as if they were meant.
    fn variables(
        &self,
        known: &[Setting],
    ) -> Result<(HashMap<String, String>, Vec<String>), ConfigError> {
        let (mut variables, mut warnings) = (HashMap::new(), Vec::new());
        for (variable, value) in &self.environment {
            let Some(variable) = variable.to_str() else { continue };
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            if NOT_SETTINGS.contains(&variable) || variable.starts_with(TESTS_PREFIX) {
                continue;
            }
            if known.iter().any(|setting| setting.variable == variable) {
                let wrong = || ConfigError::wrong(variable, "text in UTF-8");
                let value = value.to_str().ok_or_else(wrong)?;
                // As with most programs, an empty variable is one that was not set.
                if !value.is_empty() {
                    variables.insert(variable.to_owned(), value.to_owned());
                }
                continue;
            }
            let rest = rest.to_lowercase();
            if let Some(near) = known.iter().find(|setting| is_typo(&rest, &setting.name)) {
                return Err(ConfigError::unknown_variable(variable, &near.name));
            }
            // Container platforms make variables of a service's name: those must not hurt.
            warnings.push(format!("{variable} in the environment is not a setting; it is ignored"));
        }
        Ok((variables, warnings))
    }

    fn lay(
        &self,
        text: &str,
        variables: HashMap<String, String>,
    ) -> Result<Config, ::config::ConfigError> {
        let prefix = PREFIX.trim_end_matches('_');
        let environment = Environment::with_prefix(prefix).source(Some(variables));
        let mut builder = Config::builder()
            .add_source(File::from_str(text, FileFormat::Toml))
            .add_source(environment.prefix_separator("_"));
        for (name, value) in &self.flags {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            builder = builder.set_override(name, text)?;
        }
        builder.build()
    }
}

/// Reads the file's text, and refuses names that are none.
fn parse(
    file: Option<&Path>,
    text: &str,
    known: &[Setting],
) -> Result<Map<String, ::config::Value>, ConfigError> {
    let Some(file) = file else { return Ok(Map::new()) };
    let parsed = File::from_str(text, FileFormat::Toml).collect().map_err(|error| {
        // The parser quotes the line, which may be the one with the password: only its place is
        // told.
        let said = error.to_string();
        let place = said.split_once(" at line ").map(|(_, rest)| rest.lines().next());
        let place = place.flatten().map(|place| format!(" at line {place}"));
        ConfigError::not_toml(file, &place.unwrap_or_default())
    })?;
    let mut unknown: Vec<&String> = parsed.keys().collect();
    unknown.retain(|name| !known.iter().any(|setting| setting.name == **name));
    unknown.sort_by_key(|name| line_of(text, name));
    if let Some(name) = unknown.first() {
        let names: Vec<String> = known.iter().map(|setting| setting.name.clone()).collect();
        return Err(ConfigError::unknown(name, &place_in(file, text, name), &names));
    }
    Ok(parsed)
}

impl Loaded {
    fn check(&self, built: &Config, known: &[Setting]) -> Result<Settings, ConfigError> {
        let mut values = serde_json::Map::new();
        for setting in known {
            let name = &setting.name;
            if self.origins.get(name) == Some(&Origin::Default) {
                continue;
            }
            let value: Json = built.get(name).map_err(|_| self.wrong(name, &setting.expected))?;
            let value = match (&value, self.origins.get(name)) {
                // The environment and the command line know text alone.
                (Json::String(text), Some(Origin::Environment | Origin::Flag)) => {
                    setting.read(text)
                }
                _ => value,
            };
            if !setting.allows(&value) {
                return Err(self.wrong(name, &setting.expected));
            }
            values.insert(name.clone(), value);
        }
        let read = serde_path_to_error::deserialize(Json::Object(values));
        read.map_err(|error| {
            let name = error.path().to_string();
            let setting = known.iter().find(|setting| setting.name == name);
            let expected = setting.map_or("another value", |setting| setting.expected.as_str());
            self.wrong(&name, expected)
        })
    }

    /// Two listeners cannot share an address; with port 0 they do not.
    fn check_addresses(&self) -> Result<(), ConfigError> {
        let Settings { listen, scale_listen, metrics_listen, .. } = &self.settings;
        let mut taken = vec![*listen];
        for (name, address) in [("scale_listen", scale_listen), ("metrics_listen", metrics_listen)]
        {
            let Some(address) = address else { continue };
            if address.port() != 0 && taken.contains(address) {
                return Err(self.wrong(name, "an address that no other listener has"));
            }
            taken.push(*address);
        }
        Ok(())
    }

    /// The refusal of a value that only its user can judge, with its place.
    pub fn wrong(&self, name: &str, expected: &str) -> ConfigError {
        let place = match (self.origins.get(name), &self.file) {
            (Some(Origin::Flag), _) => format!("--{}", name.replace('_', "-")),
            (Some(Origin::Environment), _) => format!("{} in the environment", variable_of(name)),
            (Some(Origin::File), Some(file)) => {
                format!("`{name}` in {}", place_in(file, &self.text.0, name))
            }
            _ => format!("`{name}`"),
        };
        ConfigError::wrong(&place, expected)
    }

    /// Where a setting's value is from.
    pub fn origin(&self, name: &str) -> Origin {
        self.origins.get(name).copied().unwrap_or(Origin::Default)
    }
}

/// The variable of a setting.
pub(super) fn variable_of(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase())
}

/// Whether a name was meant to be that of a setting: it is refused then rather than ignored.
fn is_typo(name: &str, known: &str) -> bool {
    strsim::osa_distance(name, known) <= (known.len() / 3).clamp(1, 2)
}

fn place_in(file: &Path, text: &str, name: &str) -> String {
    let file = file.display();
    line_of(text, name).map_or_else(|| format!("{file}"), |line| format!("{file} line {line}"))
}

/// The line of a name, found by looking for it: the library does not tell. Settings are flat.
fn line_of(text: &str, name: &str) -> Option<usize> {
    let is_it = |line: &str| {
        let line = line.trim_start().trim_start_matches(['[', '"', '\'']);
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| {
            rest.trim_start_matches(['"', '\'']).trim_start().starts_with(['=', '.', ']'])
        })
    };
    text.lines().position(is_it).map(|at| at + 1)
}
