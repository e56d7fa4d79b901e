//! One direction of a reliable, ordered stream over a lossy path, as TCP or a QUIC stream behaves: a lost segment is
//! sent again after a timeout that doubles, and holds up all behind it. Each message is one segment. No congestion
//! control beyond a fixed window, and nothing but the timeout finds a loss: a little worse than a real stack.

use std::collections::VecDeque;
use std::time::Duration;

use super::send_queue::SocketMessage;
use netlab::path::{Packet, PacketFate, PathModel};

/// Segments sent and not yet taken at the other end; ten as TCP begins with (RFC 6928).
const WINDOW: usize = 10;

/// A timeout is the round trip and this: Linux's least allowance for the round trip's variation.
const ALLOWANCE: Duration = Duration::from_millis(200);

/// The longest that a timeout grows to.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(8);

/// Bytes of headers before each message, about what TCP or QUIC need with IP.
pub(super) const OVERHEAD: usize = 60;

/// Segments on their way, in order.
#[derive(Debug)]
pub(super) struct Stream {
    timeout: Duration,
    segments: VecDeque<Segment>,
    is_udp: bool,
}

#[derive(Debug)]
struct Segment {
    message: SocketMessage,
    state: SegmentState,
}

#[derive(Debug)]
enum SegmentState {
    Arrives(Duration),
    Repeats { at: Duration, timeout: Duration },
}

impl Stream {
    /// A stream over a path with this round trip.
    pub(super) fn new(round_trip: Duration, is_udp: bool) -> Self {
        Self {
            timeout: round_trip + ALLOWANCE,
            segments: VecDeque::new(),
            is_udp,
        }
    }

    /// Whether the window has room.
    pub(super) fn has_room(&self) -> bool {
        self.segments.len() < WINDOW
    }

    /// Sends a message.
    pub(super) fn send(&mut self, now: Duration, message: SocketMessage, path: &mut PathModel) {
        let mut segment = Segment {
            message,
            state: SegmentState::Repeats {
                at: now,
                timeout: self.timeout,
            },
        };
        segment.transmit(now, self.is_udp, path);
        self.segments.push_back(segment);
    }

    /// Sends again what is due.
    pub(super) fn repeat(&mut self, now: Duration, path: &mut PathModel) {
        for segment in &mut self.segments {
            segment.transmit(now, self.is_udp, path);
        }
    }

    /// The next message that has come out at the other end.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<SocketMessage> {
        match self.segments.front()?.state {
            SegmentState::Arrives(at) if at <= now => {
                self.segments.pop_front().map(|segment| segment.message)
            }
            _ => None,
        }
    }

    /// When something happens next. What waits behind a lost segment is not awaited for itself.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let repeats = self
            .segments
            .iter()
            .filter_map(|segment| match segment.state {
                SegmentState::Repeats { at, .. } => Some(at),
                SegmentState::Arrives(_) => None,
            });
        let arrives = self
            .segments
            .front()
            .and_then(|segment| match segment.state {
                SegmentState::Arrives(at) => Some(at),
                SegmentState::Repeats { .. } => None,
            });
        repeats.chain(arrives).min()
    }
}

impl Segment {
    fn transmit(&mut self, now: Duration, is_udp: bool, path: &mut PathModel) {
        let SegmentState::Repeats { at, timeout } = self.state else {
            return;
        };
        if at > now {
            return;
        }
        let bytes = OVERHEAD
            + match &self.message {
                SocketMessage::State(bytes) | SocketMessage::Control(bytes) => bytes.len(),
                SocketMessage::End => 0,
            };
        self.state = match path.send(now, Packet { bytes, is_udp }) {
            // A checksum finds what was corrupted, so that it is lost as well; and a copy is one too many.
            PacketFate::Passed { first, .. } if first.corruption.is_none() => {
                SegmentState::Arrives(first.at)
            }
            _ => SegmentState::Repeats {
                at: now + timeout,
                timeout: (timeout * 2).min(LONGEST_TIMEOUT),
            },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netlab::path::{Gap, PathConfig};

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_lost_segment_holds_up_those_behind_it() {
        let gap = Gap {
            at_s: 0.05,
            for_ms: 50.0,
            every_s: None,
        };
        let config = PathConfig {
            delay_ms: 40.0,
            gaps: vec![gap],
            ..PathConfig::default()
        };
        let mut path = PathModel::new(config, 1).expect("a valid link");
        let mut stream = Stream::new(ms(80), false);
        let message = |number: u8| SocketMessage::State(vec![number].into());
        for (number, at) in [(0, 0), (1, 60), (2, 110)] {
            stream.send(ms(at), message(number), &mut path);
        }
        assert_eq!(stream.next_due(), Some(ms(40)));
        assert_eq!(stream.pop_due(ms(40)), Some(message(0)));
        // The second is lost at 60 ms and sent again 280 ms later.
        assert_eq!(stream.next_due(), Some(ms(340)));
        stream.repeat(ms(340), &mut path);
        assert_eq!(stream.pop_due(ms(379)), None);
        assert_eq!(stream.pop_due(ms(380)), Some(message(1)));
        assert_eq!(stream.pop_due(ms(380)), Some(message(2)));
        assert_eq!(stream.next_due(), None);
    }
}
