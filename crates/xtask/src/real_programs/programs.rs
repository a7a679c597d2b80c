//! The programs that are run, and the little that no run can tell of them. How each is driven
//! stands in its folder of `tests/real-programs`; its version stands there alone.

/// A public client program.
pub(super) struct Program {
    /// As its registry has it, and its folder.
    pub(super) name: &'static str,
    pub(super) registry: Registry,
    pub(super) purpose: &'static str,
    /// What a reader of the results has to know; empty: nothing.
    pub(super) note: &'static str,
}

/// Where its authors published it.
#[derive(Clone, Copy)]
pub(super) enum Registry {
    PyPi,
    Npm,
}

impl Registry {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PyPi => "PyPI",
            Self::Npm => "npm",
        }
    }

    /// The driver in a program's folder.
    pub(super) const fn driver(self) -> &'static str {
        match self {
            Self::PyPi => "drive.py",
            Self::Npm => "drive.mjs",
        }
    }
}

pub(super) const PROGRAMS: &[Program] = &[
    Program {
        name: "withings-api",
        registry: Registry::PyPi,
        purpose: "the library most Python programs were written with; strict types, GET, tokens \
                  in the query",
        note: "",
    },
    Program {
        name: "withings-sync",
        registry: Registry::PyPi,
        purpose: "a command that copies weighings and blood pressures to training services, or to \
                  files",
        note: "It writes its files here and uploads nothing.",
    },
    Program {
        name: "aiowithings",
        registry: Registry::PyPi,
        purpose: "the library with which Home Assistant reads Withings; it warns of every \
                  value it does not know",
        note: "Tokens are the business of whoever uses it: the driver asks for them as Home \
               Assistant does, so `oauth2 requesttoken` is the driver's own call.",
    },
    Program {
        name: "legnoh-withings",
        registry: Registry::PyPi,
        purpose: "a thin Python client with a method for nearly every operation of the public \
                  API",
        note: "It takes `meastypes` as a list of numbers and then fails to join them (a \
               `TypeError`, before anything is sent): the driver hands it the numbers as texts.",
    },
    Program {
        name: "withings-to-intervals-icu",
        registry: Registry::PyPi,
        purpose: "a command that copies weights and body fat of years to a training service",
        note: "The training service is a stand-in on the same machine.",
    },
    Program {
        name: "withings-node-oauth2",
        registry: Registry::Npm,
        purpose: "a typed client for Node that signs its token and notify calls and pages by \
                  itself",
        note: "",
    },
];
