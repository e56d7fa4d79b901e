//! HTTP/3 and the one WebTransport session that a player has on a QUIC connection (RFC 9114; draft-ietf-webtrans-http3),
//! as far as a server needs them: settings, the request, which stream is what, datagrams. A state machine over the
//! connection's own; it owns no socket, clock or task. Frames of Control are [`super::control_stream`]'s.

use bytes::{BufMut, Bytes, BytesMut};
use quinn_proto::{Connection, Dir, StreamEvent, StreamId};
use wtransport_proto::bytes::{BufferReader, BytesWriter};
use wtransport_proto::capsule::Capsule;
use wtransport_proto::datagram::Datagram;
use wtransport_proto::error::ErrorCode;
use wtransport_proto::frame::{Frame, FrameKind};
use wtransport_proto::headers::Headers;
use wtransport_proto::session::{HeadersParseError, SessionRequest, SessionResponse};
use wtransport_proto::settings::Settings;
use wtransport_proto::stream_header::{StreamHeader, StreamKind};
use wtransport_proto::varint;

use super::control_stream::ControlStream;
use super::streams::{End, MOST_UNREAD, next_frame, quic, read_into, stop};

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
    control: Option<ControlStream>,
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
        self.is_ended || self.control.as_ref().is_some_and(ControlStream::is_ended)
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
            if let Some(control) = self.control.as_mut().filter(|it| it.id() == id) {
                control.has_more();
            }
            return Ok(());
        };
        let mut stream = self.streams.swap_remove(index);
        let end = loop {
            let end = read_into(connection, id, &mut stream.unread, MOST_UNREAD);
            let before = stream.unread.len();
            self.parse(connection, &mut stream)?;
            if let Some(control) = self.control.as_mut().filter(|it| it.id() == id) {
                control.begin_with(stream.unread);
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
            if self.control.as_ref().is_some_and(|it| it.id() == stream.id) {
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
                    self.control = Some(ControlStream::new(stream.id));
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

    /// The Control stream, from the moment on that the request was answered with yes and the peer has opened it.
    pub(super) fn control(&mut self) -> Option<&mut ControlStream> {
        self.control.as_mut().filter(|_| self.is_accepted)
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

/// Wants no more of a stream, and sends nothing on it.
fn refuse(connection: &mut Connection, stream: &mut Stream, code: ErrorCode) {
    stop(connection, stream.id, code);
    let _ = connection.send_stream(stream.id).reset(quic(code));
    stream.role = Role::Refused;
}
