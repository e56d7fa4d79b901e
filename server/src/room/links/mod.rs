//! The links of one player: which there are, what each carries, and the sockets under them. One table,
//! which owns the sockets; a session may hold several links at once.

mod link;
mod seen;

use std::sync::Arc;
use std::time::Duration;

use protocol::control::{CloseReason, LinkId, LinkUse};
use protocol::sequence::Sequence;

use super::SocketId;
use crate::link::{LinkSender, Tagged};
use crate::path::DownPath;
pub(super) use link::Link;
use seen::SeenLinks;

/// Most links that a session holds at once; a further one supersedes one that is silent.
pub(super) const MAX_LINKS: usize = 4;

/// A link of which nothing has been heard for so long may be dead; a client sends 30 datagrams a second on each
/// link in use, and 10 while what is sent stands in a queue.
const SILENT: Duration = Duration::from_millis(500);

/// A link that was heard so lately is alive.
const ALIVE: Duration = Duration::from_millis(200);

/// What an attached socket belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attached {
    /// A link that was there already.
    Stripe,
    /// A new link.
    Link,
}

/// What has gone with a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detached {
    /// Whether it was its link's last one, so that the link is gone.
    pub(super) is_link_gone: bool,
    /// Whether it carried Control.
    pub(super) carried_control: bool,
}

/// The live links, oldest first.
pub(super) struct Links {
    links: Vec<Link>,
    seen: SeenLinks,
    /// The key of the first link: whoever has another one has stolen the token.
    key: Option<u64>,
    /// The link that carries Control.
    control: Option<LinkId>,
    heard_at: Duration,
}

impl Links {
    /// None yet; silence counts from `now`.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            links: Vec::new(),
            seen: SeenLinks::default(),
            key: None,
            control: None,
            heard_at: now,
        }
    }

    /// Takes a socket: a further one of a link that is there, or a new link's. When there are too
    /// many links, the one that has been silent longest is closed as superseded.
    ///
    /// # Errors
    /// [`CloseReason::StaleLink`] for a link's number that was seen before (a replay or a straggler) or has another key
    /// than the first one's (a stolen token), for one link too
    /// many while all are heard, and for a socket that is there already or is none of such a link's.
    pub(super) fn attach(
        &mut self,
        now: Duration,
        socket: SocketId,
        sender: Arc<dyn LinkSender>,
    ) -> Result<Attached, CloseReason> {
        let attached = if let Some(link) = self.get_mut(socket.link) {
            if !link.takes(socket.stripe, sender.rung()) {
                return Err(CloseReason::StaleLink);
            }
            link.open(socket, sender);
            Attached::Stripe
        } else {
            let key = socket.link.key();
            if self.key.is_some_and(|first| first != key) || !self.seen.is_news(socket.link) {
                return Err(CloseReason::StaleLink);
            }
            self.make_room(now)?;
            self.key = Some(key);
            let mut link = Link::new(now, socket.link);
            link.open(socket, sender);
            self.links.push(link);
            Attached::Link
        };
        self.heard_at = self.heard_at.max(now);
        Ok(attached)
    }

    /// Forgets a socket, and its link with the last one. Nothing when it isn't one of these: it was
    /// refused, or its link has been closed.
    pub(super) fn detach(&mut self, socket: SocketId) -> Option<Detached> {
        let link = self.get_mut(socket.link)?;
        if !link.holds(socket) {
            return None;
        }
        let carried_links_control = link.forget(socket.stripe);
        let is_link_gone = link.is_empty();
        let carried_control = self.control == Some(socket.link) && carried_links_control;
        if is_link_gone {
            self.links.retain(|link| !link.is_empty());
        }
        if carried_control {
            self.control = None;
        }
        Some(Detached {
            is_link_gone,
            carried_control,
        })
    }

    /// Closes a link and forgets it; says whether it was there.
    pub(super) fn close(&mut self, id: LinkId, reason: CloseReason) -> bool {
        let Some(index) = self.links.iter().position(|link| link.id == id) else {
            return false;
        };
        self.links.remove(index).close(reason);
        true
    }

    /// Closes all links.
    pub(super) fn close_all(&self, reason: CloseReason) {
        for link in &self.links {
            link.close(reason);
        }
    }

    /// Sets how a link is used; says whether that is another use than before.
    pub(super) fn set_usage(&mut self, id: LinkId, usage: LinkUse) -> bool {
        let link = self.get_mut(id).filter(|link| link.usage != usage);
        link.map(|link| link.usage = usage).is_some()
    }

    /// Notes that something came in on a link.
    pub(super) fn heard(&mut self, now: Duration, id: LinkId) {
        self.heard_at = self.heard_at.max(now);
        if let Some(link) = self.get_mut(id) {
            link.heard_at = link.heard_at.max(now);
        }
    }

    /// How long nothing has come in.
    pub(super) fn silence(&self, now: Duration) -> Duration {
        now.saturating_sub(self.heard_at)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Those that carry State.
    pub(super) fn active(&self) -> impl Iterator<Item = &Link> {
        let is_active = |link: &&Link| link.usage == LinkUse::Active;
        self.links.iter().filter(is_active)
    }

    /// Lets Control go down the link for it from now on; says whether that is another one than
    /// before.
    pub(super) fn choose_control(&mut self, now: Duration) -> bool {
        let chosen = self.for_control(now);
        std::mem::replace(&mut self.control, chosen) != chosen
    }

    /// Sends a frame down the link that carries Control, if there is any.
    pub(super) fn send_control(&self, frame: Tagged) {
        let control = self.links.iter().find(|link| Some(link.id) == self.control);
        if let Some(link) = control {
            link.send_control(frame);
        }
    }

    /// Answers on the very socket that asked.
    pub(super) fn answer(&self, socket: SocketId, frame: Tagged) {
        if let Some(link) = self.links.iter().find(|link| link.id == socket.link) {
            link.answer(socket.stripe, frame);
        }
    }

    /// Sends a datagram down those links that carry State and of which `takes` says so.
    pub(super) fn send_state(
        &mut self,
        now: Duration,
        (path, sequence): (&DownPath, Sequence),
        datagram: &[u8],
        takes: impl Fn(&Link) -> bool,
    ) {
        for link in &mut self.links {
            if link.usage == LinkUse::Active && takes(link) {
                link.send_state(now, path, sequence, datagram);
            }
        }
    }

    /// The link for Control at `now`: the newest active one, else the newest. One that has gone silent while
    /// another is heard gives way to the one heard last, for it may be dead without a word.
    fn for_control(&self, now: Duration) -> Option<LinkId> {
        let silence = |link: &Link| now.saturating_sub(link.heard_at);
        let newest_active = self
            .links
            .iter()
            .rev()
            .find(|link| link.usage == LinkUse::Active);
        let preferred = newest_active.or(self.links.last())?;
        let alive = self
            .links
            .iter()
            .min_by_key(|link| silence(link))
            .filter(|link| silence(link) <= ALIVE && silence(preferred) > SILENT);
        Some(alive.unwrap_or(preferred).id)
    }

    /// Closes a silent link when there are too many. One that is heard is pushed off by no other, whoever opens it.
    fn make_room(&mut self, now: Duration) -> Result<(), CloseReason> {
        if self.links.len() < MAX_LINKS {
            return Ok(());
        }
        let links = self.links.iter().enumerate();
        let silent = links
            .min_by_key(|(_, link)| link.heard_at)
            .filter(|(_, link)| now.saturating_sub(link.heard_at) > SILENT)
            .ok_or(CloseReason::StaleLink)?;
        self.links.remove(silent.0).close(CloseReason::Superseded);
        Ok(())
    }

    fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.iter_mut().find(|link| link.id == id)
    }
}

#[cfg(test)]
mod tests;
