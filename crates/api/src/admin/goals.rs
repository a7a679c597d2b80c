//! What a person aims at, as an operator sets it.

use super::account::{decimal, find_account};
use domain::measure::{Attrib, Category, Measure, MeasureType};
use domain::{DAY_SECONDS, Refusal, Result, UserId};
use store::measure::{NewGroup, forget_weight_goal, insert, weight_goal};
use store::{Tx, goal, notification};

/// More steps than anybody walks in a day.
const STEPS_MAX: i64 = 1_000_000;

/// What is to be set; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct NewGoals {
    /// Whether the goals there are go first.
    pub clear: bool,
    /// Steps a day.
    pub steps: Option<i64>,
    /// Sleep a night, such as `8h`, `7h30m` or seconds.
    pub sleep: Option<String>,
    /// In kilograms, as decimal text.
    pub weight_kg: Option<String>,
}

/// What a person aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goals {
    /// Whose goals they are.
    pub user: UserId,
    /// Steps a day.
    pub steps: Option<i64>,
    /// Sleep a night.
    pub sleep_seconds: Option<i64>,
    /// The weight aimed at, in kilograms.
    pub weight: Option<Measure>,
}

/// Sets goals, and says which there are then. Of nothing new it writes nothing.
pub fn set_goals(tx: &mut Tx<'_>, user: &str, new: &NewGoals) -> Result<Goals> {
    let user = find_account(tx, user)?.id;
    if new.steps.is_some_and(|steps| !(1..=STEPS_MAX).contains(&steps)) {
        let problem = format!("expected a number between 1 and {STEPS_MAX}");
        return Err(Refusal::invalid_param("steps", problem).into());
    }
    let sleep_seconds = new.sleep.as_deref().map(sleep_seconds).transpose()?;
    let weight = new.weight_kg.as_deref();
    let weight = weight.map(|text| decimal("weight", text, MeasureType::WEIGHT, (1, 700), 0));
    let weight = weight.transpose()?;
    let weight_before = weight_goal(tx, user)?;
    if new.clear {
        forget_weight_goal(tx, user)?;
    }
    let known = goal::get(tx, user)?;
    let kept = if new.clear { goal::Goals::default() } else { known };
    let goals = goal::Goals {
        steps: new.steps.or(kept.steps),
        sleep_seconds: sleep_seconds.or(kept.sleep_seconds),
    };
    if goals != known {
        goal::set(tx, user, &goals)?;
    }
    if let Some(weight) = weight {
        let group = NewGroup {
            date: tx.now(),
            category: Category::OBJECTIVE,
            attrib: Attrib::MANUAL,
            device: None,
            measures: vec![weight],
        };
        insert(tx, user, &[group])?;
    }
    let weight = weight_goal(tx, user)?;
    if weight != weight_before {
        notification::changed_profile(tx, user);
    }
    Ok(Goals { user, steps: goals.steps, sleep_seconds: goals.sleep_seconds, weight })
}

/// A duration of at most a day: `8h`, `7h30m`, `45m`, or seconds.
fn sleep_seconds(text: &str) -> Result<i64> {
    let number = |digits: &str| digits.parse::<u32>().ok().map(i64::from);
    let parse = || {
        let text = text.trim();
        let (hours, rest) = match text.split_once('h') {
            Some((hours, rest)) => (number(hours)?, rest),
            None => (0, text),
        };
        let seconds = match rest.strip_suffix('m') {
            Some(minutes) => number(minutes)? * 60,
            None if rest.is_empty() && text.ends_with('h') => 0,
            None => number(rest).filter(|_| !text.contains('h'))?,
        };
        Some(hours * 3_600 + seconds).filter(|total| (1..=DAY_SECONDS).contains(total))
    };
    parse().ok_or_else(|| {
        let problem = "expected a duration of at most a day, such as 8h, 7h30m or 28800";
        Refusal::invalid_param("sleep", problem).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_hours_and_minutes_or_seconds() {
        for (text, seconds) in [
            ("8h", 28_800),
            ("7h30m", 27_000),
            ("45m", 2_700),
            (" 28800 ", 28_800),
            ("24h", 86_400),
        ] {
            assert_eq!(sleep_seconds(text), Ok(seconds), "{text}");
        }
        for bad in ["", "h", "m", "0", "-8h", "8h30", "25h", "8 h", "8.5h", "86401", "99999999999h"]
        {
            assert!(sleep_seconds(bad).is_err(), "{bad}");
        }
    }
}
