//! The one way in for measures of devices, whatever protocol brought them: known again when they
//! repeat, given to a person, or kept until somebody claims them. It does not parse anything.

use domain::attribution::{Candidate, RECENT_WEIGHTS, ScaleOpinion, attribute};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{Result, UnixTime, UserId};
use store::device::Device;
use store::measure::{self, NewGroup};
use store::{Tx, weighing};

/// The unit weights are compared in: grams.
const GRAM: i8 = -3;

/// What became of measures that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// They are this person's.
    With(UserId, Attrib),
    /// They wait to be claimed.
    Unclaimed,
    /// They had arrived before.
    Repeat,
}

/// Takes in what a scale shared by several people measured.
pub fn shared(
    tx: &mut Tx<'_>,
    device: &Device,
    date: UnixTime,
    opinion: ScaleOpinion,
    measures: Vec<Measure>,
) -> Result<Placed> {
    let measures = measures.into_iter().map(as_measured).collect::<Vec<_>>();
    if !date.is_plausible(tx.now()) {
        // A clock that was never set says the same for every weighing: none of them is a repeat.
        weighing::keep(tx, device.id, date.0, &measures)?;
        return Ok(Placed::Unclaimed);
    }
    if !weighing::note(tx, device.id, date.0, &measures)? {
        return Ok(Placed::Repeat);
    }
    let Some((user, attrib)) = whose(tx, device, date, opinion, &measures)? else {
        weighing::keep(tx, device.id, date.0, &measures)?;
        return Ok(Placed::Unclaimed);
    };
    insert(tx, device, user, date, attrib, measures)?;
    Ok(Placed::With(user, attrib))
}

/// Takes in what a device that knows its person measured.
pub fn personal(
    tx: &mut Tx<'_>,
    device: &Device,
    user: UserId,
    date: UnixTime,
    measures: Vec<Measure>,
) -> Result<Placed> {
    let measures = measures.into_iter().map(as_measured).collect::<Vec<_>>();
    if !weighing::note(tx, device.id, date.0, &measures)? {
        return Ok(Placed::Repeat);
    }
    insert(tx, device, user, date, Attrib::DEVICE, measures)?;
    Ok(Placed::With(user, Attrib::DEVICE))
}

fn insert(
    tx: &mut Tx<'_>,
    device: &Device,
    user: UserId,
    date: UnixTime,
    attrib: Attrib,
    measures: Vec<Measure>,
) -> Result<()> {
    let device = Some(device.id);
    let group = NewGroup { date: date.0, category: Category::REAL, attrib, device, measures };
    measure::insert(tx, user, &[group]).map(|_| ())
}

fn whose(
    tx: &mut Tx<'_>,
    device: &Device,
    date: UnixTime,
    opinion: ScaleOpinion,
    measures: &[Measure],
) -> Result<Option<(UserId, Attrib)>> {
    let users = store::device::users(tx, device.id)?;
    // Somebody who does not use this scale is nobody to it.
    let user = opinion.user.filter(|user| users.contains(user));
    let opinion = ScaleOpinion { user, ..opinion };
    let weight = measures.iter().find(|measure| measure.kind == MeasureType::WEIGHT);
    // A weight beyond all numbers is near nobody's; it is not the same as no weight.
    let weight_g = weight.map(|weight| weight.scaled(GRAM).unwrap_or(i64::MAX));
    let candidates: Result<Vec<Candidate>> = users
        .into_iter()
        .map(|user| Ok(Candidate { user, recent_mean_g: recent_mean_g(tx, user, date)? }))
        .collect();
    Ok(attribute(weight_g, opinion, &candidates?))
}

/// The mean of a person's last weights before a moment; of late uploads, not of later weights.
fn recent_mean_g(tx: &mut Tx<'_>, user: UserId, date: UnixTime) -> Result<Option<i64>> {
    let weights = measure::recent_weights(tx, user, date.0, RECENT_WEIGHTS)?;
    let grams = weights.iter().filter_map(|weight| weight.scaled(GRAM)).map(i128::from);
    let (sum, count) = grams.fold((0, 0), |(sum, count), grams| (sum + grams, count + 1));
    Ok(if count > 0 { i64::try_from(sum / count).ok() } else { None })
}

/// `algo` and `fm` are deprecated, but live answers carry them on every measured value and not on
/// the derived ones (wire-quirks 14); a device that does not say has the values most often seen.
fn as_measured(mut measure: Measure) -> Measure {
    let is_derived = [MeasureType::FAT_FREE_MASS, MeasureType::FAT_RATIO].contains(&measure.kind);
    if !is_derived {
        measure.algo.get_or_insert(0);
        measure.fm.get_or_insert(3);
    }
    measure
}
