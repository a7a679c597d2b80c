//! Starts a sandbox of vitald for a test, turns it, and ends it. For test suites in Rust: `vitald`
//! itself is needed beside it, and nothing else, no account and no network.
//!
//! ```no_run
//! use std::time::Duration;
//! use vitald_sandbox::{Fault, NewPerson, Sandbox};
//!
//! # fn main() -> Result<(), vitald_sandbox::Error> {
//! let sandbox = Sandbox::options().seed("tests/world.toml").start()?;
//! let reader = sandbox.application("Reader").expect("the seed has it");
//! let token = sandbox.access_token("anna@example.org").expect("the seed has it");
//! println!("{} asks {} with {token}", reader.client_id, sandbox.url("/measure"));
//!
//! sandbox.save("start")?;
//! sandbox.freeze()?;
//! sandbox.add_person(&NewPerson::of("runner").seed(7).days(30))?;
//! sandbox.add_fault(&Fault::named("too-many").operation("measure/getmeas").count(2))?;
//! sandbox.add_fault(&Fault::scenario("token.lost_response"))?;
//! // Retries fire, tokens end, people weigh in, in order: then the call returns.
//! sandbox.advance(Duration::from_secs(86_400))?;
//! sandbox.remove_faults()?;
//! sandbox.restore("start")?;
//! # Ok(())
//! # }
//! ```
//!
//! The sandbox ends when the value is dropped, also in a test that panics, and when the program
//! that started it ends in whatever way: it listens to a pipe that goes with it. As many as you
//! like run beside each other, each at a port and in a folder of its own.
//!
//! Tests that share one keep it in a `static` of [`std::sync::OnceLock`]: nothing drops that, and
//! the sandbox ends with the tests all the same.
//!
//! It speaks to `/vitald/v1` alone. The API that is tested is called by the program that is tested.

mod error;
mod options;
mod process;
mod ready;
mod turn;

pub use error::{Error, Result};
pub use options::Options;
pub use ready::{Application, Device, Organization, Person, Ready, Subscription, Tokens};
pub use turn::{AddedFault, AddedPerson, Clock, Fault, NewPerson, Snapshot, Turned};

use process::Process;
use turn::Caller;

/// A sandbox that runs. It ends with this.
#[derive(Debug)]
pub struct Sandbox {
    ready: Ready,
    caller: Caller,
    // Last: it ends when nobody asks it any more.
    process: Process,
}

impl Sandbox {
    /// One with an application and a person, and a token of the two.
    pub fn start() -> Result<Self> {
        Self::options().start()
    }

    /// How one is to be, before it starts.
    #[must_use]
    pub fn options() -> Options {
        Options::default()
    }

    /// Everything it said when it listened.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Where it listens, such as `http://127.0.0.1:43567`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.ready.base_url.trim_end_matches('/')
    }

    /// An address of it, of a path that begins with `/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url())
    }

    /// The application of that name.
    #[must_use]
    pub fn application(&self, name: &str) -> Option<&Application> {
        self.ready.applications.iter().find(|one| one.name == name)
    }

    /// The person with that e-mail address.
    #[must_use]
    pub fn person(&self, email: &str) -> Option<&Person> {
        self.ready.people.iter().find(|one| one.email == email)
    }

    /// The first tokens of the person with that e-mail address.
    #[must_use]
    pub fn tokens(&self, email: &str) -> Option<&Tokens> {
        let person = self.person(email)?;
        self.ready.tokens.iter().find(|one| one.userid == person.userid)
    }

    /// The first access token of the person with that e-mail address.
    #[must_use]
    pub fn access_token(&self, email: &str) -> Option<&str> {
        self.tokens(email).map(|tokens| tokens.access_token.as_str())
    }

    /// The last of what it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.log()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn tests_may_share_one() {
        const fn is_shared<T: Send + Sync>() {}
        is_shared::<crate::Sandbox>();
    }
}
