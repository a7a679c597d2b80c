//! What a rule says of a few files: for the tests of the rules.

use super::Problem;
use super::tree::Tree;

pub(crate) const NONE: [&str; 0] = [];

pub(crate) fn said(rule: fn(&Tree) -> Vec<Problem>, files: &[(&str, &str)]) -> Vec<String> {
    let problems = rule(&Tree::of(files));
    let said = |problem: &Problem| format!("{}:{}: {}", problem.path, problem.line, problem.what);
    problems.iter().map(said).collect()
}
