//! A session's way to the fuzzer: over a connection that the target drives.

use quinn_proto::{Connection, Event};
use wtransport_proto::session::SessionResponse;

use super::config::MOST_STREAMS;
use super::session::Session;

/// A session, whoever asks for it.
#[derive(Default)]
pub struct WebTransportSession(Option<Session>);

impl WebTransportSession {
    /// Takes what has come to pass on the connection, and all of Control and of the datagrams; answers a request with yes.
    /// Says whether the connection goes on.
    pub fn take(&mut self, connection: &mut Connection, event: Event) -> bool {
        if matches!(event, Event::Connected) {
            self.0 = Some(Session::begin(connection));
        }
        let Some(session) = &mut self.0 else {
            return true;
        };
        if let Event::Stream(event) = event
            && session.take(connection, event).is_err()
        {
            return false;
        }
        assert!(session.stream_count() <= MOST_STREAMS);
        while let Some(datagram) = connection.datagrams().recv() {
            match session.unwrap(&datagram) {
                Ok(Some(payload)) => assert!(payload.len() < datagram.len()),
                Ok(None) => {}
                Err(_) => return false,
            }
        }
        if session.take_due_request().is_some() {
            session.answer(connection, &SessionResponse::ok());
        }
        while let Some(control) = session.control() {
            match control.next_frame(connection) {
                Ok(Some(frame)) => {
                    assert!(frame.len() <= protocol::MAX_CONTROL_FRAME);
                    control.write_frame(connection, &frame);
                }
                Ok(None) => break,
                Err(_) => return false,
            }
        }
        !session.is_ended()
    }
}
