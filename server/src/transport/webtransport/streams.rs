//! Streams of a QUIC connection as HTTP/3 takes them: bytes up to a bound, frames, and codes to refuse with. Which stream is
//! what is not known here.

use quinn_proto::{Connection, ReadError, StreamId, VarInt};
use wtransport_proto::bytes::{BufferReader, BytesReader};
use wtransport_proto::error::ErrorCode;
use wtransport_proto::frame::{Frame, ParseError};
use wtransport_proto::varint;

/// Bytes of HTTP/3's own that may wait for the rest of their frame: the library takes no longer ones.
pub(super) const MOST_UNREAD: usize = 4_096 + 32;

/// How far a stream has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Open,
    Finished,
    Reset,
}

/// The frame that bytes begin with, and how many they are; no frame for one of a kind that must be skipped. Nothing when it
/// isn't whole.
pub(super) fn next_frame(bytes: &[u8]) -> Result<Option<(Option<Frame<'_>>, usize)>, ErrorCode> {
    let mut reader = BufferReader::new(bytes);
    match Frame::read_from_buffer(&mut reader) {
        Ok(Some(frame)) => Ok(Some((Some(frame), reader.offset()))),
        Ok(None) => Ok(None),
        Err(ParseError::UnknownFrame) => {
            let mut reader = BufferReader::new(bytes);
            let length = reader.get_varint().and_then(|_| reader.get_varint());
            let Some(length) = length.map(varint::VarInt::into_inner) else {
                return Ok(None);
            };
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > MOST_UNREAD {
                return Err(ErrorCode::ExcessiveLoad);
            }
            let whole = reader.offset() + length;
            Ok((whole <= bytes.len()).then_some((None, whole)))
        }
        Err(ParseError::InvalidSessionId) => Err(ErrorCode::Id),
        Err(ParseError::PayloadTooBig) => Err(ErrorCode::ExcessiveLoad),
    }
}

/// Reads until `most` bytes are there; says how the stream stands once there is no more.
pub(super) fn read_into(
    connection: &mut Connection,
    id: StreamId,
    bytes: &mut Vec<u8>,
    most: usize,
) -> Option<End> {
    let mut stream = connection.recv_stream(id);
    let Ok(mut chunks) = stream.read(true) else {
        return Some(End::Finished);
    };
    let end = loop {
        let room = most.saturating_sub(bytes.len());
        if room == 0 {
            break None;
        }
        match chunks.next(room) {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk.bytes),
            Ok(None) => break Some(End::Finished),
            Err(ReadError::Blocked) => break Some(End::Open),
            Err(ReadError::Reset(_)) => break Some(End::Reset),
        }
    };
    // The connection is driven after everything that is done to it.
    let _ = chunks.finalize();
    end
}

/// Wants no more of a stream.
pub(super) fn stop(connection: &mut Connection, stream: StreamId, code: ErrorCode) {
    let _ = connection.recv_stream(stream).stop(quic(code));
}

/// A code as the connection takes it.
pub(super) fn quic(code: ErrorCode) -> VarInt {
    VarInt::from_u64(code.to_code().into_inner()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    use wtransport_proto::frame::FrameKind;

    #[test]
    fn a_frame_of_an_unknown_kind_is_skipped_once_it_is_whole() {
        // GOAWAY, which is none of ours, of two bytes; then an empty DATA.
        let bytes = [7, 2, 1, 1, 0, 0];
        let parsed = |bytes| next_frame(bytes).unwrap();
        assert!(parsed(&bytes[..1]).is_none() && parsed(&bytes[..3]).is_none());
        let (frame, taken) = parsed(&bytes).unwrap();
        assert!(frame.is_none() && taken == 4);
        let (frame, taken) = parsed(&bytes[4..]).unwrap();
        assert!(matches!(frame.unwrap().kind(), FrameKind::Data) && taken == 2);
        // One of 16 KiB.
        let too_long = next_frame(&[7, 0x80, 0, 0x40, 0]);
        assert!(matches!(too_long, Err(ErrorCode::ExcessiveLoad)));
    }
}
