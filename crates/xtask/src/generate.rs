//! The pages of `docs/reference`: each is what a command of `vitald` prints, kept in the repository
//! so that it can be read and its changes reviewed. What stands in them is decided where the
//! command is.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::program;

/// The folder of the generated pages.
pub(crate) const FOLDER: &str = "docs/reference";

/// Every generated file and the arguments that make `vitald` print it.
const FILES: &[(&str, &[&str])] = &[
    ("docs/reference/operations.md", &["reference", "operations"]),
    ("docs/reference/cli.md", &["reference", "cli"]),
    ("docs/reference/configuration.md", &["config", "reference"]),
    ("docs/reference/openapi.json", &["openapi"]),
    ("vitald.example.toml", &["config", "example"]),
];

/// Writes the files, or says which of those in the repository are stale.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    program::run(program::cargo(root).args(["build", "--locked", "-p", "cli"]))?;
    let vitald = program::beside_us("vitald")?;
    // No setting of this machine may stand in a page.
    let pages = FILES.iter().map(|(name, arguments)| {
        let mut page = program::output(Command::new(&vitald).args(*arguments).env_clear())?;
        page.truncate(page.trim_end().len());
        page.push('\n');
        Ok((root.join(name), page))
    });
    let pages = pages.collect::<Result<Vec<_>>>()?;
    let stale = stale(&pages);
    if check && !stale.is_empty() {
        let names: Vec<_> = stale.iter().map(|(path, _)| shown(root, path)).collect();
        bail!("stale: {}; mend it with `cargo xtask generate`", names.join(", "));
    }
    let folder = root.join(FOLDER);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {FOLDER}"))?;
    for (path, page) in &stale {
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
        println!("written: {}", shown(root, path));
    }
    println!("{} files are as vitald prints them", pages.len());
    Ok(())
}

/// The pages that are missing or say something else.
fn stale(pages: &[(PathBuf, String)]) -> Vec<&(PathBuf, String)> {
    let is_stale =
        |page: &&(PathBuf, String)| std::fs::read_to_string(&page.0).ok().as_ref() != Some(&page.1);
    pages.iter().filter(is_stale).collect()
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::stale;

    #[test]
    fn a_missing_and_a_changed_page_are_stale_and_an_equal_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let page = |name: &str, text: &str| (folder.path().join(name), text.to_owned());
        std::fs::write(folder.path().join("equal.md"), "one\n").unwrap();
        std::fs::write(folder.path().join("changed.md"), "two\n").unwrap();
        let pages =
            [page("equal.md", "one\n"), page("changed.md", "three\n"), page("missing.md", "")];
        let names: Vec<_> = stale(&pages).iter().map(|(path, _)| path.file_name()).collect();
        assert_eq!(names, [pages[1].0.file_name(), pages[2].0.file_name()]);
    }
}
