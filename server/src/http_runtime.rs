//! A runtime of its own for HTTP: what thousands of connections ask at once waits for each other there, and rooms and their
//! links wait for none of it. The system shares the processor between both.

use std::io;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Handle, Runtime};

/// Of the machine's cores, one in so many may be kept busy by HTTP; one at least.
const CORES_FOR_ONE: usize = 2;

/// Ends, with all that runs there, when dropped.
pub(crate) struct HttpRuntime {
    handle: Handle,
    /// Until it is dropped.
    runtime: Option<Runtime>,
}

impl HttpRuntime {
    /// Starts its threads.
    ///
    /// # Errors
    /// When the system has none to give.
    pub(crate) fn start() -> io::Result<Self> {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let runtime = Builder::new_multi_thread()
            .worker_threads(cores.div_ceil(CORES_FOR_ONE))
            .thread_name("http")
            .enable_all()
            .build()?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// Where to spawn.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for HttpRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // It may be dropped where nothing may block.
            runtime.shutdown_background();
        }
    }
}
