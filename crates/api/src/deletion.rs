//! What a person takes away: groups of measures, workouts, nights. Rows stay as tombstones, so that
//! pages and mirrors learn of it. Who may take what away is decided by who calls this.

use crate::summary::Summaries;
use domain::{GroupId, Refusal, Result, Status, UserId};
use store::{Tx, measure, night, person, workout};

/// Takes a group away.
pub fn group(tx: &mut Tx<'_>, user: UserId, id: GroupId) -> Result<()> {
    let found = if id.parts().0 == user { measure::find(tx, id)? } else { None };
    measure::remove(tx, &found.ok_or_else(|| unknown("grpid"))?)
}

/// Takes a workout away.
pub fn workout(tx: &mut Tx<'_>, user: UserId, id: GroupId) -> Result<()> {
    let stamp = person::touch(tx, user, 0)?;
    let found = if id.parts().0 == user { workout::find(tx, id)? } else { None };
    workout::remove(tx, found.ok_or_else(|| unknown("workoutid"))?.id, &stamp)
}

/// Takes a night away, with all that was noticed in it.
pub fn night(tx: &mut Tx<'_>, user: UserId, id: GroupId) -> Result<()> {
    person::touch(tx, user, 0)?;
    let found = if id.parts().0 == user { night::find(tx, id)? } else { None };
    let found = found.ok_or_else(|| unknown("nightid"))?;
    Summaries::of(tx, user)?.forget_night(tx, &found)
}

/// Unknown, somebody else's and taken away are told apart by nobody.
fn unknown(name: &str) -> Refusal {
    let text = format!("Invalid Params: invalid {name}");
    Refusal::new(Status::INVALID_PARAMS, &text, "no such row, or one that is somebody else's")
}
