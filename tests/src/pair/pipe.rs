//! One direction of one virtual socket: takes messages from the sender's queue, sends them over an emulated path, and
//! gives out what arrives. It knows neither session nor room.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::send_queue::{SendQueue, SocketMessage};
use super::stream::{OVERHEAD, Stream};
use netlab::path::{Corruption, DelayLine, Packet, PathModel};

/// What becomes of a datagram with a flipped byte.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Checksum {
    /// UDP's, DTLS's or QUIC's check finds it: it is lost.
    #[default]
    Checked,
    /// It goes to the decoder, as no transport of ours lets it.
    Unchecked,
}

/// What happened on one direction of a socket.
#[derive(Debug, Default)]
pub(super) struct PipeLog {
    /// State datagrams that were sent by themselves: when, and their packets' bytes.
    pub(super) sent: Vec<(Duration, usize)>,
    /// Datagrams with a flipped byte.
    pub(super) corrupted: u64,
}

/// One direction of one socket.
#[derive(Debug)]
pub(super) struct Pipe {
    queue: Arc<SendQueue>,
    stream: Stream,
    /// Where State goes by itself; nothing on a socket that has only a stream.
    datagrams: Option<DelayLine<Bytes>>,
    checksum: Checksum,
    is_cut: bool,
    /// Since when nothing of what was sent has arrived.
    unheard_since: Option<Duration>,
    pub(super) log: PipeLog,
}

impl Pipe {
    /// A pipe out of a queue of its own. `is_datagram`: State goes in datagrams of its own, and the rest in a stream
    /// beside it.
    pub(super) fn new(is_datagram: bool, round_trip: Duration, checksum: Checksum) -> Self {
        Self {
            queue: SendQueue::new(is_datagram),
            stream: Stream::new(round_trip, is_datagram),
            datagrams: is_datagram.then(DelayLine::default),
            checksum,
            is_cut: false,
            unheard_since: None,
            log: PipeLog::default(),
        }
    }

    /// The queue that it carries away.
    pub(super) fn queue(&self) -> &Arc<SendQueue> {
        &self.queue
    }

    /// Nothing passes any more, nor what is on its way.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Sends what may go.
    pub(super) fn pump(&mut self, now: Duration, path: &mut PathModel) {
        if self.is_cut {
            return;
        }
        self.stream.repeat(now, path);
        while self.stream.has_room() {
            let Some(message) = self.queue.take_reliable() else {
                break;
            };
            self.send(now, message, path);
        }
        if self.datagrams.is_some() {
            while let Some(datagram) = self.queue.take_state() {
                self.send_datagram(now, datagram, path);
            }
        } else if self.stream.has_room()
            && let Some(datagram) = self.queue.take_state()
        {
            self.send(now, SocketMessage::State(datagram), path);
        }
    }

    /// The next message that has arrived.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<SocketMessage> {
        if self.is_cut {
            return None;
        }
        let datagram = self
            .datagrams
            .as_mut()
            .and_then(|datagrams| datagrams.pop_due(now));
        let message = match datagram {
            Some((_, bytes)) => Some(SocketMessage::State(bytes)),
            None => self.stream.pop_due(now),
        };
        if message.is_some() {
            self.unheard_since = None;
        }
        message
    }

    /// For how long all that was sent has been lost.
    pub(super) fn unheard_for(&self, now: Duration) -> Duration {
        self.unheard_since
            .map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// When something happens next.
    pub(super) fn next_due(&self) -> Option<Duration> {
        if self.is_cut {
            return None;
        }
        let datagram = self.datagrams.as_ref().and_then(DelayLine::next_due);
        datagram.into_iter().chain(self.stream.next_due()).min()
    }

    fn send(&mut self, now: Duration, message: SocketMessage, path: &mut PathModel) {
        self.unheard_since.get_or_insert(now);
        self.stream.send(now, message, path);
    }

    fn send_datagram(&mut self, now: Duration, datagram: Bytes, path: &mut PathModel) {
        let packet = Packet {
            bytes: datagram.len() + OVERHEAD,
            is_udp: true,
        };
        self.unheard_since.get_or_insert(now);
        self.log.sent.push((now, packet.bytes));
        let Some(datagrams) = &mut self.datagrams else {
            return;
        };
        for out in path.send(now, packet).departures() {
            match out.corruption {
                None => datagrams.push(out.at, datagram.clone()),
                Some(corruption) => {
                    self.log.corrupted += 1;
                    if self.checksum == Checksum::Unchecked {
                        datagrams.push(out.at, flipped(&datagram, corruption));
                    }
                }
            }
        }
    }
}

/// The datagram with a byte flipped: the path's choice of a place is among the packet's bytes.
fn flipped(datagram: &[u8], corruption: Corruption) -> Bytes {
    let mut bytes = datagram.to_vec();
    let offset = corruption.offset % bytes.len().max(1);
    Corruption {
        offset,
        ..corruption
    }
    .apply(&mut bytes);
    bytes.into()
}
