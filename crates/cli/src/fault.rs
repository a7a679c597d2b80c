//! `vitald fault …`

use crate::control::Sandboxed;
use crate::output::Output;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use server::sandbox;

const PATH: &str = "/vitald/v1/fault";

/// Faults of a sandbox that runs. There are none until they are asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Faults {
    /// List those that were asked for.
    List(List),
    /// List what can be asked for: kinds of faults, and scenarios.
    Kinds,
    /// Let something go wrong: a fault, or the faults of a scenario.
    Add(Add),
    /// Let it go right again.
    Remove(Remove),
}

/// Which sandbox.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    sandbox: Sandboxed,
}

/// Let something go wrong. Without --count and --probability it does each time.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    sandbox: Sandboxed,
    /// The fault's name; `vitald fault kinds` lists them.
    #[arg(required_unless_present = "scenario")]
    name: Option<String>,
    /// The faults of this scenario.
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with_all = ["name", "operation", "count", "probability", "seed", "settings"]
    )]
    scenario: Option<String>,
    /// Only for this application.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// Only at this operation, such as measure/getmeas, or at all of a service: measure/*.
    #[arg(long, value_name = "SERVICE/ACTION")]
    operation: Option<String>,
    /// The first so many times, then never again.
    #[arg(long, value_name = "N", conflicts_with = "probability")]
    count: Option<String>,
    /// With this probability: above 0, up to 1.
    #[arg(long, value_name = "P")]
    probability: Option<String>,
    /// What the probability is drawn from: the same seed decides alike [default: 1].
    #[arg(long, value_name = "SEED", requires = "probability", allow_negative_numbers = true)]
    seed: Option<String>,
    /// How it goes wrong, such as wait_seconds=30. May be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
}

/// Let it go right again.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    sandbox: Sandboxed,
    /// The fault's number; `vitald fault list` shows it.
    #[arg(required_unless_present = "all")]
    id: Option<String>,
    /// All of them.
    #[arg(long, conflicts_with = "id")]
    all: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let pair = pair.ok_or_else(|| "expected a name and a value, as wait_seconds=30".to_owned())?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

impl Faults {
    pub(crate) fn run(self, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::List(List { sandbox }) => print(&sandbox.get(PATH)?, output),
            Self::Kinds => kinds(output),
            Self::Add(add) => {
                let added = add.sandbox.post(PATH, &add.fields()?)?;
                print(&added, output)?;
                match added["hint"].as_str() {
                    Some(hint) if !output.is_json() => output.text(hint),
                    _ => Ok(()),
                }
            }
            Self::Remove(Remove { sandbox, id, all: _ }) => {
                let which = id.map_or(("all", "1".to_owned()), |id| ("id", id));
                output.one(&sandbox.delete(PATH, &[which])?)
            }
        }
    }
}

/// The faults of an answer, or who was made instead: for programs with the hint, if there is one.
fn print(answer: &Value, output: &Output) -> anyhow::Result<()> {
    let faults = answer["faults"].as_array().context("what listens there is another vitald")?;
    if output.is_json() {
        return output.one(answer);
    }
    match answer["people"].as_array() {
        Some(people) if faults.is_empty() => output.many(people),
        _ => output.many(faults),
    }
}

fn kinds(output: &Output) -> anyhow::Result<()> {
    let known = sandbox::known();
    if output.is_json() {
        return output.one(&known);
    }
    let kinds = known.kinds.iter().map(|kind| (kind.name, kind.about));
    let scenarios = known.scenarios.iter().map(|one| (one.name, one.about));
    let width = kinds.clone().chain(scenarios.clone()).map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    let lines = |lines: &mut dyn Iterator<Item = (&str, &str)>| {
        let lines = lines.map(|(name, about)| format!("  {name:width$}  {about}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    output.text("Faults, for vitald fault add NAME:")?;
    output.text(&lines(&mut kinds.into_iter()))?;
    output.text("\nScenarios, for vitald fault add --scenario NAME:")?;
    output.text(&lines(&mut scenarios.into_iter()))
}

impl Add {
    fn fields(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let given = [
            ("name", &self.name),
            ("scenario", &self.scenario),
            ("client_id", &self.client),
            ("operation", &self.operation),
            ("count", &self.count),
            ("probability", &self.probability),
            ("seed", &self.seed),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
        let mut fields: Vec<_> = given.collect();
        if !self.settings.is_empty() {
            let mut settings = Map::new();
            for (name, value) in &self.settings {
                let before = settings.insert(name.clone(), Value::String(value.clone()));
                anyhow::ensure!(before.is_none(), "--set {name} is given twice");
            }
            fields.push(("settings", Value::Object(settings).to_string()));
        }
        Ok(fields)
    }
}
