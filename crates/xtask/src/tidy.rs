//! What no compiler and no lint keeps: the shape of files, words that may not be left behind, files
//! nobody reaches, links, and documents that must name what the code has. Every problem is one
//! line: where, what, and how to mend it. Style that rustfmt or clippy can keep is kept by them.

mod dead;
mod documents;
mod links;
#[cfg(test)]
mod said;
mod text;
mod tree;

use std::path::Path;

use anyhow::{Result, bail};
use tree::Tree;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    line: usize,
    what: String,
    mend: String,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), mend: mend.into() }
    }
}

const RULES: &[fn(&Tree) -> Vec<Problem>] = &[
    text::problems,
    dead::modules,
    dead::snapshots,
    dead::migrations,
    dead::operations,
    links::problems,
    links::unreached,
    documents::tests_of_decisions,
    documents::data_model,
];

/// The whole stage.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let mut problems: Vec<Problem> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    problems.sort();
    if problems.is_empty() {
        println!("{} files are tidy", tree.files().count());
        return Ok(());
    }
    for Problem { path, line, what, mend } in &problems {
        println!("{path}:{line}: {what}; {mend}");
    }
    bail!("{} problems", problems.len())
}
