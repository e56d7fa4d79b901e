//! The server's own counters, as one run sees them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Counters by name and labels; gauges and histograms are not kept.
#[derive(Debug, Clone, Default)]
pub struct Counts(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Counts {
    /// Counts what `run` does on this thread.
    pub fn of<T>(run: impl FnOnce() -> T) -> (T, Self) {
        let counts = Self::default();
        let result = metrics::with_local_recorder(&counts, run);
        (result, counts)
    }

    /// What a counter stands at: `name`, or `name what reason` and so on, the labels' values in order.
    pub fn read(&self, name: &str) -> u64 {
        self.lock()
            .get(name)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// The counters that begin with `prefix` and stand above zero.
    pub fn above_zero(&self, prefix: &str) -> BTreeMap<String, u64> {
        self.lock()
            .iter()
            .map(|(name, count)| (name.clone(), count.load(Ordering::Relaxed)))
            .filter(|(name, count)| name.starts_with(prefix) && *count > 0)
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<AtomicU64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut name = key.name().to_owned();
        for label in key.labels() {
            name.push(' ');
            name.push_str(label.value());
        }
        Counter::from_arc(Arc::clone(self.lock().entry(name).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
