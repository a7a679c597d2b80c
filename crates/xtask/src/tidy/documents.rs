//! Documents that must keep up with the code: every decision names a test that exists, and every
//! table and column of the schema is described. Whether what they say is true is for people to
//! judge.

use std::collections::BTreeMap;

use super::Problem;
use super::tree::Tree;

const DECISIONS: &str = "docs/api-design.md";
const DECISIONS_HEAD: &str = "| point | decision | test |";
const DATA_MODEL: &str = "docs/data-model.md";
const MIGRATIONS: &str = "crates/store/migrations/";
/// Made by the store itself, before any migration.
const OWN_TABLES: [&str; 1] = ["schema_migration"];

/// Every row of every table in the decisions names a test that exists, as `file::test`.
pub(super) fn tests_of_decisions(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |at: usize, what: String, mend: &str| {
        problems.push(Problem::new(DECISIONS, at + 1, what, mend));
    };
    let lines: Vec<&str> = tree.text(DECISIONS).unwrap_or_default().lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with('|')) {
        let is_head = lines.get(at + 1).is_some_and(|next| next.starts_with("|---"));
        if is_head && *line != DECISIONS_HEAD {
            problem(at, "another head than elsewhere".to_owned(), DECISIONS_HEAD);
        }
        if is_head || line.starts_with("|---") {
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let &[_, _, tests] = cells.as_slice() else {
            let what = format!("{} cells instead of 3", cells.len());
            problem(at, what, "write | point | decision | `file::test` |");
            continue;
        };
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        if tests.is_empty() {
            problem(at, "no test".to_owned(), "name one as `file::test`, or write it");
        }
        for test in tests.iter().filter(|test| !exists(tree, test)) {
            problem(at, format!("no test {test}"), "name the one that holds this, as `file::test`");
        }
    }
    problems
}

/// Whether a file (or the files of a folder) of that name has that function.
fn exists(tree: &Tree, test: &str) -> bool {
    let Some((file, name)) = test.split_once("::") else { return false };
    let (leaf, within) = (format!("/{file}.rs"), format!("/{file}/"));
    let head = format!("fn {name}(");
    tree.ending(".rs").any(|(path, text)| {
        (path.ends_with(&leaf) || path.contains(&within)) && text.contains(&head)
    })
}

/// Every table and column that the migrations leave is described, and no other table.
pub(super) fn data_model(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let described = described(tree.text(DATA_MODEL).unwrap_or_default());
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, text) in tree.files().filter(|(path, _)| path.starts_with(MIGRATIONS)) {
        for (at, table, column) in columns(text) {
            tables.entry(table).or_default().extend(column);
            let about = described.get(table).map(|(_, about)| about);
            let what = match (about, column) {
                (None, None) => format!("{DATA_MODEL} has no table {table}"),
                (Some(about), Some(column)) if !about.contains(&format!("`{column}`")) => {
                    format!("{DATA_MODEL} does not say what {table}.{column} is")
                }
                _ => continue,
            };
            problems.push(Problem::new(path, at + 1, what, "describe it there"));
        }
    }
    for (table, (at, _)) in described.iter().filter(|(table, _)| !OWN_TABLES.contains(table)) {
        if !tables.contains_key(table) {
            let what = format!("no migration makes {table}");
            problems.push(Problem::new(DATA_MODEL, at + 1, what, "take it out"));
        }
    }
    problems
}

/// The sections of the document that are headed by a table's name in backticks.
fn described(text: &str) -> BTreeMap<&str, (usize, String)> {
    let mut tables: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut current = None;
    for (at, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            current = line.trim_start_matches(['#', ' ']).strip_prefix('`');
            current = current.and_then(|name| name.strip_suffix('`'));
            current.map(|table| tables.insert(table, (at, String::new())));
        } else if let Some((_, about)) = current.and_then(|table| tables.get_mut(table)) {
            about.push_str(line);
        }
    }
    tables
}

/// What a migration makes: the line, the table, and the column where the line is of one.
fn columns(text: &str) -> Vec<(usize, &str, Option<&str>)> {
    let mut found = Vec::new();
    let mut open = None;
    for (at, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["create", "table", table, ..] => {
                open = Some(*table);
                found.push((at, *table, None));
            }
            ["alter", "table", table, "add", "column", column, ..] => {
                found.push((at, *table, Some(*column)));
            }
            [first, ..] if first.starts_with(')') => open = None,
            ["primary" | "unique" | "foreign" | "check" | "constraint" | "--", ..] => {}
            [column, _, ..] => found.extend(open.map(|table| (at, table, Some(*column)))),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said::{NONE, said};

    #[test]
    fn a_decision_names_a_test_that_exists() {
        let tests = ("crates/api/tests/operations/getmeas.rs", "fn newest_first() {");
        let deep = ("crates/api/src/form/tests.rs", "    fn lists() {");
        let good = "| point | decision | test |\n|---|---|---|\n\
                    | order `a` | newest | `getmeas::newest_first`, `form::lists` |\n";
        assert_eq!(said(tests_of_decisions, &[(DECISIONS, good), tests, deep]), NONE);
        let bad = "| point | decision |\n|---|---|\n| a | b |\n| a | b | none |\n\
                   | a | b | `getmeas::oldest_first` |\n| a | b | `other::newest_first` |\n";
        let expected = [
            "docs/api-design.md:1: another head than elsewhere",
            "docs/api-design.md:3: 2 cells instead of 3",
            "docs/api-design.md:4: no test",
            "docs/api-design.md:5: no test getmeas::oldest_first",
            "docs/api-design.md:6: no test other::newest_first",
        ];
        assert_eq!(said(tests_of_decisions, &[(DECISIONS, bad), tests]), expected);
    }

    #[test]
    fn every_table_and_column_is_described_and_no_other_table() {
        let first = "-- A text.\ncreate table person (\n    user_id integer not null,\n    \
                     email text,\n    primary key (user_id)\n) strict;\n";
        let second = "alter table person add column zone text;\n";
        let schema = [
            ("crates/store/migrations/0001_a.sql", first),
            ("crates/store/migrations/0002_b.sql", second),
        ];
        let all = "### `person`\n`user_id` `email` `zone`\n### `schema_migration`\n";
        assert_eq!(said(data_model, &[&schema[..], &[(DATA_MODEL, all)]].concat()), NONE);
        let half = "### `person`\n`user_id`\n### `gone`\n`email`\n";
        let expected = [
            "crates/store/migrations/0001_a.sql:4: docs/data-model.md does not say what \
             person.email is",
            "crates/store/migrations/0002_b.sql:1: docs/data-model.md does not say what \
             person.zone is",
            "docs/data-model.md:3: no migration makes gone",
        ];
        assert_eq!(said(data_model, &[&schema[..], &[(DATA_MODEL, half)]].concat()), expected);
        let none = said(data_model, &schema[..1]);
        assert_eq!(none.len(), 1, "{none:?}");
        assert!(none[0].ends_with("has no table person"), "{none:?}");
    }
}
