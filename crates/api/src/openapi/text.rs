//! The words of the document that no single operation has: how calls and answers look, what the
//! statuses mean, what is measured.

use super::{Named, services};
use domain::Status;
use domain::measure::KNOWN;
use domain::status::Family;
use serde_json::{Value, json};

/// A tag a service, whatever number of paths it has.
pub(super) fn tags() -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for service in services() {
        let name = service.operations.first().map_or("", |of| of.entry.service());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let tag = |name: &&str| json!({ "name": name, "description": tag_description(name) });
    names.iter().map(tag).collect()
}

fn tag_description(service: &str) -> String {
    match service {
        "measure" => "What was measured.".to_owned(),
        "oauth2" => "How an application is allowed to see a person's data.".to_owned(),
        "device" => "What devices may do, and what they hand over.".to_owned(),
        "signature" => "What partner calls are signed with.".to_owned(),
        "user" => "What is known of a person and what they measure with.".to_owned(),
        "heart" => "Electrocardiograms.".to_owned(),
        "survey" => "What devices ask people after a measure.".to_owned(),
        "answers" => "What people answered to surveys.".to_owned(),
        "rawdata" => "What sensors measure, sample by sample.".to_owned(),
        "sleep" => "How a person sleeps.".to_owned(),
        "stetho" => "Sounds of heart and lungs.".to_owned(),
        "vitald" => "This server's own: no operations of the reference.".to_owned(),
        other => format!("The service `{other}`."),
    }
}

/// Whether measures can be asked for by their type.
fn has_measures(forms: &[(&Named, Value)]) -> bool {
    forms.iter().any(|(_, form)| form["properties"].get("meastypes").is_some())
}

/// The types of measures with a name, as a table. The set is open: newer devices send newer types.
fn measure_types() -> String {
    let mut table = MEASURE_TYPES.to_owned();
    for known in KNOWN {
        table.push_str(&format!("| {} | {} | {} |\n", known.code.0, known.name, known.unit));
    }
    table
}

/// The actions of one path, with the first paragraph of what is said of each.
pub(super) fn actions(forms: &[(&Named, Value)]) -> String {
    let line = |(operation, form): &(&Named, Value)| {
        let whole = form["description"].as_str().unwrap_or_default();
        let first = whole.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        let needs = match super::security::scope(operation.built.proof) {
            Some(scope) => format!("an access token with the scope `{scope}`"),
            None => operation.built.proof.to_string(),
        };
        format!("- `{}`: {first} Needs {needs}.", operation.action)
    };
    let lines: Vec<String> = forms.iter().map(line).collect();
    let lines = lines.join("\n");
    let types = if has_measures(forms) { measure_types() } else { String::new() };
    format!("The parameter `action` says which operation is meant:\n\n{lines}{types}")
}

/// What the one response of a path can be.
pub(super) fn answers(errors: &[Status]) -> String {
    let list = statuses(errors);
    format!("Always HTTP 200. With `status` 0 the answer of the action, else an error:\n\n{list}")
}

/// Statuses with their meanings, as a list.
pub(super) fn statuses(of: &[Status]) -> String {
    let line = |status: &Status| {
        format!("- {status} ({}): {}", family_name(status.family()), meaning(*status))
    };
    of.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What a status means to whoever reads it.
pub(super) const fn meaning(status: Status) -> &'static str {
    match status {
        Status::INVALID_TOKEN => "No valid access token, or the application did not prove itself",
        Status::INVALID_PARAMS => "A parameter is missing, cannot be used, or names nothing",
        Status::TIMEOUT => "The work took too long",
        Status::TOO_MANY_REQUESTS => "Slow down; `wait_seconds` says for how long",
        Status::NOT_IMPLEMENTED => "No such action",
        Status::MISSING_SCOPE => "The access token lacks the scope",
        Status::INTERNAL => "The server failed; the call was not at fault",
        _ => "See the family of the number",
    }
}

/// What the reference calls a family.
const fn family_name(family: Family) -> &'static str {
    match family {
        Family::Success => "success",
        Family::AuthenticationFailed => "authentication failed",
        Family::InvalidParams => "invalid params",
        Family::Unauthorized => "unauthorized",
        Family::NotImplemented => "not implemented",
        Family::Timeout => "timeout",
        Family::BadState => "bad state",
        Family::TooManyRequests => "too many requests",
        Family::AnErrorOccurred => "an error occurred",
    }
}

const MEASURE_TYPES: &str = "

A measure is `value * 10^unit` of one of these, or of a newer type:

| type | what | unit |
|---|---|---|
";

/// What to know before the first call.
pub(super) const INTRODUCTION: &str = "\
Computed from the very table the server answers from: what stands here is built; every other \
operation of the Withings API answers status 2554.

**Calls.** A path is a service, the parameter `action` says what it shall do. This document \
describes the form of a `POST`. The same parameters are also taken from the address of a `GET` \
or `POST`, from JSON and from multipart bodies. Lists are separated by commas (`meastypes=1,6`), \
dates are seconds since 1970, unknown parameters are ignored, a blank one is absent.

**Answers.** Always HTTP 200 and an envelope. `status` decides: 0 and the action's answer in \
`body` (`x-answer` of its form names the schema), or a number and a text in `error`. Decide by \
the family of a number: newer versions may answer other numbers of the same family.

**Who may call.** An action needs an access token with a scope (`x-scopes` of its form), or the \
application's `client_id` and `client_secret` as parameters. Access tokens come from the page \
`/oauth2_user/authorize2` and `oauth2 requesttoken`.

The name Withings only describes compatibility. This project is not made or endorsed by \
Withings.";
