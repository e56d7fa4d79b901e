//! One direction of a connection: bytes that wait until they are due, and as many as are good for anybody.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::lab::{Flow, Lateness};
use crate::path::PathModel;

/// What IPv4 and TCP put before a payload.
pub(super) const HEADER_BYTES: usize = 40;
/// A segment's payload on Ethernet, with time stamps.
const PIECE_BYTES: usize = 1_448;
/// The most bytes on their way; the sender waits then.
const MOST_BYTES_HELD: usize = 256 * 1024;
/// Pieces taken before others have their turn.
const BATCH: usize = 16;

/// The bytes on their way.
#[derive(Default)]
pub(super) struct Stream {
    /// Pieces and when they are due, in order; an empty one is the sender's end.
    line: VecDeque<(Duration, Vec<u8>)>,
    /// A piece for which the path's queue has no room yet.
    parked: Option<Vec<u8>>,
    bytes_held: usize,
    /// How much of the first piece is out.
    written: usize,
    newest_due: Duration,
    has_ended: bool,
    is_blocked: bool,
    is_done: bool,
}

impl Stream {
    /// Whether there is room for more from the sender.
    pub(super) fn wants_more(&self) -> bool {
        !self.has_ended && self.parked.is_none() && self.bytes_held < MOST_BYTES_HELD
    }

    /// Whether the receiver took no more the last time.
    pub(super) fn is_blocked(&self) -> bool {
        self.is_blocked
    }

    /// Whether everything is out, the sender's end too.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// When there is something to do without a word from a socket.
    pub(super) fn next_due(&self, now: Duration) -> Option<Duration> {
        /// How soon a parked piece tries again: about as long as a packet's transmission at 6 Mbit/s.
        const RETRY: Duration = Duration::from_millis(2);
        let retry = self.parked.is_some().then_some(now + RETRY);
        let first = self.line.front().map(|(due, _)| *due);
        let first = first.filter(|_| !self.is_blocked);
        retry.into_iter().chain(first).min()
    }

    /// Takes what the sender has, as far as there is room.
    pub(super) fn read_from(
        &mut self,
        mut sender: &TcpStream,
        now: Duration,
        path: &mut PathModel,
        flow: &mut Flow,
    ) -> io::Result<()> {
        let mut buffer = [0; PIECE_BYTES];
        for _ in 0..BATCH {
            if !self.wants_more() {
                break;
            }
            match sender.read(&mut buffer) {
                Ok(length) => {
                    self.has_ended = length == 0;
                    self.bytes_held += length;
                    self.parked = Some(buffer[..length].to_vec());
                    self.hand_in(now, path, flow);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Hands a parked piece to the path, if there is room by now.
    pub(super) fn hand_in(&mut self, now: Duration, path: &mut PathModel, flow: &mut Flow) {
        let Some(piece) = &self.parked else { return };
        let bytes = piece.len() + HEADER_BYTES;
        let Some(at) = path.hold_up(now, bytes) else {
            return;
        };
        flow.packets_in += 1;
        flow.bytes_in += bytes as u64;
        // A stream keeps its order, whatever the path's packets do.
        self.newest_due = self.newest_due.max(at);
        self.line
            .extend(self.parked.take().map(|piece| (self.newest_due, piece)));
    }

    /// Lets out what is due at `now`, as far as the receiver takes it.
    pub(super) fn write_to(
        &mut self,
        mut receiver: &TcpStream,
        now: Duration,
        flow: &mut Flow,
        lateness: &mut Lateness,
    ) -> io::Result<()> {
        self.is_blocked = false;
        while let Some((due, piece)) = self.line.front()
            && *due <= now
        {
            if piece.is_empty() {
                receiver.shutdown(Shutdown::Write)?;
                self.is_done = true;
            }
            while self.written < piece.len() {
                match receiver.write(&piece[self.written..]) {
                    Ok(0) => return Err(ErrorKind::WriteZero.into()),
                    Ok(length) => self.written += length,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        self.is_blocked = true;
                        return Ok(());
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            lateness.note(now - *due);
            flow.packets_out += 1;
            flow.bytes_out += (piece.len() + HEADER_BYTES) as u64;
            self.bytes_held -= piece.len();
            self.written = 0;
            self.line.pop_front();
        }
        Ok(())
    }
}
