//! What somebody does on a day: when they walk, train, nap, and take the watch off. Minutes, nights
//! and electrocardiograms are made from it, so that they agree.
//!
//! What it deliberately does not do: holidays.

use crate::body::{self, Expecting};
use crate::calendar::{Calendar, MINUTE, day_of_year, weekday, weekend};
use crate::curve::{Point, smooth, straight, whole};
use crate::habit::Habit;
use crate::life::{Life, Routine, Training};
use crate::night;
use crate::person::Persona;
use crate::random::{Kind, Stream};
use crate::roster::{self, Shift};
use crate::workout::{self, Sport, Workout};

/// A day's share of the usual, by a normal draw: lognormal with a log spread of 0.32, so that with
/// walks and workouts the steps of a person vary by 0.25 to 0.5 of their mean. \[choice\]
const PACE: [Point; 7] =
    [(-2.5, 0.45), (-1.5, 0.62), (-0.75, 0.79), (0.0, 1.0), (0.75, 1.27), (1.5, 1.62), (2.5, 2.2)];
/// The same by day of the week from Monday (a commuter on foot) and of the year. \[choice\] \[mem\]
const WEEK: [f64; 7] = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.75];
/// Of others: who sits all week does a little more on Saturdays, pupils less at weekends.
/// \[choice\]
const WEEK_OFFICE: [f64; 7] = [1.0, 1.0, 1.0, 1.0, 1.0, 1.05, 0.8];
const WEEK_RETIRED: [f64; 7] = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.9];
const WEEK_SCHOOL: [f64; 7] = [1.0, 1.0, 1.0, 1.0, 1.0, 0.95, 0.85];
const SEASON: [Point; 4] = [(-30.0, -0.08), (152.0, 0.08), (335.0, -0.08), (517.0, 0.08)];
/// Whoever trains walks no more than this besides. \[choice\]
const PACE_WITH_WORKOUT_MAX: f64 = 1.2;

/// The watch is on its charger once or twice a week, in the evening. \[choice\]
const CHARGING: Habit = Habit { counts: &[0, 65], days: [3, 2, 3, 2, 2, 1, 4] };
/// Of 100 days at a weekend without a workout, those with a nap (10 to 20 per cent of adult days
/// \[mem\], fewer at work); of all days of whoever does not work, and of those before a night at
/// work.
const NAPS: i64 = 25;
const NAPS_RETIRED: i64 = 30;
const NAPS_BEFORE_NIGHT: i64 = 65;

/// A walk with a purpose.
pub(crate) struct Walk {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) cadence: f64,
}

/// A day of somebody, in Unix seconds; whole minutes.
pub(crate) struct Plan {
    pub(crate) day: i64,
    /// The day on the calendar.
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// When they get up.
    pub(crate) up: i64,
    /// How much they move about, 1 for the usual.
    pub(crate) pace: f64,
    pub(crate) walks: Vec<Walk>,
    pub(crate) workout: Option<Workout>,
    /// When somebody works on a shift, on their feet.
    pub(crate) duties: Vec<(i64, i64)>,
    /// When the watch is off the wrist.
    pub(crate) charging: Option<(i64, i64)>,
}

impl Plan {
    /// The plan of a day; none for one that was skipped.
    pub(crate) fn of(persona: &Persona, calendar: &Calendar, day: i64) -> Option<Self> {
        let (start, end) = calendar.span(day)?;
        let (_, up) = night::bed(persona, calendar, day)?;
        let workout = workout::planned(persona, calendar, day);
        let draws = Stream::new(persona.seed, Kind::Pace);
        let chance = straight(&PACE, draws.normal(day, 0));
        let season = 1.0 + smooth(&SEASON, day_of_year(day));
        let week = match persona.life.routine {
            Routine::Commuter | Routine::Shifts => WEEK,
            Routine::Office => WEEK_OFFICE,
            Routine::Retired => WEEK_RETIRED,
            Routine::School => WEEK_SCHOOL,
        };
        // Half the steps with a degree of fever. [mem]
        let ails = (1.0 - 0.5 * body::fever(persona, day)).clamp(0.25, 1.0)
            * (1.0 - Expecting::on(persona.life.body, day).slower);
        let own = persona.life.pace_permille as f64 / 1_000.0;
        let pace = chance * week[weekday(day)] * season * own * ails;
        let pace = if workout.is_some() { pace.min(PACE_WITH_WORKOUT_MAX) } else { pace };
        let walks = Walks { persona, calendar, day, pace }.of_day(up, workout.as_ref());
        let charging = charging(persona, calendar, day);
        let duties = roster::duties(persona, calendar, day);
        Some(Self { day, start, end, up, pace, walks, workout, duties, charging })
    }

    /// The walk that goes on at an instant.
    pub(crate) fn walk_at(&self, at: i64) -> Option<&Walk> {
        self.walks.iter().find(|walk| (walk.start..walk.end).contains(&at))
    }

    /// The workout that goes on at an instant.
    pub(crate) fn workout_at(&self, at: i64) -> Option<&Workout> {
        self.workout.as_ref().filter(|workout| (workout.start..workout.end).contains(&at))
    }

    /// Whether somebody is at work at an instant, on their feet.
    pub(crate) fn is_on_duty(&self, at: i64) -> bool {
        self.duties.iter().any(|(start, end)| (*start..*end).contains(&at))
    }

    /// Whether the watch is on the wrist.
    pub(crate) fn is_worn(&self, at: i64) -> bool {
        !self.charging.is_some_and(|(off, on)| (off..on).contains(&at))
    }
}

/// The nap of a day: when it begins, and its minutes in bed.
pub(crate) fn nap(persona: &Persona, calendar: &Calendar, day: i64) -> Option<(i64, i64)> {
    calendar.span(day)?;
    let draws = Stream::new(persona.seed, Kind::Nap);
    let is_free = weekend(day) && workout::planned(persona, calendar, day).is_none();
    let (earliest, naps) = match (persona.life.routine, roster::shift(persona, day)) {
        (Routine::School, _) => return None,
        (Routine::Retired, _) => (13 * 60 + 20, NAPS_RETIRED),
        (_, Some(Shift::FirstNight)) => (16 * 60, NAPS_BEFORE_NIGHT),
        (_, Some(_)) => return None,
        _ if !is_free => return None,
        _ => (13 * 60 + 20, NAPS),
    };
    if draws.below(day, 0, 100) >= naps {
        return None;
    }
    let start = calendar.instant(day, (earliest + draws.below(day, 1, 80)) * MINUTE)?;
    Some((start.div_euclid(MINUTE) * MINUTE, 28 + draws.below(day, 2, 45)))
}

/// When the watch is on its charger.
pub(crate) fn charging(persona: &Persona, calendar: &Calendar, day: i64) -> Option<(i64, i64)> {
    if !CHARGING.picks(&Stream::new(persona.seed, Kind::ChargingDays), day) {
        return None;
    }
    let draws = Stream::new(persona.seed, Kind::Charging);
    let off = calendar.instant(day, (20 * 60 + 40 + draws.below(day, 0, 30)) * MINUTE)?;
    let off = off.div_euclid(MINUTE) * MINUTE;
    Some((off, off + (45 + draws.below(day, 1, 30)) * MINUTE))
}

/// What the walks of a day are made from.
struct Walks<'p> {
    persona: &'p Persona,
    calendar: &'p Calendar,
    day: i64,
    pace: f64,
}

impl Walks<'_> {
    /// On working days to work, to lunch and back; else to the market, and out in the afternoon.
    fn of_day(&self, up: i64, workout: Option<&Workout>) -> Vec<Walk> {
        let walks = match self.persona.life.routine {
            Routine::Shifts => self.beside_shifts(up),
            Routine::Retired => self.at_leisure(workout),
            Routine::Office if self.persona.life.training == Training::Never => self.by_car(),
            Routine::Office if !weekend(self.day) => self.by_car(),
            Routine::School if !weekend(self.day) => self.to_school(),
            _ => self.of_most(up, workout),
        };
        let walks = walks.into_iter().flatten();
        if self.persona.life == Life::usual() {
            return walks.collect();
        }
        // Where clocks change on the way somewhere nobody walks in the wrong order.
        let mut later = i64::MIN;
        let mut in_order = |walk: &Walk| {
            let fits = walk.start >= later.max(up);
            later = if fits { walk.end } else { later };
            fits
        };
        walks.filter(|walk| in_order(walk)).collect()
    }

    /// From the car to the desk, and around the block at noon; at weekends around the block alone.
    fn by_car(&self) -> Vec<Option<Walk>> {
        if weekend(self.day) {
            return vec![self.walk(6, self.clock(5, 16 * 60 + 5, 60), 10.0)];
        }
        let lunch = self.clock(2, 12 * 60 + 15, 30);
        vec![self.walk(0, self.clock(1, 8 * 60 + 20, 20), 4.0), self.walk(1, lunch, 5.0)]
    }

    /// To school, out at the breaks, home, and out to play.
    fn to_school(&self) -> Vec<Option<Walk>> {
        vec![
            self.walk(0, self.clock(1, 7 * 60 + 40, 8), 12.0),
            self.walk(1, self.clock(2, 10 * 60, 10), 10.0),
            self.walk(2, self.clock(3, 12 * 60 + 45, 10), 16.0),
            self.walk(3, self.clock(4, 15 * 60 + 30, 10), 12.0),
            self.walk(6, self.clock(5, 16 * 60 + 20, 30), 22.0),
        ]
    }

    /// Before noon and in the afternoon, after the longest nap.
    fn at_leisure(&self, workout: Option<&Workout>) -> Vec<Option<Walk>> {
        let meets =
            |walk: &Walk| workout.is_some_and(|one| walk.start < one.end && one.start < walk.end);
        let apart = |walk: Option<Walk>| walk.filter(|walk| !meets(walk));
        vec![
            apart(self.walk(4, self.clock(4, 9 * 60 + 50, 40), 20.0)),
            apart(self.walk(6, self.clock(5, 16 * 60 + 15, 60), 20.0)),
        ]
    }

    /// The way to work and back; on days off out in the afternoon.
    fn beside_shifts(&self, up: i64) -> Vec<Option<Walk>> {
        let walk = |place, clock: i64| self.walk(place, self.clock(place, clock, 8), 8.0);
        match roster::shift(self.persona, self.day) {
            Some(Shift::Early) => vec![walk(0, 5 * 60 + 40), walk(1, 14 * 60 + 8)],
            Some(Shift::Late) => vec![walk(0, 13 * 60 + 35), walk(1, 22 * 60 + 8)],
            Some(Shift::FirstNight) => vec![walk(0, 21 * 60 + 35)],
            Some(Shift::SecondNight) => vec![walk(0, 21 * 60 + 35)],
            _ => vec![self.walk(6, Some(up + (150 + self.draw(5, 90)) * MINUTE), 30.0)],
        }
    }

    fn of_most(&self, up: i64, workout: Option<&Workout>) -> Vec<Option<Walk>> {
        if !weekend(self.day) {
            let lunch = self.clock(2, 12 * 60 + 15, 30);
            vec![
                self.walk(0, Some(up + (56 + self.draw(0, 16)) * MINUTE), 16.0),
                self.walk(1, lunch, 8.0),
                self.walk(2, lunch.map(|out| out + 45 * MINUTE), 8.0),
                self.walk(3, self.clock(3, 17 * 60 + 40, 20), 16.0),
            ]
        } else if let Some(workout) = workout {
            // A hike is enough.
            let afternoon = self.clock(5, 16 * 60 + 5, 60).filter(|_| workout.sport != Sport::Hike);
            vec![self.walk(6, afternoon, 24.0)]
        } else {
            let market = self.clock(4, 9 * 60 + 50, 40);
            vec![
                self.walk(4, market, 12.0),
                self.walk(5, market.map(|out| out + 50 * MINUTE), 12.0),
                // After the longest nap.
                self.walk(6, self.clock(5, 16 * 60 + 5, 60), 30.0),
            ]
        }
    }

    fn walk(&self, place: u64, start: Option<i64>, minutes: f64) -> Option<Walk> {
        let start = start?.div_euclid(MINUTE) * MINUTE;
        let length =
            minutes * self.pace.clamp(0.6, 1.5) * (0.85 + self.draw(20 + place, 30) as f64 / 100.0);
        let cadence = 102.0 + self.draw(40 + place, 16) as f64;
        Some(Walk { start, end: start + whole(length) * MINUTE, cadence })
    }

    /// An instant up to some minutes after a time on the clock.
    fn clock(&self, draw: u64, minute: i64, late: u32) -> Option<i64> {
        self.calendar.instant(self.day, (minute + self.draw(draw, late)) * MINUTE)
    }

    fn draw(&self, draw: u64, bound: u32) -> i64 {
        Stream::new(self.persona.seed, Kind::Walks).below(self.day, draw, bound)
    }
}
