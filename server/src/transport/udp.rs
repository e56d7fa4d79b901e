//! One UDP port for QUIC and WebRTC: sockets that share it, and a filter in the kernel that gives each its packets. RFC 9443
//! §3 tells the protocols apart by the first byte. QUIC has a socket for each thread that serves it: a connection's packets go
//! to the one that its ID names ([`ConnectionIds`]).

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use quinn_proto::{ConnectionId, ConnectionIdGenerator};
use socket2::{Domain, Protocol, Socket, Type};

/// First bytes below this are STUN (0–3), DTLS (20–63) or TURN; QUIC's begin here, as both of its
/// header forms set one of the two highest bits.
pub(crate) const FIRST_QUIC_BYTE: u32 = 64;

/// Bytes of kernel buffer asked for in each direction.
pub(crate) const BUFFER: usize = 2 * 1024 * 1024;

/// The sockets for UDP.
#[derive(Debug)]
pub(crate) struct UdpSockets {
    /// For QUIC, one a thread.
    pub(crate) quic: Vec<UdpSocket>,
    /// For STUN and DTLS.
    pub(crate) webrtc: UdpSocket,
    /// Whether all have the same port.
    pub(crate) is_shared: bool,
}

/// Binds one socket for WebRTC and `threads` for QUIC to one port where the kernel can tell packets apart; else one for QUIC,
/// and that for WebRTC to `fallback_port`.
///
/// # Errors
/// When an address can't be bound.
pub(crate) fn bind(
    address: SocketAddr,
    fallback_port: u16,
    threads: usize,
) -> io::Result<UdpSockets> {
    #[cfg(target_os = "linux")]
    match bind_shared(address, threads) {
        Ok(sockets) => return Ok(sockets),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
        Err(error) => {
            tracing::warn!(%error, fallback_port, "the kernel can't share the UDP port; WebRTC gets its own");
        }
    }
    let quic = socket(address)?;
    let webrtc = socket(SocketAddr::new(address.ip(), fallback_port))?;
    Ok(UdpSockets {
        quic: vec![bound(&quic, address)?],
        webrtc: bound(&webrtc, SocketAddr::new(address.ip(), fallback_port))?,
        is_shared: false,
    })
}

#[cfg(target_os = "linux")]
fn bind_shared(address: SocketAddr, threads: usize) -> io::Result<UdpSockets> {
    // Without SO_REUSEPORT the first bind fails when anybody has the port, and no other program
    // of the same user can slip into the group unseen.
    drop(bound(&socket(address)?, address)?);
    let shared = |address| {
        let socket = socket(address)?;
        socket.set_reuse_port(true)?;
        bound(&socket, address)
    };
    let first = shared(address)?;
    let address = first.local_addr()?;
    attach_demultiplexer(&first, threads)?;
    let mut quic = vec![first];
    while quic.len() < threads {
        quic.push(shared(address)?);
    }
    Ok(UdpSockets {
        quic,
        webrtc: shared(address)?,
        is_shared: true,
    })
}

/// Attaches a classic BPF program to the group: of QUIC's packets the socket (in the order bound) that the first byte of the
/// connection's ID names, modulo their count; of the rest the one behind these. A client's first ID is random, and names any.
/// See `SO_ATTACH_REUSEPORT_CBPF` in socket(7), and RFC 8999 §5 for where the ID stands.
#[cfg(target_os = "linux")]
fn attach_demultiplexer(socket: &UdpSocket, threads: usize) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    /// First bytes from here on are of packets with a long header.
    const FIRST_LONG: u32 = 128;
    const ID_IN_LONG: u32 = 6;
    const ID_IN_SHORT: u32 = 1;

    const LOAD_BYTE: u16 = (libc::BPF_LD | libc::BPF_B | libc::BPF_ABS) as u16;
    const JUMP_IF_AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    const MODULO: u16 = (libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const RETURN_LOADED: u16 = (libc::BPF_RET | libc::BPF_A) as u16;
    let threads = u32::try_from(threads).map_err(io::Error::other)?;
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut program = [
        step(LOAD_BYTE, 0, 0, 0),
        step(JUMP_IF_AT_LEAST, 1, 0, FIRST_QUIC_BYTE),
        step(RETURN, 0, 0, threads),
        step(JUMP_IF_AT_LEAST, 0, 3, FIRST_LONG),
        step(LOAD_BYTE, 0, 0, ID_IN_LONG),
        step(MODULO, 0, 0, threads),
        step(RETURN_LOADED, 0, 0, 0),
        step(LOAD_BYTE, 0, 0, ID_IN_SHORT),
        step(MODULO, 0, 0, threads),
        step(RETURN_LOADED, 0, 0, 0),
    ];
    let program = libc::sock_fprog {
        len: program.len() as libc::c_ushort,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: the option takes a `sock_fprog`, which points to `program`'s instructions; both
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

/// IDs for the connections of one thread: the kernel gives it their packets.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionIds {
    thread: u8,
    threads: u8,
}

impl ConnectionIds {
    /// As many bytes as clients give theirs; enough that none is guessed.
    const LENGTH: usize = 8;

    /// Those of the `thread`-th of `threads`.
    pub(crate) fn new(thread: usize, threads: usize) -> Self {
        let byte = |number| u8::try_from(number).unwrap_or(u8::MAX);
        Self {
            thread: byte(thread),
            threads: byte(threads).max(1),
        }
    }
}

impl ConnectionIdGenerator for ConnectionIds {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut id: [u8; Self::LENGTH] = rand::random();
        let rounds = u8::MAX / self.threads;
        id[0] = id[0] % rounds * self.threads + self.thread;
        ConnectionId::new(&id)
    }

    fn cid_len(&self) -> usize {
        Self::LENGTH
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
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
    fn the_kernel_gives_each_protocol_and_each_thread_its_packets_on_one_port() {
        const THREADS: usize = 3;
        let sockets = bind("127.0.0.1:0".parse().unwrap(), 0, THREADS).unwrap();
        assert!(sockets.is_shared);
        let all: Vec<&UdpSocket> = sockets.quic.iter().chain([&sockets.webrtc]).collect();
        let to = sockets.webrtc.local_addr().unwrap();
        for socket in &all {
            assert_eq!(socket.local_addr().unwrap(), to);
            socket.set_nonblocking(false).unwrap();
            socket
                .set_read_timeout(Some(std::time::Duration::from_secs(5)))
                .unwrap();
        }
        let is_received = |packet: &[u8], socket: usize| {
            // A fresh source each time, so that no hash of addresses decides.
            let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
            sender.send_to(packet, to).unwrap();
            let mut buffer = [0; 32];
            let (length, from) = all[socket].recv_from(&mut buffer).unwrap();
            let received = (&buffer[..length], from);
            assert_eq!(received, (packet, sender.local_addr().unwrap()));
        };
        for first in 0..64 {
            is_received(&[first, 1, 2, 3, 4, 5, 6, 7], THREADS);
        }
        for thread in 0..THREADS {
            let id = ConnectionIds::new(thread, THREADS).generate_cid();
            for first in [64, 127] {
                is_received(&[&[first], &id[..], b"rest"].concat(), thread);
            }
            for first in [128, 192, 255] {
                is_received(&[&[first, 0, 0, 0, 1, 8], &id[..]].concat(), thread);
            }
        }
        // One that is too short to have an ID is QUIC's all the same.
        is_received(&[200], 0);
    }

    #[test]
    fn a_connections_id_names_its_thread() {
        for threads in [1, 2, 3, 64] {
            for thread in 0..threads {
                let mut ids = ConnectionIds::new(thread, threads);
                for _ in 0..100 {
                    let id = ids.generate_cid();
                    assert_eq!(usize::from(id[0]) % threads, thread);
                }
            }
        }
    }

    #[test]
    fn a_port_in_use_is_an_error() {
        let other = UdpSocket::bind("127.0.0.1:0").unwrap();
        let error = bind(other.local_addr().unwrap(), 0, 1).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
