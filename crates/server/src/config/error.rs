//! Why a configuration cannot be used. The texts name the setting, its place and what would do;
//! they never repeat a value, which may be a secret.

use std::path::Path;

/// A configuration that cannot be used, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

/// Two names are alike from this similarity on (0 to 1); below it a hint would puzzle.
const ALIKE: f64 = 0.75;

impl ConfigError {
    pub(super) fn wrong(place: &str, expected: &str) -> Self {
        Self(format!("{place}: expected {expected}"))
    }

    pub(super) fn unknown(name: &str, place: &str, known: &[String]) -> Self {
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`vitald config reference` lists the settings".to_owned(),
        };
        // Whatever stands in a file does not move the cursor of a terminal.
        let name = name.replace(char::is_control, "?");
        Self(format!("unknown setting `{name}` in {place}; {hint}"))
    }

    pub(super) fn unknown_variable(variable: &str, near: &str) -> Self {
        let near = super::layers::variable_of(near);
        Self(format!("unknown setting {variable} in the environment; did you mean {near}?"))
    }

    pub(super) fn unreadable(file: &Path, error: &std::io::Error) -> Self {
        Self(format!("cannot read the configuration file {}: {error}", file.display()))
    }

    pub(super) fn not_toml(file: &Path, place: &str) -> Self {
        Self(format!(
            "{} is not TOML{place}: expected lines such as name = \"value\"",
            file.display()
        ))
    }

    pub(super) fn other(text: String) -> Self {
        Self(text)
    }
}

/// The known name that is most like this one.
fn nearest<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    let name = name.to_lowercase().replace('-', "_");
    let likeness = known.iter().map(|known| (strsim::jaro_winkler(&name, known), known.as_str()));
    let likest = likeness.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (likest.0 >= ALIKE).then_some(likest.1)
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}
