//! `stetho get`: sounds of heart and lungs.

use crate::caller::{Metrics, Scoped};
use crate::operation::{Access, Example, Operation, Tx};
use crate::source::Sources;
use domain::recording::{About, Kind};
use domain::{Error, GroupId, Refusal, Result, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::recording;

/// A recording of sounds, as bytes of G.711 A-law.
///
/// Of what the device did not say, the usual is given: one channel, 8 bits a sample.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct GetSounds {
    /// What `stetho list` or `heart list` says.
    pub signalid: GroupId,
}

/// Sounds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SoundRecording {
    /// A byte of G.711 A-law for each sample, from 0 to 255.
    pub signal: Vec<u8>,
    /// Samples a second.
    pub frequency: i64,
    /// How long it is, in seconds.
    pub duration: i64,
    /// How the sounds are coded, as the device numbers it; 0 where it said nothing.
    pub format: i64,
    /// How many bytes there are.
    pub size: i64,
    /// Bits of a sample.
    pub resolution: i64,
    /// Channels.
    pub channel: i64,
    /// The number of the model; null where it is not known.
    pub model: Option<i64>,
    /// Where the device was; null where it said nothing.
    pub position: Option<i64>,
    /// What the device made of the sounds of the valves; 0 where it said nothing.
    pub vhd: i64,
}

impl Operation for GetSounds {
    const PATH: &'static str = "/v2/stetho";
    const ACTION: &'static str = "get";
    const ACCESS: Access = Access::Read;
    type Caller = Scoped<Metrics>;
    type Reply = SoundRecording;

    fn call(self, tx: &mut Tx<'_>, caller: Scoped<Metrics>) -> Result<SoundRecording> {
        let own = self.signalid.parts().0 == caller.user;
        let found = if own { recording::find(tx, self.signalid)? } else { None };
        let found = found.filter(|stored| stored.recording.kind == Kind::Stetho);
        let stored = found.ok_or_else(|| {
            let cause = "no such recording, or one that is somebody else's";
            Refusal::new(Status::INVALID_PARAMS, "Invalid Params: invalid signalid", cause)
        })?;
        let bytes = recording::signal(tx, stored.id)?;
        let signal = signal::raw::unpack_bytes(&bytes)
            .map_err(|damage| Error::internal(format!("a stored signal: {damage}")))?;
        let model = match stored.recording.device {
            Some(device) => Sources::default().model_id(tx, caller.user, device)?,
            None => None,
        };
        let About { frequency, position, vhd, format, resolution, channel, .. } =
            stored.recording.about;
        let size = i64::try_from(signal.len()).map_err(Error::internal)?;
        let frequency = frequency.unwrap_or(4_000).max(1);
        Ok(SoundRecording {
            signal,
            frequency,
            duration: size / frequency,
            format: format.unwrap_or(0),
            size,
            resolution: resolution.unwrap_or(8),
            channel: channel.unwrap_or(1),
            model,
            position,
            vhd: vhd.unwrap_or(0),
        })
    }

    fn examples() -> Vec<Example<SoundRecording>> {
        let reply = SoundRecording {
            signal: vec![213, 212, 85, 84, 211, 83, 218, 122],
            frequency: 4_000,
            duration: 20,
            format: 0,
            size: 80_000,
            resolution: 8,
            channel: 1,
            model: Some(44),
            position: Some(15),
            vhd: 0,
        };
        let params = json!({ "signalid": 4_592_233_961_489_593_i64 });
        vec![Example { summary: "Sounds (here their beginning)", params, reply }]
    }
}
