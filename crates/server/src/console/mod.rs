//! The pages people and developers use in a browser: accounts, what they let programs see, their
//! data, and the applications they register. They work without JavaScript. Rules are in
//! `api::account`; a page reads a form, calls a rule and shows what came of it.

mod applications;
mod claim;
mod data;
mod delete;
mod deliveries;
mod developer;
mod download;
mod fleet;
mod home;
pub(crate) mod log_in;
mod orders;
pub(crate) mod page;
mod password;
mod profile;
mod sandbox;
mod sign_up;
mod subscriptions;

use crate::authorize::AUTHORIZE;
use crate::web::App;
use axum::Router;
use axum::routing::{get, post};

/// Where people are when they are logged in.
const HOME: &str = "/account";
const LOG_IN: &str = "/account/log-in";
const DEVELOPER: &str = "/developer";

/// The routes of the pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::landing))
        .route("/oauth2_user/login", post(log_in::begin))
        .route("/oauth2_user/logout", post(log_in::end))
        .route(HOME, get(home::home))
        .route(LOG_IN, get(log_in::show).post(log_in::begin))
        .route("/account/log-out", post(log_in::end))
        .route("/account/sign-up", get(sign_up::show).post(sign_up::make))
        .route("/account/claim", get(claim::show).post(claim::claim))
        .route("/account/claim/code", post(claim::ask))
        .route("/account/password", get(password::show).post(password::change))
        .route("/account/profile", get(profile::show).post(profile::change))
        .route("/account/applications", get(applications::show).post(applications::revoke))
        .route("/account/download", get(download::lines))
        .route("/account/download/health-mate", get(download::zip))
        .route("/account/data", get(data::show).post(data::delete))
        .route("/account/delete", get(delete::show).post(delete::delete))
        .route(DEVELOPER, get(developer::list))
        .route(sandbox::PAGE, get(sandbox::show).post(sandbox::change))
        .route("/developer/sandbox/open", post(sandbox::open))
        .route(sandbox::FAULTS, get(sandbox::faults).post(sandbox::add_faults))
        .route("/developer/new", get(developer::new).post(developer::create))
        .route("/developer/applications/{id}", get(developer::show).post(developer::change))
        .route("/developer/applications/{id}/secret", post(developer::rotate))
        .route("/developer/applications/{id}/subscriptions", get(subscriptions::list))
        .route(
            "/developer/applications/{id}/subscriptions/{subscription}",
            get(subscriptions::show).post(subscriptions::change),
        )
        .route("/developer/applications/{id}/devices", get(fleet::show).post(fleet::register))
        .route("/developer/applications/{id}/orders", get(orders::list))
        .route("/developer/applications/{id}/orders/{order}", get(orders::show).post(orders::go_on))
        .route("/developer/applications/{id}/deliveries", get(deliveries::list))
        .route(
            "/developer/applications/{id}/deliveries/{notification}",
            get(deliveries::show).post(deliveries::resend),
        )
}

/// Whether a page may lead there: to the pages here, never to another site, and nothing a header
/// cannot hold.
pub(crate) fn leads_back(next: &str) -> bool {
    let path = next.split_once('?').map_or(next, |(path, _)| path);
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'_' | b'-');
    let is_below = |page: &str| {
        path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    path.bytes().all(is_plain)
        && !path.contains("//")
        && (path == AUTHORIZE || is_below(HOME) || is_below(DEVELOPER))
        && !next.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::leads_back;

    #[test]
    fn next_leads_to_our_own_pages_alone() {
        for ours in [
            "/account",
            "/account/profile",
            "/developer/applications/0a1b",
            "/oauth2_user/authorize2",
            "/oauth2_user/authorize2?redirect_uri=https://program.example/x&state=%0d%0a",
        ] {
            assert!(leads_back(ours), "{ours}");
        }
        for other in [
            "",
            "/",
            "account",
            "//evil",
            "/\\evil",
            "https:evil",
            "https://evil/account",
            "//evil/account",
            "/account//evil",
            "/account/../evil",
            "/account%2f%2fevil",
            "/%2f%2fevil",
            "/accountevil",
            "/account@evil",
            "/account\r\nset-cookie: x=y",
            "/account?\r\nset-cookie: x=y",
            "javascript:alert(1)",
        ] {
            assert!(!leads_back(other), "{other}");
        }
    }
}
