//! Habits: which days of a week something is done.
//!
//! A week has a number of days and then picks them, so that a habit is kept over the months as
//! real ones are, where a coin thrown each morning would bring long gaps.
//!
//! What it deliberately does not do: holidays and lost interest.

use crate::calendar::{week, weekday};
use crate::random::Stream;

/// A habit with a weekly number of days.
pub(crate) struct Habit {
    /// How likely 0, 1, 2, … days a week are, in per cent; the last takes the rest.
    pub(crate) counts: &'static [i64],
    /// How readily each day from Monday to Sunday is picked.
    pub(crate) days: [u32; 7],
}

impl Habit {
    /// Whether the habit picks this day. The stream's index is the week.
    pub(crate) fn picks(&self, stream: &Stream, day: i64) -> bool {
        let week = week(day);
        let wanted = self.count(stream.below(week, 0, 100));
        let mut left = self.days;
        for draw in 1..=wanted {
            let total = left.iter().sum();
            let mut ticket = stream.below(week, draw, total);
            for (place, weight) in left.iter_mut().enumerate() {
                ticket -= i64::from(*weight);
                if ticket < 0 {
                    if place == weekday(day) {
                        return true;
                    }
                    *weight = 0;
                    break;
                }
            }
        }
        false
    }

    /// The number of days in a week whose lot, of 100, is this.
    fn count(&self, lot: i64) -> u64 {
        let mut reached = 0;
        let passed = self.counts.iter().take_while(|&&share| {
            reached += share;
            reached <= lot
        });
        passed.count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Kind;

    #[test]
    fn weeks_hold_the_wanted_number_of_days() {
        let habit = Habit { counts: &[10, 60, 30], days: [1, 1, 1, 1, 1, 3, 3] };
        let stream = Stream::new(3, Kind::MissedMornings);
        let mut weeks = [0; 3];
        let mut weekend = 0;
        for week in 0..1_000 {
            let picked: Vec<i64> =
                (week * 7 - 3..week * 7 + 4).filter(|&day| habit.picks(&stream, day)).collect();
            weeks[picked.len()] += 1;
            weekend += picked.iter().filter(|&&day| weekday(day) >= 5).count();
        }
        assert!((60..140).contains(&weeks[0]), "{weeks:?}");
        assert!((540..660).contains(&weeks[1]), "{weeks:?}");
        assert!((550..700).contains(&weekend), "{weekend}");
    }
}
