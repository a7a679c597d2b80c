//! How fast tokens are renewed: many callers of the store's write path at once, each of whom
//! renews a grant and uses the new token, both durable before it goes on (SQLite, `synchronous =
//! full`). Afterwards the grants are asked whether they kept the rule.

use crate::data;
use crate::figure::{Figure, RUNS, Runs, Target as Promise};
use anyhow::{Result, bail, ensure};
use domain::{Scope, ScopeSet, UserId};
use std::time::{Duration, Instant};
use store::token::{self, Tokens};
use store::{Access, Db, Target};

pub(crate) const FIGURE: Figure = Figure {
    name: "refreshes_per_s",
    unit: "refreshes/s",
    target: Promise::AtLeast(2_000.0),
    what: "refreshes by 64 callers, each with the first use of what it brought, both durable",
    measure: |_| measure(),
};

const CALLERS: usize = 64;
/// Grants each caller renews in turn: a program has many people, and none renews all the time.
const GRANTS: usize = 16;
const RUN: Duration = Duration::from_secs(2);

fn measure() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&Target::Sqlite(folder.path().join("vitald.db")), folder.path())?;
    let client = data::client(&db)?;
    let user = data::person(&db, 1)?.user;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut values = Vec::new();
    for round in 0..=RUNS {
        let grants = (0..CALLERS).map(|_| issue(&db, user, &client));
        let grants = grants.collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        let lines = runtime.block_on(round_of(&db, &client, grants))?;
        let elapsed = begun.elapsed();
        let count: usize = lines.iter().map(|line| line.count).sum();
        lines.iter().try_for_each(|line| check(&db, &client, line))?;
        if round > 0 {
            values.push(f64::from(u32::try_from(count)?) / elapsed.as_secs_f64());
        }
    }
    db.close();
    let baseline = format!("{CALLERS} callers with {GRANTS} grants each");
    Ok(Runs { values, baseline })
}

/// A caller's grants: of each the pair before the newest, and the newest.
struct Line {
    grants: Vec<(Option<Tokens>, Tokens)>,
    count: usize,
}

fn issue(db: &Db, user: UserId, client: &str) -> Result<Line> {
    let client = client.to_owned();
    let grants = db.run_blocking(Access::Write, move |tx| {
        let scopes = ScopeSet::parse(Scope::Metrics.name());
        let scopes = scopes.ok_or_else(|| domain::Error::internal("an unknown scope"))?;
        let one = |_| Ok((None, token::issue(tx, user, &client, &scopes)?));
        (0..GRANTS).map(one).collect::<domain::Result<Vec<_>>>()
    })?;
    Ok(Line { grants, count: 0 })
}

async fn round_of(db: &Db, client: &str, lines: Vec<Line>) -> Result<Vec<Line>> {
    let begun = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for mut line in lines {
        let (db, client) = (db.clone(), client.to_owned());
        callers.spawn(async move {
            while begun.elapsed() < RUN {
                let at = line.count % GRANTS;
                let old = line.grants[at].1.clone();
                let (given, client) = (old.refresh_token.clone(), client.clone());
                let refresh = move |tx: &mut store::Tx<'_>| token::refresh(tx, &given, &client);
                let Ok(new) = db.run(Access::Write, refresh).await? else {
                    bail!("a good refresh token was refused")
                };
                let access = new.access_token.clone();
                // As the server does it: a read that finds that it has to write.
                let opened = move |tx: &mut store::Tx<'_>| token::authenticate(tx, &access);
                let opened = db.run(Access::Read, opened).await?;
                ensure!(opened.is_ok(), "a new access token was refused");
                line.grants[at] = (Some(old), new);
                line.count += 1;
            }
            Ok(line)
        });
    }
    let mut done = Vec::new();
    while let Some(line) = callers.join_next().await {
        let Ok(line) = line else { bail!("a caller panicked") };
        done.push(line?);
    }
    Ok(done)
}

/// The rule: what was replaced is not renewed any more, its access token lives on, and what
/// replaced it is good in both.
fn check(db: &Db, client: &str, line: &Line) -> Result<()> {
    ensure!(line.count > 0, "a caller renewed nothing");
    for (old, new) in &line.grants {
        let (old, new, client) = (old.clone(), new.clone(), client.to_owned());
        let kept = db.run_blocking(Access::Write, move |tx| {
            let is_old_right = match &old {
                None => true,
                Some(old) => {
                    token::refresh(tx, &old.refresh_token, &client)?.is_err()
                        && token::authenticate(tx, &old.access_token)?.is_ok()
                }
            };
            Ok(is_old_right
                && token::authenticate(tx, &new.access_token)?.is_ok()
                && token::authenticate(tx, &new.refresh_token)?.is_err()
                && token::refresh(tx, &new.refresh_token, &client)?.is_ok())
        })?;
        ensure!(kept, "a grant did not keep the rule");
    }
    Ok(())
}
