//! `vitald device …`

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use anyhow::Context as _;
use api::admin::{self, DeviceSummary};
use clap::{Args, Subcommand};
use domain::device::{MODELS, Sim, model};
use domain::{DeviceId, OrganizationId, Refusal, UserId};
use serde::Serialize;
use std::path::PathBuf;
use store::Access;

/// Devices and the people who use them.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Register a device, or link one more person to it.
    Register(Register),
    /// Give a device a token for its sync, printed this once; see docs/device-sync.md.
    Token(Token),
    /// Register a list of devices for an organization: all of them, or none.
    Import(Import),
    /// List the devices.
    List(List),
    /// List the models a device can be.
    Models,
}

/// Register a device, or link one more person to it.
#[derive(Debug, Args)]
pub(crate) struct Register {
    /// Its hardware address, such as 00:24:e4:12:34:56.
    #[arg(long)]
    mac: String,
    /// The number of its model: see `vitald device models`; one that is not listed has no name.
    #[arg(long, value_name = "ID")]
    model: i64,
    /// Who uses it: an id or an e-mail address. May be given several times; a scale knows 16
    /// people.
    #[arg(long = "user", required_unless_present = "organization", value_name = "ID_OR_EMAIL")]
    users: Vec<String>,
    /// The organization whose applications may link it to people (`user link`): its id.
    #[arg(long, value_name = "ID")]
    organization: Option<i64>,
    /// What is printed on it.
    #[arg(long)]
    serial: Option<String>,
}

/// Give a device a token for its sync, printed this once.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// Its hardware address.
    #[arg(long)]
    mac: String,
    /// End the tokens it has.
    #[arg(long)]
    replace: bool,
    /// End the tokens it has, and give it none.
    #[arg(long, conflicts_with = "replace")]
    revoke: bool,
}

/// So many flaws of a list are told; there may be one in each of its lines.
const FLAWS_SHOWN: usize = 20;

/// Register a list of devices for an organization: all of them, or none. What is wrong with which
/// line is told of all lines at once.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// A line a device: hardware address, model's number, and what is printed on it, with commas
    /// between. A first line with the names mac, model and serial may say another order. `-` reads
    /// standard input.
    file: PathBuf,
    /// Whose they are: the organization's id.
    #[arg(long, value_name = "ID")]
    organization: i64,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
}

/// List the devices.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Those of one organization: its id.
    #[arg(long, value_name = "ID")]
    organization: Option<i64>,
}

#[derive(Serialize)]
struct Given {
    deviceid: String,
    mac: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<u64>,
}

#[derive(Serialize)]
struct Listed {
    deviceid: String,
    mac: String,
    model_id: i64,
    model: &'static str,
    users: Vec<UserId>,
    organization_id: Option<OrganizationId>,
    serial: Option<String>,
    battery_percent: Option<u8>,
    firmware: Option<String>,
    last_session: Option<i64>,
    sim_status: Option<&'static str>,
    terminates: Option<i64>,
}

#[derive(Serialize)]
struct Model {
    model_id: i64,
    model: &'static str,
    r#type: &'static str,
}

impl Device {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        match self {
            Self::Register(Register { mac, model, users, organization, serial }) => {
                let organization = organization.map(OrganizationId);
                let new = admin::NewDevice { mac, model_id: model, users, organization, serial };
                let registered = location.run(Access::Write, move |tx| {
                    let registered = admin::register_device(tx, &new)?;
                    new.users.iter().try_for_each(|user| {
                        let user = admin::find_account(tx, user)?.id;
                        audit::staff(tx, Some(user), "device register")
                    })?;
                    Ok(registered)
                })?;
                output.one(&listed(registered))
            }
            Self::Token(Token { mac, revoke: true, .. }) => {
                let (device, ended) =
                    location.run(Access::Write, move |tx| admin::revoke_device_tokens(tx, &mac))?;
                let (token, revoked) = (None, Some(ended));
                let (deviceid, mac) = (device.hash, device.mac.to_string());
                output.one(&Given { deviceid, mac, token, revoked })
            }
            Self::Token(Token { mac, replace, .. }) => {
                let (device, token) = location
                    .run(Access::Write, move |tx| admin::issue_device_token(tx, &mac, replace))?;
                let (token, revoked) = (Some(token), None);
                let (deviceid, mac) = (device.hash, device.mac.to_string());
                output.one(&Given { deviceid, mac, token, revoked })
            }
            Self::Import(import) => import.run(location, output),
            Self::List(List { organization }) => {
                output.many(&list(location, organization.map(OrganizationId))?)
            }
            Self::Models => output.many(&models()),
        }
    }
}

fn models() -> Vec<Model> {
    let models = MODELS.iter();
    models
        .map(|known| Model { model_id: known.id, model: known.name, r#type: known.kind })
        .collect()
}

impl Import {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let Self { file, organization, dry_run } = self;
        let text = if file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())?
        } else {
            std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?
        };
        let registered = match admin::read_fleet(&text) {
            Err(flaws) => Err(flaws),
            Ok(rows) => location.run(Access::Write, move |tx| {
                let organization = OrganizationId(organization);
                let done = admin::register_fleet(tx, organization, &rows, dry_run)?;
                if !dry_run {
                    audit::staff(tx, None, "device import")?;
                }
                Ok(done)
            })?,
        };
        match registered {
            Ok(fleet) => output.one(&fleet),
            Err(flaws) => {
                let said = flaws.iter().take(FLAWS_SHOWN);
                let said: Vec<_> = said
                    .map(|flaw| match flaw.line {
                        0 => flaw.problem.clone(),
                        line => format!("line {line}: {}", flaw.problem),
                    })
                    .collect();
                let problem = format!(
                    "nothing was registered, as {} lines cannot be: {}",
                    flaws.len(),
                    said.join("; ")
                );
                Err(domain::Error::from(Refusal::invalid_param("file", problem)).into())
            }
        }
    }
}

fn list(location: &Location, organization: Option<OrganizationId>) -> anyhow::Result<Vec<Listed>> {
    let devices = location.run(Access::Read, move |tx| {
        let mut devices: Vec<DeviceSummary> = Vec::new();
        loop {
            let after = devices.last().map_or(DeviceId(0), |last| last.device.id);
            let part = match organization {
                Some(organization) => admin::fleet(tx, organization, after)?,
                None => admin::list_devices(tx, after)?,
            };
            if part.is_empty() {
                audit::staff(tx, None, "device list")?;
                return Ok(devices);
            }
            devices.extend(part);
        }
    })?;
    Ok(devices.into_iter().map(listed).collect())
}

fn listed(summary: DeviceSummary) -> Listed {
    let device = summary.device;
    Listed {
        deviceid: device.hash,
        mac: device.mac.to_string(),
        model_id: device.model_id,
        model: model(device.model_id).map_or("", |known| known.name),
        users: summary.users,
        organization_id: device.organization,
        serial: device.serial,
        battery_percent: device.battery_percent,
        firmware: device.firmware,
        last_session: device.last_session,
        sim_status: device.sim.map(Sim::name),
        terminates: device.terminates,
    }
}
