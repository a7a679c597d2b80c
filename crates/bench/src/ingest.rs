//! How fast measures come in: 64 callers of the store's write path at once, each waiting until its
//! group is durable before it gives the next (SQLite, `synchronous = full`).

use crate::data;
use crate::figure::{Figure, RUNS, Runs, Target as Promise};
use anyhow::{Result, bail, ensure};
use domain::UserId;
use domain::measure::{Attrib, Category, Measure};
use std::time::{Duration, Instant};
use store::measure::{Filter, NewGroup, insert, page};
use store::{Access, Db, Target};

pub(crate) const FIGURE: Figure = Figure {
    name: "ingest_groups_per_s_64_clients",
    unit: "groups/s",
    target: Promise::AtLeast(20_000.0),
    what: "groups stored by 64 callers of the store's write path, each durable before its answer",
    measure: |_| measure(),
};

const CALLERS: usize = 64;
const RUN: Duration = Duration::from_secs(2);

fn measure() -> Result<Runs> {
    let folder = tempfile::tempdir()?;
    let db = data::open(&Target::Sqlite(folder.path().join("vitald.db")), folder.path())?;
    let people = (0..CALLERS).map(|number| Ok(data::person(&db, number)?.user));
    let people = people.collect::<Result<Vec<_>>>()?;
    let morning = data::mornings(10)?.pop().map(|reading| data::measures_of(&reading));
    let measures = morning.unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut values, mut stored) = (Vec::new(), vec![0_usize; CALLERS]);
    for round in 0..=RUNS {
        let begun = Instant::now();
        let counts = runtime.block_on(round_of(&db, &people, &measures, i64::try_from(round)?))?;
        let elapsed = begun.elapsed();
        let total: usize = counts.iter().sum();
        stored.iter_mut().zip(&counts).for_each(|(stored, count)| *stored += count);
        if round > 0 {
            values.push(f64::from(u32::try_from(total)?) / elapsed.as_secs_f64());
        }
    }
    for (user, expected) in people.into_iter().zip(stored) {
        let count = move |tx: &mut store::Tx<'_>| {
            page(tx, user, &Filter::default(), None, 1_000_000).map(|page| page.groups.len())
        };
        let found = db.run_blocking(Access::Read, count)?;
        ensure!(found == expected, "{found} groups are stored of {expected}");
    }
    db.close();
    let baseline = format!("{CALLERS} callers, one group of {} measures a call", measures.len());
    Ok(Runs { values, baseline })
}

/// How many groups each caller stored.
async fn round_of(
    db: &Db,
    people: &[UserId],
    measures: &[Measure],
    round: i64,
) -> Result<Vec<usize>> {
    let begun = Instant::now();
    let mut callers = tokio::task::JoinSet::new();
    for (at, user) in people.iter().copied().enumerate() {
        let (db, measures) = (db.clone(), measures.to_vec());
        callers.spawn(async move {
            let mut count = 0;
            while begun.elapsed() < RUN {
                let group = NewGroup {
                    date: 1_700_000_000 + round * 1_000_000 + i64::try_from(count)?,
                    category: Category::REAL,
                    attrib: Attrib::DEVICE,
                    device: None,
                    measures: measures.clone(),
                };
                let groups = [group];
                db.run(Access::Write, move |tx| insert(tx, user, &groups)).await?;
                count += 1;
            }
            anyhow::Ok((at, count))
        });
    }
    let mut counts = vec![0; people.len()];
    while let Some(done) = callers.join_next().await {
        let Ok(done) = done else { bail!("a caller panicked") };
        let (at, count) = done?;
        counts[at] = count;
    }
    Ok(counts)
}
