//! How the kernel treats the sockets of players: small messages at once, and lost ones again soon.
//! Linux only; elsewhere the system's defaults stand.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

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

/// Tells what the kernel holds back of a socket.
#[derive(Clone, Debug)]
pub(crate) struct Unsent(Arc<OwnedFd>);

impl Unsent {
    /// Of this socket; its end is seen by the peer only when this is dropped too.
    ///
    /// # Errors
    /// When the process has too many files open.
    pub(crate) fn of(socket: &impl AsFd) -> io::Result<Self> {
        Ok(Self(Arc::new(socket.as_fd().try_clone_to_owned()?)))
    }

    /// Whether anything written to the socket has not been sent yet. What the system doesn't tell counts as sent.
    pub(crate) fn any(&self) -> bool {
        #[cfg(target_os = "linux")]
        return linux::unsent(self.0.as_fd()).is_ok_and(|bytes| bytes > 0);
        #[cfg(not(target_os = "linux"))]
        return false;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::{AsRawFd, BorrowedFd};
    use std::time::Duration;

    use libc::c_int;
    use socket2::SockRef;

    /// Bytes that may wait unsent in the kernel before a socket counts as full. Small, so that a
    /// slow peer gets the newest snapshot and not a queue of old ones.
    const UNSENT: u32 = 4_096;

    /// `SIOCOUTQNSD` of `linux/sockios.h`.
    const SIOCOUTQNSD: libc::c_ulong = 0x894b;

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
        socket.set_tcp_notsent_lowat(UNSENT)?;
        // A stream with few segments under way repeats them at even intervals for a while.
        socket.set_tcp_thin_linear_timeouts(true)?;
        // Where the kernel is older, recovery is slower and nothing else is worse.
        let _ = set(socket, TCP_RTO_MIN_US, RTO_MIN_US);
        let _ = set(socket, TCP_RTO_MAX_MS, RTO_MAX_MS);
        Ok(())
    }

    /// Bytes of a socket that wait unsent in the kernel.
    pub(super) fn unsent(socket: BorrowedFd<'_>) -> io::Result<c_int> {
        let mut bytes: c_int = 0;
        // SAFETY: the request writes a C int, whose address this is.
        let result = unsafe { libc::ioctl(socket.as_raw_fd(), SIOCOUTQNSD as _, &raw mut bytes) };
        if result == 0 {
            Ok(bytes)
        } else {
            Err(io::Error::last_os_error())
        }
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
