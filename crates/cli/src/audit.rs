//! `vitald audit …`, and the row that commands leave which read or change a person's data.

use crate::location::Location;
use crate::moment::Moment;
use crate::output::Output;
use anyhow::bail;
use api::admin;
use clap::{Args, Subcommand};
use domain::UserId;
use serde::Serialize;
use store::audit::{self, Actor, Deed, Filter, Hash, Record, Walk};
use store::{Access, Tx};

/// Rows that are read in one transaction.
const PAGE_ROWS: i64 = 1_000;
/// Rows between two lines about a long walk.
const TELL_ROWS: i64 = 100_000;

/// Who read or changed whose data.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List what was done, latest first.
    List(List),
    /// Walk the whole chain and say what was done to it, if anything was.
    Verify(Verify),
}

/// List what was done, latest first.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// To the data of this person: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: Option<String>,
    /// By this application.
    #[arg(long, value_name = "CLIENT_ID")]
    client: Option<String>,
    /// At this moment or later: as 2026-11-22T07:30:00Z, Unix seconds, or how long ago it is, as 2h
    /// or 7d.
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Before the entry of this number: to go on where a list ended.
    #[arg(long, value_name = "SEQ")]
    before: Option<i64>,
    /// So many entries at most.
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

/// Walk the whole chain and say what was done to it, if anything was.
///
/// Exit code 1 when it is not whole. Whoever can write the whole database can also make a new chain
/// that is whole in itself: keep the hash this prints where they cannot reach it, and give it to
/// the next walk.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The hash an earlier walk ended with: the chain has to go on from there.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    expect: Option<Hash>,
}

#[derive(Serialize)]
struct Listed {
    seq: i64,
    first: i64,
    last: i64,
    calls: i64,
    actor: String,
    client_id: Option<String>,
    person: Option<UserId>,
    userid: Option<UserId>,
    service: String,
    action: String,
    status: i64,
}

#[derive(Serialize)]
struct Verified {
    whole: bool,
    entries: i64,
    hash: String,
    found: u64,
    faults: Vec<String>,
}

/// Notes in the same transaction what a command does with a person's data, or with everybody's. To
/// be called last. A command that reads is run again as a write.
pub(crate) fn staff(
    tx: &mut Tx<'_>,
    user: Option<UserId>,
    action: &'static str,
) -> domain::Result<()> {
    audit::note(tx, Deed { actor: Actor::Staff, user, service: "vitald", action, status: 0 })
}

impl Audit {
    /// Whether all is well.
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<bool> {
        match self {
            Self::List(list) => list.run(location, output).map(|()| true),
            Self::Verify(verify) => verify.run(location, output),
        }
    }
}

impl List {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let Self { user, client, since, before, limit } = self;
        let read = move |tx: &mut Tx<'_>| {
            let user = user.as_deref().map(|user| id_of(tx, user)).transpose()?;
            let since = since.map(|since| since.before(tx.now()));
            let mut filter = Filter { user, client_id: client.clone(), since, before };
            let mut records: Vec<Record> = Vec::new();
            loop {
                let left = limit - i64::try_from(records.len()).unwrap_or(limit);
                let page = audit::list(tx, &filter, left.min(PAGE_ROWS))?;
                filter.before = page.last().map(|last| last.seq);
                records.extend(page);
                if filter.before.is_none() {
                    return Ok(records);
                }
            }
        };
        let records = location.run(Access::Read, read)?;
        output.many(&records.into_iter().map(listed).collect::<Vec<_>>())
    }
}

/// An id as it is, so that somebody whose account is gone is found too.
pub(crate) fn id_of(tx: &mut Tx<'_>, user: &str) -> domain::Result<UserId> {
    match user.trim().parse() {
        Ok(id) => Ok(UserId(id)),
        Err(_) => Ok(admin::find_account(tx, user)?.id),
    }
}

fn listed(record: Record) -> Listed {
    Listed {
        seq: record.seq,
        first: record.first_at,
        last: record.last_at,
        calls: record.calls,
        actor: record.actor,
        client_id: record.client_id,
        person: record.person,
        userid: record.user,
        service: record.service,
        action: record.action,
        status: record.status,
    }
}

impl Verify {
    fn run(self, location: &Location, output: &Output) -> anyhow::Result<bool> {
        if !location.exists() {
            bail!("{}", location.absent());
        }
        let (db, _) = location.open()?;
        let expected = self.expect;
        let mut walk = db.run_blocking(Access::Read, move |tx| audit::begin(tx, expected))?;
        while !walk.is_over {
            let (told, from) = (walk.at / TELL_ROWS, walk);
            walk = db.run_blocking(Access::Read, move |tx| audit::step(tx, &from))?;
            if walk.at / TELL_ROWS > told {
                tracing::info!(entries = walk.at, of = walk.head.entries, "walking");
            }
        }
        db.close();
        let verified = verified(walk);
        verified.print(output)?;
        Ok(verified.whole)
    }
}

fn verified(walk: Walk) -> Verified {
    Verified {
        whole: walk.found == 0,
        entries: walk.head.entries,
        hash: walk.head.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        found: walk.found,
        faults: walk.faults.iter().map(ToString::to_string).collect(),
    }
}

impl Verified {
    fn print(&self, output: &Output) -> anyhow::Result<()> {
        if output.is_json() {
            return output.one(self);
        }
        let Self { entries, hash, found, faults, .. } = self;
        if self.whole {
            output.text(&format!("the audit is whole: {entries} entries, to the hash"))?;
            return output.text(hash);
        }
        output.text(&format!("THE AUDIT IS NOT WHOLE: {found} faults in {entries} entries"))?;
        faults.iter().try_for_each(|fault| output.text(&format!("  {fault}")))?;
        let untold = found - faults.len() as u64;
        if untold > 0 { output.text(&format!("  and {untold} more")) } else { Ok(()) }
    }
}

fn hash(text: &str) -> Result<Hash, String> {
    audit::hash_of_text(text).ok_or_else(|| "expected 64 hexadecimal digits".to_owned())
}
