//! What a body burns and how hard it works, by published formulas (docs/summaries.md). What is not
//! known of a person is taken to be usual, so that a day has numbers all the same.

use super::Intensity;
use crate::person::Gender;

/// What the formulas need of a person. What is not known is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Body {
    /// Full years.
    pub age_years: Option<i64>,
    /// Weight.
    pub weight_g: Option<i64>,
    /// Height.
    pub height_mm: Option<i64>,
    /// The sex the formulas were made for.
    pub gender: Option<Gender>,
}

/// Taken where the age is not known.
const AGE_YEARS: i64 = 40;
/// Taken where the weight is not known.
const WEIGHT_G: i64 = 70_000;
/// Taken where the height is not known.
const HEIGHT_MM: i64 = 1_700;
/// Below this age Schofield's formulas are taken, made for children.
const ADULT_YEARS: i64 = 18;
const DAY_SECONDS: f64 = 86_400.0;

impl Body {
    fn age(&self) -> i64 {
        self.age_years.unwrap_or(AGE_YEARS).clamp(0, 120)
    }

    fn kilograms(&self) -> f64 {
        self.weight_g.unwrap_or(WEIGHT_G).clamp(1_000, 500_000) as f64 / 1_000.0
    }

    fn height_mm(&self) -> i64 {
        self.height_mm.unwrap_or(HEIGHT_MM).clamp(300, 2_500)
    }

    /// The highest heart rate for the age: 220 less the years.
    pub fn heart_rate_max_bpm(&self) -> i64 {
        220 - self.age()
    }

    /// Kilocalories a day at rest.
    fn basal(&self) -> f64 {
        let (age, kilograms) = (self.age(), self.kilograms());
        let of = |man: f64, woman: f64| match self.gender {
            Some(Gender::Man) => man,
            Some(Gender::Woman) => woman,
            None => (man + woman) / 2.0,
        };
        match age {
            ..3 => of(59.512 * kilograms - 30.4, 58.317 * kilograms - 31.1),
            3..10 => of(22.706 * kilograms + 504.3, 20.315 * kilograms + 485.9),
            10..ADULT_YEARS => of(17.686 * kilograms + 658.2, 13.384 * kilograms + 692.6),
            _ => {
                let centimetres = self.height_mm() as f64 / 10.0;
                10.0 * kilograms + 6.25 * centimetres - 5.0 * age as f64 + of(5.0, -161.0)
            }
        }
    }

    /// Thousandths of kilocalories burnt at rest in that time.
    pub(super) fn basal_kilocalories(&self, seconds: i64) -> i64 {
        (self.basal().max(0.0) * 1_000.0 * seconds as f64 / DAY_SECONDS).round() as i64
    }

    /// Thousandths of kilocalories that steps burn beyond rest.
    pub(super) fn walking_kilocalories(&self, steps: i64, seconds: i64) -> i64 {
        if steps == 0 {
            return 0;
        }
        let cadence = steps as f64 * 60.0 / seconds as f64;
        // Slow steps count by their number, quick ones by the line through walking and running.
        let active = if cadence < 90.0 { cadence / 90.0 } else { 2.0 + (cadence - 100.0) / 10.0 };
        let active = active.clamp(0.0, 15.0);
        (active * self.kilograms() * seconds as f64 / 3_600.0 * 1_000.0).round() as i64
    }

    /// Millimetres walked in so many steps.
    pub(super) fn walked_millimetres(&self, steps: i64) -> i64 {
        let per_mille = match self.gender {
            Some(Gender::Man) => 415,
            Some(Gender::Woman) => 413,
            None => 414,
        };
        steps.saturating_mul(self.height_mm()).saturating_mul(per_mille) / 1_000
    }

    /// How hard a sample was: by its steps, or by the calories its device counted, whichever says
    /// more.
    pub(super) fn intensity(
        &self,
        steps: i64,
        millikilocalories: Option<i64>,
        seconds: i64,
    ) -> Intensity {
        let cadence = steps.saturating_mul(60) / seconds;
        let by_steps = match cadence {
            ..20 => Intensity::Rest,
            20..100 => Intensity::Soft,
            100..130 => Intensity::Moderate,
            130.. => Intensity::Intense,
        };
        let burnt = millikilocalories.unwrap_or(0) as f64 / 1_000.0;
        let per_hour = burnt * 3_600.0 / seconds as f64 / self.kilograms();
        let by_calories = match 1.0 + per_hour {
            ..1.5 => Intensity::Rest,
            1.5..3.0 => Intensity::Soft,
            3.0..6.0 => Intensity::Moderate,
            _ => Intensity::Intense,
        };
        by_steps.max(by_calories)
    }
}
