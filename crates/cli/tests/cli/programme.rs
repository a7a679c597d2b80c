//! The example of a whole programme in the documents: it runs, and they quote it as it is.

use crate::home::{run, vitald};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn document(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(path)
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

#[test]
fn the_example_of_the_documents_runs() {
    if !is_there("bash") || !is_there("curl") {
        println!("skipped: no bash or curl");
        return;
    }
    let temporary = tempfile::tempdir().expect("a folder");
    let mut example = Command::new("bash");
    example.arg(document("examples/programme.sh"));
    example.env("VITALD", vitald(&[]).get_program()).env("TMPDIR", temporary.path());
    // It is told nothing of where and how.
    example.env("VITALD_DATA", "/nowhere").env("VITALD_LISTEN", "nonsense");
    let ran = run(example, "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    assert!(ran.stdout.lines().all(|line| line.starts_with("* ")), "{ran:?}");
    let last = ran.stdout.lines().last();
    assert_eq!(last, Some("* That was a programme from beginning to end."));
    let left = std::fs::read_dir(temporary.path()).expect("a folder").count();
    assert_eq!(left, 0, "it takes its data away");
}

#[test]
fn the_document_quotes_the_example_as_it_is() {
    let read = |path| std::fs::read_to_string(document(path)).expect("a file");
    let (told, example) = (read("programme.md"), read("examples/programme.sh"));
    let quoted = told.split("```bash\n").skip(1);
    let quoted: Vec<&str> = quoted.filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    assert!(quoted.len() >= 10, "{} quotations", quoted.len());
    for block in quoted {
        assert!(example.contains(block), "the example has no such lines:\n{block}");
    }
}
