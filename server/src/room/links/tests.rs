use std::sync::Mutex;

use super::*;
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Keeps the reason of its end.
#[derive(Default)]
struct Wire {
    closed: Mutex<Option<CloseReason>>,
}

impl LinkSender for Wire {
    fn rung(&self) -> Rung {
        Rung::WebSocket
    }

    fn is_backlogged(&self) -> bool {
        false
    }

    fn send_state(&self, _: &[u8]) {}

    fn send_control(&self, _: Tagged) -> Result<(), QueueFull> {
        Ok(())
    }

    fn close(&self, reason: CloseReason) {
        *self.closed.lock().unwrap() = Some(reason);
    }
}

fn attach(links: &mut Links, id: u64, stripe: u8) -> (SocketId, Result<Attached, CloseReason>) {
    let socket = SocketId::new(LinkId(id), stripe);
    (
        socket,
        links.attach(at(1), socket, Arc::new(Wire::default())),
    )
}

fn with(ids: &[u64]) -> Links {
    let mut links = Links::new(at(0));
    for id in ids {
        attach(&mut links, *id, 0).1.unwrap();
    }
    links.choose_control(at(1));
    links
}

#[test]
fn a_replayed_or_stale_attach_is_refused() {
    let mut links = Links::new(at(0));
    let (first, attached) = attach(&mut links, 5, 0);
    assert_eq!(attached, Ok(Attached::Link));
    let (second, attached) = attach(&mut links, 5, 1);
    assert_eq!(attached, Ok(Attached::Stripe));
    let (twice, attached) = attach(&mut links, 5, 1);
    assert_eq!(attached, Err(CloseReason::StaleLink));
    assert_eq!(
        links.detach(twice),
        None,
        "the refused one isn't the link's"
    );
    assert!(!links.detach(first).unwrap().is_link_gone);
    assert!(links.detach(second).unwrap().is_link_gone);
    let (_, attached) = attach(&mut links, 5, 0);
    assert_eq!(attached, Err(CloseReason::StaleLink));
}

#[test]
fn a_full_session_gives_up_a_silent_link_and_none_that_is_heard() {
    let mut links = Links::new(at(0));
    let silent = Arc::new(Wire::default());
    let socket = SocketId::new(LinkId(2), 0);
    attach(&mut links, 1, 0).1.unwrap();
    links.attach(at(1), socket, silent.clone()).unwrap();
    for id in [3, 4] {
        attach(&mut links, id, 0).1.unwrap();
    }
    let fifth = |links: &mut Links, id, now| {
        let socket = SocketId::new(LinkId(id), 0);
        links.attach(now, socket, Arc::new(Wire::default()))
    };
    assert_eq!(fifth(&mut links, 9, at(400)), Err(CloseReason::StaleLink));
    for id in [1, 3, 4] {
        links.heard(at(600), LinkId(id));
    }
    assert_eq!(fifth(&mut links, 10, at(700)), Ok(Attached::Link));
    assert_eq!(
        *silent.closed.lock().unwrap(),
        Some(CloseReason::Superseded)
    );
    assert_eq!(links.active().count(), MAX_LINKS);
}

#[test]
fn control_follows_the_newest_link_in_use() {
    let mut links = with(&[1, 2]);
    assert_eq!(links.control, Some(LinkId(2)));
    assert!(links.set_usage(LinkId(2), LinkUse::Standby));
    assert!(links.choose_control(at(1)));
    assert_eq!(links.control, Some(LinkId(1)));
    let active: Vec<LinkId> = links.active().map(|link| link.id).collect();
    assert_eq!(active, [LinkId(1)]);
}

#[test]
fn control_leaves_a_link_that_is_closed() {
    let mut links = with(&[1, 2]);
    assert!(links.close(LinkId(2), CloseReason::ProtocolViolation));
    assert!(links.choose_control(at(1)));
    assert_eq!(links.control, Some(LinkId(1)));
}

#[test]
fn control_leaves_a_link_that_is_dead_without_a_word() {
    let mut links = with(&[1, 2]);
    for now in (0..1_000).step_by(33) {
        links.heard(at(now), LinkId(1));
    }
    let chosen = |links: &Links, now| links.for_control(at(now));
    assert_eq!(chosen(&links, 400), Some(LinkId(2)));
    assert_eq!(chosen(&links, 1_000), Some(LinkId(1)));
    links.heard(at(1_000), LinkId(2));
    assert_eq!(chosen(&links, 1_001), Some(LinkId(2)));
    // When all are silent there is nothing better.
    assert_eq!(chosen(&links, 9_000), Some(LinkId(2)));
}

#[test]
fn all_links_of_a_session_have_the_key_of_the_first() {
    const KEY: u64 = 9 << LinkId::COUNT_BITS;
    let mut links = with(&[KEY + 3]);
    assert_eq!(attach(&mut links, KEY + 1, 0).1, Ok(Attached::Link));
    for foreign in [3, 1, KEY - 1, KEY + (1 << LinkId::COUNT_BITS), u64::MAX] {
        let refused = attach(&mut links, foreign, 0).1;
        assert_eq!(refused, Err(CloseReason::StaleLink), "{foreign}");
    }
    // Nor once all of them are gone: whoever comes back then has a session of its own.
    for id in [KEY + 1, KEY + 3] {
        links.close(LinkId(id), CloseReason::Left);
    }
    assert_eq!(attach(&mut links, 4, 0).1, Err(CloseReason::StaleLink));
    assert_eq!(attach(&mut links, KEY + 4, 0).1, Ok(Attached::Link));
}
