//! When devices hand over.
//!
//! What it deliberately does not do: networks that break in the middle, batches sent twice.

use crate::Persona;
use crate::calendar::{Calendar, MINUTE};
use crate::device::{Device, DeviceKind};
use crate::life::HandsOver;
use crate::plan;
use crate::random::{Kind, Stream};

/// When a watch finds its phone, in minutes of the clock, and how much later it may be: every few
/// hours. \[choice\]
const SLOTS: [i64; 5] = [2 * 60 + 10, 7 * 60 + 40, 12 * 60 + 10, 16 * 60 + 50, 21 * 60 + 10];
const SLOT_LATE: u32 = 75;
/// Who hands over late does so once in so many days, in the evening. \[choice\]
const LATE_DAYS: i64 = 6;
const LATE_CLOCK: i64 = 18 * 60 + 30;
const LATE_LATE: u32 = 150;

/// Seconds until a measure is there: over Wi-Fi and over a line of its own. \[choice\]
const WIFI: (i64, u32) = (4, 30);
const CELLULAR: (i64, u32) = (18, 140);
/// Of 1,000 measures over Wi-Fi, those that wait for the router, and for how long, in minutes.
/// \[choice\]
const WAITS: i64 = 25;
const WAITS_MINUTES: (i64, u32) = (90, 1_700);
/// Seconds from getting up until the mat hands over: seen at a Sleep Analyzer.
const AFTER_BED: (i64, u32) = (69, 42);

/// A battery of a scale lasts so many days, that of a watch after its charger so many. \[choice\]
const LASTS: i64 = 540;
const WATCH_LASTS: i64 = 26;

/// When somebody's devices hand over.
pub(super) struct Schedule {
    draws: Stream,
    hands_over: HandsOver,
    begins: i64,
    /// No device is heard of from here on.
    ends: i64,
}

impl Schedule {
    pub(super) fn of(persona: &Persona, calendar: &Calendar) -> Self {
        let hands_over = persona.life.hands_over;
        let ends = match hands_over {
            HandsOver::Until(day) => calendar.span(day).map_or(i64::MAX, |(_, end)| end),
            _ => i64::MAX,
        };
        let draws = Stream::new(persona.seed, Kind::HandOver);
        Self { draws, hands_over, begins: persona.course_begins, ends }
    }

    pub(super) fn still_syncs(&self, at: i64) -> bool {
        at < self.ends
    }

    /// The longest time, in days, from a measure to its upload.
    pub(super) fn longest_days(&self) -> i64 {
        if self.hands_over == HandsOver::Late { 2 * LATE_DAYS + 1 } else { 3 }
    }

    /// The syncs of a watch in a span, each with the one before it.
    pub(super) fn syncs(&self, calendar: &Calendar, from: i64, until: i64) -> Vec<(i64, i64)> {
        let days = calendar.day(from) - self.longest_days()..=calendar.day(until) + 1;
        let mut all: Vec<i64> = days.flat_map(|day| self.of_day(calendar, day)).collect();
        all.sort_unstable();
        all.dedup();
        let pairs = all.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|(_, at)| (from..until).contains(at)).collect()
    }

    /// When a phone is near and thought of, on a day.
    fn of_day(&self, calendar: &Calendar, day: i64) -> Vec<i64> {
        if self.hands_over == HandsOver::Late {
            let block = day.div_euclid(LATE_DAYS);
            if block * LATE_DAYS + self.draws.below(block, 90, LATE_DAYS as u32) != day {
                return Vec::new();
            }
            let late = self.draws.below(day, 91, LATE_LATE * MINUTE as u32);
            return calendar.instant(day, LATE_CLOCK * MINUTE + late).into_iter().collect();
        }
        let slot = |(place, clock): (usize, &i64)| {
            let late = self.draws.below(day, place as u64, SLOT_LATE * MINUTE as u32);
            calendar.instant(day, clock * MINUTE + late)
        };
        SLOTS.iter().enumerate().filter_map(slot).collect()
    }

    /// When what was measured at an instant of a day leaves its device.
    pub(super) fn leaves(
        &self,
        calendar: &Calendar,
        device: &Device,
        day: i64,
        at: i64,
        number: u64,
    ) -> i64 {
        if self.hands_over == HandsOver::Late {
            let days = calendar.day(at)..=calendar.day(at) + self.longest_days();
            let mut syncs = days.flat_map(|day| self.of_day(calendar, day));
            // A moment later than the watch, so that two are not one.
            return syncs.find(|sync| *sync >= at).unwrap_or(at) + device.kind as i64;
        }
        let draw = 10 + device.kind as u64 * 16 + number;
        let after = |(least, more): (i64, u32)| at + least + self.draws.below(day, draw, more);
        match device.kind {
            DeviceKind::Mat => after(AFTER_BED),
            _ if device.is_cellular() => after(CELLULAR),
            _ if self.draws.below(day, 100 + draw, 1_000) < WAITS => {
                let (least, more) = WAITS_MINUTES;
                after((least * MINUTE, more * MINUTE as u32))
            }
            _ => after(WIFI),
        }
    }

    /// The battery of a device on a day, in per cent.
    pub(super) fn battery(
        &self,
        persona: &Persona,
        calendar: &Calendar,
        device: &Device,
        day: i64,
    ) -> i64 {
        match device.kind {
            // On the mains.
            DeviceKind::Mat => 100,
            DeviceKind::Watch => {
                let charged = |back: &i64| plan::charging(persona, calendar, day - back).is_some();
                let since = (1..=14).find(charged).unwrap_or(14);
                100 - since * 100 / WATCH_LASTS
            }
            _ => 100 - (day - self.begins + 60).rem_euclid(LASTS) * 100 / LASTS,
        }
    }
}
