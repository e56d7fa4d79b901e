//! Holds things until they are due, for whoever carries out a [`super::PathModel`]'s decisions; decides nothing itself.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

/// A queue ordered by due time; what is due at the same moment comes out in the order it went in. Unbounded: the
/// caller bounds what it puts in.
#[derive(Debug)]
pub struct DelayLine<T> {
    heap: BinaryHeap<Entry<T>>,
    pushed: u64,
}

impl<T> Default for DelayLine<T> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            pushed: 0,
        }
    }
}

impl<T> DelayLine<T> {
    /// Holds `item` until `at`.
    pub fn push(&mut self, at: Duration, item: T) {
        self.heap.push(Entry {
            at,
            order: self.pushed,
            item,
        });
        self.pushed += 1;
    }

    /// The next item that is due at `now`, with its due time.
    pub fn pop_due(&mut self, now: Duration) -> Option<(Duration, T)> {
        if self.next_due()? > now {
            return None;
        }
        self.heap.pop().map(|entry| (entry.at, entry.item))
    }

    /// When the next item is due.
    pub fn next_due(&self) -> Option<Duration> {
        self.heap.peek().map(|entry| entry.at)
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[derive(Debug)]
struct Entry<T> {
    at: Duration,
    order: u64,
    item: T,
}

impl<T> Ord for Entry<T> {
    /// Reversed: the standard heap gives its greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Entry<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_is_due_in_order_of_time_then_of_arrival() {
        let mut line = DelayLine::default();
        for (at, item) in [(3, 'd'), (1, 'a'), (2, 'b'), (2, 'c')] {
            line.push(Duration::from_millis(at), item);
        }
        let due =
            std::iter::from_fn(|| line.pop_due(Duration::from_millis(2))).map(|(_, item)| item);
        assert_eq!(due.collect::<String>(), "abc");
        assert_eq!(line.next_due(), Some(Duration::from_millis(3)));
        assert_eq!(line.len(), 1);
    }
}
