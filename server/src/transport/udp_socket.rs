//! A UDP socket of many peers: packets in by the batch, out as they are given, never waiting. How the kernel
//! hands over several at once is `quinn-udp`'s matter.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{EcnCodepoint, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Reads in one go; each may bring several packets of one sender.
const READS: usize = 8;

/// Bytes of a read: the most that the kernel puts together.
const READ_BUFFER: usize = 65_536;

/// What was read and not handled yet.
pub(crate) struct Batch {
    buffers: Vec<Vec<u8>>,
    metas: [RecvMeta; READS],
    filled: usize,
}

impl Batch {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self {
            buffers: vec![vec![0; READ_BUFFER]; READS],
            metas: [RecvMeta::default(); READS],
            filled: 0,
        }
    }

    /// What the kernel has put together, each with its sender.
    pub(crate) fn reads(&self) -> impl Iterator<Item = Read<'_>> {
        let reads = self.metas.iter().zip(&self.buffers).take(self.filled);
        reads.map(|(meta, buffer)| Read {
            from: canonical(meta.addr),
            to: meta.dst_ip,
            ecn: meta.ecn,
            stride: meta.stride.max(1),
            bytes: buffer.get(..meta.len).unwrap_or_default(),
        })
    }

    /// The packets, each with its sender.
    pub(crate) fn packets(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.reads().flat_map(|read| {
            let packets = read.bytes.chunks(read.stride);
            packets.map(move |packet| (read.from, packet))
        })
    }
}

/// Packets of one sender, all of the same length but the last.
pub(crate) struct Read<'a> {
    pub(crate) from: SocketAddr,
    /// Our address that they came to.
    pub(crate) to: Option<IpAddr>,
    pub(crate) ecn: Option<EcnCodepoint>,
    /// The length of each.
    pub(crate) stride: usize,
    pub(crate) bytes: &'a [u8],
}

/// The socket.
pub(crate) struct PacketSocket {
    socket: UdpSocket,
    state: UdpSocketState,
    is_v6: bool,
}

impl PacketSocket {
    /// Takes a socket over.
    ///
    /// # Errors
    /// When the kernel refuses to set it up.
    pub(crate) fn new(socket: std::net::UdpSocket) -> io::Result<Self> {
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self {
            state,
            is_v6: socket.local_addr()?.is_ipv6(),
            socket: UdpSocket::from_std(socket)?,
        })
    }

    /// Returns when there may be something to read.
    pub(crate) async fn readable(&self) {
        // An error shows again when it is read.
        let _ = self.socket.readable().await;
    }

    /// Reads what has come; nothing when nothing has.
    pub(crate) fn read(&self, batch: &mut Batch) {
        let Batch {
            buffers,
            metas,
            filled,
        } = batch;
        let mut buffers = buffers.iter_mut();
        let mut slices: [IoSliceMut<'_>; READS] =
            std::array::from_fn(|_| IoSliceMut::new(buffers.next().map_or(&mut [], |b| b)));
        let read = self.socket.try_io(Interest::READABLE, || {
            let socket = UdpSockRef::from(&self.socket);
            self.state.recv(socket, &mut slices, metas)
        });
        *filled = read.unwrap_or(0);
    }

    /// Sends a packet at once, or says that it can't.
    pub(crate) fn send(&self, to: SocketAddr, packet: &[u8]) -> io::Result<()> {
        self.transmit(Transmit {
            destination: to,
            ecn: None,
            contents: packet,
            segment_size: None,
            src_ip: None,
        })
    }

    /// Packets of one length that may be sent together.
    pub(crate) fn most_segments(&self) -> usize {
        self.state.max_gso_segments()
    }

    /// Sends packets at once, or says that it can't.
    pub(crate) fn transmit(&self, transmit: Transmit<'_>) -> io::Result<()> {
        let destination = match (self.is_v6, transmit.destination) {
            (true, SocketAddr::V4(v4)) => {
                SocketAddr::new(IpAddr::V6(v4.ip().to_ipv6_mapped()), v4.port())
            }
            (_, destination) => destination,
        };
        let transmit = Transmit {
            destination,
            ..transmit
        };
        self.socket.try_io(Interest::WRITABLE, || {
            let socket = UdpSockRef::from(&self.socket);
            self.state.try_send(socket, &transmit)
        })
    }
}

/// An IPv4 peer of a socket that serves both versions, as the IPv4 address that it is.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_packet_arrives_whole_with_its_sender() {
        let bind = || std::net::UdpSocket::bind("[::]:0").unwrap();
        let ours = bind();
        ours.set_nonblocking(true).unwrap();
        let port = ours.local_addr().unwrap().port();
        let socket = PacketSocket::new(ours).unwrap();
        let peer = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let sent: Vec<Vec<u8>> = (1..=40u8).map(|n| vec![n; 20 * usize::from(n)]).collect();
        for packet in &sent {
            peer.send_to(packet, ("127.0.0.1", port)).unwrap();
        }
        let mut batch = Batch::new();
        let mut came = Vec::new();
        while came.len() < sent.len() {
            socket.readable().await;
            socket.read(&mut batch);
            for (from, packet) in batch.packets() {
                assert_eq!(from, peer.local_addr().unwrap());
                came.push(packet.to_vec());
            }
        }
        assert_eq!(came, sent);
        socket.read(&mut batch);
        assert_eq!(batch.packets().count(), 0, "nothing is read twice");

        socket.send(peer.local_addr().unwrap(), b"back").unwrap();
        let mut answer = [0; 8];
        let (length, _) = peer.recv_from(&mut answer).unwrap();
        assert_eq!(&answer[..length], b"back");
    }
}
