//! The links of a session and their sockets: which are open, attached and in use, which socket a datagram or frame goes
//! down, and what waits to be taken out.

use std::collections::VecDeque;

use protocol::bounded::BoundedString;
use protocol::codec::encode;
use protocol::control::{Attach, ClientFrame, LinkId, LinkUse};

use super::event::{Outgoing, SocketId, Transmit};

/// Links, oldest first, and what they have to send.
#[derive(Debug, Default)]
pub(super) struct Links {
    links: Vec<ClientLink>,
    outgoing: VecDeque<Transmit>,
}

#[derive(Debug)]
struct ClientLink {
    id: LinkId,
    usage: LinkUse,
    sockets: Vec<ClientSocket>,
}

#[derive(Debug)]
struct ClientSocket {
    id: SocketId,
    is_attached: bool,
    is_backlogged: bool,
}

impl Links {
    /// Opens a socket, and its link with the first one.
    pub(super) fn open(&mut self, socket: SocketId, token: Option<&str>) {
        let opened = ClientSocket {
            id: socket,
            is_attached: false,
            is_backlogged: false,
        };
        match self.links.iter_mut().find(|link| link.id == socket.link) {
            Some(link) => link.sockets.push(opened),
            None => self.links.push(ClientLink {
                id: socket.link,
                usage: LinkUse::Active,
                sockets: vec![opened],
            }),
        }
        if let Some(token) = token {
            let attach = Attach {
                token: BoundedString::new(token).unwrap_or_default(),
                link: socket.link,
                stripe: socket.stripe,
            };
            self.send(socket, encode(&ClientFrame::Attach(attach)));
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = LinkId> {
        self.links.iter().map(|link| link.id)
    }

    pub(super) fn contains(&self, socket: SocketId) -> bool {
        let sockets = self.links.iter().flat_map(|link| &link.sockets);
        sockets.into_iter().any(|open| open.id == socket)
    }

    pub(super) fn attached(&mut self, socket: SocketId) {
        if let Some(socket) = self.socket(socket) {
            socket.is_attached = true;
        }
    }

    pub(super) fn set_backlogged(&mut self, socket: SocketId, is_backlogged: bool) {
        if let Some(socket) = self.socket(socket) {
            socket.is_backlogged = is_backlogged;
        }
    }

    /// Tells the server, too.
    pub(super) fn set_usage(&mut self, id: LinkId, usage: LinkUse) {
        let Some(link) = self.links.iter_mut().find(|link| link.id == id) else {
            return;
        };
        link.usage = usage;
        let socket = link.attached().next().map(|socket| socket.id);
        if let Some(socket) = socket {
            self.send(socket, encode(&ClientFrame::Use(usage)));
        }
    }

    pub(super) fn close(&mut self, id: LinkId) {
        for link in self.links.extract_if(.., |link| link.id == id) {
            link.hang_up(&mut self.outgoing);
        }
    }

    pub(super) fn close_all(&mut self) {
        for link in self.links.drain(..) {
            link.hang_up(&mut self.outgoing);
        }
    }

    /// Forgets a socket, and the link with its last one.
    pub(super) fn lose(&mut self, id: SocketId) {
        for link in self.links.iter_mut().filter(|link| link.id == id.link) {
            let lost = link.sockets.extract_if(.., |socket| socket.id == id);
            self.outgoing.extend(lost.map(|socket| Transmit {
                socket: socket.id,
                outgoing: Outgoing::Close,
            }));
        }
        self.links.retain(|link| !link.sockets.is_empty());
    }

    /// Where Control goes: on the newest link in use, else the newest; on its first socket.
    pub(super) fn control_socket(&self) -> Option<SocketId> {
        let attached = || {
            let links = self.links.iter().rev();
            links.filter_map(|link| Some((link, link.attached().next()?.id)))
        };
        attached()
            .find(|(link, _)| link.usage == LinkUse::Active)
            .or_else(|| attached().next())
            .map(|(_, socket)| socket)
    }

    /// Sends a frame down this very socket, if it is open.
    pub(super) fn send(&mut self, socket: SocketId, frame: Vec<u8>) {
        if self.contains(socket) {
            self.outgoing.push_back(Transmit {
                socket,
                outgoing: Outgoing::Control(frame),
            });
        }
    }

    /// Sends a datagram on each link in use: on the socket whose turn it is, or the next that has nothing waiting.
    pub(super) fn send_state(&mut self, datagram: &[u8]) {
        let sequence = match datagram {
            [low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => 0,
        };
        let in_use = self
            .links
            .iter()
            .filter(|link| link.usage == LinkUse::Active);
        for socket in in_use.filter_map(|link| link.socket_in_turn(sequence)) {
            // A datagram that nobody has taken out yet is stale.
            self.outgoing.retain(|waiting| {
                waiting.socket != socket || !matches!(waiting.outgoing, Outgoing::State(_))
            });
            self.outgoing.push_back(Transmit {
                socket,
                outgoing: Outgoing::State(datagram.to_vec()),
            });
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        self.outgoing.pop_front()
    }

    fn socket(&mut self, id: SocketId) -> Option<&mut ClientSocket> {
        let mut sockets = self.links.iter_mut().flat_map(|link| &mut link.sockets);
        sockets.find(|socket| socket.id == id)
    }
}

impl ClientLink {
    fn attached(&self) -> impl Iterator<Item = &ClientSocket> {
        self.sockets.iter().filter(|socket| socket.is_attached)
    }

    fn socket_in_turn(&self, turn: usize) -> Option<SocketId> {
        let sockets: Vec<_> = self.attached().collect();
        let mut in_turn = sockets
            .iter()
            .cycle()
            .skip(turn % sockets.len().max(1))
            .take(sockets.len());
        let first = in_turn.clone().next();
        let free = in_turn.find(|socket| !socket.is_backlogged);
        free.or(first).map(|socket| socket.id)
    }

    fn hang_up(self, outgoing: &mut VecDeque<Transmit>) {
        outgoing.extend(self.sockets.iter().map(|socket| Transmit {
            socket: socket.id,
            outgoing: Outgoing::Close,
        }));
    }
}
