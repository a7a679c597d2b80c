//! The files of the repository as the rules see them: paths below the root, and texts. Whether a
//! file is right is asked elsewhere.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::program;

/// Other people's files, kept as they made them: they are there, and nothing is said of their text.
const VENDORED: &str = "crates/server/static/";

/// Every file that is committed or would be.
pub(super) struct Tree(BTreeMap<String, Option<String>>);

impl Tree {
    /// What git knows or does not ignore.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let list = program::output(git.current_dir(root))?;
        let mut files = BTreeMap::new();
        for path in list.split('\0').filter(|path| !path.is_empty()) {
            let file = root.join(path);
            // What was removed and not yet committed as removed is no file any more.
            if file.is_file() {
                let bytes = std::fs::read(&file).with_context(|| format!("cannot read {path}"))?;
                let text = String::from_utf8(bytes).ok();
                files.insert(path.to_owned(), text.filter(|_| !path.starts_with(VENDORED)));
            }
        }
        Ok(Self(files))
    }

    /// A made-up tree.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self(files.iter().map(file).collect())
    }

    /// Paths and texts; what is no text is left out.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The texts whose names end so.
    pub(super) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.ends_with(end))
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path)?.as_deref()
    }

    pub(super) fn has_file(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    pub(super) fn has_folder(&self, path: &str) -> bool {
        path.is_empty() || !self.below(path).is_empty()
    }

    /// The files in a folder and the folders below it.
    pub(super) fn below(&self, folder: &str) -> Vec<&str> {
        let folder = format!("{folder}/");
        self.0.keys().map(String::as_str).filter(|path| path.starts_with(&folder)).collect()
    }
}

/// The folder of a file.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as seen from a folder, with `..` resolved; none above the root.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_and_do_not_leave_the_tree() {
        assert_eq!(join("docs/adr", "../sync.md").as_deref(), Some("docs/sync.md"));
        assert_eq!(join("", "./README.md").as_deref(), Some("README.md"));
        assert_eq!(join("docs", "../../elsewhere"), None);
    }

    #[test]
    fn what_git_would_commit_is_read_and_what_it_ignores_is_not() {
        let root = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            program::output(Command::new("git").args(arguments).current_dir(root.path())).unwrap()
        };
        git(&["init", "--quiet"]);
        std::fs::create_dir(root.path().join("folder")).unwrap();
        for (path, text) in [(".gitignore", "made\n"), ("made", "x"), ("folder/new.md", "# New\n")]
        {
            std::fs::write(root.path().join(path), text).unwrap();
        }
        std::fs::write(root.path().join("picture"), [0xff, 0xfe]).unwrap();
        let tree = Tree::read(root.path()).unwrap();
        assert_eq!(tree.text("folder/new.md"), Some("# New\n"));
        assert!(tree.has_folder("folder") && !tree.has_folder("fold"));
        assert!(tree.has_file("picture") && tree.text("picture").is_none());
        assert!(!tree.has_file("made"));
    }
}
