//! Links between documents: each leads to a file, a folder or a heading that is there, and each
//! document is reached from the README. Links to other sites are not followed: no check needs the
//! network.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::tree::{Tree, folder, join};

const FIRST: &str = "README.md";

/// A link of a document.
struct Link {
    line: usize,
    target: String,
}

/// Links that lead nowhere.
pub(super) fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".md") {
        for Link { line, target } in links(text) {
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let found =
                if file.is_empty() { Some(path.to_owned()) } else { join(folder(path), file) };
            let found = found.filter(|found| tree.has_file(found) || tree.has_folder(found));
            let Some(found) = found else {
                let what = format!("{target} is not there");
                problems.push(Problem::new(path, line, what, "mend the link"));
                continue;
            };
            if !heading.is_empty()
                && !headings(tree.text(&found).unwrap_or_default()).contains(heading)
            {
                let what = format!("{found} has no heading #{heading}");
                problems.push(Problem::new(path, line, what, "mend the link"));
            }
        }
    }
    problems
}

/// Documents to which no chain of links leads.
pub(super) fn unreached(tree: &Tree) -> Vec<Problem> {
    let mut reached = BTreeSet::new();
    let mut open = vec![FIRST.to_owned()];
    while let Some(path) = open.pop() {
        if !reached.insert(path.clone()) {
            continue;
        }
        for Link { target, .. } in links(tree.text(&path).unwrap_or_default()) {
            let file = target.split('#').next().unwrap_or_default();
            let Some(found) = join(folder(&path), file) else { continue };
            if tree.has_file(&found) {
                open.push(found);
            } else if !found.is_empty() {
                open.extend(tree.below(&found).into_iter().map(str::to_owned));
            }
        }
    }
    let lost = tree.ending(".md").filter(|(path, _)| !reached.contains(*path));
    let mend = "link it from a document that is reached, or take it out";
    lost.map(|(path, _)| Problem::new(path, 1, format!("not reached from {FIRST}"), mend)).collect()
}

/// The links of a document to places in the repository; what stands in code is none.
fn links(text: &str) -> Vec<Link> {
    let prose = without_code(text);
    let mut links = Vec::new();
    for (at, _) in prose.match_indices("](") {
        let rest = &prose[at + 2..];
        let target = rest.split([')', ' ', '\n']).next().unwrap_or_default();
        if !target.contains(':') && !target.is_empty() {
            let line = prose[..at].matches('\n').count() + 1;
            links.push(Link { line, target: target.to_owned() });
        }
    }
    links
}

/// The text with blanks where code stood, so that lines keep their numbers.
fn without_code(text: &str) -> String {
    let mut prose = String::with_capacity(text.len());
    let (mut in_fence, mut in_span) = (false, false);
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        in_fence ^= is_fence;
        in_span &= !line.is_empty();
        if !in_fence && !is_fence {
            for letter in line.chars() {
                in_span ^= letter == '`';
                prose.push(if in_span { ' ' } else { letter });
            }
        }
        prose.push('\n');
    }
    prose
}

/// The anchors of a document's headings, as the pages of code hosts make them.
fn headings(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    let mut in_fence = false;
    for line in text.lines() {
        in_fence ^= line.trim_start().starts_with("```");
        let title = line.trim_start_matches('#');
        if in_fence || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = |letter: &char| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter);
        let anchor: String = title.trim().to_lowercase().chars().filter(kept).collect();
        let anchor = anchor.replace(' ', "-");
        let times = seen.entry(anchor.clone()).or_default();
        anchors.insert(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::said::{NONE, said};

    #[test]
    fn links_lead_to_files_folders_and_headings() {
        let good = [
            "[a](docs/a.md) [the\nsecond](docs/a.md#two-words) [f](docs)",
            "[w](https://x.org) [here](#here)\n# Here",
            "`[code](nowhere)`\n```\n[code](nowhere)\n```\n",
        ];
        let good = good.join("\n");
        let a = ("docs/a.md", "# Two `words`!\n[up](../README.md)\n");
        assert_eq!(said(problems, &[(FIRST, good.as_str()), a]), NONE);
        let bad = "\n[a](docs/b.md)\n[b](docs/a.md#three)\n[c](../c.md)\n";
        let expected = [
            "README.md:2: docs/b.md is not there",
            "README.md:3: docs/a.md has no heading #three",
            "README.md:4: ../c.md is not there",
        ];
        assert_eq!(said(problems, &[(FIRST, bad), a]), expected);
    }

    #[test]
    fn headings_of_one_name_are_numbered_and_code_has_none() {
        let anchors = headings("# A b\n## A b\n```\n# c\n```\n#d\n## `x` | y\n");
        assert_eq!(anchors.iter().collect::<Vec<_>>(), ["a-b", "a-b-1", "x--y"]);
    }

    #[test]
    fn every_document_is_reached_from_the_first() {
        let files = [
            (FIRST, "[a](docs/a.md) [decisions](docs/adr)"),
            ("docs/a.md", "[b](b.md#part)"),
            ("docs/b.md", ""),
            ("docs/adr/0001.md", ""),
            ("docs/lost.md", "[a](a.md)"),
        ];
        assert_eq!(said(unreached, &files), ["docs/lost.md:1: not reached from README.md"]);
    }
}
