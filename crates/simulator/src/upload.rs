//! What reaches a server, and when: the records of device sync that somebody's devices hand over.
//!
//! Uploads are a function of the person and the instants alone: those of a span are the same,
//! whatever else was asked for, and those of two spans that meet are those of both together. What
//! an upload holds was over when it was made. Records have names for good, as device sync wants
//! them; docs/device-sync.md is what their shapes follow. This module and those below it are the
//! only ones that know of it.
//!
//! What it deliberately does not do: it names no person of a server, sends nothing, and makes no
//! raw data unasked: see [`crate::raw_data`].

mod bed;
mod body;
mod columns;
mod schedule;
mod watch;

use crate::Persona;
use crate::calendar::{Calendar, SIMULATED};
use crate::device::{Device, DeviceKind};
use schedule::Schedule;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a device hands over at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// When it reaches the server, in Unix seconds.
    pub at: i64,
    /// Which of the person's devices.
    pub device: DeviceKind,
    /// The records, none of which says whose it is.
    pub records: Vec<Value>,
}

impl Upload {
    /// The records of a sync. With a `userid` each says whose it is, for devices of several people;
    /// measures of a shared scale had better not, so that the server finds out by weight.
    pub fn into_records(self, userid: Option<i64>) -> Vec<Map<String, Value>> {
        let records = self.records.into_iter().filter_map(|record| match record {
            Value::Object(record) => Some(record),
            _ => None,
        });
        let named = |mut record: Map<String, Value>| {
            if let Some(userid) = userid.filter(|_| record["type"] != "status") {
                record.insert("userid".to_owned(), userid.into());
            }
            record
        };
        records.map(named).collect()
    }
}

/// Records that came to be at an instant, and leave the device at another.
#[derive(Clone, Debug)]
struct Item {
    leaves: i64,
    records: Vec<Value>,
}

/// The uploads of one person, with what was made lately kept at hand: who asks hour by hour does
/// not pay for whole days again. It answers as [`uploads`] does, in whatever order it is asked. It
/// holds some megabytes; while no time passes it can be dropped, and be made again.
pub struct Feed {
    persona: Persona,
    calendar: Calendar,
    devices: Vec<Device>,
    schedule: Schedule,
    items: BTreeMap<(DeviceKind, i64), Vec<Item>>,
    worn: BTreeMap<i64, watch::Day>,
}

impl Feed {
    /// The uploads of a person. The demo person has none.
    pub fn of(persona: &Persona) -> Self {
        let calendar = Calendar::of(persona);
        Self {
            schedule: Schedule::of(persona, &calendar),
            devices: persona.devices(),
            persona: persona.clone(),
            calendar,
            items: BTreeMap::new(),
            worn: BTreeMap::new(),
        }
    }

    /// The uploads from an instant up to, and without, another: in order of time, and of devices
    /// where several have the same.
    pub fn between(&mut self, from: i64, until: i64) -> Vec<Upload> {
        let (from, until) = (from.max(SIMULATED.start), until.min(SIMULATED.end));
        if from >= until {
            return Vec::new();
        }
        let mut uploads: BTreeMap<(i64, DeviceKind), Vec<Value>> = BTreeMap::new();
        for device in self.devices.clone() {
            if device.kind == DeviceKind::Watch {
                for (before, at) in self.schedule.syncs(&self.calendar, from, until) {
                    let records = self.worn_between(&device, before, at);
                    uploads.entry((at, device.kind)).or_default().extend(records);
                }
                continue;
            }
            let first = self.calendar.day(from) - self.schedule.longest_days();
            for day in first..=self.calendar.day(until) + 1 {
                for item in self.items_of(&device, day) {
                    if (from..until).contains(&item.leaves) {
                        let place = (item.leaves, device.kind);
                        uploads.entry(place).or_default().extend(item.records.iter().cloned());
                    }
                }
            }
        }
        let schedule = &self.schedule;
        let told = uploads.into_iter().filter(|((at, _), _)| schedule.still_syncs(*at));
        let told: Vec<Upload> =
            told.map(|((at, device), records)| Upload { at, device, records }).collect();
        told.into_iter().map(|upload| self.with_status(upload)).collect()
    }

    /// What a device that is no watch has of a day.
    fn items_of(&mut self, device: &Device, day: i64) -> &[Item] {
        // No more is kept than the next hours want: recordings are large.
        let near = self.schedule.longest_days() + 1;
        if self.items.len() > 2 * near as usize * self.devices.len() {
            self.items.retain(|(_, kept), _| (kept - day).abs() <= near);
        }
        self.items.entry((device.kind, day)).or_insert_with(|| {
            let maker = Maker {
                persona: &self.persona,
                calendar: &self.calendar,
                schedule: &self.schedule,
                device,
                day,
            };
            match device.kind {
                DeviceKind::Scale => maker.weighings(),
                DeviceKind::Cuff => maker.pressures(),
                DeviceKind::Thermometer => maker.temperatures(),
                DeviceKind::Mat => maker.nights(),
                DeviceKind::Watch => Vec::new(),
            }
        })
    }

    /// What a watch noticed between two of its syncs.
    fn worn_between(&mut self, device: &Device, before: i64, at: i64) -> Vec<Value> {
        let days = self.calendar.day(before) - 1..=self.calendar.day(at) + 1;
        self.worn.retain(|kept, _| days.contains(kept));
        let sleeps = !self.devices.iter().any(|device| device.kind == DeviceKind::Mat);
        for day in days.clone() {
            self.worn
                .entry(day)
                .or_insert_with(|| watch::Day::of(&self.persona, device, day, sleeps));
        }
        let days: Vec<&watch::Day> = self.worn.range(days).map(|(_, day)| day).collect();
        watch::records(&days, before, at)
    }

    /// An upload with how its device is, as its last record.
    fn with_status(&self, mut upload: Upload) -> Upload {
        let Some(device) = self.devices.iter().find(|device| device.kind == upload.device) else {
            return upload;
        };
        let day = self.calendar.day(upload.at);
        upload.records.push(json!({
            "id": format!("status/{}", upload.at),
            "type": "status",
            "battery_percent": self.schedule.battery(&self.persona, &self.calendar, device, day),
            "firmware": device.firmware,
            "network": device.network,
            "timezone": if device.kind == DeviceKind::Watch {
                self.persona.zone_on(day)
            } else {
                self.persona.zone
            },
        }));
        upload
    }
}

/// The uploads of a person from an instant up to, and without, another.
///
/// The first may hold what was noticed before the span: everything since the device's last sync.
pub fn uploads(persona: &Persona, from: i64, until: i64) -> Vec<Upload> {
    Feed::of(persona).between(from, until)
}

/// What items are made from.
struct Maker<'f> {
    persona: &'f Persona,
    calendar: &'f Calendar,
    schedule: &'f Schedule,
    device: &'f Device,
    day: i64,
}
