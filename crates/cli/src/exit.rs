//! How a command that did not succeed ends: one line on standard error, and a code a script can
//! tell apart.

use api::client::Problem;
use std::io::Write as _;
use std::process::ExitCode;

/// Something failed.
const FAILED: u8 = 1;
/// Wrong usage, as clap ends it, a wrong configuration, or a call that cannot be sent.
const MISUSED: u8 = 2;
/// What was asked for cannot be: another value would do.
const REFUSED: u8 = 3;

/// Says what went wrong.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let refusal = error.chain().find_map(|cause| match cause.downcast_ref::<domain::Error>() {
        Some(domain::Error::Refused(refusal)) => Some(refusal),
        _ => None,
    });
    let (text, code) = match refusal {
        Some(refusal) => {
            let cause = refusal.cause.strip_prefix("Invalid Params: ").unwrap_or(&refusal.cause);
            (cause.to_owned(), REFUSED)
        }
        None if error.is::<server::config::ConfigError>() => (format!("{error}"), MISUSED),
        None => (format!("{error:#}"), code_of(error.downcast_ref())),
    };
    // Nothing that was sent to us moves the cursor of a terminal.
    let text = text.replace(char::is_control, "?");
    // Where standard error is closed, the code still tells.
    let _ = writeln!(std::io::stderr(), "vitald: {text}");
    ExitCode::from(code)
}

fn code_of(problem: Option<&Problem>) -> u8 {
    match problem {
        Some(Problem::Unsendable(_)) => MISUSED,
        Some(Problem::Refused(_)) => REFUSED,
        _ => FAILED,
    }
}
