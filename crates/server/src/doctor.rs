//! Whether vitald can run here, and what to mend. It only looks: it makes no file, no folder, no
//! key and no table, and sends nothing to anybody. Every finding is a sentence for the operator.

mod data;
mod network;

pub use data::no_room;

use crate::config::{ConfigError, Loaded, Origin};
use domain::{Clock, Entropy};
use serde::Serialize;
use std::sync::Arc;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, and better should be done.
    Warning,
    /// It does not work, or will not.
    Problem,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it is.
    pub outcome: Outcome,
    /// What was found, in a sentence.
    pub says: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self { check, outcome: Outcome::Ok, says: says.into(), mend: None }
    }

    fn warning(check: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        let mend = Some(mend.into());
        Self { check, outcome: Outcome::Warning, says: says.into(), mend }
    }

    fn problem(check: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        let mend = Some(mend.into());
        Self { check, outcome: Outcome::Problem, says: says.into(), mend }
    }
}

/// What the checks may reach.
pub struct Means {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub entropy: Arc<dyn Entropy>,
    /// A place in the wide world, `HOST:PORT`, to which a connection is made and closed again;
    /// none: nothing outside is touched.
    pub reach: Option<String>,
}

/// All checks, in the order in which their mends make sense.
pub fn examine(loaded: &Loaded, means: &Means) -> Vec<Finding> {
    let mut findings = vec![configuration(loaded)];
    findings.extend(data::examine(&loaded.settings, means));
    findings.extend(network::examine(&loaded.settings, means.reach.as_deref()));
    findings
}

/// What is found of a configuration that cannot be read: nothing else can be looked at then.
pub fn unusable(error: &ConfigError) -> Finding {
    let mend = "correct it; `vitald config reference` says what every setting may be";
    Finding::problem("configuration", error.to_string(), mend)
}

fn configuration(loaded: &Loaded) -> Finding {
    use std::os::unix::fs::PermissionsExt as _;
    const CHECK: &str = "configuration";
    let Some(file) = &loaded.file else {
        return Finding::ok(CHECK, "no configuration file; flags, environment and defaults apply");
    };
    let mode = std::fs::metadata(file).map_or(0, |file| file.permissions().mode());
    let file = file.display();
    if loaded.origin("database") == Origin::File && mode & 0o044 != 0 {
        let says =
            format!("others on this machine can read {file}, which has the database's address");
        return Finding::warning(CHECK, says, format!("chmod 600 {file}, owned by vitald's user"));
    }
    match loaded.warnings.first() {
        Some(warning) => Finding::warning(CHECK, warning.clone(), "unset it if it was meant"),
        None => Finding::ok(CHECK, format!("read from {file}")),
    }
}

#[cfg(test)]
mod tests;
