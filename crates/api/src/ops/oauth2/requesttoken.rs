//! `oauth2 requesttoken`: tokens for an authorization code or for a refresh token.

use crate::caller::GrantHolder;
use crate::operation::{Access, Example, Operation, Tx};
use domain::{Result, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Exchanges an authorization code, or refreshes an access token.
///
/// A code works once and for 30 seconds, with the `redirect_uri` it was sent to. A refresh token
/// lives one year; after it was used it can be used again until 8 hours have passed or until an
/// access token it brought is used, whichever is earlier.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RequestToken {
    /// What is exchanged.
    pub grant_type: GrantType,
    /// The application.
    pub client_id: String,
    /// The application's secret; without it the call is signed.
    pub client_secret: Option<String>,
    /// Instead of the secret: of `signature getnonce`.
    pub nonce: Option<String>,
    /// Instead of the secret: the signature of the call.
    pub signature: Option<String>,
    /// With `authorization_code`: the code.
    pub code: Option<String>,
    /// With `authorization_code`: the address the code was sent to.
    pub redirect_uri: Option<String>,
    /// With `authorization_code`: what the PKCE challenge was made of, if there was one.
    pub code_verifier: Option<String>,
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

    fn examples() -> Vec<Example<TokenReply>> {
        let reply = || TokenReply {
            userid: UserId(21_345_678),
            access_token: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            refresh_token: "89abcdef0123456789abcdef0123456789abcdef".to_owned(),
            expires_in: 10_800,
            scope: "user.info,user.metrics".to_owned(),
            csrf_token: "fedcba9876543210fedcba9876543210".to_owned(),
            token_type: "Bearer",
        };
        let (id, secret) = ("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100");
        vec![
            Example {
                summary: "Tokens for a code",
                params: json!({
                    "grant_type": "authorization_code",
                    "client_id": id,
                    "client_secret": secret,
                    "code": "a0a1a2a3a4a5a6a7a8a9b0b1b2b3b4b5b6b7b8b9",
                    "redirect_uri": "https://my.example.org/callback",
                }),
                reply: reply(),
            },
            Example {
                summary: "New tokens for a refresh token",
                params: json!({
                    "grant_type": "refresh_token",
                    "client_id": id,
                    "client_secret": secret,
                    "refresh_token": "89abcdef0123456789abcdef0123456789abcdef",
                }),
                reply: reply(),
            },
        ]
    }
}
