//! One UDP port for QUIC and WebRTC: two sockets that share it, and a filter in the kernel that
//! gives each its packets. RFC 9443 §3 tells them apart by the first byte.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// First bytes below this are STUN (0–3), DTLS (20–63) or TURN; QUIC's begin here, as both of its
/// header forms set one of the two highest bits.
pub(crate) const FIRST_QUIC_BYTE: u32 = 64;

/// Bytes of kernel buffer asked for in each direction.
pub(crate) const BUFFER: usize = 2 * 1024 * 1024;

/// The two sockets for UDP.
#[derive(Debug)]
pub(crate) struct UdpSockets {
    /// For QUIC.
    pub(crate) quic: UdpSocket,
    /// For STUN and DTLS.
    pub(crate) webrtc: UdpSocket,
    /// Whether both have the same port.
    pub(crate) is_shared: bool,
}

/// Binds both sockets to one port where the kernel can tell packets apart, else the second to
/// `fallback_port`.
///
/// # Errors
/// When an address can't be bound.
pub(crate) fn bind(address: SocketAddr, fallback_port: u16) -> io::Result<UdpSockets> {
    #[cfg(target_os = "linux")]
    match bind_shared(address) {
        Ok(sockets) => return Ok(sockets),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
        Err(error) => {
            tracing::warn!(%error, fallback_port, "the kernel can't share the UDP port; WebRTC gets its own");
        }
    }
    let quic = socket(address)?;
    let webrtc = socket(SocketAddr::new(address.ip(), fallback_port))?;
    Ok(UdpSockets {
        quic: bound(&quic, address)?,
        webrtc: bound(&webrtc, SocketAddr::new(address.ip(), fallback_port))?,
        is_shared: false,
    })
}

#[cfg(target_os = "linux")]
fn bind_shared(address: SocketAddr) -> io::Result<UdpSockets> {
    // Without SO_REUSEPORT the first bind fails when anybody has the port, and no other program
    // of the same user can slip into the group unseen.
    drop(bound(&socket(address)?, address)?);
    let quic = socket(address)?;
    quic.set_reuse_port(true)?;
    let quic = bound(&quic, address)?;
    let address = quic.local_addr()?;
    let webrtc = socket(address)?;
    webrtc.set_reuse_port(true)?;
    let webrtc = bound(&webrtc, address)?;
    attach_demultiplexer(&quic)?;
    Ok(UdpSockets {
        quic,
        webrtc,
        is_shared: true,
    })
}

/// Attaches a classic BPF program to the group that picks socket 0 (bound first) for QUIC and
/// socket 1 for the rest. See `SO_ATTACH_REUSEPORT_CBPF` in socket(7).
#[cfg(target_os = "linux")]
fn attach_demultiplexer(socket: &UdpSocket) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    const LOAD_BYTE: u16 = (libc::BPF_LD | libc::BPF_B | libc::BPF_ABS) as u16;
    const JUMP_IF_AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut program = [
        step(LOAD_BYTE, 0, 0, 0),
        step(JUMP_IF_AT_LEAST, 0, 1, FIRST_QUIC_BYTE),
        step(RETURN, 0, 0, 0),
        step(RETURN, 0, 0, 1),
    ];
    let program = libc::sock_fprog {
        len: program.len() as libc::c_ushort,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: the option takes a `sock_fprog`, which points to `program`'s four instructions; both
    // outlive the call, and the kernel copies them.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_REUSEPORT_CBPF,
            (&raw const program).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // The kernel may grant less.
    socket.set_recv_buffer_size(BUFFER)?;
    socket.set_send_buffer_size(BUFFER)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn bound(socket: &Socket, address: SocketAddr) -> io::Result<UdpSocket> {
    socket.bind(&address.into())?;
    socket.try_clone().map(Into::into)
}

/// The addresses by which peers may reach a socket bound to `bound`: the ones given, else its own,
/// else all of this machine's.
pub(crate) fn reachable_addresses(public: &[IpAddr], bound: IpAddr) -> Vec<IpAddr> {
    if !public.is_empty() {
        return public.to_vec();
    }
    if !bound.is_unspecified() {
        return vec![bound];
    }
    let is_v4_only = bound.is_ipv4();
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .map(|interface| interface.ip())
        .filter(|address| match address {
            IpAddr::V4(address) => !address.is_link_local(),
            IpAddr::V6(address) => !is_v4_only && !address.is_unicast_link_local(),
        })
        .collect();
    addresses.sort_by_key(|address| (address.is_loopback(), address.is_ipv6()));
    addresses.truncate(8);
    if addresses.is_empty() {
        addresses.push(Ipv4Addr::LOCALHOST.into());
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_gives_each_protocol_its_packets_on_one_port() {
        let sockets = bind("127.0.0.1:0".parse().unwrap(), 0).unwrap();
        assert!(sockets.is_shared);
        let to = sockets.quic.local_addr().unwrap();
        assert_eq!(to, sockets.webrtc.local_addr().unwrap());
        for socket in [&sockets.quic, &sockets.webrtc] {
            socket.set_nonblocking(false).unwrap();
            socket
                .set_read_timeout(Some(std::time::Duration::from_secs(5)))
                .unwrap();
        }
        let mut buffer = [0; 8];
        for (index, first) in (0..=255u8).enumerate() {
            // A fresh source each time, so that no hash of addresses decides.
            let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
            sender.send_to(&[first, index as u8], to).unwrap();
            let socket = if u32::from(first) >= FIRST_QUIC_BYTE {
                &sockets.quic
            } else {
                &sockets.webrtc
            };
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            assert_eq!(
                (&buffer[..length], from),
                (&[first, index as u8][..], sender.local_addr().unwrap())
            );
        }
    }

    #[test]
    fn a_port_in_use_is_an_error() {
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let error = bind(other.local_addr().unwrap(), 0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
