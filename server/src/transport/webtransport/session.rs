//! HTTP/3 and the one WebTransport session that a player has on a QUIC connection (RFC 9114; draft-ietf-webtrans-http3),
//! as far as a server needs them: settings, the request, the stream that carries Control, datagrams. A state machine over
//! the connection's own; it owns no socket, clock or task.

use bytes::{BufMut, Bytes, BytesMut};
use protocol::MAX_CONTROL_FRAME;
use quinn_proto::{Connection, Dir, ReadError, StreamEvent, StreamId, VarInt};
use wtransport_proto::bytes::{BufferReader, BytesReader, BytesWriter};
use wtransport_proto::capsule::Capsule;
use wtransport_proto::datagram::Datagram;
use wtransport_proto::error::ErrorCode;
use wtransport_proto::frame::{Frame, FrameKind, ParseError};
use wtransport_proto::headers::Headers;
use wtransport_proto::session::{HeadersParseError, SessionRequest, SessionResponse};
use wtransport_proto::settings::Settings;
use wtransport_proto::stream_header::{StreamHeader, StreamKind};
use wtransport_proto::varint;

/// Bytes of HTTP/3's own that may wait for the rest of their frame: the library takes no longer ones.
const MOST_UNREAD: usize = 4_096 + 32;

/// Bytes of a frame's length on the Control stream.
const LENGTH: usize = 2;

/// Bytes of Control that are read at once: one frame of the largest size.
const MOST_CONTROL: usize = MAX_CONTROL_FRAME + LENGTH;

/// A session, from the connection's first stream on.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Those of the peer that are read; few, for no more may be open.
    streams: Vec<Stream>,
    has_settings: bool,
    request: Option<SessionRequest>,
    /// The stream of the request, which the session is named by.
    id: Option<StreamId>,
    is_accepted: bool,
    /// What goes before a message in a datagram.
    prefix: Vec<u8>,
    /// The session that the Control stream names.
    named: Option<u64>,
    /// The stream that carries Control, in both directions.
    control: Option<StreamId>,
    /// Whether more may have come on it than was read.
    is_control_readable: bool,
    /// Whether what comes on it makes no sense any more.
    is_control_broken: bool,
    /// What has come on it and is no whole frame yet, or was not asked for.
    incoming: Vec<u8>,
    /// What is still to be written to it.
    outgoing: Vec<u8>,
    is_ended: bool,
}

#[derive(Debug)]
struct Stream {
    id: StreamId,
    role: Role,
    unread: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// One way, and has not said what it is.
    Unnamed,
    /// HTTP/3's control stream.
    Http,
    /// Nothing of interest comes on it.
    Ignored,
    /// We have asked for no more of it: nothing comes.
    Refused,
    /// Both ways, and has not said what it is.
    Request,
    /// The session's own.
    Session,
}

/// How far a stream has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Finished,
    Reset,
}

/// A frame of Control is longer than one may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Oversized;

impl Session {
    /// Tells the peer what we speak, on a connection that has just come up.
    pub(super) fn begin(connection: &mut Connection) -> Self {
        let settings = Settings::builder()
            .qpack_max_table_capacity(varint::VarInt::from_u32(0))
            .qpack_blocked_streams(varint::VarInt::from_u32(0))
            .enable_connect_protocol()
            .enable_webtransport()
            .enable_h3_datagrams()
            .webtransport_max_sessions(varint::VarInt::from_u32(1))
            .build();
        let mut bytes = Vec::new();
        // A vector takes everything.
        let _ = StreamHeader::new_control().write(&mut bytes);
        let _ = settings.generate_frame().write(&mut bytes);
        // A peer that lets us open no stream, or takes nothing on it, gets nothing.
        if let Some(stream) = connection.streams().open(Dir::Uni) {
            let _ = connection.send_stream(stream).write(&bytes);
        }
        Self::default()
    }

    /// Whether the request was answered with yes.
    pub(super) fn is_accepted(&self) -> bool {
        self.is_accepted
    }

    /// How many streams of the peer it knows.
    pub(super) fn stream_count(&self) -> usize {
        self.streams.len()
    }

    /// Whether the peer has ended it.
    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }

    /// Takes what has come to pass on the connection's streams.
    ///
    /// # Errors
    /// The code to close the connection with.
    pub(super) fn take(
        &mut self,
        connection: &mut Connection,
        event: StreamEvent,
    ) -> Result<(), ErrorCode> {
        match event {
            StreamEvent::Opened { dir } => self.accept(connection, dir),
            StreamEvent::Readable { id } => self.read(connection, id),
            // What is left is written with all that follows.
            StreamEvent::Writable { .. }
            | StreamEvent::Finished { .. }
            | StreamEvent::Stopped { .. }
            | StreamEvent::Available { .. } => Ok(()),
        }
    }

    fn accept(&mut self, connection: &mut Connection, direction: Dir) -> Result<(), ErrorCode> {
        while let Some(id) = connection.streams().accept(direction) {
            let role = match direction {
                Dir::Uni => Role::Unnamed,
                Dir::Bi => Role::Request,
            };
            self.streams.push(Stream {
                id,
                role,
                unread: Vec::new(),
            });
            self.read(connection, id)?;
        }
        Ok(())
    }

    /// Reads what has come on a stream, but for Control: that is asked for.
    fn read(&mut self, connection: &mut Connection, id: StreamId) -> Result<(), ErrorCode> {
        let Some(index) = self.streams.iter().position(|stream| stream.id == id) else {
            self.is_control_readable |= self.control == Some(id);
            return Ok(());
        };
        let mut stream = self.streams.swap_remove(index);
        let end = loop {
            let end = read_into(connection, id, &mut stream.unread, MOST_UNREAD);
            let before = stream.unread.len();
            self.parse(connection, &mut stream)?;
            if self.control == Some(id) {
                self.incoming = stream.unread;
                self.is_control_readable = true;
                return Ok(());
            }
            // What is left is the beginning of a frame; one that doesn't end within the bound is none of ours.
            if stream.unread.len() == before && before >= MOST_UNREAD {
                return Err(ErrorCode::ExcessiveLoad);
            }
            if end.is_some() || stream.unread.len() == before {
                break end.unwrap_or(End::Open);
            }
        };
        match (end, stream.role) {
            (_, Role::Refused) => {}
            (End::Open, _) => self.streams.push(stream),
            (End::Finished | End::Reset, Role::Session) => self.is_ended = true,
            (End::Finished | End::Reset, Role::Http) => {
                return Err(ErrorCode::ClosedCriticalStream);
            }
            (End::Finished | End::Reset, _) => {}
        }
        Ok(())
    }

    /// Takes what a stream says of itself, and its frames.
    fn parse(&mut self, connection: &mut Connection, stream: &mut Stream) -> Result<(), ErrorCode> {
        if stream.role == Role::Unnamed {
            let mut reader = BufferReader::new(&stream.unread);
            let role = match StreamHeader::read_from_buffer(&mut reader) {
                Ok(None) => return Ok(()),
                Ok(Some(header)) => match header.kind() {
                    StreamKind::Control if self.has_http_stream() => {
                        return Err(ErrorCode::StreamCreation);
                    }
                    StreamKind::Control => Role::Http,
                    StreamKind::QPackEncoder | StreamKind::QPackDecoder => Role::Ignored,
                    StreamKind::WebTransport | StreamKind::Exercise(_) => {
                        stop(connection, stream.id, ErrorCode::BufferedStreamRejected);
                        Role::Refused
                    }
                },
                // Unknown kinds must be borne (RFC 9114 §9).
                Err(_) => {
                    stop(connection, stream.id, ErrorCode::StreamCreation);
                    Role::Refused
                }
            };
            let taken = reader.offset();
            stream.unread.drain(..taken);
            stream.role = role;
        }
        loop {
            let role = stream.role;
            if role == Role::Refused {
                return Ok(());
            }
            if role == Role::Ignored || role == Role::Http && self.has_settings {
                stream.unread.clear();
                return Ok(());
            }
            let unread = std::mem::take(&mut stream.unread);
            let parsed = next_frame(&unread).and_then(|parsed| {
                let Some((frame, taken)) = parsed else {
                    return Ok(None);
                };
                if let Some(frame) = frame {
                    self.take_frame(connection, stream, &frame)?;
                }
                Ok(Some(taken))
            });
            stream.unread = unread;
            let Some(taken) = parsed? else { return Ok(()) };
            stream.unread.drain(..taken);
            if self.control == Some(stream.id) {
                return Ok(());
            }
        }
    }

    fn has_http_stream(&self) -> bool {
        self.streams.iter().any(|stream| stream.role == Role::Http)
    }

    fn take_frame(
        &mut self,
        connection: &mut Connection,
        stream: &mut Stream,
        frame: &Frame<'_>,
    ) -> Result<(), ErrorCode> {
        match (stream.role, frame.kind()) {
            (_, FrameKind::Exercise(_)) => {}
            (Role::Http, FrameKind::Settings) => {
                Settings::with_frame(frame)?;
                self.has_settings = true;
            }
            (Role::Http, _) => return Err(ErrorCode::MissingSettings),
            (Role::Session, FrameKind::Data) => {
                self.is_ended |= Capsule::with_frame(frame).is_some();
            }
            (Role::Session, _) => {}
            (Role::Request, FrameKind::Headers) => self.take_request(connection, stream, frame)?,
            (Role::Request, FrameKind::WebTransport) => {
                let named = frame.session_id().map(|named| named.into_u64());
                let names_session = self.id.is_none_or(|id| named == Some(u64::from(id)));
                if names_session && self.control.is_none() {
                    self.control = Some(stream.id);
                    self.named = named;
                } else {
                    refuse(connection, stream, ErrorCode::BufferedStreamRejected);
                }
            }
            (Role::Request, _) => return Err(ErrorCode::FrameUnexpected),
            (Role::Unnamed | Role::Ignored | Role::Refused, _) => {}
        }
        Ok(())
    }

    fn take_request(
        &mut self,
        connection: &mut Connection,
        stream: &mut Stream,
        frame: &Frame<'_>,
    ) -> Result<(), ErrorCode> {
        let request = SessionRequest::try_from(Headers::with_frame(frame)?);
        let is_another = |named| named != u64::from(stream.id);
        if self.named.is_some_and(is_another) {
            return Err(ErrorCode::Id);
        }
        match request {
            Ok(request) if self.id.is_none() => {
                self.id = Some(stream.id);
                self.request = Some(request);
                stream.role = Role::Session;
            }
            // A second session, or a request for a page.
            Ok(_) | Err(HeadersParseError::MethodNotConnect) => {
                refuse(connection, stream, ErrorCode::RequestRejected);
            }
            Err(_) => refuse(connection, stream, ErrorCode::Message),
        }
        Ok(())
    }

    /// The request, once, when the peer has told its settings too.
    pub(super) fn take_due_request(&mut self) -> Option<SessionRequest> {
        self.request.take_if(|_| self.has_settings)
    }

    /// Answers the request; with no, the answer ends the stream.
    pub(super) fn answer(&mut self, connection: &mut Connection, response: &SessionResponse) {
        let Some(id) = self.id else { return };
        let mut bytes = Vec::new();
        let _ = response.headers().generate_frame().write(&mut bytes);
        let _ = connection.send_stream(id).write(&bytes);
        self.is_accepted = response.code().is_successful();
        if let Ok(quarter) = varint::VarInt::try_from_u64(u64::from(id) / 4) {
            // A vector takes everything.
            let _ = self.prefix.put_varint(quarter);
        }
        if !self.is_accepted {
            let _ = connection.send_stream(id).finish();
        }
    }

    /// The next frame of Control, if all of it is there. `None` too when there is no such stream, or its end has come.
    ///
    /// # Errors
    /// [`Oversized`], once; from then on there is none.
    pub(super) fn next_frame(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Option<Bytes>, Oversized> {
        let is_read = self.is_accepted && !self.is_control_broken;
        let Some(id) = self.control.filter(|_| is_read) else {
            return Ok(None);
        };
        if let Some(frame) = self.take_whole_frame()? {
            return Ok(Some(frame));
        }
        if !self.is_control_readable {
            return Ok(None);
        }
        let end = read_into(connection, id, &mut self.incoming, MOST_CONTROL);
        let frame = self.take_whole_frame()?;
        // Behind a whole frame there may be more.
        self.is_control_readable = frame.is_some() || end.is_none();
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
            self.is_control_broken = true;
            return Err(Oversized);
        }
        let Some(frame) = rest.get(..length) else {
            return Ok(None);
        };
        let frame = Bytes::copy_from_slice(frame);
        self.incoming.drain(..LENGTH + length);
        Ok(Some(frame))
    }

    /// Whether all of Control that was given is with the connection.
    pub(super) fn has_written(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// Writes a frame of Control, or as much as the peer takes now; [`Self::write_on`] goes on with the rest.
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
        let Some(id) = self.control else { return };
        while !self.outgoing.is_empty() {
            match connection.send_stream(id).write(&self.outgoing) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(quinn_proto::WriteError::Blocked) => return,
                // Nobody reads it.
                Err(_) => self.outgoing.clear(),
            }
        }
    }

    /// Ends our half of Control.
    pub(super) fn finish(&mut self, connection: &mut Connection) {
        if let Some(id) = self.control {
            let _ = connection.send_stream(id).finish();
        }
    }

    /// What a QUIC datagram carries, if it is the session's.
    ///
    /// # Errors
    /// The code to close the connection with.
    pub(super) fn unwrap(&self, datagram: &Bytes) -> Result<Option<Bytes>, ErrorCode> {
        let read = Datagram::read(datagram)?;
        let named = read.qstream_id().into_stream_id().into_u64();
        let is_ours = self.is_accepted && self.id.map(u64::from) == Some(named);
        Ok(is_ours.then(|| datagram.slice_ref(read.payload())))
    }

    /// A QUIC datagram of the session that carries a message.
    pub(super) fn wrap(&self, message: &[u8]) -> Bytes {
        let mut bytes = BytesMut::with_capacity(self.prefix.len() + message.len());
        bytes.put_slice(&self.prefix);
        bytes.put_slice(message);
        bytes.freeze()
    }
}

/// The frame that bytes begin with, and how many they are; no frame for one of a kind that must be skipped. Nothing when it
/// isn't whole.
fn next_frame(bytes: &[u8]) -> Result<Option<(Option<Frame<'_>>, usize)>, ErrorCode> {
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
fn read_into(
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

/// Wants no more of a stream, and sends nothing on it.
fn refuse(connection: &mut Connection, stream: &mut Stream, code: ErrorCode) {
    stop(connection, stream.id, code);
    let _ = connection.send_stream(stream.id).reset(quic(code));
    stream.role = Role::Refused;
}

fn stop(connection: &mut Connection, stream: StreamId, code: ErrorCode) {
    let _ = connection.recv_stream(stream).stop(quic(code));
}

/// A code as the connection takes it.
pub(super) fn quic(code: ErrorCode) -> VarInt {
    VarInt::from_u64(code.to_code().into_inner()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn frames_of_control_come_whole_and_none_is_too_long() {
        let mut session = Session {
            incoming: vec![2, 0, 7, 8, 1, 0],
            ..Session::default()
        };
        assert_eq!(session.take_whole_frame().unwrap().unwrap()[..], [7, 8]);
        assert_eq!(session.take_whole_frame(), Ok(None));
        session.incoming.push(9);
        assert_eq!(session.take_whole_frame().unwrap().unwrap()[..], [9]);
        let most = u16::try_from(MAX_CONTROL_FRAME).unwrap();
        session.incoming = (most + 1).to_le_bytes().to_vec();
        assert_eq!(session.take_whole_frame(), Err(Oversized));
    }
}
