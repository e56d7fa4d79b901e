//! Attaching, messages and goodbyes.

use client::session::{Event, Outgoing};
use protocol::codec::encode;
use protocol::control::{ClientMessage, CloseReason, LinkId, LinkUse, ServerFrame, ServerMessage};
use protocol::tick::Tick;

use crate::server::{Pair, ms, socket};

fn event(sequence: u32, bytes: &[u8]) -> ServerFrame<'_> {
    ServerFrame::Message {
        sequence,
        message: ServerMessage::Event {
            tick: Tick(sequence),
            event: bytes,
        },
    }
}

fn game_events(pair: &mut Pair) -> Vec<Vec<u8>> {
    let events = pair.events().into_iter();
    let game = events.filter_map(|event| match event {
        Event::Game { bytes, .. } => Some(bytes),
        _ => None,
    });
    game.collect()
}

#[test]
fn a_socket_claims_the_seat_unless_the_transport_has() {
    let mut pair = Pair::new();
    pair.client.open(socket(1, 0), Some("a.b"));
    pair.client.open(socket(2, 0), None);
    let frames = pair.frames();
    assert_eq!(frames.len(), 1, "{frames:?}");
    assert!(frames[0].1.starts_with("Attach"), "{frames:?}");
}

#[test]
fn what_is_said_without_a_link_goes_out_on_the_next_and_again_when_control_moves() {
    let mut pair = Pair::new();
    pair.client.say(ms(0), ClientMessage::Action(&[9]));
    assert!(pair.frames().is_empty());
    pair.attach(ms(10), socket(1, 0));
    let on_first = pair.frames();
    assert!(
        on_first
            .iter()
            .any(|(_, frame)| frame.starts_with("Message"))
    );
    pair.attach(ms(20), socket(2, 0));
    let on_second = pair.frames();
    let (moved_to, _) = on_second
        .iter()
        .find(|(_, frame)| frame.starts_with("Message"))
        .unwrap();
    assert_eq!(*moved_to, socket(2, 0));
    pair.frame(ms(30), socket(2, 0), &ServerFrame::Ack(1));
    assert!(pair.client.is_acknowledged());
    pair.client.lose(ms(40), socket(2, 0));
    assert!(
        pair.frames()
            .iter()
            .all(|(_, frame)| !frame.starts_with("Message")),
        "what is acknowledged is not said again"
    );
}

#[test]
fn a_message_is_repeated_when_no_answer_comes_and_the_client_asks_to_be_called_for_it() {
    let mut pair = Pair::attached();
    pair.client.say(ms(100), ClientMessage::Action(&[9]));
    pair.frames();
    let due = pair.client.poll_timeout().unwrap();
    assert_eq!(due, ms(2_100));
    pair.client.handle_timeout(due, |_| 0);
    let again = pair.frames();
    assert_eq!(again.len(), 1, "{again:?}");
    assert!(again[0].1.starts_with("Message"), "{again:?}");
}

#[test]
fn events_come_once_and_in_order_whatever_overtakes_them() {
    let mut pair = Pair::attached();
    pair.frames();
    for sequence in [2, 1, 1, 4, 2, 3] {
        pair.frame(ms(5), socket(1, 0), &event(sequence, &[sequence as u8]));
    }
    assert_eq!(game_events(&mut pair), [[1], [2], [3], [4]]);
    let acks = pair.frames();
    assert_eq!(acks.last().unwrap().1, "Ack(4)");
}

#[test]
fn a_goodbye_ends_the_session_or_only_its_link() {
    for (reason, is_all) in [
        (CloseReason::Left, true),
        (CloseReason::RoomFailed, true),
        (CloseReason::Refused(7), true),
        (CloseReason::Kicked(7), true),
        (CloseReason::StaleLink, false),
        (CloseReason::Superseded, false),
        (CloseReason::Silent, false),
    ] {
        let mut pair = Pair::attached();
        pair.attach(ms(0), socket(2, 0));
        pair.transmits();
        pair.events();
        pair.frame(ms(5), socket(1, 0), &ServerFrame::Close(reason));
        let links: Vec<LinkId> = pair.client.links().collect();
        let told = pair.events();
        if is_all {
            assert_eq!(told, [Event::SessionClosed(reason)]);
            assert!(links.is_empty(), "{reason:?}");
        } else {
            assert_eq!(told, [Event::LinkClosed(LinkId(1), reason)]);
            assert_eq!(links, [LinkId(2)], "{reason:?}");
        }
        let closed = pair.transmits();
        assert!(closed.iter().any(|sent| sent.outgoing == Outgoing::Close));
    }
}

#[test]
fn a_link_is_lost_with_its_last_socket() {
    let mut pair = Pair::attached();
    pair.attach(ms(0), socket(1, 1));
    pair.events();
    let closed = client::session::Received::Closed;
    pair.client.receive(ms(5), socket(1, 0), closed);
    assert_eq!(pair.events(), []);
    pair.client.receive(ms(6), socket(1, 1), closed);
    assert_eq!(pair.events(), [Event::LinkLost(LinkId(1))]);
}

#[test]
fn a_link_on_standby_carries_no_state_and_no_control_while_another_is_in_use() {
    let mut pair = Pair::attached();
    pair.attach(ms(0), socket(2, 0));
    pair.client.use_link(ms(0), LinkId(2), LinkUse::Standby);
    let snapshot = pair.snapshot(ms(0), 100, 0, 1);
    pair.state(ms(5), &snapshot);
    pair.transmits();
    pair.client.say(ms(10), ClientMessage::Action(&[9]));
    pair.client.handle_timeout(ms(10), |_| 0);
    let sent = pair.transmits();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent.iter().all(|sent| sent.socket == socket(1, 0)));
}

#[test]
fn a_frame_that_is_none_closes_the_link() {
    let mut pair = Pair::attached();
    pair.events();
    let garbage = [encode(&ServerFrame::Attached), vec![7]].concat();
    let received = client::session::Received::Control(&garbage);
    pair.client.receive(ms(5), socket(1, 0), received);
    let reason = CloseReason::ProtocolViolation;
    assert_eq!(pair.events(), [Event::LinkClosed(LinkId(1), reason)]);
    assert_eq!(pair.client.links().count(), 0);
}
