//! Snapshots and inputs.

use std::collections::BTreeMap;
use std::time::Duration;

use client::session::{Event, Outgoing};
use protocol::sequence::Sequence;
use protocol::tick::Tick;

use crate::server::{Pair, ms, socket};

/// Plays for two seconds with 50 ms each way, calling the client at the times that `next` gives, and tells which
/// inputs came for which tick, and how many datagrams.
fn play(next: impl Fn(&Pair, Duration) -> Duration) -> (BTreeMap<u32, u8>, usize) {
    let mut pair = Pair::attached();
    let (mut inputs, mut datagrams) = (BTreeMap::new(), 0);
    let mut down: Vec<(Duration, Vec<u8>)> = Vec::new();
    let mut due = ms(0);
    for milli in 0..2_000 {
        let now = ms(milli);
        if milli % 50 == 0 {
            let tick = 100 + milli as u32 * 60 / 1_000;
            let snapshot = pair.snapshot(now, tick, 0, 1);
            down.push((now + ms(50), snapshot));
        }
        for (_, datagram) in down.extract_if(.., |(at, _)| *at <= now) {
            pair.state(now, &datagram);
            due = due.min(next(&pair, now));
        }
        while due <= now {
            pair.client.handle_timeout(now, |tick| tick.0 as u8);
            for batch in pair.batches(now + ms(50)) {
                datagrams += 1;
                inputs.extend(batch.by_tick().map(|(tick, input)| (tick.0, *input)));
            }
            due = next(&pair, now).max(now + ms(1));
        }
    }
    (inputs, datagrams)
}

#[test]
fn each_tick_has_its_input_when_the_client_is_called_only_as_it_asks() {
    let each_millisecond = |_: &Pair, now: Duration| now + ms(1);
    let as_asked = |pair: &Pair, _: Duration| pair.client.poll_timeout().unwrap_or(ms(10_000));
    let (expected, often) = play(each_millisecond);
    let (inputs, asked) = play(as_asked);
    assert!((50..=70).contains(&often), "30 a second: {often}");
    assert!(asked.abs_diff(often) <= 2, "{asked} datagrams, not {often}");
    let span = |ticks: &BTreeMap<u32, u8>| (*ticks.keys().next().unwrap(), ticks.len());
    assert!(span(&inputs).1.abs_diff(span(&expected).1) <= 2);
    let (first, count) = span(&inputs);
    assert_eq!(
        count as u32,
        inputs.keys().last().unwrap() - first + 1,
        "no tick is left out"
    );
    assert!(inputs.iter().all(|(tick, input)| *tick as u8 == *input));
}

#[test]
fn an_input_is_repeated_until_the_server_has_it() {
    let mut pair = Pair::attached();
    let first = pair.snapshot(ms(0), 100, 0, 1);
    pair.state(ms(10), &first);
    pair.client.handle_timeout(ms(10), |_| 1);
    let lost = pair.transmits();
    assert_eq!(lost.len(), 2, "an attach and a datagram");
    pair.client.handle_timeout(ms(60), |_| 2);
    let newest = pair.batches(ms(60)).pop().unwrap();
    assert_eq!(newest.inputs.len(), 16);
    assert_eq!(
        (newest.inputs[0], newest.inputs[3]),
        (2, 1),
        "the lost ones come again"
    );
    let acknowledging = pair.snapshot(ms(70), 103, 0, 1);
    pair.state(ms(80), &acknowledging);
    pair.client.handle_timeout(ms(100), |_| 3);
    let next = pair.batches(ms(100)).pop().unwrap();
    let ticks: Vec<u32> = next.by_tick().map(|(tick, _)| tick.0).collect();
    assert_eq!(ticks[0], newest.newest.0 + 1, "and those it has do not");
}

#[test]
fn a_hidden_player_sends_no_inputs() {
    let mut pair = Pair::attached();
    let snapshot = pair.snapshot(ms(0), 100, 0, 1);
    pair.state(ms(10), &snapshot);
    pair.client.hide(ms(10), true);
    pair.transmits();
    pair.client.handle_timeout(ms(500), |_| 1);
    assert!(pair.batches(ms(500)).is_empty());
    pair.client.hide(ms(600), false);
    pair.client.handle_timeout(ms(600), |_| 1);
    assert_eq!(pair.batches(ms(600)).len(), 1);
}

#[test]
fn a_delta_is_applied_to_its_baseline_and_one_without_is_not_acknowledged() {
    let mut pair = Pair::attached();
    let whole = pair.snapshot(ms(0), 100, 0, 7);
    let lost = pair.snapshot(ms(50), 103, 3, 1);
    let after_lost = pair.snapshot(ms(100), 106, 3, 1);
    let after_whole = pair.snapshot(ms(150), 109, 9, 5);
    for datagram in [&whole, &after_lost, &after_whole] {
        pair.state(ms(200), datagram);
    }
    assert_eq!(pair.client.view(Tick(100)).map(|view| **view), Some(7));
    assert_eq!(pair.client.view(Tick(106)), None);
    assert_eq!(pair.client.view(Tick(109)).map(|view| **view), Some(12));
    let tally = pair.client.tally();
    assert_eq!(
        (tally.newest, tally.undecodable, tally.missing()),
        (2, 1, 1)
    );
    pair.client.handle_timeout(ms(200), |_| 0);
    let sent = pair.transmits();
    let Some(Outgoing::State(datagram)) = sent.last().map(|sent| &sent.outgoing) else {
        panic!("{sent:?}");
    };
    let (header, _) = protocol::datagram::split(datagram).unwrap();
    assert_eq!(header.ack, Sequence(3));
    assert_eq!(
        header.ack_bits.0 & 0b111,
        0b100,
        "neither the lost one nor the undecodable"
    );
    pair.state(ms(201), &lost);
    assert_eq!(pair.client.view(Tick(103)).map(|view| **view), Some(8));
    assert_eq!(
        pair.client.newest(),
        Some(Tick(109)),
        "a late one is not the newest"
    );
}

#[test]
fn a_datagram_that_comes_twice_is_told_as_a_repeat() {
    let mut pair = Pair::attached();
    let datagram = pair.snapshot(ms(0), 100, 0, 7);
    pair.state(ms(10), &datagram);
    pair.state(ms(20), &datagram);
    pair.state(ms(20), &[0; 4]);
    let told: Vec<Event> = pair.events().split_off(1);
    let (sequence, tick) = (Sequence(0), Tick(100));
    let snapshot = Event::Snapshot {
        sequence,
        tick,
        is_newest: true,
    };
    assert_eq!(told, [snapshot, Event::Repeat { sequence, tick }]);
    assert_eq!(pair.client.tally().malformed, 1);
}

#[test]
fn a_bundle_takes_turns_and_leaves_out_a_socket_that_stalls() {
    let mut pair = Pair::new();
    for stripe in 0..3 {
        pair.attach(ms(0), socket(1, stripe));
    }
    let snapshot = pair.snapshot(ms(0), 100, 0, 1);
    pair.state(ms(0), &snapshot);
    let mut turns = |stalled: Option<u8>| -> Vec<u8> {
        let mut stripes = Vec::new();
        for turn in 0..6 {
            for stripe in 0..3 {
                let is_stalled = stalled == Some(stripe);
                pair.client.set_backlogged(socket(1, stripe), is_stalled);
            }
            let now = ms(1_000 + 200 * turn + 10_000 * u64::from(stalled.is_some()));
            pair.client.handle_timeout(now, |_| 0);
            let sent = pair.transmits().into_iter();
            let state = sent.filter(|sent| matches!(sent.outgoing, Outgoing::State(_)));
            stripes.extend(state.map(|sent| sent.socket.stripe));
        }
        stripes.sort_unstable();
        stripes
    };
    assert_eq!(turns(None), [0, 0, 1, 1, 2, 2]);
    assert_eq!(turns(Some(1)), [0, 0, 2, 2, 2, 2]);
}
