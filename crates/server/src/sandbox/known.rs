//! Which faults and scenarios there are to ask for, as programs and people read it.

use domain::fault::{Kind, SCENARIOS, Setting, Settings, Takes};
use serde::Serialize;

/// What there is to ask for.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// The kinds of faults.
    pub kinds: Vec<KnownKind>,
    /// The scenarios.
    pub scenarios: Vec<KnownScenario>,
}

/// A kind of fault.
#[derive(Debug, Clone, Serialize)]
pub struct KnownKind {
    /// Its name.
    pub name: &'static str,
    /// What happens.
    pub about: &'static str,
    /// The calls it has an effect on; none: all, or no call.
    pub operations: Vec<String>,
    /// What can be said of it.
    pub settings: Vec<KnownSetting>,
    /// Where it was told of in public.
    pub thread: &'static str,
}

/// What can be said of a fault.
#[derive(Debug, Clone, Serialize)]
pub struct KnownSetting {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What it takes.
    pub takes: String,
    /// What holds if nothing is said.
    pub usual: Option<String>,
}

/// A scenario.
#[derive(Debug, Clone, Serialize)]
pub struct KnownScenario {
    /// Its name.
    pub name: &'static str,
    /// What happens.
    pub about: &'static str,
    /// The faults it is made of.
    pub faults: Vec<&'static str>,
    /// Who makes it by living: a persona.
    pub persona: Option<&'static str>,
    /// What is to be done beside.
    pub hint: Option<&'static str>,
    /// Where it was told of in public.
    pub thread: &'static str,
}

/// What there is to ask for.
#[must_use]
pub fn known() -> Known {
    let setting = |kind: Kind, setting: &Setting| KnownSetting {
        name: setting.name,
        about: setting.about,
        takes: match setting.takes {
            Takes::Number { least, most, .. } => format!("{least} to {most}"),
            Takes::Word(words) => words.join(", "),
            Takes::Text(_) => "text".to_owned(),
        },
        usual: kind.text(&Settings::default(), setting.name).filter(|usual| !usual.is_empty()),
    };
    let calls = |kind: Kind| {
        let calls = kind.calls().iter();
        calls.map(|(service, action)| format!("{service}/{action}")).collect()
    };
    let kinds = Kind::ALL.iter().map(|kind| KnownKind {
        name: kind.name(),
        about: kind.about(),
        operations: calls(*kind),
        settings: kind.settings().iter().map(|one| setting(*kind, one)).collect(),
        thread: kind.thread(),
    });
    let scenarios = SCENARIOS.iter().map(|scenario| KnownScenario {
        name: scenario.name,
        about: scenario.about,
        faults: scenario.parts.iter().map(|part| part.kind.name()).collect(),
        persona: scenario.person.map(|person| person.preset),
        hint: scenario.hint,
        thread: scenario.thread,
    });
    Known { kinds: kinds.collect(), scenarios: scenarios.collect() }
}
