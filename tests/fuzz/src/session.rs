//! A client's session, with a server that says anything.

use std::time::Duration;

use client::session::{ClientSession, GameCodec, Outgoing, Received, SocketId};
use game::wire::{Baseline, DeltaError, GameInput, decode_delta};
use protocol::MAX_DATAGRAM;
use protocol::codec::{DecodeError, decode, encode};
use protocol::control::{ClientFrame, LinkId, LinkUse, ServerFrame};
use protocol::datagram::{DatagramHeader, SnapshotHeader, split};
use protocol::input::decode_batch;
use protocol::sequence::Sequence;
use protocol::tick::Tick;

use crate::allocation::within;
use crate::script::Script;

/// Bytes for what one event leads to: views and messages are kept, and inputs go out.
const MOST_OF_AN_EVENT: usize = 256 * 1024;

/// Sends that one event may lead to: all messages again, down another socket.
const MOST_SENT: usize = 1_024;

struct Circles;

impl GameCodec for Circles {
    type View = Baseline;
    type Input = GameInput;

    fn decode_delta(baseline: &Baseline, age: u16, delta: &[u8]) -> Result<Baseline, DecodeError> {
        decode_delta(baseline, age, delta).map_err(|error| match error {
            DeltaError::Malformed(error) => error,
            DeltaError::KnownCircle(_) | DeltaError::OwnAmongOthers(_) => DecodeError::Malformed,
        })
    }
}

/// A script: sockets come and go, datagrams and frames come in, time passes.
pub fn session(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut session = ClientSession::<Circles>::new(Duration::ZERO, 60);
    let mut now = Duration::ZERO;
    while let (Some(event), Some(argument)) = (script.byte(), script.byte()) {
        let socket = SocketId {
            link: LinkId(u64::from(argument >> 3 & 3)),
            stripe: argument & 7,
        };
        within(MOST_OF_AN_EVENT + 4 * bytes.len(), || {
            act(&mut session, &mut now, &mut script, event, socket);
            drain(&mut session);
        });
    }
}

fn act(
    session: &mut ClientSession<Circles>,
    now: &mut Duration,
    script: &mut Script<'_>,
    event: u8,
    socket: SocketId,
) {
    match event & 7 {
        0 if !session.contains(socket) => session.open(socket, Some("token")),
        0 => session.use_link(*now, socket.link, LinkUse::Standby),
        1 => {
            let attached = encode(&ServerFrame::Attached);
            session.receive(*now, socket, Received::Control(&attached));
        }
        2 => session.receive(*now, socket, Received::Closed),
        3 | 4 => {
            *now += Duration::from_millis(u64::from(event) << 2);
            session.handle_timeout(*now, |_| GameInput::default());
        }
        5 => {
            if let Some(snapshot) = snapshot(script) {
                session.receive(*now, socket, Received::State(&snapshot));
            }
        }
        6 => session.receive(*now, socket, Received::State(script.chunk().unwrap_or(&[]))),
        _ => session.receive(
            *now,
            socket,
            Received::Control(script.chunk().unwrap_or(&[])),
        ),
    }
}

/// A datagram whose headers are as they should be, in front of any delta.
fn snapshot(script: &mut Script<'_>) -> Option<Vec<u8>> {
    let header = DatagramHeader {
        sequence: Sequence(script.byte()?.into()),
        ack: Sequence(script.byte()?.into()),
        ..DatagramHeader::default()
    };
    let about = SnapshotHeader {
        tick: Tick(script.byte()?.into()),
        baseline_age: script.byte()?.into(),
        input_lead: 0,
    };
    Some([&encode(&header), &encode(&about), script.chunk()?].concat())
}

/// What goes out is what a server takes.
fn drain(session: &mut ClientSession<Circles>) {
    for _ in 0..MOST_SENT {
        match session.poll_transmit().map(|transmit| transmit.outgoing) {
            None => {
                while session.poll_event().is_some() {}
                return;
            }
            Some(Outgoing::State(datagram)) => {
                assert!(datagram.len() <= MAX_DATAGRAM);
                let (_, body) = split(&datagram).expect("a header");
                assert!(decode_batch::<GameInput>(body).is_ok());
            }
            Some(Outgoing::Control(frame)) => {
                assert!(decode::<ClientFrame<'_>>(&frame, protocol::MAX_CONTROL_FRAME).is_ok());
            }
            Some(Outgoing::Close) => {}
        }
    }
    panic!("over {MOST_SENT} sends");
}
