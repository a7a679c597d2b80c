//! The shape of a file and the words in it, one file at a time.

use super::Problem;
use super::tree::Tree;
use crate::generate;

/// Longer files are two files.
const LINES_MAX: usize = 500;
/// rustfmt holds code to it, but neither comments nor texts.
const COLUMNS_MAX: usize = 100;
/// A word of this length, such as an address to copy, may stand on a line as long as it needs.
const UNBREAKABLE_COLUMNS: usize = 80;
/// Names under which everything and nothing can stand.
const NAMES: [&str; 4] = ["utils", "helpers", "common", "manager"];

/// A word that may not be left behind. It is written here in two halves, so that this file has
/// none.
struct Word {
    text: &'static str,
    /// In files that end so; empty: in every file.
    files: &'static str,
    mend: &'static str,
}

const NO_PATHS: &str = "a place on somebody's machine: leave it out";
const NO_HOSTS: &str = "the host of a package registry: clients know it; leave it out";
const NOT_DONE: &str = "finish it, or leave it out";
const WORDS: &[Word] = &[
    Word { text: concat!("/wo", "rk/"), files: "", mend: NO_PATHS },
    Word { text: concat!("/fa", "rm/"), files: "", mend: NO_PATHS },
    Word { text: concat!("/tmp/", "wt"), files: "", mend: NO_PATHS },
    Word { text: concat!(".lib", "rary"), files: "", mend: NO_PATHS },
    Word { text: concat!("crates", ".io"), files: "", mend: NO_HOSTS },
    Word { text: concat!("pypi", ".org"), files: "", mend: NO_HOSTS },
    Word { text: concat!("python", "hosted.org"), files: "", mend: NO_HOSTS },
    Word { text: concat!("npmjs", ".org"), files: "", mend: NO_HOSTS },
    Word { text: concat!("proxy.", "golang.org"), files: "", mend: NO_HOSTS },
    Word { text: concat!("arti", "factory"), files: "", mend: NO_HOSTS },
    Word { text: concat!("to", "do!"), files: ".rs", mend: NOT_DONE },
    Word { text: concat!("unimple", "mented!"), files: ".rs", mend: NOT_DONE },
    Word { text: concat!("db", "g!"), files: ".rs", mend: "take it out" },
    Word {
        text: concat!("#[ig", "nore"),
        files: ".rs",
        mend: "a test that is not run holds nothing: mend it or take it out",
    },
    Word {
        text: concat!("[al", "low("),
        files: ".rs",
        mend: "write #[expect(…, reason = \"…\")], which says why and goes when it is not needed",
    },
    Word {
        text: concat!("thread::", "sleep"),
        files: ".rs",
        mend: "wait for an event, never for time",
    },
];

/// Every rule of this file.
pub(super) fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| *path != "Cargo.lock") {
        words(path, text, &mut problems);
        if !is_made(path) {
            ends(path, text, &mut problems);
        }
        if path.ends_with(".rs") {
            rust(path, text, &mut problems);
        }
        let stem = path.rsplit('/').next().and_then(|name| name.split('.').next());
        if let Some(stem) = stem.filter(|stem| NAMES.contains(stem)) {
            let what = format!("the name {stem} says nothing");
            problems.push(Problem::new(path, 1, what, "name the file after what it is for"));
        }
    }
    problems
}

/// What a program wrote keeps the shape that program gave it.
fn is_made(path: &str) -> bool {
    path.ends_with(".snap") || path.starts_with(generate::FOLDER)
}

fn words(path: &str, text: &str, problems: &mut Vec<Problem>) {
    for word in WORDS.iter().filter(|word| path.ends_with(word.files)) {
        let found = text.lines().enumerate().filter(|(_, line)| line.contains(word.text));
        problems.extend(found.map(|(at, _)| Problem::new(path, at + 1, word.text, word.mend)));
    }
}

fn ends(path: &str, text: &str, problems: &mut Vec<Problem>) {
    for (at, line) in text.lines().enumerate() {
        if line.trim_end() != line {
            problems.push(Problem::new(path, at + 1, "blanks at the end", "take them out"));
        }
    }
    let last = text.lines().count();
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(Problem::new(path, last, "no newline at the end", "add one"));
    }
    if text.ends_with("\n\n") {
        problems.push(Problem::new(path, last, "empty lines at the end", "take them out"));
    }
}

fn rust(path: &str, text: &str, problems: &mut Vec<Problem>) {
    if !text.starts_with("//!") {
        let mend = "open it with `//!` and what it is for";
        problems.push(Problem::new(path, 1, "the file does not say what it is for", mend));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        let what = format!("{lines} lines are more than {LINES_MAX}");
        problems.push(Problem::new(path, LINES_MAX + 1, what, "make two files of it"));
    }
    for (at, line) in text.lines().enumerate() {
        let columns = line.chars().count();
        let can_break = line.split(' ').all(|word| word.chars().count() < UNBREAKABLE_COLUMNS);
        if columns > COLUMNS_MAX && can_break {
            let what = format!("{columns} columns are more than {COLUMNS_MAX}");
            problems.push(Problem::new(path, at + 1, what, "break the line"));
        }
        if line.contains('\t') {
            problems.push(Problem::new(path, at + 1, "a tab", "write spaces, or `\\t` in a text"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of one file, as `line: what`.
    fn said(path: &str, text: &str) -> Vec<String> {
        let problems = problems(&Tree::of(&[(path, text)]));
        problems.iter().map(|problem| format!("{}: {}", problem.line, problem.what)).collect()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn a_rust_file_says_what_it_is_for() {
        assert_eq!(said("a.rs", "//! For a.\n"), NONE);
        assert_eq!(said("a.rs", "use b;\n"), ["1: the file does not say what it is for"]);
    }

    #[test]
    fn a_file_has_five_hundred_lines_at_most() {
        let file = |lines: usize| "//! x\n".repeat(lines);
        assert_eq!(said("a.rs", &file(500)), NONE);
        assert_eq!(said("a.rs", &file(501)), ["501: 501 lines are more than 500"]);
        assert_eq!(said("a.md", &"x\n".repeat(501)), NONE);
    }

    #[test]
    fn a_line_has_a_hundred_columns_however_many_bytes() {
        assert_eq!(said("a.rs", &format!("//! {}é\n", "é ".repeat(47))), NONE);
        let long = format!("//! {}éé\n", "é ".repeat(48));
        assert_eq!(said("a.rs", &long), ["1: 102 columns are more than 100"]);
        assert_eq!(said("a.rs", &format!("//! {}\n", "x".repeat(120))), NONE);
    }

    #[test]
    fn every_word_is_found_where_it_is_forbidden() {
        for word in WORDS {
            let path = if word.files.is_empty() { "a.md" } else { "a.rs" };
            let text = format!("//! For a.\nx {}\n", word.text);
            assert!(said(path, &text).contains(&format!("2: {}", word.text)), "{}", word.text);
        }
        let sleep = WORDS.last().unwrap().text;
        assert_eq!(said("a.md", &format!("never {sleep}\n")), NONE);
        assert_eq!(said("Cargo.lock", &format!("{}\n", concat!("index.crates", ".io"))), NONE);
    }

    #[test]
    fn files_end_with_one_newline_and_lines_with_a_word() {
        assert_eq!(said("a.md", "x \ny\n"), ["1: blanks at the end"]);
        assert_eq!(said("a.md", "x"), ["1: no newline at the end"]);
        assert_eq!(said("a.md", "x\n\n"), ["2: empty lines at the end"]);
        assert_eq!(said("a.snap", "x \n\n"), NONE);
        assert_eq!(said("a.rs", "//! x\n\tlet y;\n"), ["2: a tab"]);
    }

    #[test]
    fn a_name_says_something() {
        assert_eq!(said("src/utils.rs", "//! x\n"), ["1: the name utils says nothing"]);
        assert_eq!(said("src/uncommon.rs", "//! x\n"), NONE);
    }
}
