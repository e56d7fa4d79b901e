//! Threads for rooms and their links, one a core. A room stays on one of them with all that it does, and so does a link; what
//! they have to say to each other crosses no thread where both are on the same. What runs there is others' matter.

mod coalescing;

use std::io;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::Clock;
use coalescing::WakeupCoalescing;

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
        let start = |number| {
            Core::start(
                number,
                WakeupCoalescing::new(clock, ticks_per_second),
                &stop,
            )
        };
        let cores: io::Result<Arc<[Core]>> = (0..count).map(start).collect();
        Ok(Self(cores?, Arc::new(stop.drop_guard())))
    }

    /// The runtimes, in their order.
    pub(crate) fn runtimes(&self) -> impl Iterator<Item = &Handle> {
        self.0.iter().map(|core| &core.runtime)
    }

    /// The last of them, for what there is one of.
    pub(crate) fn last(&self) -> Option<&Handle> {
        self.0.last().map(|core| &core.runtime)
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
    fn start(
        number: usize,
        coalescing: WakeupCoalescing,
        stop: &CancellationToken,
    ) -> io::Result<Self> {
        let coalescing = Mutex::new(coalescing);
        let runtime = Builder::new_current_thread()
            .on_thread_park(move || {
                let coalescing = coalescing.lock();
                coalescing.unwrap_or_else(PoisonError::into_inner).wait();
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
}
