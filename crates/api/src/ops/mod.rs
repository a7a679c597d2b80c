//! The table: every operation of the reference, in the reference's order, and those of our own.
//! Dispatch, the authentication tests, the reference test and the OpenAPI document are computed
//! from it; nothing about an operation stands anywhere else.

pub mod answers;
pub mod device;
pub mod dropshipment;
pub mod heart;
pub mod measure;
pub mod notify;
pub mod nudge;
pub mod nudgecampaign;
pub mod oauth2;
pub mod order;
pub mod own;
pub mod rawdata;
pub mod signature;
pub mod sleep;
pub mod stetho;
pub mod survey;
pub mod user;
pub(crate) mod window;

use crate::operation::Entry;

/// Operations the reference in hand does not have: of its guides, and of this server's own.
pub const OWN: &[Entry] =
    &[Entry::of::<device::GetFeatures>(), Entry::of::<own::Changes>(), Entry::of::<own::Delete>()];

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

/// Every operation of the reference.
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
    Entry::of::<device::DisableFeature>(),
    Entry::of::<device::EnableFeature>(),
    Entry::of::<device::EndPartnerProgram>(),
    Entry::of::<dropshipment::CreateOrder>(),
    Entry::of::<dropshipment::CreateUserOrder>(),
    Entry::of::<dropshipment::DeleteOrder>(),
    Entry::of::<dropshipment::GetOrderStatus>(),
    Entry::of::<dropshipment::UpdateOrder>(),
    Entry::of::<heart::GetHeart>(),
    Entry::of::<heart::ListHearts>(),
    Entry::of::<measure::ConfirmUser>(),
    Entry::of::<measure::GetActivity>(),
    Entry::of::<measure::GetIntradayActivity>(),
    Entry::of::<measure::GetWorkouts>(),
    Entry::of::<nudge::CreateNudge>(),
    Entry::of::<nudge::DeleteNudge>(),
    Entry::of::<nudge::GetNudge>(),
    Entry::of::<nudge::ListNudges>(),
    Entry::of::<nudge::UpdateNudge>(),
    Entry::of::<nudgecampaign::AddUsers>(),
    Entry::of::<nudgecampaign::CreateCampaign>(),
    Entry::of::<nudgecampaign::DeleteCampaign>(),
    Entry::of::<nudgecampaign::GetCampaign>(),
    Entry::of::<nudgecampaign::ListCampaigns>(),
    Entry::of::<nudgecampaign::ListCampaignUsers>(),
    Entry::of::<nudgecampaign::RemoveUsers>(),
    Entry::of::<nudgecampaign::UpdateCampaign>(),
    Entry::of::<order::GetDetail>(),
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
    Entry::of::<user::Activate>(),
    Entry::of::<user::AddToRpm>(),
    Entry::of::<user::GetUser>(),
    Entry::of::<user::GetDevice>(),
    Entry::of::<user::GetGoals>(),
    Entry::of::<user::Link>(),
    Entry::of::<user::Unlink>(),
];
