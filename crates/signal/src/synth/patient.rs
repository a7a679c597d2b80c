//! A heart that does not exist: how high its waves are in lead I, how long its intervals, how much
//! its beats vary. Drawn once for a person, so that all recordings of that person are alike. It
//! has no illness; a recording shows one if it is made with it.

use super::random::{Kind, Origin, Stream};

/// What is the same in all recordings of a person. Whoever needs another heart changes a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// The systole of a woman is a little longer.
    pub is_woman: bool,
    /// The wave of the atria.
    pub p_uv: f64,
    /// Below the line; many have none.
    pub q_uv: f64,
    /// The peak of a beat.
    pub r_uv: f64,
    /// Below the line.
    pub s_uv: f64,
    /// The wave of the recovering ventricles.
    pub t_uv: f64,
    /// From the beginning of P to that of QRS, at 66 beats per minute.
    pub pr_ms: f64,
    /// Of the ventricles' wave.
    pub qrs_ms: f64,
    /// From the beginning of QRS to the end of T, at 60 beats per minute.
    pub qtc_ms: f64,
    /// From beat to beat, at 66 beats per minute: the root of the mean square difference.
    pub rmssd_ms: f64,
    /// At rest.
    pub breaths_per_minute: f64,
    /// How much of R comes and goes with them.
    pub r_share_of_breath: f64,
    /// How fast the atria flicker, should they.
    pub fibrillation_hertz: f64,
    /// Root mean square of that.
    pub fibrillation_uv: f64,
}

impl Patient {
    /// The heart of a person of a seed.
    pub fn of(seed: u64, person: u64, age_years: u8, is_woman: bool) -> Self {
        let origin = Origin { seed, person, day: 0, instance: 0 };
        // One draw each: a new one goes to the end.
        let draws = &mut Stream::new(origin, Kind::Patient);
        let age = f64::from(age_years);
        let sex = |woman: f64, man: f64| if is_woman { woman } else { man };
        let p_uv = draws.lognormal(64.0, 0.25).clamp(20.0, 130.0);
        let q_uv = draws.lognormal(40.0, 0.7).min(150.0);
        let has_q = draws.uniform() >= 0.4;
        let r_uv = draws.lognormal(600.0, 0.4).clamp(250.0, 1_400.0);
        let s_uv = draws.lognormal(150.0, 0.7).min(500.0).min(0.6 * r_uv);
        // Lower than R in all who are healthy, so that beats can be counted.
        let t_uv = draws.lognormal(sex(176.0, 220.0), 0.35).clamp(80.0, 450.0).min(0.4 * r_uv);
        let pr_ms = 158.0 + 0.2 * (age - 45.0) + 20.0 * draws.normal();
        let qrs_ms = sex(85.0, 93.0) + 7.0 * draws.normal();
        let qtc_ms = sex(413.0, 401.0) + 14.0 * draws.normal();
        let rmssd_ms = 67.0 * libm::exp(-0.0289 * (age.min(60.0) - 13.5));
        let rmssd_ms = rmssd_ms * libm::exp(0.45 * draws.normal());
        Self {
            is_woman,
            p_uv,
            q_uv: if has_q { q_uv } else { 0.0 },
            r_uv,
            s_uv,
            t_uv,
            pr_ms: pr_ms.clamp(120.0, 200.0),
            qrs_ms: qrs_ms.clamp(70.0, 110.0),
            qtc_ms: qtc_ms.clamp(370.0, sex(455.0, 445.0)),
            rmssd_ms,
            breaths_per_minute: (15.0 + 2.0 * draws.normal()).clamp(10.0, 20.0),
            r_share_of_breath: draws.between(0.03, 0.08),
            fibrillation_hertz: (6.0 + 1.1 * draws.normal()).clamp(3.5, 8.8),
            // Lower where R is low, for the same reason.
            fibrillation_uv: draws.between(10.0, 40.0).min(0.05 * r_uv),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heart_is_healthy_whoever_has_it() {
        for person in 0..300 {
            let patient = Patient::of(1, person, (person % 90) as u8, person % 2 == 0);
            assert!((120.0..=200.0).contains(&patient.pr_ms), "{patient:?}");
            assert!((70.0..=110.0).contains(&patient.qrs_ms), "{patient:?}");
            assert!((370.0..=455.0).contains(&patient.qtc_ms), "{patient:?}");
            assert!(patient.t_uv < patient.r_uv / 2.0, "{patient:?}");
        }
    }

    #[test]
    fn two_people_are_not_alike_and_one_is_always_the_same() {
        assert_eq!(Patient::of(1, 2, 40, true), Patient::of(1, 2, 40, true));
        assert_ne!(Patient::of(1, 2, 40, true), Patient::of(1, 3, 40, true));
        assert_ne!(Patient::of(1, 2, 40, true), Patient::of(2, 2, 40, true));
    }

    #[test]
    fn the_beats_of_the_old_vary_less() {
        assert!(Patient::of(1, 2, 70, true).rmssd_ms < Patient::of(1, 2, 20, true).rmssd_ms / 2.0);
    }
}
