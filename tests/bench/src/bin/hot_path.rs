//! `hot_path NAME STEPS`: walks a hot path, and says how often it allocated. Its instructions are counted from outside.

use std::alloc::System;
use std::process::ExitCode;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (name, steps) = (arguments.next(), arguments.next());
    let walk = name.as_deref().and_then(bench::hot_path);
    let steps = steps.and_then(|steps| steps.parse().ok());
    let (Some(walk), Some(steps)) = (walk, steps) else {
        let names: Vec<&str> = bench::HOT_PATHS.iter().map(|(name, _)| *name).collect();
        eprintln!(
            "hot_path NAME STEPS, where NAME is one of: {}",
            names.join(", ")
        );
        return ExitCode::from(2);
    };
    let region = Region::new(ALLOCATOR);
    walk(steps);
    let change = region.change();
    println!("{}", change.allocations + change.reallocations);
    ExitCode::SUCCESS
}
