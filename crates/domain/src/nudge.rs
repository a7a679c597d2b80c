//! Nudges: a screen of an icon and two lines that partners have devices show. The table of what a
//! nudge can be. The reference's own page of icons and limits cannot be reached (field-notes §8.2),
//! so the icons and the lengths are ours; docs/nudges.md lists them.

use crate::error::Refusal;

/// Models that show nudges: Body Pro 2 and BPM Pro 2 (field-notes §8.2).
pub const MODELS: [i64; 2] = [17, 47];
/// A line has at most this many characters.
pub const LINE_CHARS_MAX: usize = 40;
/// A nudge has at most this many icons.
pub const ICONS_MAX: usize = 4;
/// What a screen can show, by number from 1 on.
pub const ICONS: [&str; 24] = [
    "heart",
    "blood pressure",
    "scale",
    "pill",
    "glass of water",
    "fruit",
    "meal",
    "salt",
    "walking",
    "running",
    "bed",
    "alarm clock",
    "calendar",
    "phone",
    "doctor",
    "nurse",
    "message",
    "question",
    "thumb up",
    "star",
    "trophy",
    "warning",
    "battery",
    "information",
];

/// Where a nudge stands among the screens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Position {
    /// Before all others; where nothing is said.
    #[default]
    First,
    /// After all others.
    Last,
}

impl Position {
    /// The word on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }

    /// The position of that word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::First, Self::Last].into_iter().find(|position| position.name() == name)
    }
}

/// What a screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Numbers of [`ICONS`], from 1 on.
    pub icons: Vec<i64>,
    /// The first and the second line.
    pub lines: [String; 2],
    /// The model of the devices.
    pub model_id: i64,
    /// Where it stands.
    pub position: Position,
}

impl Screen {
    /// Checks what a screen shows against the table.
    pub fn check(&self) -> Result<(), Refusal> {
        let last = i64::try_from(ICONS.len()).unwrap_or(i64::MAX);
        let are_icons = self.icons.iter().all(|icon| (1..=last).contains(icon));
        if !(1..=ICONS_MAX).contains(&self.icons.len()) || !are_icons {
            let problem = format!("expected 1 to {ICONS_MAX} numbers from 1 to {last}");
            return Err(Refusal::invalid_param("iconids", problem));
        }
        let fits = |line: &String| {
            line.chars().count() <= LINE_CHARS_MAX && !line.contains(char::is_control)
        };
        if !self.lines.iter().all(fits) || self.lines.iter().all(|line| line.trim().is_empty()) {
            let problem = format!("expected two lines of up to {LINE_CHARS_MAX} characters each");
            return Err(Refusal::invalid_param("content", problem));
        }
        if !MODELS.contains(&self.model_id) {
            let problem = "expected a model that shows nudges: 17 or 47";
            return Err(Refusal::invalid_param("model", problem));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_checked_against_the_table() {
        let good = Screen {
            icons: vec![3],
            lines: ["Drink a glass of water, please".to_owned(), String::new()],
            model_id: 17,
            position: Position::First,
        };
        assert_eq!(good.check(), Ok(()));
        let named = |screen: Screen| screen.check().expect_err("a refusal").text;
        let icons = |icons| named(Screen { icons, ..good.clone() });
        for bad in [vec![], vec![0], vec![25], vec![1, 2, 3, 4, 5]] {
            assert!(icons(bad).contains("iconids"));
        }
        let lines = |one: &str, two: &str| {
            named(Screen { lines: [one.to_owned(), two.to_owned()], ..good.clone() })
        };
        let long = "x".repeat(41);
        for (one, two) in [("", " "), (long.as_str(), "x"), ("a\nb", "x")] {
            assert!(lines(one, two).contains("content"));
        }
        assert!(named(Screen { model_id: 93, ..good.clone() }).contains("model"));
        assert_eq!(Position::parse("last"), Some(Position::Last));
        assert_eq!(Position::parse("12"), None);
    }
}
