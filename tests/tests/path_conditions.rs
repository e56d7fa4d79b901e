//! Fades hang on time alone: paths with the same fade seed fade at the same moments, whatever passes through.

use std::time::Duration;

use netlab::path::{
    Bandwidth, DropCause, Gap, Loss, Packet, PacketFate, PathConfig, PathModel, PathPair,
    ScheduleStep,
};

const PACKET: Packet = Packet {
    bytes: 100,
    is_udp: true,
};

fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

fn fades(mean_ms: f64, faded_percent: f64) -> Loss {
    Loss::Fades {
        mean_ms,
        faded_percent,
    }
}

/// Fades that get worse after five seconds and end for a while, and a gap that comes again.
fn changing() -> PathConfig {
    let step = |at_s, loss| ScheduleStep {
        at_s,
        loss: Some(loss),
        ..ScheduleStep::default()
    };
    PathConfig {
        loss: fades(60.0, 10.0),
        gaps: vec![Gap {
            at_s: 2.0,
            for_ms: 300.0,
            every_s: Some(4.0),
        }],
        schedule: vec![
            step(5.0, fades(120.0, 30.0)),
            step(9.0, Loss::None),
            step(10.0, fades(60.0, 10.0)),
        ],
        ..PathConfig::default()
    }
}

fn is_dark(fate: PacketFate) -> bool {
    matches!(fate, PacketFate::Dropped(DropCause::Fade | DropCause::Gap))
}

/// Whether a packet is lost to a fade at each multiple of `every`, for 30 s from `since`, with `more` packets
/// after each.
fn dark_moments(path: &mut PathModel, since: Duration, every: Duration, more: u32) -> Vec<bool> {
    let moments = (30_000 / every.as_millis()) as u32;
    (0..moments)
        .map(|moment| {
            let at = since + every * moment;
            let dark = is_dark(path.send(at, PACKET));
            for step in 1..=more {
                path.send(at + every * step / (more + 1), PACKET);
            }
            dark
        })
        .collect()
}

#[test]
fn many_packets_and_few_meet_the_same_fades_through_a_schedule_and_a_new_configuration() {
    let (mut busy, mut idle) = (
        PathModel::new(changing(), 7).unwrap(),
        PathModel::new(changing(), 7).unwrap(),
    );
    let every = ms(50);
    assert_eq!(
        dark_moments(&mut busy, ms(0), every, 20),
        dark_moments(&mut idle, ms(0), every, 0)
    );
    let after = ms(31_000);
    for path in [&mut busy, &mut idle] {
        path.reconfigure(after, changing()).unwrap();
    }
    assert_eq!(
        dark_moments(&mut busy, after, every, 20),
        dark_moments(&mut idle, after, every, 0)
    );
}

#[test]
fn a_new_configuration_brings_the_fades_of_a_new_path() {
    let since = ms(12_345);
    let mut old = PathModel::with_fade_seed(changing(), 1, 7).unwrap();
    for at in 0..12_345 {
        old.send(ms(at), PACKET);
    }
    old.reconfigure(since, changing()).unwrap();
    let mut new = PathModel::with_fade_seed(changing(), 2, 7).unwrap();
    let (old, new) = (
        dark_moments(&mut old, since, ms(5), 0),
        dark_moments(&mut new, ms(0), ms(5), 0),
    );
    assert_eq!(old, new);
    let dark = old.iter().filter(|dark| **dark).count();
    assert!((500..2_000).contains(&dark), "{dark} of {}", old.len());
}

#[test]
fn a_queue_that_lets_packets_out_later_meets_the_fade_of_that_later_moment() {
    let narrow = PathConfig {
        // 100 B take 10 ms.
        bandwidth: Bandwidth {
            kbit_per_s: 80.0,
            ..Bandwidth::UNLIMITED
        },
        ..changing()
    };
    let mut queued = PathModel::new(narrow, 7).unwrap();
    let mut free = PathModel::new(changing(), 7).unwrap();
    for second in 0..30 {
        // Ten at once leave one after the other.
        for place in 1..=10 {
            let queued = queued.send(ms(second * 1_000), PACKET);
            let free = free.send(ms(second * 1_000 + 10 * place), PACKET);
            assert_eq!(is_dark(queued), is_dark(free), "packet {place} of {second}");
        }
    }
}

#[test]
fn a_radio_fades_both_ways_at_once_and_other_paths_each_for_itself() {
    for shared_fades in [true, false] {
        let pair = PathPair {
            up: PathConfig {
                delay_ms: 80.0,
                ..changing()
            },
            down: changing(),
            seed: 3,
            shared_fades,
        };
        let (mut up, mut down) = pair.paths().unwrap();
        let up = dark_moments(&mut up, ms(0), ms(10), 0);
        let down = dark_moments(&mut down, ms(0), ms(10), 3);
        assert_eq!(up == down, shared_fades);
    }
}

#[test]
fn both_ways_share_fades_but_no_other_luck() {
    let config = PathConfig {
        loss: Loss::Uniform { percent: 50.0 },
        ..PathConfig::default()
    };
    let pair = PathPair {
        up: config.clone(),
        down: config,
        seed: 3,
        shared_fades: true,
    };
    let (mut up, mut down) = pair.paths().unwrap();
    let fates = |path: &mut PathModel| -> Vec<PacketFate> {
        (0..100).map(|at| path.send(ms(at), PACKET)).collect()
    };
    assert_ne!(fates(&mut up), fates(&mut down));
}

#[test]
fn a_pair_names_the_direction_of_a_bad_figure() {
    let bad = PathConfig {
        delay_ms: -1.0,
        ..PathConfig::default()
    };
    let pair = PathPair {
        down: bad,
        ..PathPair::default()
    };
    assert_eq!(
        pair.paths().unwrap_err().to_string(),
        "the path down: delay_ms is -1: it must lie between 0 and 60000"
    );
}
