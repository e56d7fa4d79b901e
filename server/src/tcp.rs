//! How the kernel treats the sockets of players: small messages at once, and lost ones again soon.
//! Linux only; elsewhere the system's defaults stand.

use std::io;

use socket2::SockRef;

/// Sets a socket up.
///
/// # Errors
/// When the kernel refuses what every Linux has.
pub(crate) fn tune(socket: &SockRef<'_>) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    #[cfg(target_os = "linux")]
    linux::tune(socket)?;
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::AsRawFd;
    use std::time::Duration;

    use libc::c_int;
    use socket2::SockRef;

    /// Bytes that may wait unsent in the kernel before a socket counts as full. Small, so that a
    /// slow peer gets the newest snapshot and not a queue of old ones.
    const UNSENT: c_int = 4_096;

    /// How long sent bytes may stay unacknowledged before the kernel gives a peer up.
    const USER_TIMEOUT: Duration = Duration::from_secs(20);

    /// `TCP_RTO_MIN_US` of `linux/tcp.h`, from Linux 6.15 on.
    const TCP_RTO_MIN_US: c_int = 45;

    /// `TCP_RTO_MAX_MS` of `linux/tcp.h`, from Linux 6.15 on.
    const TCP_RTO_MAX_MS: c_int = 44;

    /// Least that a lost segment waits beyond the round trip, in microseconds. The kernel's own is
    /// 200 ms, which is four snapshots. Not below a peer's delayed acknowledgement (40 ms on
    /// Linux), so that few are sent twice for nothing.
    const RTO_MIN_US: c_int = 40_000;

    /// Longest wait between two tries, in milliseconds, the least that the kernel takes: after an
    /// outage of any length the next try is no further off.
    const RTO_MAX_MS: c_int = 1_000;

    pub(super) fn tune(socket: &SockRef<'_>) -> io::Result<()> {
        socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
        set(socket, libc::TCP_NOTSENT_LOWAT, UNSENT)?;
        // A stream with few segments under way repeats them at even intervals for a while.
        set(socket, libc::TCP_THIN_LINEAR_TIMEOUTS, 1)?;
        // Where the kernel is older, recovery is slower and nothing else is worse.
        let _ = set(socket, TCP_RTO_MIN_US, RTO_MIN_US);
        let _ = set(socket, TCP_RTO_MAX_MS, RTO_MAX_MS);
        Ok(())
    }

    fn set(socket: &SockRef<'_>, option: c_int, value: c_int) -> io::Result<()> {
        // SAFETY: the option takes a C int, whose address and size these are, and copies it.
        let result = unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::IPPROTO_TCP,
                option,
                (&raw const value).cast(),
                size_of::<c_int>() as libc::socklen_t,
            )
        };
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}
