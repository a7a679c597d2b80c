//! Paging through days, nights, workouts, recordings and raw data neither skips nor repeats a row
//! that was there when it began, whatever is added, changed and taken away meanwhile.

use crate::harness::{Harness, NOON, Works as _};
use crate::samples::account;
use crate::{captures, days, nights, recordings, workouts};
use domain::recording::Kind as Recorded;
use domain::{DAY_SECONDS, GroupId, Result, UserId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::{Db, Tx, day, night, person, raw, recording, workout};

on_both!(
    paging_through_days_is_steady,
    paging_through_nights_is_steady,
    paging_through_workouts_is_steady,
    paging_through_recordings_is_steady,
    paging_through_raw_data_is_steady,
);

/// The day that `NOON` is in.
const DAY: i64 = NOON / DAY_SECONDS;
/// Rows are of so many days.
const DAYS: i64 = 6;

/// What is paged through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    Night,
    Workout,
    Recording,
    Raw,
}

/// A row, as a program sees it: the number it goes on from, and what it is ordered by.
type Row = (i64, i64);

/// What a program asks for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    days: Option<(i64, i64)>,
    changed_after: Option<i64>,
}

impl Kind {
    /// Stores a row of that day: its number.
    fn store(self, tx: &mut Tx<'_>, user: UserId, of: i64, twist: i64) -> Result<i64> {
        let number = |id: GroupId| id.parts().1;
        match self {
            Self::Day => {
                let stamp = person::touch(tx, user, 0)?;
                day::put(tx, user, &days::walked(DAY + of, twist), &stamp)?;
                Ok(DAY + of)
            }
            Self::Night => night::insert(tx, user, &nights::ended(DAY + of), None).map(number),
            Self::Workout => workout::insert(tx, user, &workouts::begun(DAY + of)).map(number),
            Self::Recording => {
                let taken = recordings::taken(Recorded::Ecg, DAY + of);
                recording::insert(tx, user, &taken, &[]).map(number)
            }
            Self::Raw => {
                let end = NOON + twist;
                let segment = raw::Segment { end, ..captures::segment(DAY + of) };
                Ok(number(raw::insert(tx, user, &segment)?.expect("a new segment")))
            }
        }
    }

    /// Changes a row, but not the day it is of.
    fn change(self, tx: &mut Tx<'_>, user: UserId, number: i64, twist: i64) -> Result<()> {
        let stamp = person::touch(tx, user, 0)?;
        match self {
            Self::Day => drop(day::put(tx, user, &days::walked(number, twist), &stamp)?),
            Self::Night => {
                if let Some(known) = night::find(tx, GroupId::new(user, number))? {
                    // It turns out to have begun elsewhere, far enough to overtake others.
                    let start = known.placed + twist % night::MOVE_SECONDS_MAX;
                    let after = night::Night { start, ..known.night.clone() };
                    night::change(tx, &known, &after, &stamp)?;
                }
            }
            Self::Workout => {
                if let Some(known) = workout::find(tx, GroupId::new(user, number))? {
                    let after = workout::Workout { category: twist, ..known.workout.clone() };
                    workout::change(tx, &known, &after, &stamp)?;
                }
            }
            Self::Recording | Self::Raw => {}
        }
        Ok(())
    }

    /// Takes a row away; whether it is gone.
    fn remove(self, tx: &mut Tx<'_>, user: UserId, number: i64) -> Result<bool> {
        let stamp = person::touch(tx, user, 0)?;
        let id = GroupId::new(user, number);
        match self {
            Self::Night => night::remove(tx, id, &stamp)?,
            Self::Workout => workout::remove(tx, id, &stamp)?,
            Self::Day | Self::Recording | Self::Raw => return Ok(false),
        }
        Ok(true)
    }

    fn page(
        self,
        tx: &mut Tx<'_>,
        user: UserId,
        asked: Asked,
        after: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Row>> {
        let Asked { days, changed_after } = asked;
        let time = days.unwrap_or((i64::MIN, i64::MAX));
        Ok(match self {
            Self::Day => {
                let filter = day::Filter { days, changed_after };
                let rows = day::page(tx, user, &filter, after, limit)?;
                rows.into_iter().map(|row| (row.day.day, row.day.day)).collect()
            }
            Self::Night => {
                let filter = night::Filter { days, changed_after };
                let rows = night::page(tx, user, &filter, after, limit, night::Wanted::ALL)?;
                let mut placed = Vec::new();
                for row in rows {
                    let stored = night::find(tx, row.id)?.expect("a night of the page");
                    placed.push((row.id.parts().1, stored.placed));
                }
                placed
            }
            Self::Workout => {
                let filter = workout::Filter { days, changed_after };
                let rows = workout::page(tx, user, &filter, after, limit)?;
                rows.into_iter().map(|row| (row.id.parts().1, row.workout.start)).collect()
            }
            Self::Recording => {
                let rows = recording::page(tx, user, Recorded::Ecg, time, after, limit)?;
                rows.into_iter().map(|row| (row.id.parts().1, row.recording.date)).collect()
            }
            // Oldest first, unlike the others.
            Self::Raw => {
                let of = (domain::DeviceId(1), 1);
                let rows = raw::page(tx, user, of, time, after, limit)?;
                rows.into_iter().map(|row| (-row.id.parts().1, -row.segment.start)).collect()
            }
        })
    }

    /// The number to go on from.
    fn offset(self, row: Row) -> i64 {
        row.0.abs()
    }
}

/// Something that happens between two pages.
#[derive(Debug, Clone)]
enum Step {
    Stores(i64),
    Changes(usize),
    TakesAway(usize),
    Waits,
}

/// A walk through a person's rows, with what is stored before it and what happens meanwhile.
#[derive(Debug, Clone)]
struct Walk {
    before: Vec<i64>,
    changed: Vec<usize>,
    meanwhile: Vec<Vec<Step>>,
    limit: i64,
    days: Option<(i64, i64)>,
    since_change: bool,
}

fn any_walk() -> impl Strategy<Value = Walk> {
    use proptest::collection::vec;
    use proptest::option::of;
    let step = prop_oneof![
        (0..DAYS).prop_map(Step::Stores),
        any::<usize>().prop_map(Step::Changes),
        any::<usize>().prop_map(Step::TakesAway),
        Just(Step::Waits),
    ];
    let parts = (
        vec(0..DAYS, 1..20),
        vec(any::<usize>(), 0..6),
        vec(vec(step, 0..4), 0..10),
        1..5_i64,
        of((0..DAYS, 0..DAYS)),
        any::<bool>(),
    );
    parts.prop_map(|(before, changed, meanwhile, limit, days, since_change)| Walk {
        before,
        changed,
        meanwhile,
        limit,
        days,
        since_change,
    })
}

/// Rows of a person: their days, by their numbers.
struct Rows<'h> {
    h: &'h Harness,
    db: &'h Db,
    kind: Kind,
    user: UserId,
    known: BTreeMap<i64, i64>,
    changed: BTreeSet<i64>,
    removed: BTreeSet<i64>,
    twist: i64,
}

impl Rows<'_> {
    fn pick(&self, at: usize) -> Option<i64> {
        at.checked_rem(self.known.len()).and_then(|at| self.known.keys().nth(at).copied())
    }

    fn take(&mut self, step: &Step) {
        let (kind, user) = (self.kind, self.user);
        // Nothing is ever told twice.
        self.twist += 7_001;
        let twist = self.twist;
        match step {
            Step::Stores(of) => {
                let of = *of;
                let number = self.db.write(move |tx| kind.store(tx, user, of, twist));
                self.known.insert(number, of);
                self.changed.insert(number);
            }
            Step::Changes(at) => {
                if let Some(number) = self.pick(*at) {
                    self.db.write(move |tx| kind.change(tx, user, number, twist));
                    self.changed.insert(number);
                }
            }
            Step::TakesAway(at) => {
                if let Some(number) = self.pick(*at)
                    && self.db.write(move |tx| kind.remove(tx, user, number))
                {
                    self.removed.insert(number);
                }
            }
            Step::Waits => self.h.clock.advance(1),
        }
    }
}

fn steady(h: &Harness, kind: Kind) {
    const PAGES_MAX: usize = 1_000;
    let (reader, writer) = (h.open(), h.open());
    let people = AtomicUsize::new(0);
    let cases = if h.is_postgres() { 12 } else { 48 };
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let check = |walk: Walk| {
        let name = format!("person-{}", people.fetch_add(1, Ordering::Relaxed));
        let user = account(&writer, &name);
        let (known, changed, removed) = Default::default();
        let mut rows = Rows { h, db: &writer, kind, user, known, changed, removed, twist: 0 };
        walk.before.iter().for_each(|of| rows.take(&Step::Stores(*of)));
        rows.changed.clear();
        let changed_after = domain::Clock::now(&*h.clock);
        h.clock.advance(1);
        walk.changed.iter().for_each(|at| rows.take(&Step::Changes(*at)));
        let has_changes = !matches!(kind, Kind::Recording | Kind::Raw);
        let changed_after = (walk.since_change && has_changes).then_some(changed_after);
        let days = walk.days.map(|(one, other)| (DAY + one.min(other), DAY + one.max(other)));
        // Some question has to be asked.
        let all = (DAY, DAY + DAYS);
        let days = days.or_else(|| changed_after.is_none().then_some(all));
        let asked = Asked { days, changed_after };
        let passes = |rows: &Rows<'_>, number: &i64| {
            let of = DAY + rows.known[number];
            let is_of_days = days.is_some_and(|(first, last)| (first..=last).contains(&of));
            is_of_days || changed_after.is_some() && rows.changed.contains(number)
        };
        let due: BTreeSet<i64> =
            rows.known.keys().copied().filter(|number| passes(&rows, number)).collect();
        let (mut seen, mut after) = (Vec::new(), None);
        let mut meanwhile = walk.meanwhile.iter();
        for _ in 0..PAGES_MAX {
            let limit = walk.limit;
            let page = reader.read(move |tx| kind.page(tx, user, asked, after, limit));
            let Some(last) = page.last() else { break };
            after = Some(kind.offset(*last));
            seen.extend(page);
            meanwhile.next().into_iter().flatten().for_each(|step| rows.take(step));
        }
        let in_order = seen
            .is_sorted_by(|(one, placed), (next, next_placed)| (placed, one) > (next_placed, next));
        prop_assert!(in_order, "{:?}", seen);
        let numbers: BTreeSet<i64> = seen.iter().map(|row| kind.offset(*row)).collect();
        prop_assert_eq!(numbers.len(), seen.len(), "a row was repeated");
        let stay: BTreeSet<i64> = due.difference(&rows.removed).copied().collect();
        prop_assert!(stay.is_subset(&numbers), "skipped: {:?}", stay.difference(&numbers));
        let foreign = numbers.iter().filter(|number| !passes(&rows, number)).count();
        prop_assert_eq!(foreign, 0, "the filter let something through");
        Ok(())
    };
    TestRunner::new(config).run(&any_walk(), check).unwrap_or_else(|failed| panic!("{failed}"));
}

fn paging_through_days_is_steady(h: &Harness) {
    steady(h, Kind::Day);
}

fn paging_through_nights_is_steady(h: &Harness) {
    steady(h, Kind::Night);
}

fn paging_through_workouts_is_steady(h: &Harness) {
    steady(h, Kind::Workout);
}

fn paging_through_recordings_is_steady(h: &Harness) {
    steady(h, Kind::Recording);
}

fn paging_through_raw_data_is_steady(h: &Harness) {
    steady(h, Kind::Raw);
}
