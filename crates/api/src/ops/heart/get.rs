//! `heart get`: the signal of an electrocardiogram.

use crate::caller::{Metrics, ScopedOrSigned};
use crate::operation::{Access, Example, Operation, Tx};
use crate::signal_token;
use crate::source::Sources;
use domain::recording::{About, Kind};
use domain::{Error, GroupId, Refusal, Result, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use signal::filter;
use store::recording::{self, Stored};

/// The signal of an electrocardiogram, in microvolts.
///
/// A program with a person's token gives `signalid`. An application that was notified of the
/// recording signs its call and gives the `signal_token` of the notification, as long as the person
/// lets it see their measurements.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetHeart {
    /// What `heart list` says, for a call with a token.
    pub signalid: Option<GroupId>,
    /// What the notification said, for a signed call.
    pub signal_token: Option<String>,
    /// Whether the signal is to be given filtered too, from 0.5 to 40 Hz, as `filtered`.
    pub with_filtered: Option<bool>,
    /// Whether the intervals the device measured are to be given too, as `intervals`.
    pub with_intervals: Option<bool>,
}

/// A signal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeartSignal {
    /// Microvolts, one for each sample.
    pub signal: Vec<i64>,
    /// Samples a second.
    pub sampling_frequency: i64,
    /// Where the device was.
    pub wearposition: i64,
    /// The number of the model; null where it is not known.
    pub model: Option<i64>,
    /// Mean heart rate, in beats per minute; left out where the device found none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64")]
    pub heart_rate: Option<i64>,
    /// The signal from 0.5 to 40 Hz, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<i64>")]
    pub filtered: Option<Vec<i64>>,
    /// The intervals the device measured, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "HeartIntervals")]
    pub intervals: Option<HeartIntervals>,
}

/// Intervals, in milliseconds; null where the device measured none.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HeartIntervals {
    /// From P to R.
    pub pr: Option<i64>,
    /// The length of QRS.
    pub qrs: Option<i64>,
    /// From Q to T.
    pub qt: Option<i64>,
    /// That corrected for the heart rate.
    pub qtc: Option<i64>,
}

/// Where a device is of which nothing is known: at the left wrist, as watches are.
const WEARPOSITION: i64 = 1;

impl Operation for GetHeart {
    const PATH: &'static str = "/v2/heart";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = ScopedOrSigned<Metrics>;
    type Reply = HeartSignal;

    fn call(self, tx: &mut Tx<'_>, caller: ScopedOrSigned<Metrics>) -> Result<HeartSignal> {
        let stored = match caller {
            ScopedOrSigned::Scoped(caller) => {
                let id = self.signalid.ok_or_else(|| Refusal::missing_param("signalid"))?;
                let own = Some(id).filter(|id| id.parts().0 == caller.user);
                own.map_or(Ok(None), |id| find(tx, id))?.ok_or_else(|| unknown("signalid"))?
            }
            ScopedOrSigned::Signed(client_id) => {
                let token = self.signal_token.as_deref();
                let token = token.ok_or_else(|| Refusal::missing_param("signal_token"))?;
                let id = signal_token::open(tx, &client_id, token)?;
                id.map_or(Ok(None), |id| find(tx, id))?.ok_or_else(|| unknown("signal_token"))?
            }
        };
        let samples = recording::signal(tx, stored.id)?;
        let samples = signal::raw::unpack(&samples)
            .map_err(|damage| Error::internal(format!("a stored signal: {damage}")))?;
        let About { frequency, position, heart_rate, pr, qrs, qt, qtc, .. } =
            stored.recording.about;
        let sampling_frequency = frequency.unwrap_or(0);
        let hertz = u32::try_from(sampling_frequency).unwrap_or(0);
        let wants = |asked: Option<bool>| asked.unwrap_or(false);
        let filtered =
            wants(self.with_filtered).then(|| filter::electrocardiogram(&samples, hertz));
        let intervals = wants(self.with_intervals).then_some(HeartIntervals { pr, qrs, qt, qtc });
        let (user, mut sources) = (stored.id.parts().0, Sources::default());
        let model = match stored.recording.device {
            Some(device) => sources.model_id(tx, user, device)?,
            None => None,
        };
        Ok(HeartSignal {
            signal: samples,
            sampling_frequency,
            wearposition: position.unwrap_or(WEARPOSITION),
            model,
            heart_rate,
            filtered,
            intervals,
        })
    }

    fn examples() -> Vec<Example<HeartSignal>> {
        let reply = HeartSignal {
            signal: vec![-12, -9, -3, 4, 18, 240, 981, 402, -120, -35],
            sampling_frequency: 300,
            wearposition: WEARPOSITION,
            model: Some(93),
            heart_rate: Some(64),
            filtered: None,
            intervals: Some(HeartIntervals {
                pr: Some(152),
                qrs: Some(88),
                qt: Some(396),
                qtc: Some(405),
            }),
        };
        let params = json!({ "signalid": 4_592_233_961_489_592_i64, "with_intervals": true });
        vec![Example { summary: "A signal (here its beginning) and its intervals", params, reply }]
    }
}

fn find(tx: &mut Tx<'_>, id: GroupId) -> Result<Option<Stored>> {
    Ok(recording::find(tx, id)?.filter(|stored| stored.recording.kind == Kind::Ecg))
}

/// Unknown and somebody else's are told apart by nobody.
fn unknown(name: &str) -> Error {
    let text = format!("Invalid Params: invalid {name}");
    let cause = "no such recording, or one that is somebody else's";
    Refusal::new(Status::INVALID_PARAMS, &text, cause).into()
}
