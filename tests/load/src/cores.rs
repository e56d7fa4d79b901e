//! Which cores a process runs on: what it starts inherits them.

use std::io;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Has this thread, and what it starts from now on, run on these cores alone; gives back those it had. Nothing changes
/// where there are none.
///
/// # Errors
/// When there is no such core.
pub fn keep_to(cores: &[usize]) -> io::Result<CpuSet> {
    let this = Pid::from_raw(0);
    let before = sched_getaffinity(this)?;
    if !cores.is_empty() {
        let mut wanted = CpuSet::new();
        for core in cores {
            wanted.set(*core)?;
        }
        sched_setaffinity(this, &wanted)?;
    }
    Ok(before)
}

/// As before.
///
/// # Errors
/// When those cores are gone.
pub fn go_back_to(cores: &CpuSet) -> io::Result<()> {
    Ok(sched_setaffinity(Pid::from_raw(0), cores)?)
}
