//! How often a password may be tried, and how often an account be made. A small table in memory,
//! bounded, with digests in place of addresses; each node has its own. It counts tries that failed
//! or are not finished: whoever knows the password is not slowed down by logging in often.

use domain::Clock;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Tries are counted from the first one on for so long, then forgotten.
pub(crate) const WINDOW_SECONDS: i64 = 15 * 60;
/// Wrong passwords for one account from one address.
pub(crate) const PAIR_TRIES_MAX: u32 = 10;
/// Wrong passwords for one account from everywhere: many more, so that somebody who does not know
/// the password cannot easily keep out somebody who does.
pub(crate) const ACCOUNT_TRIES_MAX: u32 = 100;
/// Wrong passwords from one address, for whichever account: a household or an office may share it.
pub(crate) const ADDRESS_TRIES_MAX: u32 = 100;
/// Forms to make an account from one address, whatever became of them.
pub(crate) const SIGN_UPS_MAX: u32 = 20;
/// Counts that are kept, of about 100 bytes each; the oldest makes room.
const COUNTS_MAX: usize = 30_000;
/// So much of an IPv6 address belongs to one customer.
const NETWORK_BITS_V6: u32 = 64;

type Key = [u8; 32];

#[derive(Debug, Clone, Copy)]
struct Count {
    tries: u32,
    since: i64,
}

/// What is counted.
pub(crate) struct Throttle {
    clock: Arc<dyn Clock>,
    counts: Mutex<HashMap<Key, Count>>,
}

/// Seconds to wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) i64);

/// A try that was counted.
pub(crate) struct Try {
    pair: Key,
    others: [Key; 2],
}

impl Throttle {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counts: Mutex::default() }
    }

    /// Forgets everything, as the clock may go on from an earlier moment.
    pub(crate) fn forget(&self) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Counts a password that is about to be tried, before it is compared: of many sent at once
    /// none is free.
    pub(crate) fn password(&self, address: IpAddr, account: &str) -> Result<Try, Wait> {
        let (network, account) = (network(address), account.trim().to_lowercase());
        let pair = key(&["pair", &network, &account]);
        let others = [key(&["account", &account]), key(&["address", &network])];
        let [of_account, of_address] = others;
        self.count(&[
            (pair, PAIR_TRIES_MAX),
            (of_account, ACCOUNT_TRIES_MAX),
            (of_address, ADDRESS_TRIES_MAX),
        ])?;
        Ok(Try { pair, others })
    }

    /// The password was right: the try does not count, and neither do those before it of this
    /// account from this address.
    pub(crate) fn was_right(&self, Try { pair, others }: &Try) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.remove(pair);
        for key in others {
            if let Some(count) = counts.get_mut(key) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }

    /// Counts a form to make an account.
    pub(crate) fn sign_up(&self, address: IpAddr) -> Result<(), Wait> {
        self.count(&[(key(&["sign-up", &network(address)]), SIGN_UPS_MAX)])
    }

    fn count(&self, keys: &[(Key, u32)]) -> Result<(), Wait> {
        let now = self.clock.now();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, max) in keys {
            let Some(count) = counts.get_mut(key) else { continue };
            // A clock that was set back must not keep anybody out for longer than the window.
            count.since = count.since.min(now);
            let left = count.since + WINDOW_SECONDS - now;
            if left <= 0 {
                counts.remove(key);
            } else if count.tries >= *max {
                return Err(Wait(left));
            }
        }
        for (key, _) in keys {
            if !counts.contains_key(key) {
                make_room(&mut counts, now);
            }
            counts.entry(*key).or_insert(Count { tries: 0, since: now }).tries += 1;
        }
        Ok(())
    }
}

fn make_room(counts: &mut HashMap<Key, Count>, now: i64) {
    if counts.len() < COUNTS_MAX {
        return;
    }
    counts.retain(|_, count| now < count.since + WINDOW_SECONDS);
    if counts.len() >= COUNTS_MAX {
        let oldest = counts.iter().min_by_key(|(_, count)| count.since).map(|(key, _)| *key);
        oldest.and_then(|oldest| counts.remove(&oldest));
    }
}

fn key(parts: &[&str]) -> Key {
    Sha256::digest(parts.join("\n")).into()
}

/// The address, or the network one customer has of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => (v6.to_bits() >> (128 - NETWORK_BITS_V6)).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ManualClock;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// A clock that can be set back, as no clock should be.
    struct Unsteady(AtomicI64);

    impl Clock for Unsteady {
        fn now(&self) -> i64 {
            self.0.load(Ordering::SeqCst)
        }
    }

    fn throttle() -> (Arc<ManualClock>, Throttle) {
        let clock = Arc::new(ManualClock::new(1_000_000));
        (clock.clone(), Throttle::new(clock))
    }

    fn from(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn one_account_from_one_address_waits_to_the_second() {
        let (clock, throttle) = throttle();
        for _ in 0..PAIR_TRIES_MAX {
            assert!(throttle.password(from(1), "anna@example.org").is_ok());
        }
        let again = |account: &str| throttle.password(from(1), account).err();
        assert_eq!(again("anna@example.org"), Some(Wait(WINDOW_SECONDS)));
        assert_eq!(again(" Anna@Example.ORG"), Some(Wait(WINDOW_SECONDS)), "in any spelling");
        assert_eq!(again("ben@example.org"), None);
        assert!(throttle.password(from(2), "anna@example.org").is_ok(), "from elsewhere");
        clock.advance(u32::try_from(WINDOW_SECONDS).expect("seconds") - 1);
        assert_eq!(again("anna@example.org"), Some(Wait(1)));
        clock.advance(1);
        assert_eq!(again("anna@example.org"), None);
    }

    #[test]
    fn one_address_waits_whatever_it_tries() {
        let (_, throttle) = throttle();
        for number in 0..ADDRESS_TRIES_MAX {
            assert!(throttle.password(from(1), &format!("{number}@example.org")).is_ok());
        }
        assert!(throttle.password(from(1), "anna@example.org").is_err());
        assert!(throttle.password(from(2), "anna@example.org").is_ok());
    }

    #[test]
    fn one_account_waits_wherever_it_is_tried_from() {
        let (_, throttle) = throttle();
        for number in 0..ACCOUNT_TRIES_MAX {
            let address = from(u8::try_from(number).expect("a small number"));
            assert!(throttle.password(address, "anna@example.org").is_ok());
        }
        assert!(throttle.password(from(200), "anna@example.org").is_err());
    }

    #[test]
    fn a_right_password_is_free() {
        let (_, throttle) = throttle();
        for _ in 0..1_000 {
            let made = throttle.password(from(1), "anna@example.org").expect("a try");
            throttle.was_right(&made);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_for_longer() {
        let clock = Arc::new(Unsteady(AtomicI64::new(1_000_000)));
        let throttle = Throttle::new(clock.clone());
        for _ in 0..=SIGN_UPS_MAX {
            let _ = throttle.sign_up(from(1));
        }
        clock.0.store(1_000_000 - 86_400, Ordering::SeqCst);
        assert_eq!(throttle.sign_up(from(1)), Err(Wait(WINDOW_SECONDS)));
        clock.0.fetch_add(WINDOW_SECONDS, Ordering::SeqCst);
        assert_eq!(throttle.sign_up(from(1)), Ok(()));
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn the_table_is_bounded() {
        let mut counts = HashMap::new();
        for number in 0..COUNTS_MAX + 10 {
            make_room(&mut counts, 0);
            counts.insert(key(&[&number.to_string()]), Count { tries: 1, since: 0 });
        }
        assert_eq!(counts.len(), COUNTS_MAX);
    }
}
