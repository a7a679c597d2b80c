//! What commands print: a table for people, JSON for programs.

use serde::Serialize;
use std::io::{self, Write as _};

/// Where and how a command prints.
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Text as it is.
    pub(crate) fn text(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }

    /// One line of JSON.
    pub(crate) fn line(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.text(&serde_json::to_string(value)?)
    }

    /// One thing: JSON, or a line for each of its fields.
    pub(crate) fn one(&self, value: &impl Serialize) -> anyhow::Result<()> {
        if self.json {
            return self.text(&serde_json::to_string_pretty(value)?);
        }
        let value = serde_json::to_value(value)?;
        let fields = value.as_object().into_iter().flatten();
        let width = fields.clone().map(|(name, _)| name.len()).max().unwrap_or_default();
        fields
            .map(|(name, value)| format!("{name:width$}  {}", cell(value)))
            .try_for_each(|line| self.text(&line))
    }

    /// Many things of one kind: a JSON array, or a table with a column for each field.
    pub(crate) fn many<T: Serialize>(&self, values: &[T]) -> anyhow::Result<()> {
        if self.json {
            return self.text(&serde_json::to_string_pretty(values)?);
        }
        let rows = values.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = rows.first().and_then(serde_json::Value::as_object) else {
            return self.text("none");
        };
        let names: Vec<String> = first.keys().cloned().collect();
        let mut table = vec![names.clone()];
        table.extend(rows.iter().map(|row| names.iter().map(|name| cell(&row[name])).collect()));
        let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> = (0..names.len()).map(|at| width(at).unwrap_or_default()).collect();
        for row in &table {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            self.text(cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A value in a table.
fn cell(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "-".to_owned(),
        // Nothing that was sent to us moves the cursor of a terminal.
        serde_json::Value::String(text) => text.replace(char::is_control, "?"),
        serde_json::Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
