//! Threads that carry packets wake up on time, as far as the system lets them.

/// Puts this thread ahead of browsers and servers that share its cores, and lets its timers end to the microsecond.
/// Without the right to the first, as for users other than root, only the second is done; what that costs shows in
/// [`crate::lab::Lateness`].
pub(crate) fn take_realtime_priority() {
    let parameters = libc::sched_param { sched_priority: 1 };
    // SAFETY: the call reads `parameters` and touches this thread only (0).
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) };
    // SAFETY: plain integers in, nothing out.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1_u64) };
}
