//! The table: every operation of the reference, in the reference's order, and those of our own.
//! Dispatch, the authentication tests, the reference test and the OpenAPI document are computed
//! from it; nothing about an operation stands anywhere else.

pub mod dropshipment;
pub mod heart;
pub mod measure;
pub mod notify;
pub mod oauth2;
pub mod order;
pub mod own;
pub mod rawdata;
pub mod signature;
pub mod sleep;
pub mod stetho;
pub mod user;
pub(crate) mod window;

use crate::operation::Entry;

/// Operations of this server's own, for what the reference has none for.
pub const OWN: &[Entry] = &[Entry::of::<own::Changes>(), Entry::of::<own::Delete>()];

/// Every operation, the reference's first.
pub fn every() -> impl Iterator<Item = &'static Entry> {
    ALL.iter().chain(OWN)
}

/// Every operation of the reference. The next one built replaces its `unbuilt` line.
pub const ALL: &[Entry] = &[
    Entry::page("/oauth2_user/authorize2"),
    Entry::of::<oauth2::RequestToken>(),
    Entry::of::<oauth2::RecoverAuthorizationCode>(),
    Entry::of::<oauth2::ListUsers>(),
    Entry::of::<oauth2::Revoke>(),
    Entry::of::<oauth2::GetDemoAccess>(),
    Entry::of::<oauth2::CreateClient>(),
    Entry::of::<measure::GetMeas>(),
    Entry::of::<notify::Get>(),
    Entry::of::<notify::List>(),
    Entry::of::<notify::Revoke>(),
    Entry::of::<notify::Subscribe>(),
    Entry::of::<notify::Update>(),
    Entry::unbuilt("/v2/answers", "get"),
    Entry::unbuilt("/v2/device", "disablefeature"),
    Entry::unbuilt("/v2/device", "enablefeature"),
    Entry::unbuilt("/v2/device", "endpartnerprogram"),
    Entry::of::<dropshipment::CreateOrder>(),
    Entry::unbuilt("/v2/dropshipment", "createuserorder"),
    Entry::of::<dropshipment::DeleteOrder>(),
    Entry::of::<dropshipment::GetOrderStatus>(),
    Entry::of::<dropshipment::UpdateOrder>(),
    Entry::of::<heart::GetHeart>(),
    Entry::of::<heart::ListHearts>(),
    Entry::of::<measure::ConfirmUser>(),
    Entry::of::<measure::GetActivity>(),
    Entry::of::<measure::GetIntradayActivity>(),
    Entry::of::<measure::GetWorkouts>(),
    Entry::unbuilt("/v2/nudge", "create"),
    Entry::unbuilt("/v2/nudge", "delete"),
    Entry::unbuilt("/v2/nudge", "get"),
    Entry::unbuilt("/v2/nudge", "list"),
    Entry::unbuilt("/v2/nudge", "update"),
    Entry::unbuilt("/v2/nudgecampaign", "addusers"),
    Entry::unbuilt("/v2/nudgecampaign", "create"),
    Entry::unbuilt("/v2/nudgecampaign", "delete"),
    Entry::unbuilt("/v2/nudgecampaign", "get"),
    Entry::unbuilt("/v2/nudgecampaign", "list"),
    Entry::unbuilt("/v2/nudgecampaign", "listusers"),
    Entry::unbuilt("/v2/nudgecampaign", "removeusers"),
    Entry::unbuilt("/v2/nudgecampaign", "update"),
    Entry::of::<order::GetDetail>(),
    Entry::of::<rawdata::ActivateRawData>(),
    Entry::of::<rawdata::DeactivateRawData>(),
    Entry::of::<rawdata::GetRawData>(),
    Entry::of::<signature::GetNonce>(),
    Entry::of::<sleep::GetSleep>(),
    Entry::of::<sleep::GetSummary>(),
    Entry::of::<stetho::GetSounds>(),
    Entry::of::<stetho::ListSounds>(),
    Entry::unbuilt("/v2/survey", "activate"),
    Entry::unbuilt("/v2/survey", "deactivate"),
    Entry::unbuilt("/v2/survey", "get"),
    Entry::unbuilt("/v2/survey", "list"),
    Entry::unbuilt("/v2/survey", "listusers"),
    Entry::unbuilt("/v2/user", "activate"),
    Entry::unbuilt("/v2/user", "addtorpm"),
    Entry::unbuilt("/v2/user", "get"),
    Entry::of::<user::GetDevice>(),
    Entry::of::<user::GetGoals>(),
    Entry::of::<user::Link>(),
    Entry::of::<user::Unlink>(),
];
