//! Golden vectors of the wire types that know no game.

use protocol::bounded::BoundedString;
use protocol::codec::{decode, encode};
use protocol::control::{
    Attach, ClientFrame, ClientMessage, CloseReason, LinkId, LinkUse, MAX_TOKEN, ReturnSlot,
    ServerFrame, ServerMessage, Welcome,
};
use protocol::datagram::{AckBits, DatagramHeader, SnapshotHeader};
use protocol::sequence::Sequence;
use protocol::tick::Tick;
use serde_json::{Value, json};

use crate::file::{check, hex, lists, vector};

/// Largest whole number that every JSON reader keeps exact.
const LARGEST_EXACT: u64 = (1 << 53) - 1;

#[test]
fn protocol_types_have_their_golden_bytes() {
    let text = lists(&[
        ("DatagramHeader", datagram_headers()),
        ("SnapshotHeader", snapshot_headers()),
        ("Attach", attaches()),
        ("ServerFrame", server_frames()),
        ("ClientFrame", client_frames()),
    ]);
    check("protocol.json", &text);
}

fn datagram_headers() -> Vec<Value> {
    let header = |sequence, ack, bits, ack_delay| DatagramHeader {
        sequence: Sequence(sequence),
        ack: Sequence(ack),
        ack_bits: AckBits(bits),
        ack_delay,
    };
    [
        ("first", header(0, 0, 0, DatagramHeader::NOTHING_RECEIVED)),
        ("usual", header(258, 65_535, 0xffff_fffe, 7)),
        (
            "largest",
            header(65_535, 1, 0x8000_0001, DatagramHeader::LONGEST_DELAY),
        ),
    ]
    .into_iter()
    .map(|(name, header)| {
        let value = json!({
            "sequence": header.sequence.0,
            "ack": header.ack.0,
            "ack_bits": header.ack_bits.0,
            "ack_delay": header.ack_delay,
        });
        vector(name, &header, value)
    })
    .collect()
}

fn snapshot_headers() -> Vec<Value> {
    let header = |tick, baseline_age, input_lead| SnapshotHeader {
        tick: Tick(tick),
        baseline_age,
        input_lead,
    };
    [
        ("no baseline", header(3, 0, 0)),
        ("usual", header(70_000, 9, 2)),
        ("inputs late", header(127, 128, -1)),
        ("largest", header(u32::MAX, u16::MAX, i8::MIN)),
    ]
    .into_iter()
    .map(|(name, header)| vector(name, &header, json!(header)))
    .collect()
}

fn attach(token: &str, link: u64, stripe: u8) -> Attach {
    Attach {
        token: BoundedString::new(token).unwrap(),
        link: LinkId(link),
        stripe,
    }
}

fn attaches() -> Vec<Value> {
    [
        ("first", attach("token", 0, 0)),
        (
            "largest",
            attach(&"t".repeat(MAX_TOKEN), u64::from(u32::MAX), 3),
        ),
    ]
    .into_iter()
    .map(|(name, attach)| vector(name, &attach, json!(attach)))
    .collect()
}

const REASONS: [CloseReason; 15] = [
    CloseReason::Left,
    CloseReason::BadToken,
    CloseReason::Expired,
    CloseReason::StaleLink,
    CloseReason::ProtocolViolation,
    CloseReason::Silent,
    CloseReason::TooSlow,
    CloseReason::Superseded,
    CloseReason::ShuttingDown(ReturnSlot {
        after_ms: 320,
        every_ms: 1_000,
    }),
    CloseReason::RoomFailed,
    CloseReason::Refused(0),
    CloseReason::ActionRefused(300),
    CloseReason::Kicked(65_535),
    CloseReason::RoomEnded,
    CloseReason::Backlogged,
];

fn server_frames() -> Vec<Value> {
    let welcome = |tick, tick_rate, snapshot_rate, unix_micros, game| {
        ServerMessage::Welcome(Welcome {
            tick: Tick(tick),
            tick_rate,
            snapshot_rate,
            unix_micros,
            game,
        })
    };
    let event = |tick, event| ServerMessage::Event {
        tick: Tick(tick),
        event,
    };
    let message = |sequence, message| ServerFrame::Message { sequence, message };
    let mut frames = vec![
        ("attached", ServerFrame::Attached),
        ("pong", ServerFrame::Pong(300)),
        (
            "welcome",
            message(
                1,
                welcome(12_345, 60, 20, 1_795_000_000_000_000, &[0, 255, 16]),
            ),
        ),
        (
            "largest welcome",
            message(
                u32::MAX,
                welcome(u32::MAX, u16::MAX, u16::MAX, LARGEST_EXACT, &[]),
            ),
        ),
        ("event", message(2, event(12_346, &[2, 3, 1, 11]))),
        ("long event", message(128, event(0, &[0xa5; 200]))),
        ("draining", message(4, ServerMessage::Draining(300))),
        ("token", message(3, ServerMessage::Token("token"))),
        ("ack", ServerFrame::Ack(u32::MAX)),
    ];
    frames.extend(REASONS.map(|reason| ("close", ServerFrame::Close(reason))));
    frames
        .into_iter()
        .map(|(name, frame)| {
            let bytes = encode(&frame);
            assert_eq!(decode::<ServerFrame>(&bytes, bytes.len()).unwrap(), frame);
            vector(name, &frame, server_frame_json(&frame))
        })
        .collect()
}

fn server_frame_json(frame: &ServerFrame) -> Value {
    let ServerFrame::Message { sequence, message } = frame else {
        return json!(frame);
    };
    let message = match message {
        ServerMessage::Welcome(welcome) => json!({ "Welcome": {
            "tick": welcome.tick,
            "tick_rate": welcome.tick_rate,
            "snapshot_rate": welcome.snapshot_rate,
            "unix_micros": welcome.unix_micros,
            "game": hex(welcome.game),
        }}),
        ServerMessage::Draining(seconds) => json!({ "Draining": seconds }),
        ServerMessage::Token(token) => json!({ "Token": token }),
        ServerMessage::Event { tick, event } => {
            json!({ "Event": { "tick": tick, "event": hex(event) } })
        }
    };
    json!({ "Message": { "sequence": sequence, "message": message } })
}

fn client_frames() -> Vec<Value> {
    let message = |sequence, message| ClientFrame::Message { sequence, message };
    let frames = [
        ("attach", ClientFrame::Attach(attach("a.b-c_d", 4, 2))),
        ("use standby", ClientFrame::Use(LinkUse::Standby)),
        ("use active", ClientFrame::Use(LinkUse::Active)),
        ("ping", ClientFrame::Ping(16_384)),
        ("hidden", message(1, ClientMessage::Hidden(true))),
        ("seen again", message(2, ClientMessage::Hidden(false))),
        ("action", message(300, ClientMessage::Action(&[0]))),
        ("leave", message(u32::MAX, ClientMessage::Leave)),
        ("unload", message(3, ClientMessage::Unload)),
        ("ack", ClientFrame::Ack(0)),
        ("stalled", ClientFrame::Stalled(u16::MAX)),
    ];
    frames
        .into_iter()
        .map(|(name, frame)| {
            let bytes = encode(&frame);
            assert_eq!(decode::<ClientFrame>(&bytes, bytes.len()).unwrap(), frame);
            vector(name, &frame, client_frame_json(&frame))
        })
        .collect()
}

fn client_frame_json(frame: &ClientFrame) -> Value {
    match frame {
        ClientFrame::Message {
            sequence,
            message: ClientMessage::Action(bytes),
        } => json!({ "Message": { "sequence": sequence, "message": { "Action": hex(bytes) } } }),
        frame => json!(frame),
    }
}
