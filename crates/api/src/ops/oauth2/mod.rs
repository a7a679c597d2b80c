//! `/v2/oauth2`

mod createclient;
mod getdemoaccess;
mod listusers;
mod recoverauthorizationcode;
mod requesttoken;
mod revoke;

pub use createclient::{CreateClient, NewClient};
pub use getdemoaccess::{DemoTokens, GetDemoAccess};
pub use listusers::{ListUsers, ListedUser, ListedUsers};
pub use recoverauthorizationcode::{RecoverAuthorizationCode, Recovered, RecoveredUser};
pub use requesttoken::{GrantType, RequestToken, TokenReply};
pub use revoke::{Revoke, Revoked};
