//! Threads for rooms and their links, one a core. A room stays on one of them with all that it does, and so does a link; what
//! they have to say to each other crosses no thread where both are on the same.

use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::Clock;
use crate::room::begin_after;

/// Most threads, whatever the machine has.
const MOST: usize = 64;

/// The threads. They end, with all that runs there, when the last holder drops this.
#[derive(Clone)]
pub(crate) struct Cores(
    Arc<[Core]>,
    #[expect(dead_code, reason = "ends them")] Arc<DropGuard>,
);

struct Core {
    runtime: Handle,
    rooms: AtomicUsize,
}

/// Room for one room on one of the threads, until it is dropped.
pub(crate) struct OnCore {
    cores: Cores,
    index: usize,
}

impl Cores {
    /// How many the machine gives this process.
    pub(crate) fn available() -> usize {
        available_parallelism()
            .map_or(1, NonZeroUsize::get)
            .min(MOST)
    }

    /// Starts so many threads, for rooms of so many ticks a second.
    ///
    /// # Errors
    /// When the system has none to give.
    pub(crate) fn start(count: usize, clock: Clock, ticks_per_second: u16) -> io::Result<Self> {
        let stop = CancellationToken::new();
        let start = |number| Core::start(number, Batching::new(clock, ticks_per_second), &stop);
        let cores: io::Result<Arc<[Core]>> = (0..count).map(start).collect();
        Ok(Self(cores?, Arc::new(stop.drop_guard())))
    }

    /// The runtimes, in their order.
    pub(crate) fn runtimes(&self) -> impl Iterator<Item = &Handle> {
        self.0.iter().map(|core| &core.runtime)
    }

    /// Puts a room on the thread that has the fewest.
    pub(crate) fn place_room(&self) -> OnCore {
        let counted = self.0.iter().enumerate();
        let fewest = counted.min_by_key(|(_, core)| core.rooms.load(Ordering::Relaxed));
        let index = fewest.map_or(0, |(index, _)| index);
        self.0[index].rooms.fetch_add(1, Ordering::Relaxed);
        OnCore {
            cores: self.clone(),
            index,
        }
    }
}

impl Core {
    fn start(number: usize, batching: Batching, stop: &CancellationToken) -> io::Result<Self> {
        let batching = Mutex::new(batching);
        let runtime = Builder::new_current_thread()
            .on_thread_park(move || {
                let batching = batching.lock();
                batching.unwrap_or_else(PoisonError::into_inner).wait();
            })
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let stop = stop.clone();
        std::thread::Builder::new()
            .name(format!("core-{number}"))
            .spawn(move || runtime.block_on(stop.cancelled()))?;
        Ok(Self {
            runtime: handle,
            rooms: AtomicUsize::new(0),
        })
    }
}

impl OnCore {
    /// Where the room and its links are to be spawned.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.cores.0[self.index].runtime
    }
}

impl Drop for OnCore {
    fn drop(&mut self) {
        self.cores.0[self.index]
            .rooms
            .fetch_sub(1, Ordering::Relaxed);
    }
}

/// Lets a thread that has much to do take it at the moments at which ticks begin: what comes in between waits for its room's
/// tick in any case, and each time that a thread is woken costs as much as what it is woken for.
struct Batching {
    clock: Clock,
    ticks_per_second: u16,
    is_busy: bool,
    /// When the present span began, and how often the thread was about to sleep in it.
    span: (Duration, u32),
}

impl Batching {
    /// How long one looks how much there is to do.
    const SPAN: Duration = Duration::from_millis(100);

    /// Times in a span from which on a thread is busy; one that is, is woken about 24 times.
    const BUSY: u32 = 50;

    /// From this on it is no more.
    const CALM: u32 = 15;

    /// A timer of the runtime is late by as much.
    const GRAIN: Duration = Duration::from_millis(1);

    fn new(clock: Clock, ticks_per_second: u16) -> Self {
        Self {
            clock,
            ticks_per_second,
            is_busy: false,
            span: (Duration::ZERO, 0),
        }
    }

    /// To be called when a thread is about to sleep.
    fn wait(&mut self) {
        let now = self.clock.now();
        if let Some(until) = self.wait_until(now) {
            std::thread::sleep(until.saturating_sub(now));
        }
    }

    /// How long the thread is to sleep whatever comes.
    fn wait_until(&mut self, now: Duration) -> Option<Duration> {
        let (begun, count) = &mut self.span;
        *count += 1;
        if now.saturating_sub(*begun) >= Self::SPAN {
            let is_recent = now.saturating_sub(*begun) < 2 * Self::SPAN;
            let least = if self.is_busy { Self::CALM } else { Self::BUSY };
            self.is_busy = is_recent && *count >= least;
            self.span = (now, 0);
        }
        let tick = begin_after(now.saturating_sub(Self::GRAIN), self.ticks_per_second);
        self.is_busy.then_some(tick + Self::GRAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn rooms_are_spread_and_run_each_on_its_own_thread() {
        let cores = Cores::start(2, Clock::start(), 60).unwrap();
        let name = async || std::thread::current().name().map(str::to_owned);
        let rooms = [cores.place_room(), cores.place_room()];
        let mut names = Vec::new();
        for room in &rooms {
            names.push(room.runtime().spawn(name()).await.unwrap().unwrap());
        }
        assert_eq!(names, ["core-0", "core-1"]);
        let [first, _second] = rooms;
        drop(first);
        let next = cores.place_room();
        let name = next.runtime().spawn(name()).await.unwrap().unwrap();
        assert_eq!(name, "core-0");
    }

    #[test]
    fn a_thread_that_is_woken_often_takes_what_comes_at_the_ticks_until_there_is_less() {
        let mut batching = Batching::new(Clock::start(), 60);
        let mut play = |from: u64, micros: u64| {
            let (mut now, mut wakes) = (Duration::from_secs(from), 0);
            while now < Duration::from_secs(from + 1) {
                wakes += 1;
                now = batching
                    .wait_until(now)
                    .unwrap_or(now + Duration::from_micros(micros));
            }
            wakes
        };
        assert!((90..110).contains(&play(1, 10_000)), "left alone");
        assert!(play(2, 100) < 1_300, "ten thousand a second, at first");
        assert!((235..245).contains(&play(3, 100)), "and then");
        assert_eq!(play(60, 100_000), 10, "calm again after a pause");
    }
}
