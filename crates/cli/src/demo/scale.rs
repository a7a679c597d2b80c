//! The demo person's scale and blood pressure monitor: two years, through the scale gateway and the
//! intake of devices.

use super::{CUFF_MAC, HISTORY_DAYS, SCALE_MAC};
use anyhow::Context as _;
use api::intake;
use domain::measure::{Measure, MeasureType};
use domain::{UnixTime, UserId};
use server::{Local, Running};
use simulator::{Persona, Reading, Value};
use store::{Access, Db, Tx};

/// Groups that share one write where they do not come through the scale.
const SLICE: usize = 100;
/// Uploads of the scale under way at once: they share commits.
const UPLOADS_AT_ONCE_MAX: usize = 32;

/// Two years of weigh-ins and blood pressures, up to now.
pub(super) async fn two_years(
    running: &Running,
    db: &Db,
    user: UserId,
    now: i64,
) -> anyhow::Result<()> {
    let persona = Persona::demo();
    let weigh_ins = simulator::weigh_ins(&persona, now, HISTORY_DAYS);
    let pressures = simulator::blood_pressures(&persona, now, HISTORY_DAYS);
    let (weights, pairs) = (weigh_ins.len(), pressures.len());
    tracing::info!(weights, blood_pressures = pairs, "the demo person measures for two years");
    weigh(&running.local(), user, weigh_ins)
        .await
        .context("the demo person could not use the scale")?;
    for slice in pressures.chunks(SLICE) {
        let slice: Vec<Reading> = slice.to_vec();
        let take = move |tx: &mut Tx<'_>| take_pressures(tx, user, &slice);
        db.run(Access::Write, take).await?;
    }
    Ok(())
}

fn take_pressures(tx: &mut Tx<'_>, user: UserId, readings: &[Reading]) -> domain::Result<()> {
    let mac = CUFF_MAC.parse().map_err(domain::Error::internal)?;
    let found = store::device::find_by_mac(tx, mac)?;
    let cuff = found.ok_or_else(|| domain::Error::internal("the demo cuff is not registered"))?;
    store::device::open_session(
        tx,
        cuff.id,
        &store::device::Report { firmware: Some("1751".to_owned()), battery_percent: Some(61) },
    )?;
    readings.iter().try_for_each(|reading| {
        let values = reading.values.iter();
        let measures = values.map(|v| Measure::new(MeasureType(v.kind), v.value, v.unit)).collect();
        intake::personal(tx, &cuff, user, UnixTime(reading.taken_at), measures).map(|_| ())
    })
}

/// Uploads weigh-ins as the scale does: a session, then a call for each group, then the session's
/// end.
async fn weigh(running: &Local, user: UserId, readings: Vec<Reading>) -> anyhow::Result<()> {
    let text = str::to_owned;
    running.post("/cgi-bin/once", vec![("action", text("get"))]).await?;
    let opened = running
        .post(
            "/cgi-bin/session",
            vec![
                ("action", text("new")),
                ("auth", text(SCALE_MAC)),
                ("macaddress", text(SCALE_MAC)),
                ("currentfw", text("1651")),
                ("batterylvl", text("87")),
            ],
        )
        .await?;
    let session = opened["body"]["sessionid"].as_str().context("the scale got no session")?;
    let mut uploads = tokio::task::JoinSet::new();
    for (date, measures) in readings.iter().flat_map(uploads_of) {
        if uploads.len() >= UPLOADS_AT_ONCE_MAX
            && let Some(done) = uploads.join_next().await
        {
            done??;
        }
        let fields = vec![
            ("action", text("store")),
            ("sessionid", text(session)),
            ("macaddress", text(SCALE_MAC)),
            ("userid", user.to_string()),
            ("meastime", date.to_string()),
            ("devtype", text("1")),
            ("attribstatus", text("0")),
            ("measures", measures),
        ];
        let running = running.clone();
        uploads.spawn(async move { running.post("/cgi-bin/measure", fields).await });
    }
    while let Some(done) = uploads.join_next().await {
        done??;
    }
    let end = vec![("action", text("delete")), ("sessionid", text(session))];
    running.post("/cgi-bin/session", end).await?;
    Ok(())
}

/// A weigh-in as scales send it: the body in one group, the pulse in another.
fn uploads_of(reading: &Reading) -> Vec<(i64, String)> {
    let (pulse, body): (Vec<&Value>, Vec<&Value>) =
        reading.values.iter().partition(|value| value.kind == Value::PULSE);
    let groups = [body, pulse].into_iter().filter(|values| !values.is_empty());
    groups
        .map(|values| {
            let measures = values
                .iter()
                .map(|v| serde_json::json!({ "value": v.value, "type": v.kind, "unit": v.unit }));
            let measures: Vec<_> = measures.collect();
            (reading.taken_at, serde_json::json!({ "measures": measures }).to_string())
        })
        .collect()
}
