//! The rotation rule against a second, independent telling of it: the model keeps the history of
//! what happened and decides every question from the rule's sentences, without state of its own.

use domain::token::{ACCESS_SECONDS, Family, PAIRS_MAX, REFRESH_SECONDS, REPEAT_SECONDS};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Refresh(usize),
    Use(usize),
    Wait(i64),
    Prune,
}

/// What happened so far.
#[derive(Default)]
struct History {
    /// Of each pair: its parent and when it was issued.
    pairs: Vec<(Option<usize>, i64)>,
    /// Refreshes that were answered: which pair's token, when.
    refreshes: Vec<(usize, i64)>,
    /// Access tokens that were accepted, in order.
    uses: Vec<usize>,
}

impl History {
    fn ancestors(&self, pair: usize) -> Vec<usize> {
        std::iter::successors(self.pairs[pair].0, |parent| self.pairs[*parent].0).collect()
    }

    fn is_in_line(&self, above: usize, below: usize) -> bool {
        above == below || self.ancestors(below).contains(&above)
    }

    /// A used access token ends every pair that is neither above nor below it, once they part at a
    /// pair that both stem from.
    fn ended(&self, pair: usize) -> bool {
        self.uses.iter().any(|used| !self.is_in_line(*used, pair) && !self.is_in_line(pair, *used))
    }

    fn access_lives(&self, pair: usize, now: i64) -> bool {
        now < self.pairs[pair].1 + ACCESS_SECONDS && !self.ended(pair)
    }

    fn refresh_lives(&self, pair: usize, now: i64) -> bool {
        let first = self.refreshes.iter().find(|(of, _)| *of == pair).map(|(_, at)| *at);
        let minted_was_used =
            self.uses.iter().any(|used| *used != pair && self.is_in_line(pair, *used));
        now < self.pairs[pair].1 + REFRESH_SECONDS
            && first.is_none_or(|first| now < first + REPEAT_SECONDS)
            && !minted_was_used
            && !self.ended(pair)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![
        Just(1),
        Just(600),
        Just(ACCESS_SECONDS - 1),
        Just(REPEAT_SECONDS - 1),
        Just(REFRESH_SECONDS / 2)
    ];
    prop_oneof![
        4 => (0..12usize).prop_map(Step::Refresh),
        4 => (0..12usize).prop_map(Step::Use),
        1 => wait.prop_map(Step::Wait),
        1 => Just(Step::Prune),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn the_family_follows_the_rule(steps in proptest::collection::vec(step(), 1..60)) {
        let mut now = 1_700_000_000;
        let mut family = Family::begin(now);
        let mut history = History { pairs: vec![(None, now)], ..History::default() };
        for step in steps {
            match step {
                Step::Wait(seconds) => now += seconds,
                Step::Prune => family.prune(now),
                Step::Refresh(pair) => {
                    let pair = pair % history.pairs.len();
                    let expected = history.refresh_lives(pair, now);
                    let minted = family.refresh(pair as i64 + 1, now);
                    prop_assert_eq!(minted.is_some(), expected, "refresh of {}", pair);
                    if let Some(number) = minted {
                        history.pairs.push((Some(pair), now));
                        history.refreshes.push((pair, now));
                        prop_assert_eq!(number as usize, history.pairs.len());
                    }
                }
                Step::Use(pair) => {
                    let pair = pair % history.pairs.len();
                    let expected = history.access_lives(pair, now);
                    let accepted = family.use_access(pair as i64 + 1, now);
                    prop_assert_eq!(accepted, expected, "use of {}", pair);
                    if expected {
                        history.uses.push(pair);
                    }
                }
            }
        }
    }
}

#[test]
fn the_old_refresh_token_repeats_until_eight_hours_after_its_first_use() {
    let mut family = Family::begin(0);
    assert!(family.refresh(1, 100).is_some());
    assert!(family.refresh(1, 100 + REPEAT_SECONDS - 1).is_some());
    assert!(family.refresh(1, 100 + REPEAT_SECONDS).is_none());
}

#[test]
fn the_first_use_of_a_sibling_ends_the_others_and_the_old_refresh_token() {
    let mut family = Family::begin(0);
    let (one, two) = (family.refresh(1, 10).unwrap(), family.refresh(1, 20).unwrap());
    assert!(family.use_access(two, 30));
    assert!(!family.use_access(one, 30));
    assert!(family.refresh(one, 30).is_none());
    assert!(family.refresh(1, 30).is_none());
    assert!(family.use_access(1, 30), "an access token lives to its expiry");
    assert!(family.refresh(two, 30).is_some());
}

#[test]
fn a_grandchild_that_is_used_settles_the_whole_line() {
    let mut family = Family::begin(0);
    let (one, two) = (family.refresh(1, 10).unwrap(), family.refresh(1, 20).unwrap());
    let below = family.refresh(one, 30).unwrap();
    assert!(family.use_access(below, 40));
    assert!(family.refresh(1, 50).is_none());
    assert!(!family.use_access(two, 50));
    assert!(family.use_access(one, 50));
}

#[test]
fn a_family_is_full_and_has_room_again_when_its_tokens_are_dead() {
    let mut family = Family::begin(0);
    let mut newest = 1;
    while family.pairs().len() < PAIRS_MAX {
        assert!(!family.is_crowded(newest));
        newest = family.refresh(newest, 10).unwrap();
    }
    assert!(family.is_crowded(newest));
    family.prune(10 + REPEAT_SECONDS);
    assert!(!family.is_crowded(newest));
    assert!(family.refresh(newest, 10 + REPEAT_SECONDS).is_some());
}
