//! Randomness as a parameter. Nothing here draws from the machine.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};

/// Gives unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// Values made of those bytes.
pub trait EntropyExt {
    /// `N` bytes.
    fn bytes<const N: usize>(&self) -> [u8; N];
    /// 40 lower-case hex digits: the shape of every token, code and nonce of the reference.
    fn token(&self) -> String;
    /// A number in `low..end`; the bias of the remainder is below 2^-32 for ranges below 2^31.
    fn number(&self, low: i64, end: i64) -> i64;
}

impl<E: Entropy + ?Sized> EntropyExt for E {
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    fn token(&self) -> String {
        HEXLOWER.encode(&self.bytes::<20>())
    }

    fn number(&self, low: i64, end: i64) -> i64 {
        let span = end.saturating_sub(low).max(1).unsigned_abs();
        let drawn = u64::from_le_bytes(self.bytes()) % span;
        low.saturating_add_unsigned(drawn)
    }
}

/// Repeatable bytes from a seed: for tests and sandboxes, never for secrets of real people.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededEntropy {
    /// A source whose n-th draw depends on `seed` and n alone.
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let draw = self.drawn.fetch_add(1, Ordering::SeqCst);
            let mut hash = Sha256::new();
            hash.update(self.seed.to_le_bytes());
            hash.update(draw.to_le_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}
