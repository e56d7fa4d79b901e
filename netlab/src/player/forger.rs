//! UDP packets with another's address as their source, on this host. Needs root.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

const IP_HEADER: usize = 20;
const UDP_HEADER: usize = 8;
const UDP: u8 = 17;

/// Sends forged packets.
#[derive(Debug)]
pub struct Forger(Socket);

impl Forger {
    /// A raw socket.
    ///
    /// # Errors
    /// Without the privilege (`CAP_NET_RAW`).
    pub fn new() -> io::Result<Self> {
        let raw = Protocol::from(libc::IPPROTO_RAW);
        let socket = Socket::new(Domain::IPV4, Type::from(libc::SOCK_RAW), Some(raw))?;
        socket.set_header_included_v4(true)?;
        Ok(Self(socket))
    }

    /// Sends `payload` to `to`, as if it came from `from`.
    ///
    /// # Errors
    /// When the kernel refuses it.
    pub fn send(&self, from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> io::Result<()> {
        let packet = packet(from, to, payload)?;
        self.0.send_to(&packet, &SockAddr::from(to)).map(drop)
    }
}

/// An IPv4 packet (RFC 791) with a UDP datagram (RFC 768) in it. The kernel fills in the header's checksum; UDP's own
/// is left out.
fn packet(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = |bytes: usize| u16::try_from(bytes).map_err(io::Error::other);
    let mut packet = vec![0; IP_HEADER];
    packet[0] = 0x45;
    packet[2..4].copy_from_slice(&length(IP_HEADER + UDP_HEADER + payload.len())?.to_be_bytes());
    packet[8] = 64;
    packet[9] = UDP;
    packet[12..16].copy_from_slice(&from.ip().octets());
    packet[16..20].copy_from_slice(&to.ip().octets());
    packet.extend(from.port().to_be_bytes());
    packet.extend(to.port().to_be_bytes());
    packet.extend(length(UDP_HEADER + payload.len())?.to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(payload);
    Ok(packet)
}

/// The ports of UDP sockets on this host.
///
/// # Errors
/// When the kernel's tables can't be read.
pub fn udp_ports() -> io::Result<Vec<u16>> {
    let mut ports = Vec::new();
    for table in ["/proc/net/udp", "/proc/net/udp6"] {
        for line in std::fs::read_to_string(table)?.lines().skip(1) {
            let local = line.split_whitespace().nth(1).unwrap_or_default();
            let port = local.rsplit(':').next().unwrap_or_default();
            ports.extend(u16::from_str_radix(port, 16));
        }
    }
    ports.sort_unstable();
    ports.dedup();
    Ok(ports)
}

/// This host's IPv4 addresses, loopback included.
///
/// # Errors
/// When the `ip` command can't be run.
pub fn addresses() -> io::Result<Vec<Ipv4Addr>> {
    let listed = std::process::Command::new("ip")
        .args(["-4", "-o", "addr"])
        .output()?;
    let text = String::from_utf8_lossy(&listed.stdout);
    let address = |line: &str| {
        let network = line.split_whitespace().nth(3)?;
        network.split('/').next()?.parse().ok()
    };
    Ok(text.lines().filter_map(address).collect())
}
