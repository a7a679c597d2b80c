//! The line of a cellular device, and how the programme of a device ends (field-notes §10).

/// For so long after its programme was ended a device can be kept. The sources say "in the first
/// minutes"; the number is ours.
pub const GRACE_SECONDS: i64 = 600;
/// After so long a device whose programme was ended belongs to it no more (field-notes §10: within
/// about 48 hours).
pub const TERMINATION_SECONDS: i64 = 48 * 3_600;

/// What state a line is in. `READY`, `STANDBY` and `TERMINATED` are in the sources; `ACTIVE` is
/// ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sim {
    /// Nobody uses the device yet.
    Ready,
    /// Somebody uses it.
    Active,
    /// It is kept, and carries nothing.
    Standby,
    /// Its programme was ended.
    Terminated,
}

impl Sim {
    const ALL: [Self; 4] = [Self::Ready, Self::Active, Self::Standby, Self::Terminated];

    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Active => "ACTIVE",
            Self::Standby => "STANDBY",
            Self::Terminated => "TERMINATED",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sim| sim.name() == name)
    }
}

/// What is asked of a device's programme, and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The state of the line from now on.
    pub sim: Sim,
    /// When the programme is over for good.
    pub terminates: Option<i64>,
}

impl End {
    /// What comes of asking for a state: `STANDBY` keeps a device, and undoes an end as long as it
    /// can be undone; `TERMINATED` ends its programme, and again changes nothing. None: it is too
    /// late, or another state is asked for.
    #[must_use]
    pub fn of(asked: Sim, terminates: Option<i64>, now: i64) -> Option<Self> {
        let kept = Self { sim: Sim::Standby, terminates: None };
        let ended = Self {
            sim: Sim::Terminated,
            terminates: Some(terminates.unwrap_or(now.saturating_add(TERMINATION_SECONDS))),
        };
        match (asked, terminates) {
            (Sim::Terminated, _) => Some(ended),
            (Sim::Standby, None) => Some(kept),
            (Sim::Standby, Some(end)) => {
                (now < end - TERMINATION_SECONDS + GRACE_SECONDS).then_some(kept)
            }
            (Sim::Ready | Sim::Active, _) => None,
        }
    }
}

/// Whether devices of that model have a line of their own: Body Pro, Body Pro 2, BPM Connect Pro,
/// BPM Pro 2 and the hub.
#[must_use]
pub const fn is_cellular(model_id: i64) -> bool {
    matches!(model_id, 9 | 17 | 46 | 47 | 100)
}

/// Whether the programme of devices of that model can be ended: those with a line, and those that
/// speak through a hub (field-notes §10: Body, Sleep, BPM Core, BPM Connect).
#[must_use]
pub const fn ends_programmes(model_id: i64) -> bool {
    is_cellular(model_id) || matches!(model_id, 7 | 14 | 44 | 45 | 61 | 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_can_be_undone_for_a_while_and_is_then_for_good() {
        let now = 1_795_000_000;
        let ended = End::of(Sim::Terminated, None, now).expect("an end");
        assert_eq!(ended.terminates, Some(now + 172_800));
        let keep = |later| End::of(Sim::Standby, ended.terminates, now + later);
        let kept = Some(End { sim: Sim::Standby, terminates: None });
        assert_eq!(keep(0), kept);
        assert_eq!(keep(GRACE_SECONDS - 1), kept);
        assert_eq!(keep(GRACE_SECONDS), None);
        assert_eq!(keep(TERMINATION_SECONDS + 1), None);
        // Again is the same end.
        assert_eq!(End::of(Sim::Terminated, ended.terminates, now + 5_000), Some(ended));
        assert_eq!(End::of(Sim::Standby, None, now), kept);
        assert_eq!(End::of(Sim::Active, None, now), None);
    }

    #[test]
    fn states_have_their_words() {
        for sim in Sim::ALL {
            assert_eq!(Sim::parse(sim.name()), Some(sim));
        }
        assert_eq!(Sim::parse("standby"), None);
    }
}
