//! What a run of a program showed: its driver's lines, and the server's log. Whether that is good
//! enough is asked elsewhere.

use std::collections::BTreeSet;

use serde_json::Value;

/// What came of the steps of a driver, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) passed: Vec<String>,
    pub(super) failed: Vec<String>,
    closing: Option<String>,
}

impl Steps {
    /// Takes one line of a driver's output.
    pub(super) fn take(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("ok ") {
            self.passed.push(sentence(name));
        } else if let Some(told) = line.strip_prefix("FAILED ") {
            self.failed.push(sentence(told.split(':').next().unwrap_or(told)));
        } else if line.ends_with(" failed") {
            self.closing = Some(line.to_owned());
        }
    }

    /// Whether the driver came to its end, and counted what we did.
    pub(super) fn is_whole(&self) -> bool {
        let counted = format!("{} passed, {} failed", self.passed.len(), self.failed.len());
        self.closing == Some(counted)
    }
}

/// The name of a step as a person writes it.
fn sentence(name: &str) -> String {
    let mut letters = name.trim().chars().map(|letter| if letter == '_' { ' ' } else { letter });
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// The operations that answered with status 0, by a server's log.
pub(super) fn operations(log: &str) -> BTreeSet<String> {
    let called = log.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let fields = &line["fields"];
        let is_answered = fields["message"] == "request" && fields["route"] == "api";
        let (service, action) = (fields["service"].as_str()?, fields["action"].as_str()?);
        (is_answered && fields["status"] == 0).then(|| format!("{service} {action}"))
    });
    called.collect()
}

#[cfg(test)]
mod tests {
    use super::{Steps, operations};

    fn steps(lines: &[&str]) -> Steps {
        let mut steps = Steps::default();
        lines.iter().for_each(|line| steps.take(line));
        steps
    }

    #[test]
    fn steps_are_told_as_sentences_in_their_order() {
        let seen = steps(&[
            "ok tokens_are_made",
            "a line of the program",
            "FAILED a day is read: Error: no",
            "ok days_end",
            "2 passed, 1 failed",
        ]);
        assert_eq!(seen.passed, ["Tokens are made", "Days end"]);
        assert_eq!(seen.failed, ["A day is read"]);
        assert!(seen.is_whole());
    }

    #[test]
    fn a_driver_that_broke_off_is_not_whole() {
        assert!(!steps(&["ok tokens_are_made"]).is_whole());
        assert!(!steps(&["ok tokens_are_made", "2 passed, 0 failed"]).is_whole());
        assert!(!steps(&[]).is_whole());
    }

    #[test]
    fn only_answered_calls_of_the_api_are_operations_that_were_called() {
        let line = |route: &str, action: &str, status: u32| {
            let fields = serde_json::json!({
                "message": "request", "route": route, "service": "user", "action": action,
                "status": status
            });
            serde_json::json!({ "fields": fields }).to_string()
        };
        let log = [
            line("api", "getgoals", 0),
            line("api", "getdevice", 0),
            line("api", "getgoals", 0),
            line("api", "get", 401),
            line("/healthz", "health", 0),
            "no JSON".to_owned(),
            r#"{"fields":{"message":"listening"}}"#.to_owned(),
        ];
        let seen: Vec<_> = operations(&log.join("\n")).into_iter().collect();
        assert_eq!(seen, ["user getdevice", "user getgoals"]);
    }
}
