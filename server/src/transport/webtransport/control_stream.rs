//! The stream that carries Control in both directions: each frame behind its length in two bytes. What has no place at the
//! room is not read, so that QUIC's flow control holds the peer back.

use bytes::Bytes;
use protocol::MAX_CONTROL_FRAME;
use quinn_proto::{Connection, StreamId, WriteError};

use super::streams::{End, read_into};

/// Bytes of a frame's length.
const LENGTH: usize = 2;

/// Bytes that are read at once: one frame of the largest size.
const MOST_UNREAD: usize = MAX_CONTROL_FRAME + LENGTH;

#[derive(Debug)]
pub(super) struct ControlStream {
    id: StreamId,
    /// What has come and is no whole frame yet, or was not asked for.
    incoming: Vec<u8>,
    /// Whether more may have come than was read.
    is_readable: bool,
    /// Whether what comes makes no sense any more.
    is_broken: bool,
    /// Whether the peer has ended its half, and all of it has been read.
    is_ended: bool,
    /// What is still to be written.
    outgoing: Vec<u8>,
}

/// A frame is longer than one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Oversized;

impl ControlStream {
    /// One of which nothing has been read.
    pub(super) fn new(id: StreamId) -> Self {
        Self {
            id,
            incoming: Vec::new(),
            is_readable: true,
            is_broken: false,
            is_ended: false,
            outgoing: Vec::new(),
        }
    }

    pub(super) fn id(&self) -> StreamId {
        self.id
    }

    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Takes what was read of it before it was known for what it is.
    pub(super) fn begin_with(&mut self, bytes: Vec<u8>) {
        self.incoming = bytes;
    }

    /// More has come.
    pub(super) fn has_more(&mut self) {
        self.is_readable = true;
    }

    /// The next frame, if all of it is there.
    ///
    /// # Errors
    /// [`Oversized`], once; from then on there is none.
    pub(super) fn next_frame(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Option<Bytes>, Oversized> {
        if self.is_broken {
            return Ok(None);
        }
        if let Some(frame) = self.take_whole_frame()? {
            return Ok(Some(frame));
        }
        if !self.is_readable {
            return Ok(None);
        }
        let end = read_into(connection, self.id, &mut self.incoming, MOST_UNREAD);
        let frame = self.take_whole_frame()?;
        // Behind a whole frame there may be more.
        self.is_readable = frame.is_some() || end.is_none();
        let is_over = end.is_some_and(|end| end != End::Open);
        self.is_ended |= frame.is_none() && is_over;
        Ok(frame)
    }

    fn take_whole_frame(&mut self) -> Result<Option<Bytes>, Oversized> {
        let Some((length, rest)) = self.incoming.split_first_chunk::<LENGTH>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_le_bytes(*length));
        if length > MAX_CONTROL_FRAME {
            self.is_broken = true;
            return Err(Oversized);
        }
        let Some(frame) = rest.get(..length) else {
            return Ok(None);
        };
        let frame = Bytes::copy_from_slice(frame);
        self.incoming.drain(..LENGTH + length);
        Ok(Some(frame))
    }

    /// Whether everything that was given is with the connection.
    pub(super) fn has_written(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// Writes a frame, or as much as the peer takes now; [`Self::write_on`] goes on with the rest.
    pub(super) fn write_frame(&mut self, connection: &mut Connection, frame: &[u8]) {
        let Ok(length) = u16::try_from(frame.len()) else {
            return;
        };
        self.outgoing.extend(length.to_le_bytes());
        self.outgoing.extend(frame);
        self.write_on(connection);
    }

    /// Writes what is left.
    pub(super) fn write_on(&mut self, connection: &mut Connection) {
        while !self.outgoing.is_empty() {
            match connection.send_stream(self.id).write(&self.outgoing) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(WriteError::Blocked) => return,
                // Nobody reads it.
                Err(_) => self.outgoing.clear(),
            }
        }
    }

    /// Ends our half.
    pub(super) fn finish(&mut self, connection: &mut Connection) {
        let _ = connection.send_stream(self.id).finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use quinn_proto::{Dir, Side};

    #[test]
    fn frames_come_whole_and_none_is_too_long() {
        let mut control = ControlStream::new(StreamId::new(Side::Client, Dir::Bi, 1));
        control.begin_with(vec![2, 0, 7, 8, 1, 0]);
        assert_eq!(control.take_whole_frame().unwrap().unwrap()[..], [7, 8]);
        assert_eq!(control.take_whole_frame(), Ok(None));
        control.incoming.push(9);
        assert_eq!(control.take_whole_frame().unwrap().unwrap()[..], [9]);
        let most = u16::try_from(MAX_CONTROL_FRAME).unwrap();
        control.begin_with((most + 1).to_le_bytes().to_vec());
        assert_eq!(control.take_whole_frame(), Err(Oversized));
    }
}
