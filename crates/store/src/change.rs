//! Changes of a person's data in the order in which they were made: up to which change a page of
//! them goes. The rows themselves are read where they are stored.

use crate::tx::{Tx, values};
use domain::{Result, UserId};

/// What can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Measure groups.
    Group,
    /// Days of activity.
    Day,
    /// Nights.
    Night,
    /// Workouts.
    Workout,
    /// Electrocardiograms and sounds.
    Recording,
    /// Raw data.
    Raw,
    /// Events.
    Event,
    /// Packed series.
    Series,
    /// Goals.
    Goal,
}

macro_rules! nth {
    ($table:literal) => {
        concat!(
            "select change_seq from ",
            $table,
            " where user_id = $1 and change_seq > $2 order by change_seq limit 1 offset $3"
        )
    };
}

/// The change that the `count`-th row of a kind came with, of those after a change; none if there
/// are not so many.
pub fn nth(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: Kind,
    after: i64,
    count: i64,
) -> Result<Option<i64>> {
    let sql = match kind {
        Kind::Group => nth!("measure_group"),
        Kind::Day => nth!("activity_day"),
        Kind::Night => nth!("night"),
        Kind::Workout => nth!("workout"),
        Kind::Recording => nth!("recording"),
        Kind::Raw => nth!("raw_segment"),
        Kind::Event => nth!("device_event"),
        Kind::Series => nth!("series_chunk"),
        Kind::Goal => nth!("goal"),
    };
    tx.row(sql, values![user.0, after, count.max(1) - 1], |row| row.int(0))
}
