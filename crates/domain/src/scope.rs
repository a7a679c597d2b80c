//! What a token may be used for (field-notes §3). Which operation needs which scope is said by the
//! operation itself.

use std::fmt;

/// One permission a person can give an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `user.info`
    Info,
    /// `user.metrics`
    Metrics,
    /// `user.activity`
    Activity,
    /// `user.sleepevents`
    SleepEvents,
    /// `user.data`
    Data,
    /// `user.rawdata`
    RawData,
    /// `vitald.delete`: this server's own, for what the reference has no operation for.
    Delete,
}

impl Scope {
    /// Every scope of the reference, in the order a consent page lists them.
    pub const ALL: [Self; 6] =
        [Self::Info, Self::Metrics, Self::Activity, Self::SleepEvents, Self::Data, Self::RawData];

    /// Scopes of this server's own. They are never given unasked.
    pub const OWN: [Self; 1] = [Self::Delete];

    /// Every scope, the reference's first.
    pub fn every() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().chain(Self::OWN)
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "user.info",
            Self::Metrics => "user.metrics",
            Self::Activity => "user.activity",
            Self::SleepEvents => "user.sleepevents",
            Self::Data => "user.data",
            Self::RawData => "user.rawdata",
            Self::Delete => "vitald.delete",
        }
    }

    /// What the consent page tells the person.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Info => "See your devices and goals",
            Self::Metrics => "See your weight, blood pressure, heart and other measurements",
            Self::Activity => "See your activity, workouts and sleep",
            Self::SleepEvents => "Be told when you get into and out of bed",
            Self::Data => "See your answers to surveys",
            Self::RawData => "See the raw signals of your devices' sensors",
            Self::Delete => "Delete your measurements, workouts and nights",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The scopes of a grant, with the very text in which they were asked for: token answers repeat it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeSet {
    text: String,
    scopes: Vec<Scope>,
}

impl ScopeSet {
    /// Reads a list separated by commas (or spaces, as OAuth libraries write it). `None` when it is
    /// empty, names an unknown scope, or is absurdly long.
    pub fn parse(text: &str) -> Option<Self> {
        const TEXT_BYTES_MAX: usize = 500;
        let names = text.split([',', ' ']).filter(|name| !name.is_empty());
        let named = |name| Scope::every().find(|scope| scope.name() == name);
        let mut scopes = names.map(named).collect::<Option<Vec<_>>>()?;
        scopes.sort_unstable();
        scopes.dedup();
        let usable = !scopes.is_empty() && text.len() <= TEXT_BYTES_MAX;
        usable.then(|| Self { text: text.to_owned(), scopes })
    }

    /// Every scope of the reference.
    pub fn all() -> Self {
        Self::of(Scope::ALL.into_iter())
    }

    /// These scopes, in the order of their list.
    pub fn of(scopes: impl Iterator<Item = Scope>) -> Self {
        let scopes: Vec<Scope> = scopes.collect();
        let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
        Self { text: names.join(","), scopes }
    }

    /// The text in which they were asked for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Each scope once.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.scopes.iter().copied()
    }

    /// Whether the grant covers `scope`.
    pub fn contains(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_stays_as_asked_for() {
        let set = ScopeSet::parse("user.metrics,user.info,user.metrics").expect("known scopes");
        assert_eq!(set.text(), "user.metrics,user.info,user.metrics");
        assert_eq!(set.iter().collect::<Vec<_>>(), [Scope::Info, Scope::Metrics]);
        assert!(!set.contains(Scope::Activity));
    }

    #[test]
    fn unknown_and_empty_lists_are_refused() {
        assert_eq!(ScopeSet::parse("user.everything"), None);
        assert_eq!(ScopeSet::parse(" , "), None);
        assert_eq!(ScopeSet::parse(&"user.info,".repeat(51)), None);
    }
}
