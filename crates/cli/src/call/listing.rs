//! What can be called, and with what: read off the table.

use crate::output::Output;
use api::client::{Parameter, Problem, describe};
use api::operation::{Built, Entry};
use api::ops;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// A line of the list.
#[derive(Serialize)]
struct Listed {
    operation: String,
    needs: String,
    /// Those that can be left out stand in brackets.
    parameters: Vec<String>,
}

/// Prints all operations.
pub(super) fn list(output: &Output) -> anyhow::Result<()> {
    let built = ops::every().filter_map(|entry| Some((entry, entry.built()?)));
    if output.is_json() {
        return output.line(&built.map(|(entry, built)| as_json(entry, built)).collect::<Vec<_>>());
    }
    let listed = built.map(|(entry, built)| Listed {
        operation: name(entry),
        needs: built.proof.to_string(),
        parameters: parameters(built).iter().map(bracketed).collect(),
    });
    output.many(&listed.collect::<Vec<_>>())
}

/// Prints what one operation is for and what it takes.
pub(super) fn explain(entry: &Entry, output: &Output) -> anyhow::Result<()> {
    let Some(built) = entry.built() else {
        return Err(Problem::Unsendable(format!("{} is a page for people", name(entry))).into());
    };
    if output.is_json() {
        return output.line(&as_json(entry, built));
    }
    let parameters = parameters(built);
    output.text(&format!("{}, needs {}\n", name(entry), built.proof))?;
    output.text(&describe(built).text)?;
    if !parameters.is_empty() {
        output.text("")?;
    }
    let names: Vec<String> = parameters.iter().map(bracketed).collect();
    let width = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::len).max();
    let name_width = width(&mut names.iter().map(String::as_str)).unwrap_or_default();
    let kinds = &mut parameters.iter().map(|parameter| parameter.kind.as_str());
    let kind_width = width(kinds).unwrap_or_default();
    for (name, Parameter { kind, text, .. }) in names.iter().zip(&parameters) {
        let text = text.replace('\n', " ");
        output.text(&format!("  {name:name_width$}  {kind:kind_width$}  {text}"))?;
    }
    Ok(())
}

fn name(entry: &Entry) -> String {
    format!("{} {}", entry.service(), entry.action.unwrap_or_default())
}

/// Those a caller thinks of: the credentials are added by themselves.
fn parameters(built: &Built) -> Vec<Parameter> {
    let all = describe(built).parameters.into_iter();
    all.filter(|parameter| !parameter.is_credential()).collect()
}

fn bracketed(parameter: &Parameter) -> String {
    let name = &parameter.name;
    if parameter.is_required { name.clone() } else { format!("[{name}]") }
}

fn as_json(entry: &Entry, built: &Built) -> Json {
    let parameters = parameters(built).into_iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "kind": parameter.kind,
            "required": parameter.is_required,
            "text": parameter.text,
        })
    });
    json!({
        "service": entry.service(),
        "action": entry.action,
        "path": entry.path,
        "needs": built.proof.to_string(),
        "text": describe(built).text,
        "parameters": parameters.collect::<Vec<_>>(),
    })
}
