//! `sleep.csv`: a night a row.

use jiff::tz::TimeZone;

use super::{Decoder, needed, seconds, whole};
use crate::head::{Head, Names};
use crate::report::Reason;
use crate::table::Row;
use crate::{Item, Night};

const NAMES: [Names; 16] = [
    &["from", "start", "de", "du", "debut", "von", "desde", "da"],
    &["to", "end", "a", "au", "fin", "bis", "hasta"],
    &[
        "light",
        "lights",
        "lightsleep",
        "leger",
        "sommeilleger",
        "leicht",
        "leichtschlaf",
        "ligero",
        "suenoligero",
        "leggero",
        "sonnoleggero",
    ],
    &[
        "deep",
        "deeps",
        "deepsleep",
        "profond",
        "sommeilprofond",
        "tief",
        "tiefschlaf",
        "profundo",
        "suenoprofundo",
        "profondo",
        "sonnoprofondo",
    ],
    &["rem", "rems", "remsleep", "paradoxal", "sommeilparadoxal", "remschlaf", "suenorem"],
    &["awake", "awakes", "eveille", "eveil", "wach", "wachzeit", "despierto", "sveglio"],
    &[
        "wakeup",
        "wakeups",
        "reveil",
        "reveils",
        "aufwachen",
        "aufgewacht",
        "despertares",
        "risvegli",
    ],
    &[
        "durationtosleep",
        "dureedendormissement",
        "tempsdendormissement",
        "einschlafdauer",
        "dauerbiszumeinschlafen",
        "tiempoparadormirse",
        "durataperaddormentarsi",
    ],
    &[
        "durationtowakeup",
        "dureedureveil",
        "tempsdereveil",
        "aufwachdauer",
        "dauerbiszumaufwachen",
        "tiempoparadespertarse",
        "durataperilrisveglio",
    ],
    &["snoring", "ronflement", "ronflements", "schnarchen", "ronquidos", "russamento"],
    &[
        "snoringepisodes",
        "episodesderonflement",
        "schnarchepisoden",
        "episodiosderonquidos",
        "episodidirussamento",
    ],
    &[
        "averageheartrate",
        "heartrateaverage",
        "frequencecardiaquemoyenne",
        "durchschnittlicheherzfrequenz",
        "frecuenciacardiacamedia",
        "frequenzacardiacamedia",
    ],
    &[
        "heartratemin",
        "frequencecardiaquemin",
        "herzfrequenzmin",
        "frecuenciacardiacamin",
        "frequenzacardiacamin",
    ],
    &[
        "heartratemax",
        "frequencecardiaquemax",
        "herzfrequenzmax",
        "frecuenciacardiacamax",
        "frequenzacardiacamax",
    ],
    &[
        "nightevents",
        "evenementsdelanuit",
        "evenementsnocturnes",
        "nachtereignisse",
        "nachtlicheereignisse",
        "eventosnocturnos",
        "eventinotturni",
    ],
    &[
        "notes",
        "note",
        "comments",
        "comment",
        "commentaires",
        "notizen",
        "kommentare",
        "notas",
        "comentarios",
        "commenti",
    ],
];
const FROM: usize = 0;
const TO: usize = 1;
const EVENTS: usize = 14;
const NOTES: usize = 15;

/// Reads rows of nights.
pub(super) struct Nights {
    head: Head<16>,
    zone: TimeZone,
}

impl Nights {
    pub(super) fn new(header: &Row<'_>, zone: TimeZone) -> Result<Self, &'static str> {
        let head = Head::find(header, &NAMES);
        needed(&head, FROM, "from")?;
        needed(&head, TO, "to")?;
        Ok(Self { head, zone })
    }
}

impl Decoder for Nights {
    fn row(&mut self, row: &Row<'_>) -> Result<Option<Item>, Reason> {
        let head = &self.head;
        let number = |column, name| whole(head, row, column, name);
        let night = Night {
            start: seconds(head, row, FROM, "from", &self.zone)?,
            end: seconds(head, row, TO, "to", &self.zone)?,
            light_s: number(2, "light")?,
            deep_s: number(3, "deep")?,
            rem_s: number(4, "rem")?,
            awake_s: number(5, "awake")?,
            wakeups: number(6, "wake up")?,
            duration_to_sleep_s: number(7, "Duration to sleep")?,
            duration_to_wakeup_s: number(8, "Duration to wake up")?,
            snoring_s: number(9, "Snoring")?,
            snoring_episodes: number(10, "Snoring episodes")?,
            hr_average_bpm: number(11, "Average heart rate")?,
            hr_min_bpm: number(12, "Heart rate (min)")?,
            hr_max_bpm: number(13, "Heart rate (max)")?,
            night_events: head.words(row, EVENTS),
            note: head.words(row, NOTES),
        };
        if night.end < night.start {
            return Err(Reason::EndsBeforeStart);
        }
        Ok(Some(Item::Night(night)))
    }
}
