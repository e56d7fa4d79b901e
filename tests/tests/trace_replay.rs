//! A trace that is played again: what packets meet in it, and its figures.

use std::time::Duration;

use netlab::path::{
    Departure, DropCause, Jitter, Order, Packet, PacketFate, PathConfig, PathModel, PathPair,
    ScheduleStep,
};
use netlab::trace::Trace;

const PACKET: Packet = Packet {
    bytes: 100,
    is_udp: true,
};

fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

fn trace(rows: &str) -> Trace {
    let text = format!("at_ms,direction,delay_ms\n{}\n", rows.replace(' ', "\n"));
    Trace::parse(text.as_bytes()).unwrap()
}

fn delay_ms(trace: &Trace, at: u64) -> Option<u128> {
    trace.down.delay_at(ms(at)).map(|delay| delay.as_millis())
}

fn passed(at: Duration) -> PacketFate {
    PacketFate::Passed {
        first: Departure {
            at,
            corruption: None,
        },
        copy: None,
    }
}

#[test]
fn a_packet_meets_the_newest_row() {
    let trace = trace("0,down,40 100,down,50 200,down, 300,down,60 300,down,70");
    for (at, expected) in [
        (0, Some(40)),
        (99, Some(40)),
        (100, Some(50)),
        (200, None),
        (299, None),
        (300, Some(70)),
    ] {
        assert_eq!(delay_ms(&trace, at), expected, "at {at} ms");
    }
}

#[test]
fn a_lost_row_holds_for_a_second_and_then_the_last_known_delay_goes_on() {
    let trace = trace("0,down,40 100,down, 5000,down,60");
    assert_eq!(delay_ms(&trace, 1_099), None);
    assert_eq!(delay_ms(&trace, 1_100), Some(40));
    assert_eq!(delay_ms(&trace, 4_999), Some(40));
}

#[test]
fn the_trace_begins_again_where_a_next_row_would_stand() {
    let trace = trace("0,down,40 100,down,50 200,down,");
    assert_eq!(trace.length(), ms(300));
    assert_eq!(delay_ms(&trace, 299), None);
    assert_eq!(delay_ms(&trace, 300), Some(40));
    assert_eq!(delay_ms(&trace, 300 * 1_000_000 + 150), Some(50));
}

#[test]
fn before_the_first_row_the_end_goes_on() {
    let trace = trace("300,down,40 400,down,");
    // The lost row holds for 1 s in all, from 400 over the end at 500 and on into the next round.
    assert_eq!(delay_ms(&trace, 0), None);
    assert_eq!(delay_ms(&trace, 300), Some(40));
    let long = self::trace("3000,down,40 3100,down,");
    assert_eq!(delay_ms(&long, 899), None);
    assert_eq!(delay_ms(&long, 900), Some(40));
}

#[test]
fn both_directions_are_as_long_as_the_longer_one() {
    let trace = trace("0,up,10 0,down,20 500,down,30 1000,down,40");
    assert_eq!(
        (trace.up.length(), trace.down.length()),
        (ms(1_500), ms(1_500))
    );
    let empty = self::trace("0,up,10 100,up,20");
    assert_eq!(empty.down.delay_at(ms(50)), Some(Duration::ZERO));
}

#[test]
fn a_link_takes_its_delay_and_loss_from_the_trace() {
    let trace = trace("0,up,40 100,up, 200,up,50 0,down,7");
    let pair = PathPair {
        up: PathConfig {
            delay_ms: 5.0,
            ..PathConfig::default()
        },
        ..PathPair::default()
    };
    let (mut up, mut down) = pair.replaying(&trace).paths().unwrap();
    assert_eq!(up.send(ms(0), PACKET), passed(ms(45)));
    assert_eq!(
        up.send(ms(150), PACKET),
        PacketFate::Dropped(DropCause::Trace)
    );
    assert_eq!(up.send(ms(200), PACKET), passed(ms(255)));
    assert_eq!(down.send(ms(150), PACKET), passed(ms(157)));
}

#[test]
fn the_trace_counts_from_the_configurations_start_and_goes_on_through_its_schedule() {
    let replayed = PathConfig {
        trace: Some(trace("0,down,40 100,down, 200,down,50 900,down,50").down),
        schedule: vec![ScheduleStep {
            at_s: 0.05,
            delay_ms: Some(1.0),
            ..ScheduleStep::default()
        }],
        ..PathConfig::default()
    };
    let mut path = PathModel::new(PathConfig::default(), 1).unwrap();
    assert_eq!(path.send(ms(120), PACKET), passed(ms(120)));
    path.reconfigure(ms(1_000), replayed).unwrap();
    assert_eq!(path.send(ms(1_010), PACKET), passed(ms(1_050)));
    assert_eq!(
        path.send(ms(1_120), PACKET),
        PacketFate::Dropped(DropCause::Trace)
    );
    assert_eq!(path.send(ms(1_210), PACKET), passed(ms(1_261)));
}

#[test]
fn a_falling_delay_overtakes_only_where_order_is_free() {
    let departures = |order| {
        let config = PathConfig {
            trace: Some(trace("0,down,100 10,down,20").down),
            jitter: Jitter {
                order,
                ..Jitter::default()
            },
            ..PathConfig::default()
        };
        let mut path = PathModel::new(config, 1).unwrap();
        [0, 10].map(|at| path.send(ms(at), PACKET))
    };
    assert_eq!(departures(Order::Kept), [passed(ms(100)), passed(ms(100))]);
    assert_eq!(departures(Order::Free), [passed(ms(100)), passed(ms(30))]);
}

#[test]
fn figures_say_what_the_lane_does() {
    let rows: Vec<String> = (0..200)
        .map(|index| match index {
            50..60 | 100 => format!("{},down,", index * 50),
            _ => format!("{},down,{}", index * 50, 40 + index % 10),
        })
        .collect();
    let trace = trace(&rows.join(" "));
    let down = trace.down.statistics();
    assert_eq!((down.probes, down.lost_percent), (200, 5.5));
    assert_eq!(
        (down.delay_p50_ms, down.delay_p99_ms),
        (Some(45.0), Some(49.0))
    );
    assert_eq!(down.longest_outage_ms, 500.0);
    let up = trace.up.statistics();
    assert_eq!(
        (up.probes, up.lost_percent, up.delay_p50_ms),
        (0, 0.0, None)
    );
}

#[test]
fn a_gap_in_the_recording_is_no_outage() {
    let trace = trace("0,down,40 100,down, 60000,down,40");
    assert_eq!(trace.down.statistics().longest_outage_ms, 1_000.0);
}
