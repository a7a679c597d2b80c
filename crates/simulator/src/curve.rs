//! Curves drawn through a few points, in place of formulas that need sine or exponential.
//!
//! What it deliberately does not do: it calls no mathematical library, whose last digit differs
//! between machines.

/// A point of a curve: where, and how high.
pub(crate) type Point = (f64, f64);

/// A curve that is level at each of its points and has no corners: for seasons and courses.
pub(crate) fn smooth(points: &[Point], at: f64) -> f64 {
    through(points, at, |part| part * part * (3.0 - 2.0 * part))
}

/// Straight lines from point to point: for tables by age.
pub(crate) fn straight(points: &[Point], at: f64) -> f64 {
    through(points, at, |part| part)
}

/// Goes from point to point in the given manner; level before the first and after the last.
fn through(points: &[Point], at: f64, manner: impl Fn(f64) -> f64) -> f64 {
    for pair in points.windows(2) {
        if let [(from, low), (to, high)] = *pair
            && at <= to
        {
            let part = ((at - from) / (to - from)).clamp(0.0, 1.0);
            return low + (high - low) * manner(part);
        }
    }
    points.last().map_or(0.0, |&(_, height)| height)
}

/// Rounds to the nearest integer, halves away from zero.
pub(crate) fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    const HILL: [Point; 3] = [(0.0, 1.0), (10.0, 3.0), (20.0, -1.0)];

    #[test]
    fn curves_pass_through_their_points() {
        for (at, height) in HILL {
            assert_eq!(smooth(&HILL, at), height);
            assert_eq!(straight(&HILL, at), height);
        }
    }

    #[test]
    fn curves_are_level_outside_and_halfway_between() {
        assert_eq!(smooth(&HILL, -5.0), 1.0);
        assert_eq!(smooth(&HILL, 25.0), -1.0);
        assert_eq!(smooth(&HILL, 5.0), 2.0);
        assert_eq!(straight(&HILL, 12.5), 2.0);
        assert_eq!(straight(&[], 1.0), 0.0);
    }
}
