//! Devices, the people who use them, and the sessions they open.

use crate::tx::{Row, Tx, values};
use domain::device::{Mac, Sim};
use domain::{DeviceId, EntropyExt as _, Error, OrganizationId, Refusal, Result, Status, UserId};

/// An older scale knows at most this many people.
pub const SCALE_USERS_MAX: usize = 16;
/// A device's session ends this long after it began.
pub const SESSION_SECONDS: i64 = 3_600;

/// A device as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The id inside the store.
    pub id: DeviceId,
    /// `deviceid` and `hash_deviceid` on the wire: 40 hex digits.
    pub hash: String,
    /// Its hardware address.
    pub mac: Mac,
    /// The model's number in the reference.
    pub model_id: i64,
    /// The zone it stands in.
    pub time_zone: String,
    /// As it last said.
    pub firmware: Option<String>,
    /// As it last said.
    pub battery_percent: Option<u8>,
    /// When it first opened a session.
    pub first_session: Option<i64>,
    /// When it last opened a session.
    pub last_session: Option<i64>,
    /// The organization whose applications may link it.
    pub organization: Option<OrganizationId>,
    /// What is printed on it.
    pub serial: Option<String>,
    /// Which network it is in, as it last said.
    pub network: Option<String>,
    /// What state its line is in; none: it has none, or it was never activated.
    pub sim: Option<Sim>,
    /// When its programme ends, or ended, for good.
    pub terminates: Option<i64>,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select d.device_id, d.hash, d.mac, d.model_id, d.time_zone, d.firmware, \
             d.battery_percent, d.first_session, d.last_session, d.organization_id, d.serial, \
             d.network, d.sim, d.terminates from device d ",
            $rest
        )
    };
}

fn read(row: &Row<'_>) -> Result<Device> {
    let mac = row.text(2)?.parse().map_err(|_| Error::internal("a stored MAC cannot be read"))?;
    Ok(Device {
        id: DeviceId(row.int(0)?),
        hash: row.text(1)?,
        mac,
        model_id: row.int(3)?,
        time_zone: row.text(4)?,
        firmware: row.text_or_null(5)?,
        battery_percent: row.int_or_null(6)?.and_then(|percent| u8::try_from(percent).ok()),
        first_session: row.int_or_null(7)?,
        last_session: row.int_or_null(8)?,
        organization: row.int_or_null(9)?.map(OrganizationId),
        serial: row.text_or_null(10)?,
        network: row.text_or_null(11)?,
        sim: row.text_or_null(12)?.as_deref().and_then(Sim::parse),
        terminates: row.int_or_null(13)?,
    })
}

/// Registers a device. One that is registered already is found again if the model is the same.
pub fn register(tx: &mut Tx<'_>, mac: Mac, model_id: i64, time_zone: &str) -> Result<DeviceId> {
    let id = DeviceId(tx.entropy().number(1, 1 << 53));
    let (mac_text, hash, now) = (mac.to_string(), tx.entropy().token(), tx.now());
    let sql = "insert into device_mac (mac, device_id) values ($1, $2) on conflict do nothing";
    if tx.exec(sql, values![mac_text.as_str(), id.0])? == 0 {
        let known =
            find_by_mac(tx, mac)?.ok_or_else(|| Error::internal("a MAC without a device"))?;
        if known.model_id != model_id {
            let text = "Invalid Params: invalid mac: it is registered as another model";
            return Err(Refusal::new(Status::INVALID_PARAMS, text, text).into());
        }
        return Ok(known.id);
    }
    tx.exec(
        "insert into device (device_id, hash, mac, model_id, time_zone, firmware, \
         battery_percent, first_session, last_session, created) \
         values ($1, $2, $3, $4, $5, null, null, null, null, $6)",
        values![id.0, hash.as_str(), mac_text.as_str(), model_id, time_zone, now],
    )?;
    Ok(id)
}

/// Links a device to one more person.
pub fn link(tx: &mut Tx<'_>, device: DeviceId, user: UserId) -> Result<()> {
    // Two links at once must not count the same people.
    let sql = "update device set device_id = device_id where device_id = $1";
    if tx.exec(sql, values![device.0])? == 0 {
        return Err(Refusal::rejected("mac", "no such device").into());
    }
    let users = users(tx, device)?;
    if users.contains(&user) {
        return Ok(());
    }
    if users.len() >= SCALE_USERS_MAX {
        let problem = format!("the device has {SCALE_USERS_MAX} people, which is all it can know");
        return Err(Refusal::invalid_param("mac", problem).into());
    }
    crate::person::touch(tx, user, 0)?;
    let sql = "insert into device_user (user_id, device_id, linked) values ($1, $2, $3) \
               on conflict do nothing";
    tx.exec(sql, values![user.0, device.0, tx.now()]).map(|_| ())
}

/// Takes a device from one of its people; who does not use it is not told apart.
pub fn unlink(tx: &mut Tx<'_>, device: DeviceId, user: UserId) -> Result<()> {
    crate::person::touch(tx, user, 0)?;
    let sql = "delete from device_user where user_id = $1 and device_id = $2";
    tx.exec(sql, values![user.0, device.0]).map(|_| ())
}

/// Says for which organization a device is registered and what is printed on it; what is not said
/// stays as it was.
pub fn describe(
    tx: &mut Tx<'_>,
    device: DeviceId,
    organization: Option<OrganizationId>,
    serial: Option<&str>,
) -> Result<()> {
    let sql = "update device set organization_id = coalesce($2, organization_id), \
               serial = coalesce($3, serial) where device_id = $1";
    let organization = organization.map(|organization| organization.0);
    tx.exec(sql, values![device.0, organization, serial]).map(|_| ())
}

/// Says what state a device's line is in, and when its programme ends.
pub fn set_sim(tx: &mut Tx<'_>, device: DeviceId, sim: Sim, terminates: Option<i64>) -> Result<()> {
    let now = tx.now();
    let sql = "update device set sim = $2, sim_since = case when sim = $2 then sim_since else $3 \
               end, terminates = $4 where device_id = $1";
    tx.exec(sql, values![device.0, sim.name(), now, terminates]).map(|_| ())
}

/// Activates the line of a device that has one: it is about to be somebody's.
pub fn activate_sim(tx: &mut Tx<'_>, device: &Device) -> Result<()> {
    if domain::device::is_cellular(device.model_id) && device.sim != Some(Sim::Active) {
        set_sim(tx, device.id, Sim::Active, None)?;
    }
    Ok(())
}

/// The device of that id.
pub fn find(tx: &mut Tx<'_>, id: DeviceId) -> Result<Option<Device>> {
    tx.row(columns!("where d.device_id = $1"), values![id.0], read)
}

/// The device with that hardware address.
pub fn find_by_mac(tx: &mut Tx<'_>, mac: Mac) -> Result<Option<Device>> {
    let sql = columns!("join device_mac m on m.device_id = d.device_id where m.mac = $1");
    tx.row(sql, values![mac.to_string().as_str()], read)
}

/// The devices of one person, in the order in which they were linked.
pub fn of_user(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Device>> {
    let sql = columns!(
        "join device_user u on u.device_id = d.device_id where u.user_id = $1 \
         order by u.linked, d.device_id"
    );
    tx.rows(sql, values![user.0], read)
}

/// The people of one device, in the order in which they were linked.
pub fn users(tx: &mut Tx<'_>, device: DeviceId) -> Result<Vec<UserId>> {
    let sql = "select user_id from device_user where device_id = $1 order by linked, user_id";
    tx.rows(sql, values![device.0], |row| row.int(0).map(UserId))
}

/// Devices in the order of their ids, after `after`.
pub fn list(tx: &mut Tx<'_>, after: DeviceId, limit: i64) -> Result<Vec<Device>> {
    let sql = columns!("where d.device_id > $1 order by d.device_id limit $2");
    tx.rows(sql, values![after.0, limit], read)
}

/// Devices of an organization in the order of their ids, after `after`.
pub fn of_organization(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: DeviceId,
    limit: i64,
) -> Result<Vec<Device>> {
    let sql =
        columns!("where d.organization_id = $1 and d.device_id > $2 order by d.device_id limit $3");
    tx.rows(sql, values![organization.0, after.0, limit], read)
}

/// What a device says of itself when it opens a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its firmware, if it said.
    pub firmware: Option<String>,
    /// Its battery, if it said.
    pub battery_percent: Option<u8>,
}

/// Records that a device talked to the server.
pub fn note_contact(tx: &mut Tx<'_>, device: DeviceId) -> Result<()> {
    let sql = "update device set first_session = coalesce(first_session, $2), last_session = $2 \
               where device_id = $1";
    tx.exec(sql, values![device.0, tx.now()]).map(|_| ())
}

/// Records what a device says of itself; what it does not say stays as it was.
pub fn report(
    tx: &mut Tx<'_>,
    device: DeviceId,
    report: &Report,
    network: Option<&str>,
    time_zone: Option<&str>,
) -> Result<()> {
    tx.exec(
        "update device set firmware = coalesce($2, firmware), \
         battery_percent = coalesce($3, battery_percent), network = coalesce($4, network), \
         time_zone = coalesce($5, time_zone) where device_id = $1",
        values![
            device.0,
            report.firmware.as_deref(),
            report.battery_percent.map(i64::from),
            network,
            time_zone,
        ],
    )
    .map(|_| ())
}

/// Opens a session and records what the device says of itself: the session's secret.
pub fn open_session(tx: &mut Tx<'_>, device: DeviceId, said: &Report) -> Result<String> {
    let (secret, now) = (tx.entropy().token(), tx.now());
    note_contact(tx, device)?;
    report(tx, device, said, None, None)?;
    tx.exec("delete from device_session where expires <= $1", values![now])?;
    tx.exec(
        "insert into device_session (session_hash, device_id, expires) values ($1, $2, $3)",
        values![&crate::hash(&secret)[..], device.0, now + SESSION_SECONDS],
    )?;
    Ok(secret)
}

/// The device whose session it is.
pub fn of_session(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Device>> {
    let sql = columns!(
        "join device_session s on s.device_id = d.device_id \
         where s.session_hash = $1 and s.expires > $2"
    );
    let now = tx.now();
    tx.row(sql, values![&crate::hash(secret)[..], now], read)
}

/// Closes a session; one that is closed already stays closed.
pub fn close_session(tx: &mut Tx<'_>, secret: &str) -> Result<()> {
    let sql = "delete from device_session where session_hash = $1";
    tx.exec(sql, values![&crate::hash(secret)[..]]).map(|_| ())
}
