//! One endpoint's memory of a session: datagrams sent and received, messages unacknowledged, and
//! the links that carry them. A session outlives its links and may hold several at once. The same
//! state machine serves both ends; it moves no bytes itself.

use core::time::Duration;

use crate::acks::{Freshness, ReceivedWindow, SentWindow};
use crate::control::{CloseReason, LinkId, LinkUse, MAX_STRIPES};
use crate::datagram::{AckBits, DatagramHeader};
use crate::estimate::PathEstimate;
use crate::reliable::{Inbox, Outbox};
use crate::send_rate::SendRate;
use crate::sequence::Sequence;
use crate::tick::Tick;
use crate::weather::{Condition, Weather};

/// Most links that a session holds at once; a further one supersedes the oldest.
pub const MAX_LINKS: usize = 4;

/// A live link of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub id: LinkId,
    /// How the client wants it used.
    pub usage: LinkUse,
    /// The sockets of a WebSocket bundle that are open, as a bit each; 1 on other rungs.
    pub stripes: u8,
    /// When something last came in on it.
    pub heard_at: Duration,
}

/// The result of an attach that was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attached {
    /// A further socket of a link that was there already.
    Stripe,
    /// A new link. If the session was full, the named one must be closed as superseded.
    Link {
        /// The link that had to go, if any.
        superseded: Option<LinkId>,
    },
}

/// Numbers of links that have attached: the newest, and a bit for each of the 128 before it. Links
/// that were opened at once may attach in any order.
#[derive(Clone, Copy, Debug, Default)]
struct SeenLinks {
    newest: Option<LinkId>,
    before: u128,
}

impl SeenLinks {
    /// Remembers a number; says whether it had not been seen.
    fn is_news(&mut self, id: LinkId) -> bool {
        let Some(newest) = self.newest else {
            self.newest = Some(id);
            return true;
        };
        if id > newest {
            let step = id.0 - newest.0;
            self.before = self.before.checked_shl(step).unwrap_or(0);
            self.before |= 1u128.checked_shl(step - 1).unwrap_or(0);
            self.newest = Some(id);
            return true;
        }
        let behind = newest.0 - id.0;
        let bit = behind
            .checked_sub(1)
            .and_then(|shift| 1u128.checked_shl(shift))
            .unwrap_or(0);
        let is_news = bit != 0 && self.before & bit == 0;
        self.before |= bit;
        is_news
    }
}

/// What became of the State datagrams that one end sent, from the session's beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Datagrams that the peer acknowledged.
    pub acked: u64,
    /// Datagrams that it did not. One whose ack comes very late counts as both.
    pub lost: u64,
    /// Spans without a datagram that came in time, as [`Weather`] judges them.
    pub holes: u64,
    /// Round trip now, once there is a sample.
    pub round_trip: Option<Duration>,
    /// Its mean deviation.
    pub round_trip_variation: Duration,
}

/// State of one end of a session.
#[derive(Clone, Debug, Default)]
pub struct Session {
    received: ReceivedWindow,
    sent: SentWindow,
    path: PathEstimate,
    weather: Weather,
    rate: SendRate,
    links: Vec<Link>,
    seen_links: SeenLinks,
    last_heard: Duration,
    /// Messages sent and not yet acknowledged.
    pub outbox: Outbox,
    /// Messages taken.
    pub inbox: Inbox,
}

impl Session {
    /// A link of which nothing has been heard for so long may be dead; a client sends 30 datagrams a second on each
    /// link in use, and 10 while what is sent stands in a queue.
    pub const SILENT: Duration = Duration::from_millis(500);

    /// A link that was heard so lately is alive.
    pub const ALIVE: Duration = Duration::from_millis(200);

    /// A session that begins at `now`; silence counts from here.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self {
            last_heard: now,
            ..Self::default()
        }
    }

    /// Lets a link, or a further socket of one, hold the seat.
    ///
    /// # Errors
    /// [`CloseReason::StaleLink`] for a number that was seen before, or is too old to tell (a replay
    /// or a straggler), or for a socket that is there already; [`CloseReason::ProtocolViolation`] for a
    /// socket number of [`MAX_STRIPES`] or more.
    pub fn attach(
        &mut self,
        now: Duration,
        id: LinkId,
        stripe: u8,
    ) -> Result<Attached, CloseReason> {
        if stripe >= MAX_STRIPES {
            return Err(CloseReason::ProtocolViolation);
        }
        let stripe = 1u8 << stripe;
        if let Some(link) = self.links.iter_mut().find(|link| link.id == id) {
            if link.stripes & stripe != 0 {
                return Err(CloseReason::StaleLink);
            }
            link.stripes |= stripe;
            self.last_heard = now;
            return Ok(Attached::Stripe);
        }
        if !self.seen_links.is_news(id) {
            return Err(CloseReason::StaleLink);
        }
        self.rate.on_new_path();
        let superseded = (self.links.len() == MAX_LINKS).then(|| self.links.remove(0).id);
        self.links.push(Link {
            id,
            usage: LinkUse::Active,
            stripes: stripe,
            heard_at: now,
        });
        self.last_heard = now;
        Ok(Attached::Link { superseded })
    }

    /// Forgets one socket of a link, and the link with its last one. Returns whether the link is
    /// gone.
    pub fn detach(&mut self, id: LinkId, stripe: u8) -> bool {
        let Some(index) = self.links.iter().position(|link| link.id == id) else {
            return false;
        };
        let remaining = self.links.get_mut(index).map_or(0, |link| {
            link.stripes &= !1u8.checked_shl(u32::from(stripe)).unwrap_or(0);
            link.stripes
        });
        if remaining == 0 {
            self.links.remove(index);
            self.rate.on_new_path();
        }
        remaining == 0
    }

    /// Sets how a link is used; one that isn't there is ignored.
    pub fn set_usage(&mut self, id: LinkId, usage: LinkUse) {
        let mut links = self.links.iter_mut();
        if let Some(link) = links.find(|link| link.id == id && link.usage != usage) {
            link.usage = usage;
            self.rate.on_new_path();
        }
    }

    /// The live links, oldest first.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The links that carry State.
    pub fn state_links(&self) -> impl Iterator<Item = LinkId> {
        self.links
            .iter()
            .filter(|link| link.usage == LinkUse::Active)
            .map(|link| link.id)
    }

    /// The link that carries Control at `now`: the newest active one, else the newest. One that has gone silent while
    /// another is heard gives way to the one heard last, for it may be dead without a word.
    #[must_use]
    pub fn control_link(&self, now: Duration) -> Option<LinkId> {
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
            .filter(|link| silence(link) <= Self::ALIVE && silence(preferred) > Self::SILENT);
        Some(alive.unwrap_or(preferred).id)
    }

    /// Takes the next number for a datagram about `tick`, with the acknowledgements due at `now`.
    pub fn send_datagram(&mut self, now: Duration, tick: Tick) -> DatagramHeader {
        let sequence = self.sent.send(now, tick);
        self.weather.on_sent(now, sequence);
        self.rate.on_sent(now);
        match self.received.newest() {
            Some((ack, at)) => DatagramHeader {
                sequence,
                ack,
                ack_bits: AckBits(self.received.bits()),
                ack_delay: DatagramHeader::delay(now.saturating_sub(at)),
            },
            None => DatagramHeader {
                sequence,
                ack_delay: DatagramHeader::NOTHING_RECEIVED,
                ..DatagramHeader::default()
            },
        }
    }

    /// Takes a datagram's header: remembers its number, and what it acknowledges.
    ///
    /// The number is acknowledged from now on, so a client calls this only for a snapshot that it
    /// could decode and keeps as a baseline.
    pub fn receive_datagram(&mut self, now: Duration, header: DatagramHeader) -> Freshness {
        let freshness = self.received.receive(now, header.sequence);
        if freshness != Freshness::Duplicate {
            self.last_heard = now;
            self.acknowledge(now, header);
        }
        freshness
    }

    /// How new a datagram with this header is, without taking it.
    #[must_use]
    pub fn judge(&self, header: DatagramHeader) -> Freshness {
        self.received.judge(header.sequence)
    }

    /// Notes that something came in on a link.
    pub fn heard(&mut self, now: Duration, id: LinkId) {
        self.last_heard = self.last_heard.max(now);
        if let Some(link) = self.links.iter_mut().find(|link| link.id == id) {
            link.heard_at = link.heard_at.max(now);
        }
    }

    /// How long nothing has come in.
    #[must_use]
    pub fn silence(&self, now: Duration) -> Duration {
        now.saturating_sub(self.last_heard)
    }

    /// The tick of the newest of our datagrams that the peer is known to hold: the baseline for
    /// the next delta.
    #[must_use]
    pub fn acked_tick(&self) -> Option<Tick> {
        self.sent.newest_acked().map(|sent| sent.tick)
    }

    /// Whether a header acknowledges a datagram that we haven't sent. Such an acknowledgement changes nothing.
    #[must_use]
    pub fn is_acked_unsent(&self, header: DatagramHeader) -> bool {
        header.ack_delay != DatagramHeader::NOTHING_RECEIVED && self.sent.is_unsent(header.ack)
    }

    /// Whether an acknowledgement of one of our datagrams may still come. It can't for one that the peer has
    /// acknowledged, nor for one that its ack bits no longer reach.
    #[must_use]
    pub fn awaits_ack(&self, sequence: Sequence) -> bool {
        self.sent.awaits_ack(sequence)
    }

    /// Round trip and loss as the acknowledgements tell them.
    #[must_use]
    pub fn path(&self) -> &PathEstimate {
        &self.path
    }

    /// Judges anew whether what we send leaves holes at the other end, and whether it stands in queues; to be called about
    /// as often as something is sent.
    pub fn judge_path(&mut self, now: Duration) {
        self.rate.judge(now);
        if self.rate.is_congested(now) {
            self.weather.forget_holes();
        }
        self.weather.judge(now, self.path.round_trip());
    }

    /// Bytes that a datagram at `now` may have, as the path's queue tells; none when it is too soon for one.
    #[must_use]
    pub fn grant(&self, now: Duration) -> Option<usize> {
        self.rate.grant(now)
    }

    /// Bytes for a datagram that must go at once.
    #[must_use]
    pub fn least_grant(&self) -> usize {
        self.rate.least_grant()
    }

    /// How long what we send waits in queues on its way, where that is known.
    #[must_use]
    pub fn queueing(&self, now: Duration) -> Option<Duration> {
        self.rate.queueing(now)
    }

    /// The peer has just stood still for `stood`: what it missed in that time says nothing of the path.
    pub fn excuse(&mut self, now: Duration, stood: Duration) {
        let round_trip = self.path.round_trip().unwrap_or_default();
        self.weather.excuse(now, stood + round_trip);
        self.rate.excuse(now);
    }

    /// Whether what we send leaves holes at the other end, as last judged: then it pays to send more often. Not where a
    /// queue stands or has lately, for more would stand in it.
    #[must_use]
    pub fn condition(&self, now: Duration) -> Condition {
        if self.rate.has_room(now) {
            self.weather.condition()
        } else {
            Condition::Fair
        }
    }

    /// What became of what was sent up to now.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let (acked, lost) = self.path.outcomes();
        Tally {
            acked,
            lost,
            holes: self.weather.holes(),
            round_trip: self.path.round_trip(),
            round_trip_variation: self.path.variation(),
        }
    }

    fn acknowledge(&mut self, now: Duration, header: DatagramHeader) {
        if header.ack_delay == DatagramHeader::NOTHING_RECEIVED {
            return;
        }
        let held = Duration::from_millis(u64::from(header.ack_delay));
        let round_trip = self.path.round_trip().unwrap_or_default();
        let path = core::cell::RefCell::new(&mut self.path);
        let (weather, rate) = (&mut self.weather, &mut self.rate);
        self.sent.acknowledge(
            header.ack,
            header.ack_bits.0,
            |acked| {
                let mut path = path.borrow_mut();
                path.on_outcome(false);
                weather.on_acked(now, acked.datagram.sequence, round_trip);
                if acked.is_newest && header.ack_delay < DatagramHeader::LONGEST_DELAY {
                    let since_sent = now.saturating_sub(acked.datagram.sent_at);
                    // Held longer than it was away: that can't be, but for rounding.
                    if held <= since_sent + Duration::from_millis(2) {
                        path.on_round_trip(since_sent.saturating_sub(held));
                        rate.on_round_trip(now, since_sent.saturating_sub(held));
                    }
                }
            },
            |_| path.borrow_mut().on_outcome(true),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn round_trip_leaves_out_the_time_an_ack_was_held() {
        let mut client = Session::new(at(0));
        let mut server = Session::new(at(0));
        for step in 0..50 {
            let snapshot = server.send_datagram(at(step * 50), Tick(3));
            client.receive_datagram(at(step * 50 + 40), snapshot);
            let input = client.send_datagram(at(step * 50 + 60), Tick(9));
            server.receive_datagram(at(step * 50 + 100), input);
        }
        assert_eq!(server.path().round_trip(), Some(at(80)));
        assert_eq!(server.acked_tick(), Some(Tick(3)));
    }

    #[test]
    fn a_replayed_or_stale_attach_is_refused() {
        let mut session = Session::new(at(0));
        assert_eq!(
            session.attach(at(1), LinkId(5), 0),
            Ok(Attached::Link { superseded: None })
        );
        assert_eq!(session.attach(at(1), LinkId(5), 1), Ok(Attached::Stripe));
        assert_eq!(
            session.attach(at(1), LinkId(5), 1),
            Err(CloseReason::StaleLink)
        );
        for id in [200, 150] {
            let attached = session.attach(at(1), LinkId(id), 0);
            assert_eq!(attached, Ok(Attached::Link { superseded: None }));
        }
        assert!(session.detach(LinkId(150), 0));
        for stale in [150, 4] {
            let attached = session.attach(at(1), LinkId(stale), 0);
            assert_eq!(attached, Err(CloseReason::StaleLink));
        }
        assert_eq!(
            session.attach(at(1), LinkId(201), 9),
            Err(CloseReason::ProtocolViolation)
        );
        assert!(!session.detach(LinkId(5), 0));
        assert!(session.detach(LinkId(5), 1));
        assert_eq!(
            session.attach(at(2), LinkId(5), 0),
            Err(CloseReason::StaleLink)
        );
    }

    #[test]
    fn a_full_session_gives_up_its_oldest_link() {
        let mut session = Session::new(at(0));
        for id in 1..=4 {
            session.attach(at(1), LinkId(id), 0).unwrap();
        }
        assert_eq!(
            session.attach(at(1), LinkId(9), 0),
            Ok(Attached::Link {
                superseded: Some(LinkId(1))
            })
        );
        assert_eq!(session.links().len(), MAX_LINKS);
    }

    #[test]
    fn control_follows_the_newest_link_in_use() {
        let mut session = Session::new(at(0));
        session.attach(at(1), LinkId(1), 0).unwrap();
        session.attach(at(1), LinkId(2), 0).unwrap();
        assert_eq!(session.control_link(at(1)), Some(LinkId(2)));
        session.set_usage(LinkId(2), LinkUse::Standby);
        assert_eq!(session.control_link(at(1)), Some(LinkId(1)));
        assert_eq!(session.state_links().collect::<Vec<_>>(), [LinkId(1)]);
    }

    #[test]
    fn control_leaves_a_link_that_is_dead_without_a_word() {
        let mut session = Session::new(at(0));
        session.attach(at(1), LinkId(1), 0).unwrap();
        session.attach(at(1), LinkId(2), 0).unwrap();
        for now in (0..1_000).step_by(33) {
            session.heard(at(now), LinkId(1));
        }
        assert_eq!(session.control_link(at(400)), Some(LinkId(2)));
        assert_eq!(session.control_link(at(1_000)), Some(LinkId(1)));
        session.heard(at(1_000), LinkId(2));
        assert_eq!(session.control_link(at(1_001)), Some(LinkId(2)));
        // When all are silent there is nothing better.
        assert_eq!(session.control_link(at(9_000)), Some(LinkId(2)));
    }
}
