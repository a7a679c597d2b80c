//! `vitald doctor`: prints what `server::doctor` finds.

use crate::output::Output;
use crate::settings::Listening;
use clap::Args;
use server::clock::SystemClock;
use server::config::{ConfigError, Loaded};
use server::doctor::{Finding, Means, Outcome, examine, unusable};
use server::entropy::SystemEntropy;
use std::sync::Arc;

/// Check that vitald can run here, and say what to mend. Changes nothing.
///
/// Ends with 0 if there is no problem (there may be warnings), with 1 otherwise.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) listening: Listening,
    /// Touch nothing outside: leave out the look at the network.
    #[arg(long)]
    offline: bool,
    /// Where to look whether the network lets vitald out: a connection is made, and nothing sent.
    #[arg(long, value_name = "HOST:PORT", default_value = "example.org:443")]
    reach: String,
}

impl Doctor {
    /// Whether there is no problem.
    pub(crate) fn run(self, loaded: &Loaded, output: &Output) -> anyhow::Result<bool> {
        let means = Means {
            clock: Arc::new(SystemClock::default()),
            entropy: Arc::new(SystemEntropy),
            reach: (!self.offline).then_some(self.reach),
        };
        let findings = examine(loaded, &means);
        print(&findings, output)?;
        Ok(findings.iter().all(|finding| finding.outcome != Outcome::Problem))
    }
}

/// What is said where the configuration cannot be read.
pub(crate) fn configuration(error: &ConfigError, output: &Output) -> anyhow::Result<()> {
    print(&[unusable(error)], output)
}

fn print(findings: &[Finding], output: &Output) -> anyhow::Result<()> {
    if output.is_json() {
        return output.many(findings);
    }
    for Finding { check, outcome, says, mend } in findings {
        let outcome = match outcome {
            Outcome::Ok => "ok",
            Outcome::Warning => "warning",
            Outcome::Problem => "PROBLEM",
        };
        let says = says.replace(char::is_control, "?");
        output.text(&format!("{outcome:8} {check:14} {says}"))?;
        if let Some(mend) = mend {
            output.text(&format!("{:23} mend: {mend}", ""))?;
        }
    }
    Ok(())
}
