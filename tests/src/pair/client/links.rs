//! The links of a client and their sockets: which are open, attached and in use, and which socket a datagram or frame
//! goes down.

use std::sync::Arc;

use bytes::Bytes;
use protocol::bounded::BoundedString;
use protocol::codec::encode;
use protocol::control::{Attach, ClientFrame, LinkId, LinkUse};

use super::super::tray::Tray;

/// Links, oldest first.
#[derive(Debug, Default)]
pub(in crate::pair) struct Links(Vec<ClientLink>);

#[derive(Debug)]
struct ClientLink {
    id: LinkId,
    usage: LinkUse,
    sockets: Vec<ClientSocket>,
}

#[derive(Debug)]
struct ClientSocket {
    stripe: u8,
    tray: Arc<Tray>,
    is_attached: bool,
}

impl Links {
    /// Opens a link: the first frame on each of its sockets claims the seat.
    pub(in crate::pair) fn open(&mut self, id: LinkId, token: &str, trays: Vec<Arc<Tray>>) {
        let sockets = (0u8..).zip(trays).map(|(stripe, tray)| {
            let token = BoundedString::new(token).unwrap_or_default();
            let attach = Attach {
                token,
                link: id,
                stripe,
            };
            put(&tray, &encode(&ClientFrame::Attach(attach)));
            ClientSocket {
                stripe,
                tray,
                is_attached: false,
            }
        });
        self.0.push(ClientLink {
            id,
            usage: LinkUse::Active,
            sockets: sockets.collect(),
        });
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = LinkId> {
        self.0.iter().map(|link| link.id)
    }

    pub(super) fn holds(&self, id: LinkId, stripe: u8) -> bool {
        self.socket(id, stripe).is_some()
    }

    pub(super) fn attached(&mut self, id: LinkId, stripe: u8) {
        let sockets = self.0.iter_mut().filter(|link| link.id == id);
        for socket in sockets.flat_map(|link| &mut link.sockets) {
            socket.is_attached |= socket.stripe == stripe;
        }
    }

    /// Tells the server, too.
    pub(super) fn set_usage(&mut self, id: LinkId, usage: LinkUse) {
        if let Some(link) = self.0.iter_mut().find(|link| link.id == id) {
            link.usage = usage;
            if let Some(socket) = link.attached().next() {
                put(&socket.tray, &encode(&ClientFrame::Use(usage)));
            }
        }
    }

    pub(super) fn close(&mut self, id: LinkId) {
        for link in self.0.extract_if(.., |link| link.id == id) {
            link.hang_up();
        }
    }

    pub(super) fn close_all(&mut self) {
        for link in self.0.drain(..) {
            link.hang_up();
        }
    }

    /// Forgets a socket, and the link with its last one.
    pub(super) fn lose(&mut self, id: LinkId, stripe: u8) {
        for link in self.0.iter_mut().filter(|link| link.id == id) {
            for socket in link
                .sockets
                .extract_if(.., |socket| socket.stripe == stripe)
            {
                socket.tray.hang_up(None);
            }
        }
        self.0.retain(|link| !link.sockets.is_empty());
    }

    /// Where Control goes: on the newest link in use, else the newest; on its first socket.
    pub(super) fn control_socket(&self) -> Option<(LinkId, u8)> {
        let attached = || {
            let links = self.0.iter().rev();
            links.filter_map(|link| Some((link, link.attached().next()?.stripe)))
        };
        attached()
            .find(|(link, _)| link.usage == LinkUse::Active)
            .or_else(|| attached().next())
            .map(|(link, stripe)| (link.id, stripe))
    }

    /// Sends a frame down this very socket.
    pub(super) fn answer(&self, id: LinkId, stripe: u8, frame: &[u8]) {
        if let Some(socket) = self.socket(id, stripe) {
            put(&socket.tray, frame);
        }
    }

    /// Sends a datagram on each link in use: on the socket whose turn it is, or the next that has nothing waiting.
    pub(super) fn send_state(&self, datagram: &[u8]) {
        let sequence = match datagram {
            [low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => 0,
        };
        for link in self.0.iter().filter(|link| link.usage == LinkUse::Active) {
            let sockets: Vec<_> = link.attached().collect();
            let turns = (0..sockets.len()).map(|step| sockets[(sequence + step) % sockets.len()]);
            let free = turns.clone().find(|socket| !socket.tray.has_state());
            if let Some(socket) = free.or(turns.clone().next()) {
                socket.tray.put_state(Bytes::copy_from_slice(datagram));
            }
        }
    }

    fn socket(&self, id: LinkId, stripe: u8) -> Option<&ClientSocket> {
        let link = self.0.iter().find(|link| link.id == id)?;
        link.sockets.iter().find(|socket| socket.stripe == stripe)
    }
}

impl ClientLink {
    fn attached(&self) -> impl Iterator<Item = &ClientSocket> {
        self.sockets.iter().filter(|socket| socket.is_attached)
    }

    fn hang_up(&self) {
        for socket in &self.sockets {
            socket.tray.hang_up(None);
        }
    }
}

fn put(tray: &Tray, frame: &[u8]) {
    // A client that has so much to say has lost its link long ago, and says it again on the next.
    let _ = tray.put_control(Bytes::copy_from_slice(frame));
}
