//! Where a trouble was told of in public, as links: `HA #42717, PR #69107; lowmess/stats #42` is
//! short for three addresses. What is nowhere in public, or not known to be at one address, stays
//! text.

/// The repositories that are called by a short name.
const REPOSITORIES: &[(&str, &str)] = &[
    ("HA", "home-assistant/core"),
    ("open-wearables", "the-momentum/open-wearables"),
    ("pipedream", "PipedreamHQ/pipedream"),
    ("python-withings", "joostlek/python-withings"),
    ("python_withings_api", "vangorra/python_withings_api"),
    ("withings-sync", "jaroslawhartman/withings-sync"),
];

/// A place where a trouble was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) text: String,
    pub(crate) address: Option<String>,
}

/// The places of a text, in its order. Each but the first of a repository is told by its number
/// alone.
pub(crate) fn threads(text: &str) -> Vec<Thread> {
    let mut threads = Vec::new();
    for of_one in text.split(';').map(str::trim).filter(|of_one| !of_one.is_empty()) {
        let name = of_one.split(' ').next().unwrap_or_default();
        for text in of_one.split(',').map(str::trim).map(str::to_owned) {
            let address = address(name, &text);
            threads.push(Thread { text, address });
        }
    }
    threads
}

fn address(name: &str, text: &str) -> Option<String> {
    let known = REPOSITORIES.iter().find(|(short, _)| *short == name).map(|(_, long)| *long);
    let repository = known.or_else(|| name.contains('/').then_some(name))?;
    let (_, number) = text.rsplit_once('#')?;
    let number = number.parse::<u32>().ok()?;
    // Of a number that is a pull request's GitHub sends on to it.
    Some(format!("https://github.com/{repository}/issues/{number}"))
}

#[cfg(test)]
mod tests {
    use super::threads;
    use domain::fault::{Kind, SCENARIOS};

    #[test]
    fn what_is_short_for_an_address_leads_there_and_the_rest_is_text() {
        let read =
            threads("HA #42717, PR #69107; lowmess/stats #42; coach PR #435; wire-quirks 6, 14");
        let read: Vec<_> =
            read.iter().map(|one| (one.text.as_str(), one.address.as_deref())).collect();
        let core = "https://github.com/home-assistant/core/issues";
        assert_eq!(
            read,
            [
                ("HA #42717", Some(format!("{core}/42717").as_str())),
                ("PR #69107", Some(format!("{core}/69107").as_str())),
                ("lowmess/stats #42", Some("https://github.com/lowmess/stats/issues/42")),
                ("coach PR #435", None),
                ("wire-quirks 6", None),
                ("14", None),
            ]
        );
        assert_eq!(threads(""), []);
    }

    #[test]
    fn every_thread_of_home_assistant_is_a_link() {
        let texts = SCENARIOS.iter().map(|one| one.thread);
        for text in texts.chain(Kind::ALL.iter().map(|kind| kind.thread())) {
            for part in text.split("; ").filter(|part| part.starts_with("HA ")) {
                assert!(threads(part).iter().all(|one| one.address.is_some()), "{part}");
            }
        }
    }
}
