//! Memory for long answers, used again and again. Fresh memory is paid for at its first touch,
//! which costs a long page more than writing it; what short answers need is cheap and not kept.

use axum::body::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers kept for the next answers.
const KEPT_MAX: usize = 16;
/// Smaller ones are not worth keeping.
const KEPT_BYTES_MIN: usize = 32 << 10;
/// Larger ones are too rare to be kept.
const KEPT_BYTES_MAX: usize = 512 << 10;

/// A few buffers that nobody uses now.
#[derive(Clone, Default)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// An empty buffer, with room if there is one.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// What was written, to be sent; its memory comes back afterwards.
    pub(crate) fn send(&self, written: Vec<u8>) -> Bytes {
        Bytes::from_owner(Lent { written, home: self.clone() })
    }

    fn keep(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_MAX {
            kept.push(buffer);
        }
    }
}

/// A buffer on its way out.
struct Lent {
    written: Vec<u8>,
    home: Buffers,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.written
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if (KEPT_BYTES_MIN..=KEPT_BYTES_MAX).contains(&self.written.capacity()) {
            self.home.keep(std::mem::take(&mut self.written));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_long_answer_comes_back_empty_once_it_is_sent() {
        let buffers = Buffers::default();
        let sent = buffers.send(vec![7; KEPT_BYTES_MIN]);
        assert_eq!(buffers.take().capacity(), 0);
        let half = sent.slice(..2);
        drop(sent);
        assert_eq!((buffers.take().capacity(), &half[..]), (0, &[7, 7][..]));
        drop(half);
        let again = buffers.take();
        assert!(again.is_empty() && again.capacity() >= KEPT_BYTES_MIN);
    }

    #[test]
    fn short_huge_and_too_many_buffers_are_not_kept() {
        let buffers = Buffers::default();
        drop(buffers.send(vec![7; KEPT_BYTES_MIN - 1]));
        drop(buffers.send(vec![7; KEPT_BYTES_MAX + 1]));
        assert_eq!(buffers.take().capacity(), 0);
        let sent: Vec<_> = (0..=KEPT_MAX).map(|_| buffers.send(vec![7; KEPT_BYTES_MIN])).collect();
        drop(sent);
        assert_eq!(buffers.0.lock().unwrap().len(), KEPT_MAX);
    }
}
