//! Sines of turns, by the four operations alone.
//!
//! What it deliberately does not do: more than three digits; it moves bodies, it measures nothing.

/// The sine of so many turns, within 0.002 (Bhaskara I, seventh century).
pub(crate) fn sine(turns: f64) -> f64 {
    let part = 2.0 * (turns - turns.floor());
    let half = |part: f64| {
        let bow = part * (1.0 - part);
        16.0 * bow / (5.0 - 4.0 * bow)
    };
    if part < 1.0 { half(part) } else { -half(part - 1.0) }
}

/// The cosine of so many turns.
pub(crate) fn cosine(turns: f64) -> f64 {
    sine(turns + 0.25)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_sines() {
        for (turns, is) in
            [(0.0, 0.0), (1.0 / 12.0, 0.5), (0.25, 1.0), (0.7, -0.9511), (-0.1, -0.5878)]
        {
            assert!((sine(turns) - is).abs() < 0.002, "{turns}");
        }
        assert!((cosine(0.1) - 0.8090).abs() < 0.002);
    }
}
