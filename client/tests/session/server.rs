//! A server's end by hand: it takes what the client sends, and says what a test wants.

use std::time::Duration;

use client::session::{ClientSession, Event, GameCodec, Outgoing, Received, SocketId, Transmit};
use protocol::codec::{DecodeError, decode, encode, encode_into};
use protocol::control::{ClientFrame, LinkId, ServerFrame};
use protocol::datagram::{SnapshotHeader, split};
use protocol::input::{InputBatch, decode_batch};
use protocol::state_lane::StateLane;
use protocol::tick::Tick;

/// A game of sums: a view is a number, a delta what is added to it, an input a byte.
pub(crate) struct Sums;

impl GameCodec for Sums {
    type View = u64;
    type Input = u8;

    fn decode_delta(baseline: &u64, _age: u16, delta: &[u8]) -> Result<u64, DecodeError> {
        Ok(baseline + decode::<u64>(delta, 16)?)
    }
}

pub(crate) const TICK_RATE: u16 = 60;

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn socket(link: u64, stripe: u8) -> SocketId {
    SocketId {
        link: LinkId(link),
        stripe,
    }
}

/// A client, and the server's memory of its session.
pub(crate) struct Pair {
    pub(crate) client: ClientSession<Sums>,
    lane: StateLane,
}

impl Pair {
    /// A session without a link.
    pub(crate) fn new() -> Self {
        Self {
            client: ClientSession::new(ms(0), TICK_RATE),
            lane: StateLane::default(),
        }
    }

    /// A session with one attached socket.
    pub(crate) fn attached() -> Self {
        let mut pair = Self::new();
        pair.attach(ms(0), socket(1, 0));
        pair
    }

    /// Opens a socket and lets it hold the seat.
    pub(crate) fn attach(&mut self, now: Duration, socket: SocketId) {
        self.client.open(socket, Some("token"));
        self.frame(now, socket, &ServerFrame::Attached);
    }

    pub(crate) fn frame(&mut self, now: Duration, socket: SocketId, frame: &ServerFrame<'_>) {
        let frame = encode(frame);
        self.client.receive(now, socket, Received::Control(&frame));
    }

    /// A snapshot of `tick` against the one `age` ticks before; it adds `delta`.
    pub(crate) fn snapshot(&mut self, now: Duration, tick: u32, age: u16, delta: u64) -> Vec<u8> {
        let mut datagram = encode(&self.lane.send(now, Tick(tick)));
        let about = SnapshotHeader {
            tick: Tick(tick),
            baseline_age: age,
            input_lead: 2,
        };
        encode_into(&about, &mut datagram);
        encode_into(&delta, &mut datagram);
        datagram
    }

    /// Sends the client a datagram.
    pub(crate) fn state(&mut self, now: Duration, datagram: &[u8]) {
        let received = Received::State(datagram);
        self.client.receive(now, socket(1, 0), received);
    }

    pub(crate) fn transmits(&mut self) -> Vec<Transmit> {
        std::iter::from_fn(|| self.client.poll_transmit()).collect()
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }

    /// The Control frames that the client sends, by socket.
    pub(crate) fn frames(&mut self) -> Vec<(SocketId, String)> {
        let transmits = self.transmits().into_iter();
        let frames = transmits.filter_map(|transmit| match transmit.outgoing {
            Outgoing::Control(frame) => {
                let frame: ClientFrame<'_> = decode(&frame, 16_384).unwrap();
                Some((transmit.socket, format!("{frame:?}")))
            }
            _ => None,
        });
        frames.collect()
    }

    /// The batches of inputs that the client sends; the server takes them, so that it acknowledges them.
    pub(crate) fn batches(&mut self, now: Duration) -> Vec<InputBatch<u8>> {
        let transmits = self.transmits();
        let batches = transmits.iter().filter_map(|transmit| {
            let Outgoing::State(datagram) = &transmit.outgoing else {
                return None;
            };
            let (header, body) = split(datagram).unwrap();
            self.lane.receive(now, header, |_| {});
            Some(decode_batch(body).unwrap())
        });
        batches.collect()
    }
}
