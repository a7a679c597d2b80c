//! What people have: at most one device of a kind, models as the reference numbers them.
//!
//! What it deliberately does not do: devices that are replaced, phones that count steps.

use crate::Persona;
use crate::preset::Preset;
use crate::random::{Kind, Stream};

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceKind {
    /// A scale.
    Scale,
    /// A blood pressure monitor.
    Cuff,
    /// A watch.
    Watch,
    /// A sensor under the mattress.
    Mat,
    /// A thermometer.
    Thermometer,
}

/// A device of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is.
    pub kind: DeviceKind,
    /// The number of its model in the reference.
    pub model: i64,
    /// A MAC address of the maker's: the same for all who share the device. Of a thousand people
    /// two may have the same by chance; whoever makes so many gives out others.
    pub mac: String,
    /// Its firmware.
    pub firmware: &'static str,
    /// How it reaches the server, as a `status` says it.
    pub network: &'static str,
    /// Whether others stand on it too: then its measures do not say whose they are.
    pub is_shared: bool,
}

const BODY_CARDIO: i64 = 6;
const BODY_SCAN: i64 = 10;
const BODY_PLUS: i64 = 5;
const BODY: i64 = 7;
const BODY_SMART: i64 = 16;
const BODY_PRO_2: i64 = 17;
const BPM_CORE: i64 = 44;
const BPM_CONNECT: i64 = 45;
const BPM_CONNECT_PRO: i64 = 46;
const SLEEP_ANALYZER: i64 = 63;
const THERMO: i64 = 70;
const SCANWATCH: i64 = 93;
const SCANWATCH_2: i64 = 94;
const SCANWATCH_LIGHT: i64 = 95;

/// What people of a preset have.
fn models(preset: Preset) -> &'static [(DeviceKind, i64)] {
    use DeviceKind::{Cuff, Mat, Scale, Thermometer, Watch};
    match preset {
        Preset::Sedentary => &[(Scale, BODY_PLUS), (Watch, SCANWATCH_LIGHT)],
        Preset::Runner => &[(Scale, BODY_SCAN), (Watch, SCANWATCH_2)],
        Preset::Hypertensive => {
            &[(Scale, BODY_CARDIO), (Cuff, BPM_CONNECT), (Watch, SCANWATCH_LIGHT)]
        }
        Preset::Pregnant => &[(Scale, BODY_SMART), (Cuff, BPM_CONNECT), (Watch, SCANWATCH_2)],
        Preset::AtrialFibrillation => &[(Scale, BODY_CARDIO), (Cuff, BPM_CORE), (Watch, SCANWATCH)],
        Preset::SleepApnoea => &[(Scale, BODY_PLUS), (Watch, SCANWATCH), (Mat, SLEEP_ANALYZER)],
        Preset::ShiftWorker => &[(Scale, BODY), (Watch, SCANWATCH), (Mat, SLEEP_ANALYZER)],
        Preset::Traveller => &[(Scale, BODY_SMART), (Watch, SCANWATCH)],
        Preset::Elderly => &[(Scale, BODY_PRO_2), (Cuff, BPM_CONNECT_PRO)],
        Preset::Child => &[(Scale, BODY_PLUS), (Thermometer, THERMO)],
        Preset::StopsSyncing | Preset::LateUploads => {
            &[(Scale, BODY_PLUS), (Watch, SCANWATCH), (Mat, SLEEP_ANALYZER)]
        }
    }
}

impl Device {
    /// Whether it has a line of its own: Body Pro, Body Pro 2, BPM Connect Pro, BPM Pro 2.
    pub fn is_cellular(&self) -> bool {
        matches!(self.model, 9 | 17 | 46 | 47)
    }

    /// Whether a watch notes oxygen at night.
    pub(crate) fn has_oxygen(&self) -> bool {
        matches!(self.model, SCANWATCH | SCANWATCH_2)
    }

    /// Whether a watch notes temperature, breath and variability.
    pub(crate) fn has_warmth(&self) -> bool {
        self.model == SCANWATCH_2
    }

    /// Whether a blood pressure monitor records the heart.
    pub(crate) fn has_heart(&self) -> bool {
        self.model == BPM_CORE
    }

    /// Whether a scale finds more than weight.
    pub(crate) fn has_composition(&self) -> bool {
        self.model != BODY
    }

    /// Whether a scale looks at the arteries.
    pub(crate) fn has_arteries(&self) -> bool {
        matches!(self.model, BODY_CARDIO | BODY_SCAN)
    }

    /// Whether a scale has a handle, and tells arms, legs and trunk apart.
    pub(crate) fn has_segments(&self) -> bool {
        self.model == BODY_SCAN
    }
}

impl Persona {
    /// What somebody has. The demo person's devices are the demo's.
    pub fn devices(&self) -> Vec<Device> {
        let Some(preset) = self.life.preset else { return Vec::new() };
        // Parents come along for the scale alone.
        let is_parent = self.life.household.is_some() && !matches!(preset, Preset::Child);
        let has = if is_parent { models(Preset::Child) } else { models(preset) };
        let has = has.iter().filter(|(kind, _)| !is_parent || *kind == DeviceKind::Scale);
        has.map(|&(kind, model)| self.device(kind, model)).collect()
    }

    fn device(&self, kind: DeviceKind, model: i64) -> Device {
        let household = self.life.household.filter(|_| kind == DeviceKind::Scale);
        let owner = household.unwrap_or(self.seed);
        let number = Stream::new(owner, Kind::Birth).word(30, kind as u64).to_le_bytes();
        let cellular = matches!(model, 9 | 17 | 46 | 47);
        let (firmware, network) = match kind {
            DeviceKind::Scale => ("2061", if cellular { "cellular" } else { "wifi" }),
            DeviceKind::Cuff => ("1321", if cellular { "cellular" } else { "wifi" }),
            DeviceKind::Watch => ("2631", "bluetooth"),
            DeviceKind::Mat => ("2151", "wifi"),
            DeviceKind::Thermometer => ("951", "wifi"),
        };
        Device {
            kind,
            model,
            mac: format!("00:24:e4:{:02x}:{:02x}:{:02x}", number[0], number[1], number[2]),
            firmware,
            network,
            is_shared: household.is_some(),
        }
    }
}
