//! `/v2/oauth2`

mod requesttoken;

pub use requesttoken::{GrantType, RequestToken, TokenReply};
