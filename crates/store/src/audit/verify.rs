//! Walks the chain and says what is wrong with it, a slice a transaction, so that neither memory
//! nor the length of a transaction grows with it. It mends nothing, and it cannot see what somebody
//! rewrote from some row to the end, head and all: for that the head's hash is kept elsewhere.

use super::{CHAIN, GENESIS, Hash, Record, columns, hash, read};
use crate::tx::{Tx, values};
use data_encoding::HEXLOWER_PERMISSIVE;
use domain::Result;
use std::fmt;

/// Rows that are read in one transaction.
const SLICE_ROWS: i64 = 2_000;
/// Faults that are told one by one; further ones are counted.
const FAULTS_MAX: usize = 20;

/// How the chain ends, as its head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many rows there are.
    pub entries: i64,
    /// The hash of the last.
    pub hash: Hash,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A row does not have the hash its fields give: something in it was changed.
    Changed {
        /// Its place.
        seq: i64,
    },
    /// A row does not follow the one before it: one of the two was put there, or hashed anew.
    Unlinked {
        /// Its place.
        seq: i64,
    },
    /// Rows are not there.
    Missing {
        /// The place of the first.
        from: i64,
        /// The place of the last.
        to: i64,
    },
    /// There is a row before the first or after the last.
    Added {
        /// Its place.
        seq: i64,
    },
    /// The chain does not end with the hash its head has.
    OtherEnd,
    /// There are rows and no head.
    NoHead,
    /// The hash that was kept elsewhere is of no row.
    NotExpected,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq } => write!(f, "entry {seq}: a field was changed"),
            Self::Unlinked { seq } => write!(
                f,
                "entry {seq}: it does not follow the entry before it; one of the two was put \
                 there later"
            ),
            Self::Missing { from, to } if from == to => write!(f, "entry {from}: it is missing"),
            Self::Missing { from, to } => write!(f, "entries {from} to {to}: they are missing"),
            Self::Added { seq } => write!(f, "entry {seq}: it is outside the chain"),
            Self::OtherEnd => f.write_str("the last entry is not the one the chain's head names"),
            Self::NoHead => f.write_str("the chain's head is missing"),
            Self::NotExpected => f.write_str(
                "the hash that was kept is of no entry; what stood before it was written anew or \
                 taken away",
            ),
        }
    }
}

/// A walk along the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Where it ends: rows that are added meanwhile are left for the next walk.
    pub head: Head,
    /// The place of the last row that was looked at.
    pub at: i64,
    /// What was found, the first of it.
    pub faults: Vec<Fault>,
    /// How much was found.
    pub found: u64,
    /// Whether every row was looked at.
    pub is_over: bool,
    expected: Option<Hash>,
    previous: Hash,
}

impl Walk {
    fn tell(&mut self, fault: Fault) {
        self.found += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }

    fn see(&mut self, record: &Record) {
        let next = self.at + 1;
        if record.seq > next {
            self.tell(Fault::Missing { from: next, to: record.seq - 1 });
        }
        if hash(record)[..] != record.hash {
            self.tell(Fault::Changed { seq: record.seq });
        }
        // After a gap the row before it is not known.
        if record.seq == next && record.previous != self.previous {
            self.tell(Fault::Unlinked { seq: record.seq });
        }
        self.at = record.seq;
        // Goes on from what stands there, so that one change is one fault.
        self.previous = record.hash.as_slice().try_into().unwrap_or(GENESIS);
        if self.expected == Some(self.previous) {
            self.expected = None;
        }
    }

    fn end(&mut self) {
        if self.at < self.head.entries {
            self.tell(Fault::Missing { from: self.at + 1, to: self.head.entries });
        } else if self.previous != self.head.hash && !self.faults.contains(&Fault::NoHead) {
            self.tell(Fault::OtherEnd);
        }
        if self.expected.is_some() {
            self.tell(Fault::NotExpected);
        }
        self.is_over = true;
    }
}

/// Begins a walk. `expected`: a hash a walk before this one ended with; its row has to be there.
pub fn begin(tx: &mut Tx<'_>, expected: Option<Hash>) -> Result<Walk> {
    let sql = "select entries, hash from audit_head where chain = $1";
    let found = tx.row(sql, values![CHAIN], |row| Ok((row.int(0)?, row.blob(1)?)))?;
    // In the same snapshot: nothing is added between the two looks.
    let sql = "select seq from audit_entry order by seq desc limit 1";
    let last = tx.row(sql, &[], |row| row.int(0))?;
    let (entries, hash) = found.clone().unwrap_or_else(|| (last.unwrap_or(0), Vec::new()));
    let hash = hash.as_slice().try_into().unwrap_or(GENESIS);
    let mut walk = Walk {
        head: Head { entries, hash },
        at: 0,
        faults: Vec::new(),
        found: 0,
        is_over: false,
        expected: expected.filter(|hash| *hash != GENESIS),
        previous: GENESIS,
    };
    if found.is_none() && last.is_some() {
        walk.tell(Fault::NoHead);
    }
    if let Some(seq) = last.filter(|last| *last > entries) {
        walk.tell(Fault::Added { seq });
    }
    let sql = "select seq from audit_entry where seq < 1 order by seq limit 1";
    if let Some(seq) = tx.row(sql, &[], |row| row.int(0))? {
        walk.tell(Fault::Added { seq });
    }
    Ok(walk)
}

/// Goes on by one slice.
pub fn step(tx: &mut Tx<'_>, walk: &Walk) -> Result<Walk> {
    let mut walk = walk.clone();
    let rows = tx.rows(
        columns!("where seq > $1 and seq <= $2 order by seq limit $3"),
        values![walk.at, walk.head.entries, SLICE_ROWS],
        read,
    )?;
    rows.iter().for_each(|record| walk.see(record));
    if rows.len() < SLICE_ROWS as usize {
        walk.end();
    }
    Ok(walk)
}

/// The hash that a person wrote down: 64 hex digits.
pub fn hash_of_text(text: &str) -> Option<Hash> {
    HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?.try_into().ok()
}
