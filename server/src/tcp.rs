//! How the kernel treats the sockets of players: small messages at once, and lost ones again soon.
//! Linux only; elsewhere the system's defaults stand.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

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

/// What others know of a socket, and have it do, while its stream is with a library. It costs no file of its own.
#[derive(Clone, Debug)]
pub(crate) struct SocketHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Nothing once it is closed.
    descriptor: Mutex<Option<RawFd>>,
    /// Whether the next that polls it takes it over.
    moves: AtomicBool,
}

impl SocketHandle {
    /// Whether anything written to the socket has not been sent yet. What the system doesn't tell counts as sent.
    pub(crate) fn has_unsent(&self) -> bool {
        let descriptor = self.descriptor();
        #[cfg(target_os = "linux")]
        return descriptor
            .is_some_and(|descriptor| linux::unsent(descriptor).is_ok_and(|bytes| bytes > 0));
        #[cfg(not(target_os = "linux"))]
        return false;
    }

    /// Has the socket woken from now on by the runtime that reads or writes it next, and no more by the one it came in by.
    pub(crate) fn change_runtime(&self) {
        self.0.moves.store(true, Ordering::Release);
    }

    /// While it is held, the descriptor that stands there is not closed.
    fn descriptor(&self) -> MutexGuard<'_, Option<RawFd>> {
        let descriptor = self.0.descriptor.lock();
        descriptor.unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream with a [`SocketHandle`].
#[derive(Debug)]
pub(crate) struct Watched {
    /// Nothing once it could not be moved.
    stream: Option<TcpStream>,
    handle: SocketHandle,
}

impl Watched {
    /// Watches a stream.
    pub(crate) fn new(stream: TcpStream) -> Self {
        let shared = Shared {
            descriptor: Mutex::new(Some(stream.as_raw_fd())),
            moves: AtomicBool::new(false),
        };
        Self {
            stream: Some(stream),
            handle: SocketHandle(Arc::new(shared)),
        }
    }

    /// Who looks at it.
    pub(crate) fn handle(&self) -> SocketHandle {
        self.handle.clone()
    }

    /// The stream, registered with the runtime that is to wake whoever polls it.
    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.handle.0.moves.load(Ordering::Acquire) {
            self.handle.0.moves.store(false, Ordering::Relaxed);
            let moved = self.stream.take().map(TcpStream::into_std).transpose()?;
            self.stream = moved.map(TcpStream::from_std).transpose()?;
        }
        let stream = self.stream.as_mut();
        stream
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // Before the number can be another socket's.
        *self.handle.descriptor() = None;
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::{AsRawFd, RawFd};
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
    pub(super) fn unsent(socket: RawFd) -> io::Result<c_int> {
        let mut bytes: c_int = 0;
        // SAFETY: the request writes a C int, whose address this is.
        let result = unsafe { libc::ioctl(socket, SIOCOUTQNSD as _, &raw mut bytes) };
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

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_watched_stream_tells_what_waits_until_it_is_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap());
        let stream = stream.await.unwrap();
        let (_unread, _) = listener.accept().await.unwrap();
        let mut watched = Watched::new(stream);
        let handle = watched.handle();
        assert!(!handle.has_unsent());
        let bytes = vec![0; 1 << 16];
        // More than both kernel buffers hold.
        let fill = async {
            loop {
                watched.write_all(&bytes).await.unwrap();
            }
        };
        let _ = tokio::time::timeout(std::time::Duration::from_millis(200), fill).await;
        assert!(handle.has_unsent());
        drop(watched);
        assert!(!handle.has_unsent());
        assert_eq!(*handle.descriptor(), None);
    }
    #[test]
    fn a_stream_goes_on_in_the_runtime_it_moves_to() {
        let runtime = || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
        };
        let (first, second) = (runtime(), runtime());
        let (mut watched, mut peer) = first.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let peer = TcpStream::connect(listener.local_addr().unwrap());
            let peer = peer.await.unwrap().into_std().unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            (Watched::new(stream), peer)
        });
        watched.handle().change_runtime();
        drop(first);
        std::io::Write::write_all(&mut peer, b"hello").unwrap();
        let read = second.block_on(async {
            let mut bytes = [0; 5];
            watched.read_exact(&mut bytes).await.map(|_| bytes)
        });
        assert_eq!(&read.unwrap(), b"hello");
    }
}
