//! What rows say of the device they are from: one that is registered here, or one that another
//! server named. Each is looked up once an answer.

use domain::{DeviceId, Result, UserId, device};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;
use store::Tx;

/// 40 hex digits, shared by the rows of an answer.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct DeviceHash(#[schemars(with = "String")] Rc<str>);

impl DeviceHash {
    /// These digits.
    pub fn of(hash: &str) -> Self {
        Self(hash.into())
    }

    /// Whether the two share their digits: then they are equal for sure.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for DeviceHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DeviceHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer).map(|hash| Self(hash.into()))
    }
}

/// What an answer says of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) deviceid: Option<DeviceHash>,
    pub(crate) hash: Option<DeviceHash>,
    pub(crate) model_id: Option<i64>,
    pub(crate) model: Option<Cow<'static, str>>,
}

/// The devices of an answer.
#[derive(Default)]
pub(crate) struct Sources {
    known: HashMap<DeviceId, Option<Source>>,
    /// That of the row before: rows of one device follow each other.
    last: Option<(DeviceId, Option<Source>)>,
}

impl Sources {
    /// The device of that number; none if nothing is known of it any more.
    pub(crate) fn find(
        &mut self,
        tx: &mut Tx<'_>,
        user: UserId,
        id: DeviceId,
    ) -> Result<Option<Source>> {
        Ok(self.seen(tx, user, id)?.cloned())
    }

    /// The same where it is kept: for rows that need little of it.
    pub(crate) fn seen(
        &mut self,
        tx: &mut Tx<'_>,
        user: UserId,
        id: DeviceId,
    ) -> Result<Option<&Source>> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != id) {
            let source = match self.known.entry(id) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(unknown) => {
                    let source = match store::device::find(tx, id)? {
                        Some(device) => Some(Source::registered(&device)),
                        None => store::imported::device(tx, user, id)?.map(Source::imported),
                    };
                    unknown.insert(source).clone()
                }
            };
            self.last = Some((id, source));
        }
        Ok(self.last.as_ref().and_then(|(_, source)| source.as_ref()))
    }

    /// The number of a device's model, if it is known.
    pub(crate) fn model_id(
        &mut self,
        tx: &mut Tx<'_>,
        user: UserId,
        id: DeviceId,
    ) -> Result<Option<i64>> {
        Ok(self.seen(tx, user, id)?.and_then(|source| source.model_id))
    }

    /// What the devices of a person told, the one first that has the say.
    pub(crate) fn ranked<T>(
        &mut self,
        tx: &mut Tx<'_>,
        user: UserId,
        told: Vec<(DeviceId, T)>,
        rank: fn(Option<i64>) -> u8,
    ) -> Result<Vec<(DeviceId, T)>> {
        let mut ranked = Vec::with_capacity(told.len());
        for (id, told) in told {
            ranked.push((rank(self.model_id(tx, user, id)?), id, told));
        }
        ranked.sort_by_key(|(rank, id, _)| (*rank, *id));
        Ok(ranked.into_iter().map(|(_, id, told)| (id, told)).collect())
    }
}

impl Source {
    pub(crate) fn registered(device: &store::device::Device) -> Self {
        let hash = Some(DeviceHash::of(&device.hash));
        let model = model_name(device.model_id);
        Self { deviceid: hash.clone(), hash, model_id: Some(device.model_id), model }
    }

    fn imported(device: store::imported::Device) -> Self {
        // Phones are no devices to the other server: it gives a model and no id.
        let hash = |text: &str| (!text.is_empty()).then(|| DeviceHash::of(text));
        Self {
            deviceid: hash(&device.name),
            hash: hash(&device.hash),
            model_id: device.model_id,
            model: match device.model {
                None if device.name.is_empty() => None,
                None => device.model_id.and_then(model_name),
                Some(model) => Some(model.into()),
            },
        }
    }
}

fn model_name(model_id: i64) -> Option<Cow<'static, str>> {
    device::model(model_id).map(|model| model.name.into())
}
