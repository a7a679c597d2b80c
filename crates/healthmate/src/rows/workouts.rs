//! `activities.csv`: a workout a row.
//!
//! Where the person corrected a start or an end, the correction counts. A local time is of the
//! row's own zone if it names one that is known. Positions on the way are left out.

use jiff::tz::TimeZone;

use super::{Decoder, needed, seconds};
use crate::head::{Head, Names};
use crate::report::Reason;
use crate::table::Row;
use crate::{Item, Workout, data, sports};

const NAMES: [Names; 7] = [
    &["from", "start", "de", "du", "debut", "von", "desde", "da"],
    &["to", "end", "a", "au", "fin", "bis", "hasta"],
    &[
        "frommanual",
        "demanuel",
        "dumanuel",
        "debutmanuel",
        "vonmanuell",
        "desdemanual",
        "damanuale",
    ],
    &["tomanual", "amanuel", "aumanuel", "finmanuel", "bismanuell", "hastamanual", "amanuale"],
    &["timezone", "fuseauhoraire", "zeitzone", "zonahoraria", "fusoorario"],
    &[
        "activitytype",
        "activity",
        "typedactivite",
        "activite",
        "aktivitatstyp",
        "aktivitat",
        "aktivitatsart",
        "artderaktivitat",
        "tipodeactividad",
        "actividad",
        "tipodiattivita",
        "tipoattivita",
        "attivita",
    ],
    &["data", "donnees", "daten", "datos", "dati"],
];
const FROM: usize = 0;
const TO: usize = 1;
const FROM_MANUAL: usize = 2;
const TO_MANUAL: usize = 3;
const ZONE: usize = 4;
const SPORT: usize = 5;
const DATA: usize = 6;

/// Reads rows of workouts.
pub(super) struct Workouts {
    head: Head<7>,
    zone: TimeZone,
}

impl Workouts {
    pub(super) fn new(header: &Row<'_>, zone: TimeZone) -> Result<Self, &'static str> {
        let head = Head::find(header, &NAMES);
        needed(&head, FROM, "from")?;
        needed(&head, TO, "to")?;
        Ok(Self { head, zone })
    }
}

impl Decoder for Workouts {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let head = &self.head;
        let timezone = head.value(row, ZONE);
        let own = TimeZone::get(&timezone).ok().filter(|_| !timezone.is_empty());
        let zone = own.as_ref().unwrap_or(&self.zone);
        let at = |manual, measured, name| match head.value(row, manual).is_empty() {
            true => seconds(head, row, measured, name, zone),
            false => seconds(head, row, manual, name, zone),
        };
        let (start, end) = (at(FROM_MANUAL, FROM, "from")?, at(TO_MANUAL, TO, "to")?);
        if end < start {
            return Err(Reason::EndsBeforeStart);
        }
        let name = Some(head.value(row, SPORT).into_owned()).filter(|name| !name.is_empty());
        Ok(Some(Item::Workout(Workout {
            start,
            end,
            category: name.as_deref().map(sports::number),
            name,
            data: data::read(&head.value(row, DATA)),
            timezone: Some(timezone.into_owned()).filter(|zone| !zone.is_empty()),
        })))
    }
}
