//! Whose weighing it is: the rule by which an older scale's upload finds its person (field-notes
//! §15). It does not read the store: the recent weights are given.

use crate::UserId;
use crate::measure::Attrib;

/// A weight may differ this much from a person's recent mean and still be that person's.
pub const TOLERANCE_G: i64 = 2_000;
/// How many of a person's weights make up the recent mean.
pub const RECENT_WEIGHTS: usize = 5;

/// Somebody who uses the scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// The mean of the last [`RECENT_WEIGHTS`] weights, in grams; none yet for a newcomer.
    pub recent_mean_g: Option<i64>,
}

/// What the scale itself says of the upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScaleOpinion {
    /// The person the scale took it for, if it is one of those who use the scale.
    pub user: Option<UserId>,
    /// `attribstatus` 0: only that person matched.
    pub certain: bool,
}

/// The person and the `attrib` of the stored group, or none: then it is kept until it is claimed.
///
/// 1. The scale is certain: that person, `attrib` 0.
/// 2. One candidate within the tolerance: that one, 0. Several: the nearest, 1 (on equal distance
///    the one the scale named, else the lower id).
/// 3. Nobody within it: the only user of the scale who has no weight yet, 0; else nobody.
/// 4. No weight in the upload: the person the scale named, 1; else the scale's only user, 0.
pub fn attribute(
    weight_g: Option<i64>,
    opinion: ScaleOpinion,
    candidates: &[Candidate],
) -> Option<(UserId, Attrib)> {
    if let (Some(user), true) = (opinion.user, opinion.certain) {
        return Some((user, Attrib::DEVICE));
    }
    let only = || match candidates {
        [one] => Some(one),
        _ => None,
    };
    let Some(weight_g) = weight_g else {
        let named = opinion.user.map(|user| (user, Attrib::AMBIGUOUS));
        return named.or_else(|| only().map(|one| (one.user, Attrib::DEVICE)));
    };
    let mut near: Vec<(i64, bool, UserId)> = candidates
        .iter()
        .filter_map(|candidate| {
            let distance_g = weight_g.abs_diff(candidate.recent_mean_g?);
            let distance_g = i64::try_from(distance_g).ok()?;
            let unnamed = opinion.user != Some(candidate.user);
            (distance_g <= TOLERANCE_G).then_some((distance_g, unnamed, candidate.user))
        })
        .collect();
    near.sort_unstable();
    match near.as_slice() {
        [] => {
            only().filter(|one| one.recent_mean_g.is_none()).map(|one| (one.user, Attrib::DEVICE))
        }
        [(_, _, user)] => Some((*user, Attrib::DEVICE)),
        [(_, _, user), ..] => Some((*user, Attrib::AMBIGUOUS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: UserId = UserId(11);
    const BEN: UserId = UserId(12);
    const UNKNOWING: ScaleOpinion = ScaleOpinion { user: None, certain: false };

    fn household() -> Vec<Candidate> {
        vec![
            Candidate { user: ANNA, recent_mean_g: Some(64_000) },
            Candidate { user: BEN, recent_mean_g: Some(67_000) },
        ]
    }

    #[test]
    fn a_certain_scale_is_believed() {
        let opinion = ScaleOpinion { user: Some(BEN), certain: true };
        assert_eq!(attribute(Some(20_000), opinion, &household()), Some((BEN, Attrib::DEVICE)));
    }

    #[test]
    fn the_nearest_recent_weight_decides() {
        let of = |grams| attribute(Some(grams), UNKNOWING, &household());
        assert_eq!(of(62_500), Some((ANNA, Attrib::DEVICE)));
        assert_eq!(of(65_400), Some((ANNA, Attrib::AMBIGUOUS)));
        assert_eq!(of(65_600), Some((BEN, Attrib::AMBIGUOUS)));
        assert_eq!(of(69_000), Some((BEN, Attrib::DEVICE)));
        assert_eq!(of(69_001), None);
        assert_eq!(of(i64::MIN), None);
    }

    #[test]
    fn equal_distance_goes_to_the_one_the_scale_named() {
        let opinion = ScaleOpinion { user: Some(BEN), certain: false };
        let expected = Some((BEN, Attrib::AMBIGUOUS));
        assert_eq!(attribute(Some(65_500), opinion, &household()), expected);
    }

    #[test]
    fn a_newcomer_alone_on_the_scale_is_known() {
        let alone = [Candidate { user: ANNA, recent_mean_g: None }];
        assert_eq!(attribute(Some(70_000), UNKNOWING, &alone), Some((ANNA, Attrib::DEVICE)));
        let settled = [Candidate { user: ANNA, recent_mean_g: Some(60_000) }];
        assert_eq!(attribute(Some(70_000), UNKNOWING, &settled), None);
    }

    #[test]
    fn without_a_weight_the_named_or_the_only_user_has_it() {
        let opinion = ScaleOpinion { user: Some(ANNA), certain: false };
        assert_eq!(attribute(None, opinion, &household()), Some((ANNA, Attrib::AMBIGUOUS)));
        assert_eq!(attribute(None, UNKNOWING, &household()), None);
        assert_eq!(attribute(None, UNKNOWING, &household()[..1]), Some((ANNA, Attrib::DEVICE)));
    }
}
