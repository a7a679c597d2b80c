//! The life of a grant's tokens (field-notes §4.1), as a pure state machine. Where the tokens are
//! kept and how they are hashed is decided in `store`.
//!
//! A grant is a tree of pairs (access token, refresh token): the first comes from the code, each
//! refresh adds a child to the pair whose refresh token was used. A refresh whose answer was lost
//! may be repeated, so a pair can have several children; the first *use* of an access token says
//! which of them arrived.

/// An access token lives 3 hours.
pub const ACCESS_SECONDS: i64 = 10_800;
/// A refresh token lives one year.
pub const REFRESH_SECONDS: i64 = 365 * 86_400;
/// After its first use a refresh token can be repeated for 8 hours, unless a child is used first.
pub const REPEAT_SECONDS: i64 = 8 * 3_600;
/// An authorization code of the web flow lives 30 seconds.
pub const CODE_SECONDS: i64 = 30;
/// A code that is given to a partner, and not to a browser, lives ten minutes.
pub const PARTNER_CODE_SECONDS: i64 = 600;
/// A refresh token has at most this many children that can still be used.
pub const CHILDREN_MAX: usize = 512;
/// A family has at most this many pairs that can still matter. A line of refreshes without a use
/// dies by time, so a further refresh has to wait for hours, not for ever.
pub const PAIRS_MAX: usize = 4_096;

/// One access token and the refresh token that came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Its number in the family, rising with time.
    pub number: i64,
    /// The pair whose refresh token brought it; none for the pair the code brought.
    pub parent: Option<i64>,
    /// The access token is dead from this moment on.
    pub access_expires_at: i64,
    /// The refresh token is dead from this moment on.
    pub refresh_expires_at: i64,
    /// When the refresh token was first used.
    pub first_refreshed_at: Option<i64>,
    /// The access token was used: the pair is known to have arrived.
    pub used: bool,
    /// The refresh token ended because a descendant was used.
    pub refresh_ended: bool,
    /// Both tokens ended because a sibling (or a sibling of an ancestor) was used.
    pub ended: bool,
}

impl Pair {
    fn new(number: i64, parent: Option<i64>, now: i64) -> Self {
        Self {
            number,
            parent,
            access_expires_at: now + ACCESS_SECONDS,
            refresh_expires_at: now + REFRESH_SECONDS,
            first_refreshed_at: None,
            used: parent.is_none(),
            refresh_ended: false,
            ended: false,
        }
    }

    /// Whether the access token opens anything at `now`.
    pub fn access_lives(&self, now: i64) -> bool {
        !self.ended && now < self.access_expires_at
    }

    /// Whether the refresh token can be used (again) at `now`.
    pub fn refresh_lives(&self, now: i64) -> bool {
        let repeatable = self.first_refreshed_at.is_none_or(|first| now < first + REPEAT_SECONDS);
        !self.ended && !self.refresh_ended && now < self.refresh_expires_at && repeatable
    }

    /// Whether neither of its tokens can be used any more.
    fn is_dead(&self, now: i64) -> bool {
        !self.access_lives(now) && !self.refresh_lives(now)
    }
}

/// Every pair of one grant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Family {
    pairs: Vec<Pair>,
}

impl Family {
    /// The family of these pairs.
    pub fn of(mut pairs: Vec<Pair>) -> Self {
        pairs.sort_unstable_by_key(|pair| pair.number);
        Self { pairs }
    }

    /// Its pairs, oldest first.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The pair with that number.
    pub fn pair(&self, number: i64) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.number == number)
    }

    fn pair_mut(&mut self, number: i64) -> Option<&mut Pair> {
        self.pairs.iter_mut().find(|pair| pair.number == number)
    }

    /// The first pair, for the code. Its arrival needs no proof: there is nothing it could end.
    pub fn begin(now: i64) -> Self {
        Self { pairs: vec![Pair::new(1, None, now)] }
    }

    /// Uses the refresh token of pair `number`: the number of the new pair, or `None` when the
    /// token is dead.
    pub fn refresh(&mut self, number: i64, now: i64) -> Option<i64> {
        let next = self.pairs.last().map_or(1, |last| last.number + 1);
        let pair = self.pair_mut(number).filter(|pair| pair.refresh_lives(now))?;
        pair.first_refreshed_at.get_or_insert(now);
        self.pairs.push(Pair::new(next, Some(number), now));
        Some(next)
    }

    /// Uses the access token of pair `number`: `false` when it is dead. The first use ends the
    /// refresh token of every ancestor, and every pair that stems from an ancestor by another line.
    pub fn use_access(&mut self, number: i64, now: i64) -> bool {
        let Some(pair) = self.pair_mut(number).filter(|pair| pair.access_lives(now)) else {
            return false;
        };
        if std::mem::replace(&mut pair.used, true) {
            return true;
        }
        let (mut child, mut parent) = (number, pair.parent);
        while let Some(ancestor) = parent {
            let siblings: Vec<i64> = self
                .pairs
                .iter()
                .filter(|pair| pair.parent == Some(ancestor) && pair.number != child)
                .map(|pair| pair.number)
                .collect();
            siblings.into_iter().for_each(|sibling| self.end_tree(sibling));
            let Some(pair) = self.pair_mut(ancestor) else { break };
            pair.refresh_ended = true;
            (child, parent) = (ancestor, pair.parent);
        }
        true
    }

    /// Whether pair `number` cannot have one more child, as it or the family has as many as it may.
    pub fn is_crowded(&self, number: i64) -> bool {
        let children = self.pairs.iter().filter(|pair| pair.parent == Some(number)).count();
        children >= CHILDREN_MAX || self.pairs.len() >= PAIRS_MAX
    }

    /// Drops pairs whose tokens are dead. Their children take their place below the pair above, so
    /// that it stays known which lines part where; only a dead first pair with several children has
    /// to stay for that. The newest pair stays: its number must not be given again.
    pub fn prune(&mut self, now: i64) {
        let newest = self.pairs.last().map(|pair| pair.number);
        let dead = |pair: &Pair| pair.is_dead(now) && Some(pair.number) != newest;
        let numbers: Vec<i64> =
            self.pairs.iter().filter(|pair| dead(pair)).map(|pair| pair.number).collect();
        for number in numbers {
            let Some(pair) = self.pair(number) else { continue };
            let above = pair.parent;
            let children = self.pairs.iter().filter(|pair| pair.parent == Some(number)).count();
            if above.is_none() && children > 1 {
                continue;
            }
            self.pairs.retain(|pair| pair.number != number);
            let below = self.pairs.iter_mut().filter(|pair| pair.parent == Some(number));
            below.for_each(|pair| pair.parent = above);
        }
    }

    /// Ends a pair and all that stems from it. Children come after their parents, so one pass does.
    fn end_tree(&mut self, root: i64) {
        let mut ending = vec![root];
        for pair in &mut self.pairs {
            let stems = pair.parent.is_some_and(|parent| ending.contains(&parent));
            if pair.number == root || stems {
                pair.ended = true;
                ending.push(pair.number);
            }
        }
    }
}
