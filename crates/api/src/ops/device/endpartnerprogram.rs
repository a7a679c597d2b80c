//! `device endpartnerprogram`: a device leaves its programme, or is kept.

use crate::caller::{Cellular, Signed};
use crate::operation::{Access, Example, Operation, Tx};
use crate::ops::user::link::{registered, rejected};
use domain::device::{End, Mac, Sim, ends_programmes};
use domain::{Refusal, Result, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Ends the programme of a device: after 48 hours it is an ordinary device of its person, for good.
/// `STANDBY` keeps it, for the ten minutes in which that can be undone. The device is told in the
/// answer of its next sync.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct EndPartnerProgram {
    /// Its hardware address.
    pub mac_address: String,
    /// `TERMINATED` or `STANDBY`.
    pub status: String,
}

/// What comes of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ended {
    /// The state of its line from now on.
    pub new_sim_status: &'static str,
    /// When it is over for good; only where the programme was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub termination_date: Option<UnixTime>,
}

impl Operation for EndPartnerProgram {
    const PATH: &'static str = "/v2/device";
    const ACTION: &'static str = "endpartnerprogram";
    const ACCESS: Access = Access::Write;
    type Caller = Signed<Cellular>;
    type Reply = Ended;

    fn call(self, tx: &mut Tx<'_>, caller: Signed<Cellular>) -> Result<Ended> {
        let problem = "expected 12 hex digits, such as 00:24:e4:12:34:56";
        let mac: Mac = (self.mac_address.trim().parse())
            .map_err(|_| Refusal::invalid_param("mac_address", problem))?;
        let asked = Sim::parse(self.status.trim());
        let asked = asked.filter(|sim| matches!(sim, Sim::Terminated | Sim::Standby));
        let problem = "expected TERMINATED or STANDBY";
        let asked = asked.ok_or_else(|| Refusal::invalid_param("status", problem))?;
        let device = registered(tx, &caller.client_id, mac, "mac_address")?;
        // Two calls at once must not both see the state before.
        store::sync::lock(tx, device.id)?;
        let device = store::device::find(tx, device.id)?.unwrap_or(device);
        if !ends_programmes(device.model_id) {
            let cause = "devices of this model are in no programme that could be ended";
            return Err(rejected("mac_address", cause));
        }
        let end = End::of(asked, device.terminates, tx.now()).ok_or_else(|| {
            let problem = "the programme was ended more than ten minutes ago, which is for good";
            Refusal::invalid_param("status", problem)
        })?;
        store::device::set_sim(tx, device.id, end.sim, end.terminates)?;
        Ok(Ended { new_sim_status: end.sim.name(), termination_date: end.terminates.map(UnixTime) })
    }

    fn examples() -> Vec<Example<Ended>> {
        let reply =
            Ended { new_sim_status: "TERMINATED", termination_date: Some(UnixTime(1_795_502_931)) };
        let params = json!({ "mac_address": "00:24:e4:12:34:56", "status": "TERMINATED" });
        vec![Example { summary: "The end of a programme", params, reply }]
    }
}
