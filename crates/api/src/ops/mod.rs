//! The table: every operation of the reference, in the reference's order, and those of our own.
//! Dispatch, the authentication tests, the reference test and the OpenAPI document are computed
//! from it; nothing about an operation stands anywhere else.

pub mod answers;
pub mod heart;
pub mod measure;
pub mod notify;
pub mod oauth2;
pub mod own;
pub mod rawdata;
pub mod signature;
pub mod sleep;
pub mod stetho;
pub mod survey;
pub mod user;
pub(crate) mod window;

use crate::operation::Entry;

/// Operations of this server's own, for what the reference has none for.
pub const OWN: &[Entry] = &[Entry::of::<own::Changes>(), Entry::of::<own::Delete>()];

/// Every operation, the reference's first.
pub fn every() -> impl Iterator<Item = &'static Entry> {
    ALL.iter().chain(OWN)
}

/// Another name an action goes by: what is signed is the name that is sent.
pub struct Alias {
    /// The path.
    pub path: &'static str,
    /// The other name.
    pub name: &'static str,
    /// The action.
    pub action: &'static str,
}

/// Other names of actions, each with where it stands. No document lists them.
pub const ALIASES: &[Alias] = &[
    // The guide to surveys (field-notes 8.3).
    Alias { path: "/v2/survey", name: "addusers", action: "activate" },
    Alias { path: "/v2/survey", name: "removeusers", action: "deactivate" },
];

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
    Entry::of::<answers::GetAnswers>(),
    Entry::unbuilt("/v2/device", "disablefeature"),
    Entry::unbuilt("/v2/device", "enablefeature"),
    Entry::unbuilt("/v2/device", "endpartnerprogram"),
    Entry::unbuilt("/v2/dropshipment", "createorder"),
    Entry::unbuilt("/v2/dropshipment", "createuserorder"),
    Entry::unbuilt("/v2/dropshipment", "delete"),
    Entry::unbuilt("/v2/dropshipment", "getorderstatus"),
    Entry::unbuilt("/v2/dropshipment", "update"),
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
    Entry::unbuilt("/v2/order", "getdetail"),
    Entry::of::<rawdata::ActivateRawData>(),
    Entry::of::<rawdata::DeactivateRawData>(),
    Entry::of::<rawdata::GetRawData>(),
    Entry::of::<signature::GetNonce>(),
    Entry::of::<sleep::GetSleep>(),
    Entry::of::<sleep::GetSummary>(),
    Entry::of::<stetho::GetSounds>(),
    Entry::of::<stetho::ListSounds>(),
    Entry::of::<survey::ActivateSurvey>(),
    Entry::of::<survey::DeactivateSurvey>(),
    Entry::of::<survey::GetSurvey>(),
    Entry::of::<survey::ListSurveys>(),
    Entry::of::<survey::ListSurveyUsers>(),
    Entry::unbuilt("/v2/user", "activate"),
    Entry::of::<user::AddToRpm>(),
    Entry::unbuilt("/v2/user", "get"),
    Entry::of::<user::GetDevice>(),
    Entry::of::<user::GetGoals>(),
    Entry::of::<user::Link>(),
    Entry::of::<user::Unlink>(),
];
