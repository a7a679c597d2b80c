//! `vitald persona …`

use crate::control::Sandboxed;
use crate::output::Output;
use clap::{Args, Subcommand};

const PATH: &str = "/vitald/v1/persona";

/// Simulated people of a sandbox that runs: what their devices hand over comes as its clock goes.
#[derive(Debug, Subcommand)]
pub(crate) enum Persona {
    /// Make somebody, with devices, and with whoever lives with them.
    Add(Add),
    /// List them.
    List(List),
    /// List whom there is to choose from.
    Names,
}

/// Make somebody.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    sandbox: Sandboxed,
    /// Which kind of person: see `vitald persona names`.
    persona: String,
    /// What all chance in this life is drawn from: the same seed is the same person.
    #[arg(long, default_value_t = 1)]
    seed: i64,
    /// Where they live: a zone of the time zone database.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Where they can be reached [default: made of persona and seed].
    #[arg(long)]
    email: Option<String>,
    /// So many days of their life are there at once.
    #[arg(long, default_value_t = 0)]
    days: i64,
}

/// List them.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    sandbox: Sandboxed,
}

impl Persona {
    pub(crate) fn run(self, output: &Output) -> anyhow::Result<()> {
        let people = match self {
            Self::Add(Add { sandbox, persona, seed, timezone, email, days }) => {
                let mut fields = vec![
                    ("persona", persona),
                    ("seed", seed.to_string()),
                    ("days", days.to_string()),
                ];
                fields.extend(timezone.map(|zone| ("timezone", zone)));
                fields.extend(email.map(|email| ("email", email)));
                sandbox.post(PATH, &fields)?
            }
            Self::List(List { sandbox }) => sandbox.get(PATH)?,
            Self::Names => {
                let names = simulator::Preset::ALL.iter();
                let names: Vec<_> =
                    names.map(|preset| serde_json::json!({ "persona": preset.name() })).collect();
                return output.many(&names);
            }
        };
        let none = Vec::new();
        output.many(people["people"].as_array().unwrap_or(&none))
    }
}
