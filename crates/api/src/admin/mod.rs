//! What an operator does: the commands of `vitald`, without their text. Every check is made here,
//! so that another front end cannot forget one.

mod account;
mod application;
mod care;
mod device;
mod fleet;
mod goals;
mod notification;
mod order;
mod seed;
mod survey;
mod token;

pub(crate) use account::decimal;
pub use account::{Account, NewAccount, Summary, create_account, find_account, list_accounts};
pub use application::{
    ENVIRONMENTS, NewApplication, OVERLAP_SECONDS, change_application, create_application,
    create_organization, create_written_application, entitle_organization, find_application,
    list_applications, list_organizations, own_account, redirect_uris, rotate_secret,
};
pub use care::{NewProgram, add_codes, add_program, list_codes, list_programs};
pub use device::{
    DeviceSummary, NewDevice, claim_weighing, issue_device_token, list_devices, list_weighings,
    register_device, revoke_device_tokens,
};
pub(crate) use device::{check_model, check_serial, read_mac};
pub use fleet::{FLEET_MAX, Flaw, Fleet, FleetRow, fleet, read_fleet, register_fleet};
pub use goals::{Goals, NewGoals, set_goals};
pub use notification::{
    Progress, REPLAY_ROWS, Replay, Signing, category, category_name, end_subscription,
    find_notification, find_subscription, list_notifications, list_subscriptions,
    pause_subscription, resend, shown_body, shown_callback, sign_subscription, test_subscription,
};
pub use order::{
    NewProduct, OrderSummary, add_product, find_order, list_orders, list_products, move_order,
    move_parcel, remove_product, replace_order, ship_order,
};
pub use seed::{
    Clock as SeedClock, Made, MadeApplication, MadeDevice, MadeOrganization, MadePerson,
    MadeSubscription, MadeToken, Makers, Outside, SEED_BYTES_MAX, Seed, SeedFault, Simulation,
    describe_sandbox, make_seed, read_seed, small_seed,
};
pub use survey::{
    SURVEY_BYTES_MAX, activate_survey, compare_survey, deactivate_survey, find_survey,
    list_answers, list_surveys, load_survey, read_survey, withdraw_survey,
};
pub use token::issue_token;

/// Lists are read in parts of this many rows.
pub const LIST_ROWS: i64 = 500;
