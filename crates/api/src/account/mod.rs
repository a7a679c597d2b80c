//! What people do on their own pages: who they are, what they let programs see, their data to take
//! along, the end of their account, and the applications they register. Whose session it is,
//! passwords and forms are the server's; every rule is here, so that no page can forget one.

mod applications;
mod claim;
mod data;
mod developer;
mod download;
mod ending;
mod fleet;
mod notifications;
mod opening;
mod orders;
mod profile;

pub use applications::{connected, revoke};
pub use claim::{CODE_SECONDS, Sms, ask, claim};
pub use data::{Section, Shown, latest, take_away};
pub use developer::{APPLICATIONS_MAX, change_own, create_own, find_own, own, people, rotate_own};
pub use download::beginning;
pub use ending::delete;
pub use fleet::{own_fleet, register_own_fleet};
pub use notifications::{
    Deed, Done, change_own_subscription, own_log, own_notification, own_subscription,
    own_subscriptions, resend_own,
};
pub use opening::{change_password, log_in, sign_up};
pub use orders::{Move, OwnOrder, move_own_order, own_order, own_orders};
pub use profile::{NewProfile, Profile, profile, set_profile, travels};
