//! The limit of open files: raised as far as it goes, and shared out, so that a flood of connections leaves players theirs.

use tracing::warn;

/// Files that are neither connections nor links: the log, certificates, the runtime's own.
const OWN: u64 = 128;

/// Sockets of one player: a bundle of WebSockets, a page's requests, and some that are being given up.
const OF_PLAYER: u64 = 10;

/// Files to go by when the system doesn't tell.
const USUAL: u64 = 65_536;

/// More than anybody needs, where there is no limit.
const MOST: u64 = 1 << 20;

/// Files that may be open, once the limit is raised as far as it goes.
pub(crate) fn limit() -> u64 {
    rlimit::increase_nofile_limit(u64::MAX)
        .unwrap_or(USUAL)
        .min(MOST)
}

/// Files that should be allowed for so many players: theirs, and half as many for connections that are none yet.
pub(crate) fn wanted(players: usize) -> u64 {
    let needed = OWN + players as u64 * OF_PLAYER;
    needed + needed / 2
}

/// Files for which the kernel's table is made at the start.
const LARGEST_TABLE: u64 = 8_192;

/// Has the kernel make the table of open files as large as it may get: each time that it grows later, whoever opens the file
/// waits for all processors, tens of milliseconds, and with it the rooms on its thread.
#[cfg(unix)]
fn make_table(files: u64) {
    let last = libc::c_int::try_from(files.saturating_sub(1)).unwrap_or(0);
    // SAFETY: standard input is copied to a number that nobody has, and the copy is closed at once.
    unsafe {
        let copy = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, last);
        if copy >= 0 {
            libc::close(copy);
        }
    }
}

#[cfg(not(unix))]
fn make_table(_: u64) {}

/// Raises the limit; gives how many HTTP connections there may be beside the sockets of so many players.
pub(crate) fn connections_beside(players: usize) -> usize {
    let (limit, wanted) = (limit(), wanted(players));
    if limit < wanted {
        warn!(
            limit,
            wanted,
            players,
            "the limit of open files is low; raise it (LimitNOFILE= in systemd, ulimit -n)"
        );
    }
    make_table(limit.min(wanted.max(LARGEST_TABLE)));
    let left = limit.saturating_sub(OWN + players as u64 * OF_PLAYER);
    // Where players alone may use all there are, connections get half.
    usize::try_from(left.max(limit / 2)).unwrap_or(usize::MAX)
}
