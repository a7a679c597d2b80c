//! `oauth2 requesttoken`: tokens for an authorization code or for a refresh token.

use crate::caller::GrantHolder;
use crate::operation::{Access, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Exchanges an authorization code, or refreshes an access token.
///
/// A code works once and for 30 seconds, with the `redirect_uri` it was sent to. A refresh token lives
/// one year; after it was used it can be used again until 8 hours have passed or until an access token
/// it brought is used, whichever is earlier (field-notes §4.1).
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RequestToken {
    /// What is exchanged.
    pub grant_type: GrantType,
    /// The application.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: String,
    /// With `authorization_code`: the code.
    pub code: Option<String>,
    /// With `authorization_code`: the address the code was sent to.
    pub redirect_uri: Option<String>,
    /// With `refresh_token`: the refresh token.
    pub refresh_token: Option<String>,
}

/// What is exchanged for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// An authorization code.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
}

/// A pair of tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenReply {
    /// Whose data the access token opens.
    pub userid: UserId,
    /// 40 hex digits.
    pub access_token: String,
    /// 40 hex digits.
    pub refresh_token: String,
    /// Seconds the access token lives: 10,800.
    pub expires_in: i64,
    /// The scopes, in the very text in which they were asked for.
    pub scope: String,
    /// Goes with the access token in web views of the mobile SDK.
    pub csrf_token: String,
    /// `Bearer`
    pub token_type: &'static str,
}

impl Operation for RequestToken {
    const PATH: &'static str = "/v2/oauth2";
    const ACTION: &'static str = "requesttoken";
    const ACCESS: Access = Access::Write;
    type Caller = GrantHolder;
    type Reply = TokenReply;

    /// The proof did the exchange: what is left is to say what it brought.
    fn call(self, _: &mut Tx<'_>, caller: GrantHolder) -> Result<TokenReply> {
        let tokens = caller.tokens;
        Ok(TokenReply {
            userid: tokens.user,
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_in: tokens.expires_in,
            scope: tokens.scope,
            csrf_token: tokens.csrf_token,
            token_type: "Bearer",
        })
    }
}
