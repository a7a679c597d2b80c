//! `/v2/device`

mod disablefeature;
mod enablefeature;
mod endpartnerprogram;
mod getfeatures;

pub use disablefeature::DisableFeature;
pub use enablefeature::{Chosen, EnableFeature};
pub use endpartnerprogram::{EndPartnerProgram, Ended};
pub use getfeatures::{Features, GetFeatures};

use domain::{Refusal, Result, UserId};
use store::{Tx, grant};

/// Somebody the application may choose for: who lets it read their data, or whose account it made.
pub(crate) fn member(tx: &mut Tx<'_>, client_id: &str, user: UserId) -> Result<()> {
    if grant::is_member(tx, client_id, user)? {
        return Ok(());
    }
    Err(Refusal::rejected("userid", "the person is none of the application's").into())
}

/// Switches a feature of a model for a person.
fn switch(
    tx: &mut Tx<'_>,
    client_id: &str,
    user: UserId,
    (model, name): (i64, &str),
    is_on: bool,
) -> Result<()> {
    if domain::feature::of_model(model).next().is_none() {
        let problem = "expected a model that has features: 17 or 63";
        return Err(Refusal::invalid_param("model", problem).into());
    }
    let feature = domain::feature::find(model, name).ok_or_else(|| {
        let names: Vec<_> = domain::feature::of_model(model).map(|one| one.name).collect();
        let problem = format!("expected one of the model's: {}", names.join(", "));
        Refusal::invalid_param("feature_name", problem)
    })?;
    member(tx, client_id, user)?;
    store::feature::choose(tx, client_id, user, (model, feature.name), is_on)
}
