//! Frames of the Control lane in both directions, and what the game says in them.

use game::wire::{GameAction, GameEvent, GameWelcome};
use protocol::MAX_CONTROL_FRAME;
use protocol::codec::decode;
use protocol::control::{ClientFrame, ClientMessage, MAX_TOKEN, ServerFrame, ServerMessage};

use crate::allocation::within;
use crate::round_trip::round_trip;

/// Bytes that a game's event may take in memory: a full list of sixteen names.
const MOST_OF_AN_EVENT: usize = 4 * 1024;

/// One frame, read as either side would.
pub fn control(bytes: &[u8]) {
    let frame = within(MAX_TOKEN, || {
        decode::<ClientFrame<'_>>(bytes, MAX_CONTROL_FRAME)
    });
    if frame.is_ok() {
        assert!(round_trip!(ClientFrame<'_>, bytes).is_ok());
    }
    match frame {
        Ok(ClientFrame::Attach(attach)) => assert!(attach.token.len() <= MAX_TOKEN),
        Ok(ClientFrame::Message {
            message: ClientMessage::Action(action),
            ..
        }) => {
            let _ = round_trip!(GameAction, action);
        }
        _ => {}
    }

    let frame = within(0, || decode::<ServerFrame<'_>>(bytes, MAX_CONTROL_FRAME));
    if frame.is_ok() {
        assert!(round_trip!(ServerFrame<'_>, bytes).is_ok());
    }
    match frame {
        Ok(ServerFrame::Message {
            message: ServerMessage::Event { event, .. },
            ..
        }) => {
            let _ = within(MOST_OF_AN_EVENT, || decode::<GameEvent>(event, event.len()));
            let _ = round_trip!(GameEvent, event);
        }
        Ok(ServerFrame::Message {
            message: ServerMessage::Welcome(welcome),
            ..
        }) => {
            let _ = round_trip!(GameWelcome, welcome.game);
        }
        _ => {}
    }
}
