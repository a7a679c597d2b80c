//! The devices of an organization: lists of hardware addresses that come with them, and where they
//! are.

use super::device::{check_model, check_serial};
use domain::device::Mac;
use domain::{DeviceId, OrganizationId, Refusal, Result};
use serde::Serialize;
use std::collections::BTreeMap;
use store::device::{self, Device};
use store::{Tx, organization};

/// A list has at most this many devices.
pub const FLEET_MAX: usize = 100_000;

/// A device of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetRow {
    line: u64,
    mac: Mac,
    model_id: i64,
    serial: Option<String>,
}

/// What is wrong with a line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// Which line, from 1 on.
    pub line: u64,
    /// What is wrong, and what would do.
    pub problem: String,
}

/// What became of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fleet {
    /// Devices that are the organization's now.
    pub registered: usize,
    /// Devices that were already.
    pub known: usize,
}

/// Reads a list: a line a device with `mac`, `model` (its number) and, if it is known, `serial`,
/// separated by commas; a first line with these names may say another order. Every flaw is told at
/// once.
pub fn read_fleet(text: &str) -> std::result::Result<Vec<FleetRow>, Vec<Flaw>> {
    let flaw = |line, problem: &str| Flaw { line, problem: problem.to_owned() };
    let mut lines = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let (mut rows, mut flaws, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut order = [0, 1, 2].map(Some);
    for (at, record) in lines.records().enumerate() {
        let Ok(record) = record else {
            flaws.push(flaw(at as u64 + 1, "it cannot be read as values with commas, in UTF-8"));
            break;
        };
        let line = record.position().map_or(0, csv::Position::line);
        let column = |name: &str| record.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        if at == 0 && column("mac").is_some() {
            order = ["mac", "model", "serial"].map(column);
            continue;
        }
        let cell = |at: usize| order[at].and_then(|at| record.get(at)).unwrap_or_default();
        let Ok(mac) = cell(0).parse::<Mac>() else {
            flaws.push(flaw(line, "mac: expected 12 hex digits, 00:24:e4:…"));
            continue;
        };
        let Some(model_id) = cell(1).parse().ok().filter(|id| check_model("model", *id).is_ok())
        else {
            flaws.push(flaw(line, "model: expected a number of `vitald device models`"));
            continue;
        };
        let serial = Some(cell(2).to_owned()).filter(|serial| !serial.is_empty());
        if check_serial("serial", serial.as_deref()).is_err() {
            flaws.push(flaw(line, "serial: expected up to 64 printable ASCII characters"));
            continue;
        }
        if let Some(first) = seen.insert(mac, line) {
            flaws.push(flaw(line, &format!("mac: it is that of line {first}")));
            continue;
        }
        rows.push(FleetRow { line, mac, model_id, serial });
    }
    if rows.len() > FLEET_MAX {
        flaws.push(flaw(0, &format!("at most {FLEET_MAX} devices; cut the list in parts")));
    }
    if rows.is_empty() && flaws.is_empty() {
        flaws.push(flaw(0, "the list is empty"));
    }
    if flaws.is_empty() { Ok(rows) } else { Err(flaws) }
}

/// Registers the devices of a list for an organization: all of them, or with a flaw none. A
/// rehearsal writes nothing.
pub fn register_fleet(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    rows: &[FleetRow],
    is_rehearsal: bool,
) -> Result<std::result::Result<Fleet, Vec<Flaw>>> {
    if organization::find(tx, organization)?.is_none() {
        return Err(Refusal::invalid_param("organization", "no such organization").into());
    }
    let (mut flaws, mut fleet) = (Vec::new(), Fleet { registered: 0, known: 0 });
    let mut news = Vec::new();
    for row in rows {
        let known = device::find_by_mac(tx, row.mac)?;
        let is_known = known.as_ref().is_some_and(|known| {
            known.organization == Some(organization) && known.serial == row.serial
        });
        let problem = match &known {
            Some(known) if known.model_id != row.model_id => "model: it is known as another model",
            // Whose it is otherwise is not told: who reads this may be one of its applications'.
            Some(Device { organization: Some(of), .. }) if *of != organization => {
                "mac: it is not free; ask the operator of the server"
            }
            _ => {
                if is_known {
                    fleet.known += 1;
                } else {
                    news.push(row);
                }
                continue;
            }
        };
        flaws.push(Flaw { line: row.line, problem: problem.to_owned() });
    }
    if !flaws.is_empty() {
        return Ok(Err(flaws));
    }
    for row in news {
        fleet.registered += 1;
        if is_rehearsal {
            continue;
        }
        let id = device::register(tx, row.mac, row.model_id, "UTC")?;
        device::describe(tx, id, Some(organization), row.serial.as_deref())?;
    }
    Ok(Ok(fleet))
}

/// Devices of an organization in the order of their ids, after `after`.
pub fn fleet(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: DeviceId,
) -> Result<Vec<super::DeviceSummary>> {
    let devices = device::of_organization(tx, organization, after, super::LIST_ROWS)?;
    let summary =
        |device: Device| Ok(super::DeviceSummary { users: device::users(tx, device.id)?, device });
    devices.into_iter().map(summary).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_and_without_names() {
        let plain = "00:24:e4:00:00:01,17,S-1\n0024e4000002,47\n";
        let named = "Serial,MAC,Model\nS-1,00-24-e4-00-00-01,17\n,00:24:E4:00:00:02,47\r\n";
        let of = |text| {
            let rows = read_fleet(text).expect("a list").into_iter();
            rows.map(|row| (row.mac, row.model_id, row.serial)).collect::<Vec<_>>()
        };
        assert_eq!(of(plain), of(named));
        assert_eq!(of(plain)[1].2, None);
    }

    #[test]
    fn every_flaw_is_told_with_its_line() {
        let text = "mac,model\nnonsense,17\n00:24:e4:00:00:01,x\n00:24:e4:00:00:02,17\n\
                    00:24:e4:00:00:02,17\n";
        let flaws = read_fleet(text).expect_err("flaws");
        let lines: Vec<_> = flaws.iter().map(|flaw| flaw.line).collect();
        assert_eq!(lines, [2, 3, 5]);
        assert!(flaws.iter().all(|flaw| !flaw.problem.contains("nonsense")));
        assert_eq!(read_fleet("").expect_err("a flaw").len(), 1);
        assert!(read_fleet("\u{0}\u{0}\u{0}").is_err());
    }
}
