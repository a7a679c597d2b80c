//! `/vitald/v1`: operations of this server's own, for what the reference has none for. They are
//! called like all others, and also as `/vitald/v1/<action>`.

mod changes;
mod delete;

pub(crate) use changes::page;
pub use changes::{Changes, LIMIT_MAX};
pub use delete::Delete;

/// Where they are.
pub const PATH: &str = "/vitald/v1";
/// What they are called together.
pub const SERVICE: &str = "vitald";
