//! `vitald clock …`

use crate::control::Sandboxed;
use crate::output::Output;
use clap::{Args, Subcommand};

const PATH: &str = "/vitald/v1/clock";

/// The clock of a sandbox that runs. It goes forward alone.
#[derive(Debug, Subcommand)]
pub(crate) enum Clock {
    /// Say what it shows.
    Show(Show),
    /// Turn it forward: everything that falls due on the way happens, in order.
    Advance(Advance),
    /// Let it stand still.
    Freeze(Show),
    /// Let it go on from where it is.
    Resume(Show),
}

/// Which clock.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    sandbox: Sandboxed,
}

/// Turn it forward.
#[derive(Debug, Args)]
pub(crate) struct Advance {
    #[command(flatten)]
    sandbox: Sandboxed,
    /// By how much: seconds, or a span such as 90m, 8h or 7d.
    #[arg(required_unless_present = "to", value_name = "SPAN")]
    by: Option<String>,
    /// To a moment: a time such as 2026-11-22T07:30:00Z, or Unix seconds.
    #[arg(long, conflicts_with = "by", value_name = "TIME")]
    to: Option<String>,
    /// Let it stand still afterwards.
    #[arg(long)]
    freeze: bool,
}

impl Clock {
    pub(crate) fn run(self, output: &Output) -> anyhow::Result<()> {
        let shown = match self {
            Self::Show(Show { sandbox }) => sandbox.get(PATH)?,
            Self::Freeze(Show { sandbox }) => sandbox.post(PATH, &[("freeze", "1".to_owned())])?,
            Self::Resume(Show { sandbox }) => sandbox.post(PATH, &[("freeze", "0".to_owned())])?,
            Self::Advance(Advance { sandbox, by, to, freeze }) => {
                let mut fields = Vec::new();
                fields.extend(by.map(|by| ("advance", by)));
                fields.extend(to.map(|to| ("to", to)));
                fields.extend(freeze.then(|| ("freeze", "1".to_owned())));
                sandbox.post(PATH, &fields)?
            }
        };
        output.one(&shown)
    }
}
