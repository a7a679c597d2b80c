//! The cookie that says who is logged in, and the checks that keep other sites from using it.

use crate::incoming::header_text;
use crate::web::App;
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use data_encoding::HEXLOWER;
use domain::{Result, UserId};
use sha2::{Digest, Sha256};
use store::Access;
use store::session::SESSION_SECONDS;
use subtle::ConstantTimeEq as _;

/// Somebody's session.
pub(crate) struct Session {
    pub(crate) secret: String,
    pub(crate) user: UserId,
}

impl Session {
    /// The session the request's cookie names, if it lives.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Self>> {
        let Some(secret) = presented(app, headers) else { return Ok(None) };
        let looked_up = secret.clone();
        let user = app.db.run(Access::Read, move |tx| store::session::user(tx, &looked_up)).await?;
        Ok(user.map(|user| Self { secret, user }))
    }

    /// What a form of this session has to bring along.
    pub(crate) fn form_token(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(format!("form:{}", self.secret)))
    }

    /// Whether a form came from a page of this session.
    pub(crate) fn made(&self, form_token: &str) -> bool {
        self.form_token().as_bytes().ct_eq(form_token.as_bytes()).into()
    }
}

/// With https only this site can set or see it; without, it is a plain cookie.
const fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-vitald" } else { "vitald" }
}

/// What the request's cookie holds, whether it lives or not.
pub(crate) fn presented(app: &App, headers: &HeaderMap) -> Option<String> {
    cookie_of(headers, cookie_name(app.is_https()))
}

/// What a cookie of a request holds.
pub(crate) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = all.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// The `Set-Cookie` of a session that begins, or (without a secret) of one that ends.
pub(crate) fn set_cookie(app: &App, secret: Option<&str>) -> Option<HeaderValue> {
    let seconds = secret.map_or(0, |_| SESSION_SECONDS);
    let cookie = Cookie::build((cookie_name(app.is_https()), secret.unwrap_or_default()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.is_https())
        .max_age(cookie::time::Duration::seconds(seconds));
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Whether a form was sent by a page of this very site: of the address people know it by, or of the
/// host it was sent to. Browsers say so; other programs say nothing and carry no cookie they did
/// not ask for.
pub(crate) fn is_same_site(app: &App, headers: &HeaderMap) -> bool {
    let fetch_site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let fetch_ok = fetch_site.is_none_or(|site| site == b"same-origin" || site == b"none");
    let host = header_text(headers, &header::HOST);
    let origin_ok = match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => {
            let origin = origin.to_str().unwrap_or_default();
            let known = app.public_url.as_ref().map(|url| url.origin().ascii_serialization());
            known.as_deref() == Some(origin)
                || origin.split_once("://").is_some_and(|(_, named)| Some(named) == host)
        }
    };
    fetch_ok && origin_ok
}
