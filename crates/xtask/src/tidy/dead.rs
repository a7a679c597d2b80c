//! Files nobody reaches: sources no `mod` names, snapshots no test writes, gaps between migrations,
//! operations that do not stand in the table. It reads lines, not Rust: what rustfmt has laid out.

use std::collections::BTreeSet;

use super::Problem;
use super::tree::{Tree, folder, join};

/// Where the operations are, and the table of them.
const OPERATIONS: &str = "crates/api/src/ops/";
const TABLE: &str = "crates/api/src/ops/mod.rs";
const MIGRATIONS: &str = "crates/store/migrations/";

/// Sources that no `mod` reaches from a crate's root or a test's.
pub(super) fn modules(tree: &Tree) -> Vec<Problem> {
    let mut reached = BTreeSet::new();
    let mut open = roots(tree);
    while let Some(path) = open.pop() {
        if reached.insert(path.clone()) {
            open.extend(children(tree, &path));
        }
    }
    let lost = tree.ending(".rs").filter(|(path, _)| !reached.contains(*path));
    let mend = "name it with `mod` or take it out";
    lost.map(|(path, _)| Problem::new(path, 1, "no `mod` reaches this file", mend)).collect()
}

/// The files cargo begins with: by their place, or because a manifest names them.
fn roots(tree: &Tree) -> Vec<String> {
    let mut roots = Vec::new();
    for (manifest, text) in tree.ending("Cargo.toml") {
        let home = folder(manifest);
        roots.extend(["src/lib.rs", "src/main.rs", "build.rs"].map(|path| join(home, path)));
        for place in ["src/bin", "tests", "benches", "examples"] {
            let place = join(home, place).unwrap_or_default();
            roots.extend(tree.below(&place).into_iter().filter_map(|path| {
                let is_beside = folder(path) == place && path.ends_with(".rs");
                let (above, name) = path.rsplit_once('/')?;
                let is_below = folder(above) == place && name == "main.rs";
                (is_beside || is_below).then(|| join("", path))
            }));
        }
        roots.extend(text.lines().filter_map(|line| {
            let path = line.strip_prefix("path = \"")?.strip_suffix('"')?;
            path.ends_with(".rs").then(|| join(home, path))
        }));
    }
    roots.into_iter().flatten().filter(|path| tree.has_file(path)).collect()
}

/// The files whose modules a file declares.
fn children(tree: &Tree, path: &str) -> Vec<String> {
    let home = folder(path);
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
    let is_root = stem == "mod" || roots(tree).iter().any(|root| root == path);
    let below = if is_root { home.to_owned() } else { format!("{home}/{stem}") };
    let mut named: Option<&str> = None;
    let mut children = Vec::new();
    for line in tree.text(path).unwrap_or_default().lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[path = \"") {
            named = rest.split('"').next();
        } else if let Some(module) = declared(line) {
            let candidates = match named.take() {
                Some(named) => vec![join(home, named)],
                None => ["{}.rs", "{}/mod.rs"]
                    .map(|form| join(&below, &form.replace("{}", module)))
                    .to_vec(),
            };
            children.extend(candidates.into_iter().flatten().filter(|path| tree.has_file(path)));
        }
    }
    children
}

/// The name in `mod name;`.
fn declared(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
    let is_word = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    (is_word && (before.is_empty() || before.starts_with("pub"))).then_some(name)
}

/// Snapshots whose test is gone.
pub(super) fn snapshots(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".snap") {
        let source = text.lines().find_map(|line| line.strip_prefix("source: "));
        let test = source.and_then(|source| tree.text(source));
        let name = path.rsplit("__").next().unwrap_or(path).trim_end_matches(".snap");
        // A second snapshot of one test has a number at its end.
        let name = name.trim_end_matches(|end: char| end.is_ascii_digit()).trim_end_matches('-');
        if !test.is_some_and(|test| test.contains(name)) {
            problems.push(Problem::new(path, 1, "no test writes this snapshot", "take it out"));
        }
    }
    problems
}

/// Migrations are numbered from 0001 without gaps, and the store applies each.
pub(super) fn migrations(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let applied = tree.text("crates/store/src/migrate.rs").unwrap_or_default();
    let files = tree.files().filter_map(|(path, _)| Some((path, path.strip_prefix(MIGRATIONS)?)));
    for (at, (path, name)) in files.enumerate() {
        let number = format!("{:04}_", at + 1);
        if !name.starts_with(&number) {
            let what = format!("the migration at this place begins with {number}");
            problems.push(Problem::new(path, 1, what, "number them without gaps"));
        }
        if !applied.contains(&format!("migrations/{name}\"")) {
            let mend = "add it to MIGRATIONS in crates/store/src/migrate.rs";
            problems.push(Problem::new(path, 1, "no store applies this migration", mend));
        }
    }
    problems
}

/// Files that implement an operation the table does not have.
pub(super) fn operations(tree: &Tree) -> Vec<Problem> {
    let table = tree.text(TABLE).unwrap_or_default();
    let mut problems = Vec::new();
    let files = tree.files().filter_map(|(path, text)| {
        Some((path, path.strip_prefix(OPERATIONS)?.split_once('/')?.0, text))
    });
    for (path, service, text) in files {
        for (at, line) in text.lines().enumerate() {
            let Some(rest) = line.strip_prefix("impl Operation for ") else { continue };
            let name = rest.trim_end_matches([' ', '{']);
            if !table.contains(&format!("Entry::of::<{service}::{name}>()")) {
                let what = format!("{name} does not stand in the table");
                problems.push(Problem::new(path, at + 1, what, format!("add it to {TABLE}")));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rule: fn(&Tree) -> Vec<Problem>, files: &[(&str, &str)]) -> Vec<String> {
        let problems = rule(&Tree::of(files));
        problems.iter().map(|problem| format!("{}: {}", problem.path, problem.what)).collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn a_source_is_reached_from_a_root_through_every_form_of_mod() {
        let reached = [
            ("crates/a/Cargo.toml", "[[test]]\npath = \"suite/start.rs\"\n"),
            ("crates/a/src/lib.rs", "pub mod b;\nmod c;\n#[path = \"other.rs\"]\nmod named;\n"),
            ("crates/a/src/b.rs", "pub(crate) mod deep;\n"),
            ("crates/a/src/b/deep.rs", ""),
            ("crates/a/src/c/mod.rs", "    mod beside;\n"),
            ("crates/a/src/c/beside.rs", ""),
            ("crates/a/src/other.rs", ""),
            ("crates/a/tests/alone.rs", ""),
            ("crates/a/tests/found/main.rs", ""),
            ("crates/a/suite/start.rs", "mod case;\n"),
            ("crates/a/suite/case.rs", ""),
        ];
        assert_eq!(said(modules, &reached), NONE);
        let lost = ("crates/a/src/deep.rs", "// mod deep;\n");
        let files = [&reached[..], &[lost]].concat();
        assert_eq!(said(modules, &files), ["crates/a/src/deep.rs: no `mod` reaches this file"]);
    }

    #[test]
    fn a_snapshot_has_a_test_that_writes_it() {
        let snapshot = ("t/snapshots/t__case__a_name.snap", "---\nsource: t/case.rs\n---\n");
        assert_eq!(said(snapshots, &[snapshot, ("t/case.rs", "fn a_name() {")]), NONE);
        let expected = ["t/snapshots/t__case__a_name.snap: no test writes this snapshot"];
        assert_eq!(said(snapshots, &[snapshot, ("t/case.rs", "fn other() {")]), expected);
        assert_eq!(said(snapshots, &[snapshot]), expected);
    }

    #[test]
    fn migrations_have_no_gaps_and_are_applied() {
        let (one, three) =
            ("crates/store/migrations/0001_a.sql", "crates/store/migrations/0003_c.sql");
        let applied = "include_str!(\"../migrations/0001_a.sql\")";
        let store = ("crates/store/src/migrate.rs", applied);
        assert_eq!(said(migrations, &[(one, ""), store]), NONE);
        let expected = [
            format!("{three}: the migration at this place begins with 0002_"),
            format!("{three}: no store applies this migration"),
        ];
        assert_eq!(said(migrations, &[(one, ""), (three, ""), store]), expected);
    }

    #[test]
    fn an_operation_stands_in_the_table() {
        let table = (TABLE, "    Entry::of::<user::Get>(),\n");
        let file = |text| ("crates/api/src/ops/user/get.rs", text);
        assert_eq!(said(operations, &[table, file("impl Operation for Get {\n")]), NONE);
        let problems = said(operations, &[table, file("impl Operation for Put {\n")]);
        assert_eq!(problems, ["crates/api/src/ops/user/get.rs: Put does not stand in the table"]);
    }
}
