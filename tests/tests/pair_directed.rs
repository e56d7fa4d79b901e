//! Runs in virtual time that are set up for one thing each.

use std::time::Duration;

use netlab::path::{Gap, Jitter, Order, PathConfig, PathPair};
use protocol::control::CloseReason;
use tests::pair::scenario::{GuestPlan, Kind, Move, Rates, Scenario};
use tests::pair::{Outcome, play};

fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

fn open(at: f64, kind: Kind) -> (Duration, Move) {
    (seconds(at), Move::Open { kind, network: 0 })
}

fn gap(at_s: f64, for_ms: f64) -> Vec<Gap> {
    vec![Gap {
        at_s,
        for_ms,
        every_s: None,
    }]
}

/// Runs one player over a network, with nothing wrong allowed.
fn alone(up: PathConfig, down: PathConfig, moves: Vec<(Duration, Move)>) -> Scenario {
    let network = PathPair {
        up,
        down,
        ..PathPair::default()
    };
    Scenario {
        guests: vec![GuestPlan {
            networks: vec![network],
            moves,
            ..GuestPlan::default()
        }],
        ..Scenario::default()
    }
}

fn assert_faultless(outcome: &Outcome) {
    for guest in &outcome.guests {
        assert_eq!(guest.witness.faults, [""; 0]);
        assert_eq!(guest.tally.undecodable, 0);
        assert_eq!(guest.tally.malformed, 0);
    }
}

#[test]
fn a_baseline_is_held_however_long_acks_are_lost_and_whatever_comes_late() {
    let down = PathConfig {
        jitter: Jitter {
            ms: 500.0,
            order: Order::Free,
            ..Jitter::default()
        },
        ..PathConfig::default()
    };
    let up = PathConfig {
        gaps: gap(10.0, 6_000.0),
        ..PathConfig::default()
    };
    let mut scenario = alone(up, down, vec![open(0.1, Kind::Datagrams)]);
    for snapshot in [20, 30, 60] {
        scenario.rates = Rates { tick: 60, snapshot };
        let outcome = play(&scenario);
        assert_faultless(&outcome);
        assert!(outcome.guests[0].tally.late > 100);
    }
}

#[test]
fn a_seat_is_given_up_after_the_silence_it_is_kept_for_and_no_sooner() {
    for (silence, is_kept) in [(8.0, true), (13.0, false)] {
        let both = PathConfig {
            gaps: gap(10.0, silence * 1_000.0),
            ..PathConfig::default()
        };
        let mut scenario = alone(both.clone(), both, vec![open(0.1, Kind::Datagrams)]);
        scenario.length = seconds(40.0);
        scenario.seat_timeout = seconds(10.0);
        let witness = &play(&scenario).guests[0].witness;
        assert_eq!(witness.ended.is_none(), is_kept);
        if !is_kept {
            let ended = witness.ended.unwrap_or_default();
            assert!((19.9..21.1).contains(&ended.as_secs_f64()), "{ended:?}");
        }
        assert_eq!(witness.faults, [""; 0]);
    }
}

#[test]
fn who_leaves_is_told_and_an_old_links_number_is_refused() {
    let calm = PathConfig {
        delay_ms: 30.0,
        ..PathConfig::default()
    };
    let moves = vec![
        open(0.1, Kind::Streams(3)),
        open(1.0, Kind::Datagrams),
        (seconds(2.0), Move::Close(1)),
        (seconds(3.0), Move::Replay(1)),
        (seconds(4.0), Move::Replay(2)),
        (seconds(9.0), Move::Leave),
    ];
    let outcome = play(&alone(calm.clone(), calm, moves));
    let stale = outcome
        .counts
        .read("game_server_refused_total attach stale");
    assert_eq!(stale, 2);
    let witness = &outcome.guests[0].witness;
    assert_eq!(witness.faults, [""; 0]);
    let (at, reason) = witness.closed.expect("told");
    assert_eq!(reason, CloseReason::Left);
    // Half a round trip up, the rest of a tick, and half a round trip down.
    assert!((9.060..9.080).contains(&at.as_secs_f64()), "{at:?}");
    // The stragglers did not disturb the link that was in use.
    let longest = witness.news.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(longest < Some(seconds(0.060)), "{longest:?}");
}
