//! What may come into the tree, as `deny.toml` says. With cargo-deny installed it is asked;
//! without, the licences and sources are checked here, from `cargo metadata` and the same allow
//! list, so that they are checked everywhere. Advisories need their database: without a network
//! they are skipped, aloud.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::program;

const POLICY: &str = "deny.toml";
/// How cargo writes the source of a package of the default registry.
const DEFAULT_REGISTRY: &str =
    concat!("registry+https://github.com/rust-lang/", "crates", ".io-index");
/// What cargo-deny says when it got no database, as opposed to one with an advisory for us.
const DATABASE_UNREACHABLE: [&str; 2] =
    ["failed to fetch advisory database", "failed to open advisory database"];

/// The whole stage.
pub(crate) fn run(root: &Path) -> Result<()> {
    let deny = |what: &[&str]| {
        let mut command = program::cargo(root);
        command.args(["deny", "--all-features", "check"]).args(what);
        command
    };
    if program::output(program::cargo(root).args(["deny", "--version"])).is_err() {
        println!("cargo-deny is not installed: licences and sources are checked without it");
        println!("advisories: skipped");
        return by_ourselves(root);
    }
    program::run(&mut deny(&["licenses", "bans", "sources"]))?;
    match program::output(&mut deny(&["advisories"])) {
        Ok(_) => println!("advisories: none"),
        Err(error) if is_unreachable(&format!("{error:#}")) => {
            println!("advisories: skipped: their database cannot be fetched");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn is_unreachable(said: &str) -> bool {
    DATABASE_UNREACHABLE.iter().any(|sign| said.contains(sign))
}

fn by_ourselves(root: &Path) -> Result<()> {
    let policy = std::fs::read_to_string(root.join(POLICY)).context("cannot read deny.toml")?;
    let allowed = allow_list(&policy)?;
    let mut metadata = program::cargo(root);
    metadata.args(["metadata", "--format-version", "1", "--locked", "--all-features"]);
    let metadata = program::output(&mut metadata)?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let problems: Vec<String> =
        packages.iter().flat_map(|package| problems_of(package, &allowed)).collect();
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    println!("{} packages have allowed licences and sources", packages.len());
    Ok(())
}

fn allow_list(policy: &str) -> Result<Vec<String>> {
    let policy: toml::Table = policy.parse().context("deny.toml is not TOML")?;
    let list = policy.get("licenses").and_then(|licences| licences.get("allow")?.as_array());
    let list = list.context("deny.toml has no licenses.allow")?;
    let name = |name: &toml::Value| name.as_str().map(str::to_owned);
    list.iter().map(name).collect::<Option<_>>().context("licenses.allow is not a list of names")
}

/// What is wrong with one package. The workspace's own have no source and need no licence check.
fn problems_of(package: &Value, allowed: &[String]) -> Vec<String> {
    let name = format!("{} {}", shown(&package["name"]), shown(&package["version"]));
    let Some(source) = package["source"].as_str() else { return Vec::new() };
    let mut problems = Vec::new();
    if source != DEFAULT_REGISTRY {
        problems.push(format!("{name}: comes from {source}; take it from the default registry"));
    }
    let licence = package["license"].as_str().unwrap_or_default();
    match is_allowed(licence, allowed) {
        Ok(true) => {}
        Ok(false) => problems.push(format!(
            "{name}: the licence {licence} is not allowed; do without it, or decide so in {POLICY}"
        )),
        Err(error) => problems.push(format!("{name}: the licence {licence:?} is unclear: {error}")),
    }
    problems
}

fn is_allowed(licence: &str, allowed: &[String]) -> Result<bool> {
    let expression = Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| anyhow::anyhow!("{}", error.reason))?;
    Ok(expression.evaluate(|need| {
        need.addition.is_none()
            && need.license.id().is_some_and(|id| allowed.iter().any(|name| name == id.name))
    }))
}

fn shown(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn allowed() -> Vec<String> {
        ["MIT", "Apache-2.0"].map(str::to_owned).to_vec()
    }

    #[test]
    fn one_allowed_licence_of_a_choice_is_enough_and_all_of_a_sum_are_needed() {
        for (licence, expected) in [
            ("MIT", true),
            ("MIT OR GPL-3.0-only", true),
            ("MIT/Apache-2.0", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR Unlicense) AND Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception", false),
            ("AGPL-3.0-or-later", false),
        ] {
            assert_eq!(is_allowed(licence, &allowed()).unwrap(), expected, "{licence}");
        }
        assert!(is_allowed("", &allowed()).is_err());
        assert!(is_allowed("Ask us", &allowed()).is_err());
    }

    #[test]
    fn a_source_that_is_not_the_registry_is_named() {
        let package = |source: Value| {
            let mut package = json!({ "name": "x", "version": "1.0.0", "license": "MIT" });
            package["source"] = source;
            package
        };
        assert!(problems_of(&package(json!(DEFAULT_REGISTRY)), &allowed()).is_empty());
        assert!(problems_of(&package(Value::Null), &allowed()).is_empty());
        let problems = problems_of(&package(json!("git+https://example.org/x")), &allowed());
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("x 1.0.0: comes from git+"), "{problems:?}");
    }

    #[test]
    fn the_allow_list_is_read_and_must_be_there() {
        let list = allow_list("[licenses]\nallow = [\"MIT\", \"ISC\"]\n").unwrap();
        assert_eq!(list, ["MIT", "ISC"]);
        assert!(allow_list("[licenses]\n").is_err());
    }
}
