//! How much a target may allocate for an input.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Does `act`, which must allocate at most so many bytes, those that it gives back included.
///
/// # Panics
/// When it allocates more. Other threads' allocations count too.
pub(crate) fn within<T>(most: usize, act: impl FnOnce() -> T) -> T {
    let region = Region::new(ALLOCATOR);
    let value = act();
    let allocated = region.change().bytes_allocated;
    assert!(
        allocated <= most,
        "{allocated} bytes allocated, {most} are the most"
    );
    value
}
