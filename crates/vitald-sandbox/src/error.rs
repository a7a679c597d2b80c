//! What can go wrong between a test and its sandbox.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What can go wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The command could not be run.
    NotRun {
        /// The command, as it was looked for.
        program: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// It ended before it listened.
    Ended {
        /// What it said of it: of a seed that cannot be, the file, the table, the row and the key.
        said: String,
    },
    /// It did not listen in time.
    Silent {
        /// What it had logged by then.
        said: String,
    },
    /// The sandbox does not do what was asked for.
    Refused {
        /// The status of the API: 503 is a parameter that cannot be.
        status: i64,
        /// The sentence of the sandbox.
        text: String,
    },
    /// The sandbox could not be asked.
    Unreached(Box<dyn std::error::Error + Send + Sync>),
    /// It answered what this version does not understand.
    Strange(String),
}

/// What comes of asking a sandbox.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn unreached(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unreached(Box::new(cause))
    }

    pub(crate) fn strange(cause: impl fmt::Display) -> Self {
        Self::Strange(cause.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRun { program, cause } => {
                let program = program.display();
                write!(f, "{program} cannot be run: {cause}; name vitald with VITALD=PATH")
            }
            Self::Ended { said } => write!(f, "the sandbox did not start: {}", said.trim()),
            Self::Silent { said } => {
                write!(f, "the sandbox does not listen; it logged: {}", said.trim())
            }
            Self::Refused { status, text } => write!(f, "the sandbox refused: {text} ({status})"),
            Self::Unreached(cause) => write!(f, "the sandbox cannot be asked: {cause}"),
            Self::Strange(what) => write!(f, "vitald is of another version: {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotRun { cause, .. } => Some(cause),
            Self::Unreached(cause) => Some(cause.as_ref()),
            _ => None,
        }
    }
}
