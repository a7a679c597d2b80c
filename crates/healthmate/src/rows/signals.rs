//! `signal.csv`: a recording a row, with all its samples.
//!
//! What is said around the samples is kept where it can be read and left out where not: a recording
//! is worth more than the name of a place.

use jiff::tz::TimeZone;

use super::{DATE_NAMES, Decoder, needed, seconds};
use crate::head::{Head, Names};
use crate::report::Reason;
use crate::table::Row;
use crate::{Item, Signal, list, names, number};

const NAMES: [Names; 9] = [
    DATE_NAMES,
    &["type", "typ", "tipo"],
    &["frequency", "frequence", "frequenz", "frecuencia", "frequenza"],
    &["duration", "duree", "dauer", "duracion", "durata"],
    &["wearposition", "position", "trageposition", "posicion", "posizione"],
    &["signal", "segnale", "senal"],
    &["doctorassessment", "assessment"],
    &["doctorname"],
    &["checkupdate"],
];
const DATE: usize = 0;
const TYPE: usize = 1;
const FREQUENCY: usize = 2;
const DURATION: usize = 3;
const POSITION: usize = 4;
const SIGNAL: usize = 5;
const ASSESSMENT: usize = 6;
const DOCTOR: usize = 7;
const CHECKUP: usize = 8;

/// Reads rows of recordings.
pub(super) struct Signals {
    head: Head<9>,
    zone: TimeZone,
}

impl Signals {
    pub(super) fn new(header: &Row<'_>, zone: TimeZone) -> Result<Self, &'static str> {
        let head = Head::find(header, &NAMES);
        needed(&head, DATE, "date")?;
        needed(&head, SIGNAL, "signal")?;
        Ok(Self { head, zone })
    }
}

impl Decoder for Signals {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let head = &self.head;
        let at = seconds(head, row, DATE, "date", &self.zone)?;
        let microvolts = list::microvolts(&head.value(row, SIGNAL), "signal")?;
        if microvolts.is_empty() {
            return Err(Reason::NoValue);
        }
        Ok(Some(Item::Signal(Signal {
            at,
            kind: head.value(row, TYPE).into_owned(),
            frequency_hz: leading(&head.value(row, FREQUENCY)),
            duration_s: leading(&head.value(row, DURATION)),
            wear_position: names::place(&head.value(row, POSITION)),
            microvolts,
            assessment: head.words(row, ASSESSMENT),
            doctor_name: head.words(row, DOCTOR),
            checkup_date: head.words(row, CHECKUP),
        })))
    }
}

/// The whole number that a text begins with, such as that of `300 Hz`.
fn leading(text: &str) -> Option<i64> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-');
    number::whole(text.split(|letter| !is_part(letter)).next().unwrap_or_default())
}
