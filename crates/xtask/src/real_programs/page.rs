//! `docs/clients.md` as Markdown. It says nothing that a run of the programs does not give again:
//! no date, no machine, no duration.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Ran;

/// The page, from the repository's root.
pub(super) const PATH: &str = "docs/clients.md";

/// How to write it anew.
pub(super) const MEND: &str = "cargo xtask real-programs --write";

/// The whole page.
pub(super) fn page(ran: &[Ran]) -> String {
    let mut page = format!(
        "# Client programs\n\n\
         Public programs written for Withings, run against vitald exactly as their authors \
         published them, and what came\nof it. `{MEND}` writes this page from a run; continuous \
         integration runs the same\nprograms and fails when the page says something else. Each \
         has a demo server of its own, and a driver that plays its\nuser and points it at that \
         server from outside; how is written at the head of the driver.\n\n\
         | program | version | from | what it is for | steps passed | steps failed |\n\
         |---|---|---|---|---|---|\n"
    );
    for one in ran {
        let program = one.program;
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "| [`{name}`](#{name}) | {version} | {registry} | {purpose} | {passed} | {failed} |",
            name = program.name,
            version = one.version,
            registry = program.registry.name(),
            purpose = program.purpose,
            passed = one.steps.passed.len(),
            failed = one.steps.failed.len(),
        );
    }
    let all: BTreeSet<&String> = ran.iter().flat_map(|one| &one.operations).collect();
    let _ = write!(
        page,
        "\nTogether they call {} of the [operations](reference/operations.md); below are those \
         that each called and that answered\nwith status 0.\n",
        all.len()
    );
    for one in ran {
        section(&mut page, one);
    }
    page
}

fn section(page: &mut String, one: &Ran) {
    let program = one.program;
    let (name, driver) = (program.name, program.registry.driver());
    let _ = write!(
        page,
        "\n## {name}\n\n{} {}; [driver](../tests/real-programs/{name}/{driver}).\n",
        program.registry.name(),
        one.version
    );
    if !program.note.is_empty() {
        let _ = write!(page, "\n{}\n", program.note);
    }
    let operations: Vec<_> = one.operations.iter().map(|name| format!("`{name}`")).collect();
    let _ = write!(page, "\nOperations: {}.\n\n", operations.join(", "));
    for step in &one.steps.passed {
        let _ = writeln!(page, "- {step}.");
    }
    for step in &one.steps.failed {
        let _ = writeln!(page, "- **Failed:** {step}.");
    }
}

#[cfg(test)]
mod tests {
    use super::super::programs::PROGRAMS;
    use super::super::seen::Steps;
    use super::*;

    #[test]
    fn the_page_tells_version_results_operations_and_steps() {
        let mut steps = Steps::default();
        ["ok goals_are_read", "FAILED days_are_read: why", "1 passed, 1 failed"]
            .iter()
            .for_each(|line| steps.take(line));
        let operations = ["user getdevice".to_owned(), "user getgoals".to_owned()].into();
        let program = PROGRAMS.iter().find(|program| program.name == "aiowithings").unwrap();
        let page = page(&[Ran { program, version: "9.8.7".to_owned(), steps, operations }]);
        let row = format!("| 9.8.7 | PyPI | {} | 1 | 1 |\n", program.purpose);
        assert!(page.contains(&row), "{page}");
        assert!(page.contains("Together they call 2 of the"), "{page}");
        let end = "\n## aiowithings\n\n\
                   PyPI 9.8.7; [driver](../tests/real-programs/aiowithings/drive.py).\n\n\
                   NOTE\n\n\
                   Operations: `user getdevice`, `user getgoals`.\n\n\
                   - Goals are read.\n- **Failed:** Days are read.\n";
        assert!(page.ends_with(&end.replace("NOTE", program.note)), "{page}");
    }

    #[test]
    fn a_page_is_what_it_was_as_long_as_the_run_is() {
        assert_eq!(page(&[]), page(&[]));
        assert!(!page(&[]).contains("  "), "{}", page(&[]));
    }
}
