//! What one address may take, so that nobody shuts others out: how often, and how much at once. Carriers put many players
//! behind one address, so budgets are roomy; an IPv6 customer has a /64 at least and often a
//! /56, so one of those counts as one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

/// Whose budget is meant: an IPv4 address, or an IPv6 /56.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressPrefix(IpAddr);

impl From<IpAddr> for AddressPrefix {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d & 0xff00, 0, 0, 0, 0).into()
            }
            v4 => v4,
        })
    }
}

/// How often each address may do something.
#[derive(Debug)]
pub struct Rate {
    limiter: DefaultKeyedRateLimiter<AddressPrefix>,
    clock: DefaultClock,
}

impl Rate {
    /// `burst` times at once, and then so many times a second.
    #[must_use]
    pub fn new(a_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let quota = Quota::per_second(a_second).allow_burst(burst);
        Self {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            clock: DefaultClock::default(),
        }
    }

    /// Takes once from an address's budget. Whoever has none is not counted.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, address: Option<AddressPrefix>) -> Result<(), Duration> {
        let Some(address) = address else {
            return Ok(());
        };
        let taken = self.limiter.check_key(&address);
        taken.map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Forgets the addresses whose budget is full again. To be called every few seconds.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
    }
}

/// How much each address holds at once.
#[derive(Debug)]
pub struct Holdings {
    most: usize,
    held: Mutex<HashMap<AddressPrefix, usize>>,
}

/// One thing held; given back when dropped.
#[derive(Debug)]
pub struct Held(Option<(Arc<Holdings>, AddressPrefix)>);

impl Holdings {
    /// At most so many.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
        })
    }

    /// One more for an address; nothing when it holds as many as it may. Whoever has no budget is not counted.
    #[must_use]
    pub fn take(self: &Arc<Self>, address: Option<AddressPrefix>) -> Option<Held> {
        let Some(address) = address else {
            return Some(Held(None));
        };
        let mut held = self.lock();
        let count = held.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Held(Some((Arc::clone(self), address))))
    }

    /// How many an address holds.
    #[must_use]
    pub fn held_by(&self, address: Option<AddressPrefix>) -> usize {
        address.map_or(0, |address| {
            self.lock().get(&address).copied().unwrap_or_default()
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AddressPrefix, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((holdings, address)) = self.0.take() else {
            return;
        };
        let mut held = holdings.lock();
        if let Some(count) = held.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<AddressPrefix> {
        Some(text.parse::<IpAddr>().unwrap().into())
    }

    #[test]
    fn each_address_has_a_budget_of_its_own() {
        let rate = Rate::new(NonZeroU32::MIN, NonZeroU32::new(2).unwrap());
        let [ada, grace] = ["192.0.2.1", "192.0.2.2"].map(address);
        assert_eq!([rate.take(ada), rate.take(ada)], [Ok(()), Ok(())]);
        assert!(rate.take(ada).unwrap_err() <= Duration::from_secs(1));
        assert_eq!(rate.take(grace), Ok(()));
        assert!((0..100).all(|_| rate.take(None).is_ok()));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let holdings = Holdings::new(2);
        let ada = address("192.0.2.1");
        let first = holdings.take(ada).unwrap();
        let second = holdings.take(ada).unwrap();
        assert!(holdings.take(ada).is_none());
        assert!(holdings.take(address("192.0.2.2")).is_some());
        drop(first);
        assert!(holdings.take(ada).is_some());
        drop(second);
        assert!(holdings.lock().is_empty());
    }

    #[test]
    fn a_customer_of_ipv6_is_one_address() {
        assert_eq!(address("2001:db8::1"), address("2001:db8:0:0:ffff::2"));
        assert_eq!(address("2001:db8::1"), address("2001:db8:0:ff::1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:100::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }
}
