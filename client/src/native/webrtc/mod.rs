//! The WebRTC rung: a negotiated, unordered and unrepeated data channel for State, and a reliable one for Control. The
//! connection is sans-IO and runs on a UDP socket of its own: an ICE-lite server tells peers apart by their addresses.

mod peer;

use std::fmt::Display;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use hyper::Uri;
use peer::Peer;
use protocol::control::LinkId;
use tokio::net::UdpSocket;

use super::clock::instant;
use super::connector::Connector;
use super::http::{Post, post};
use super::socket::{Message, Port};
use crate::session::Outgoing;

/// Larger than any packet of ours: DTLS records stay below the path's 1,200 or 1,500 bytes.
const LARGEST_PACKET: usize = 2_048;

/// An open connection.
pub(super) struct Link {
    socket: UdpSocket,
    peer: Peer,
}

/// Shows the token and an offer at `url`, and sets the connection up that the answer describes.
pub(super) async fn open(
    connector: &Connector,
    url: &str,
    token: &str,
    link: LinkId,
) -> Result<Link, String> {
    let words = |error: &dyn Display| error.to_string();
    let uri: Uri = format!("{url}?link={}", link.0)
        .parse()
        .map_err(|error| words(&error))?;
    let (socket, local) = socket_towards(&uri).await.map_err(|error| words(&error))?;
    let (mut peer, offer) = Peer::new(instant(), local).map_err(|error| words(&error))?;
    let offer = Post {
        content_type: "application/sdp",
        token: Some(token),
        body: offer,
    };
    let answer = post(&uri, connector.tls(), offer).await;
    let answer = answer.map_err(|error| words(&error))?;
    if answer.status != 201 {
        return Err(format!("{} {}", answer.status, answer.body));
    }
    peer.accept(instant(), answer.body)
        .map_err(|error| words(&error))?;
    let mut link = Link { socket, peer };
    while !link.peer.is_open() {
        if link.peer.is_over() {
            return Err("the server ended the set-up".to_owned());
        }
        link.step().await.map_err(|error| words(&error))?;
    }
    Ok(link)
}

/// Moves messages until either side ends it.
pub(super) async fn run(mut link: Link, port: Port) {
    while !link.peer.is_over() {
        for message in link.peer.take_messages() {
            if !port.deliver(message).await {
                link.peer.close();
            }
        }
        tokio::select! {
            outgoing = port.queue.next(), if link.peer.has_room() => match outgoing {
                Outgoing::State(datagram) => link.peer.send_state(instant(), &datagram),
                Outgoing::Control(frame) => link.peer.send_control(instant(), &frame),
                Outgoing::Close => link.peer.close(),
            },
            stepped = link.step() => if stepped.is_err() { break },
        }
    }
    let _ = link.flush().await;
    for message in link.peer.take_messages() {
        port.deliver(message).await;
    }
    port.deliver(Message::Closed).await;
}

impl Link {
    /// Sends what waits, then takes one packet or lets one timer end, with all that follows from it. It may be dropped
    /// at any wait: nothing is lost.
    async fn step(&mut self) -> io::Result<()> {
        self.flush().await?;
        let due = self.peer.next_wake().map(Into::into);
        let mut packet = [0; LARGEST_PACKET];
        tokio::select! {
            received = self.socket.recv_from(&mut packet) => {
                // An ICMP error of one of the server's addresses ends nothing: another may answer.
                if let Ok((length, from)) = received {
                    let packet = packet.get(..length).unwrap_or_default();
                    self.peer.receive(instant(), from, packet);
                }
            }
            () = sleep_until(due) => self.peer.wake(instant()),
        }
        self.flush().await
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.peer.drain(instant());
        while self.peer.has_packets() {
            self.socket.writable().await?;
            if let Some((to, packet)) = self.peer.next_packet() {
                // What the system doesn't take is lost, as any packet may be.
                let _ = self.socket.try_send_to(&packet, to);
            }
        }
        Ok(())
    }
}

/// A UDP socket, and the address that the server sees it by, as far as this machine knows.
async fn socket_towards(uri: &Uri) -> io::Result<(UdpSocket, SocketAddr)> {
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(443);
    let servers: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    let ipv4 = servers.iter().find(|address| address.is_ipv4());
    let server = ipv4
        .or(servers.first())
        .ok_or_else(|| io::Error::other("the host has no address"))?;
    let any: SocketAddr = if server.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    // Connecting a UDP socket sends nothing; it only asks the system for the way.
    let probe = UdpSocket::bind(any).await?;
    probe.connect(server).await?;
    let socket = UdpSocket::bind(any).await?;
    let local = SocketAddr::new(probe.local_addr()?.ip(), socket.local_addr()?.port());
    Ok((socket, local))
}

async fn sleep_until(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
