//! What the kernel says of the UDP sockets: packets it dropped because nobody read them in time, and the buffers that it
//! granted. Linux only (`SO_MEMINFO`, socket(7) and `linux/sock_diag.h`); elsewhere nothing is told.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use tracing::warn;

use super::udp::{BUFFER, UdpSockets};
use crate::counters;

/// The sockets, and what they have dropped so far.
pub(crate) struct UdpWatch(Vec<Watched>);

struct Watched {
    name: &'static str,
    socket: OwnedFd,
    dropped: u32,
}

/// Of one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buffers {
    /// Bytes granted for packets that wait to be read; the kernel counts its own overhead, so twice what was asked for.
    pub(crate) receive: u32,
    /// The same for packets that wait to be sent.
    pub(crate) send: u32,
    /// Packets dropped since the socket was opened; it wraps.
    pub(crate) dropped: u32,
}

impl UdpWatch {
    /// Watches all sockets, and warns when their buffers are small.
    ///
    /// # Errors
    /// When the process has too many files open.
    pub(crate) fn new(sockets: &UdpSockets) -> io::Result<Self> {
        let quic = sockets.quic.iter().map(|socket| ("quic", socket));
        let all = quic.chain([("webrtc", &sockets.webrtc)]);
        let watch = |(name, socket): (&'static str, &std::net::UdpSocket)| {
            let socket = socket.as_fd().try_clone_to_owned()?;
            Ok(Watched {
                name,
                socket,
                dropped: 0,
            })
        };
        let this = Self(all.map(watch).collect::<io::Result<_>>()?);
        if let Some(granted) = this.least_granted().filter(|granted| *granted < BUFFER) {
            warn!(
                granted,
                wanted = BUFFER,
                "the kernel grants small UDP buffers; run sysctl -w net.core.rmem_max={BUFFER} net.core.wmem_max={BUFFER}"
            );
        }
        Ok(this)
    }

    /// The smallest buffer in either direction, as it was asked for.
    pub(crate) fn least_granted(&self) -> Option<usize> {
        let all = self.0.iter().filter_map(|watched| buffers(&watched.socket));
        let least = all.map(|buffers| buffers.receive.min(buffers.send)).min()?;
        usize::try_from(least / 2).ok()
    }

    /// Publishes what is new. To be called every few seconds.
    pub(crate) fn poll(&mut self) {
        for Watched {
            name,
            socket,
            dropped,
        } in &mut self.0
        {
            let Some(buffers) = buffers(socket) else {
                continue;
            };
            counters::udp_buffers(name, "receive").set(f64::from(buffers.receive));
            counters::udp_buffers(name, "send").set(f64::from(buffers.send));
            let fresh = buffers.dropped.wrapping_sub(*dropped);
            counters::udp_dropped(name).increment(u64::from(fresh));
            *dropped = buffers.dropped;
        }
    }
}

#[cfg(target_os = "linux")]
fn buffers(socket: &OwnedFd) -> Option<Buffers> {
    use std::os::fd::AsRawFd;

    /// `SK_MEMINFO_*` of `linux/sock_diag.h`.
    const RECEIVE: usize = 1;
    const SEND: usize = 3;
    const DROPS: usize = 8;
    let mut values = [0u32; 16];
    let mut length = size_of_val(&values) as libc::socklen_t;
    // SAFETY: the option writes at most `length` bytes of C ints to `values`, whose size that is.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            values.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    (result == 0).then_some(Buffers {
        receive: values[RECEIVE],
        send: values[SEND],
        dropped: values[DROPS],
    })
}

#[cfg(not(target_os = "linux"))]
fn buffers(_: &OwnedFd) -> Option<Buffers> {
    None
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn packets_that_nobody_reads_are_counted() {
        let reader = UdpSocket::bind("127.0.0.1:0").unwrap();
        let writer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let watched: OwnedFd = reader.try_clone().unwrap().into();
        let before = buffers(&watched).unwrap();
        assert!(before.receive > 0 && before.dropped == 0, "{before:?}");
        for _ in 0..5_000 {
            writer
                .send_to(&[0; 1_000], reader.local_addr().unwrap())
                .unwrap();
        }
        assert!(buffers(&watched).unwrap().dropped > 1_000);
    }
}
