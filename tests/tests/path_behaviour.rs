//! What one direction of the emulated path does to single packets over time.

use std::time::Duration;

use netlab::path::{
    Bandwidth, Departure, DropCause, DropPolicy, Gap, Jitter, Loss, NatEpochs, NatRebinding, Order,
    Packet, PacketFate, PathConfig, PathModel, ScheduleStep,
};

const UDP: Packet = Packet {
    bytes: 1_000,
    is_udp: true,
};
const TCP: Packet = Packet {
    bytes: 1_000,
    is_udp: false,
};

fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

fn path(config: PathConfig) -> PathModel {
    PathModel::new(config, 1).expect("a valid configuration")
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

/// Something of everything.
fn busy() -> PathConfig {
    PathConfig {
        delay_ms: 40.0,
        jitter: Jitter {
            ms: 30.0,
            order: Order::Free,
            ..Jitter::default()
        },
        loss: Loss::Fades {
            mean_ms: 60.0,
            faded_percent: 10.0,
        },
        duplicate_percent: 5.0,
        corrupt_percent: 5.0,
        bandwidth: Bandwidth {
            kbit_per_s: 900.0,
            queue_bytes: 20_000,
            ..Bandwidth::UNLIMITED
        },
        ..PathConfig::default()
    }
}

fn fates(path: &mut PathModel) -> Vec<PacketFate> {
    (0..2_000)
        .map(|index| path.send(ms(9 * index), UDP))
        .collect()
}

#[test]
fn the_same_seed_and_packets_meet_the_same_fate() {
    let [once, again] = [1, 1].map(|seed| fates(&mut PathModel::new(busy(), seed).unwrap()));
    assert_eq!(once, again);
    let other = fates(&mut PathModel::new(busy(), 2).unwrap());
    assert_ne!(once, other);
}

#[test]
fn fades_come_at_the_same_moments_however_many_packets_are_sent() {
    let config = PathConfig {
        loss: Loss::Fades {
            mean_ms: 60.0,
            faded_percent: 10.0,
        },
        ..PathConfig::default()
    };
    let (mut sparse, mut dense) = (path(config.clone()), path(config));
    for moment in 0..1_000 {
        let sparse = sparse.send(ms(10 * moment), UDP);
        let dense: Vec<_> = (0..5)
            .map(|step| dense.send(ms(10 * moment + step), TCP))
            .collect();
        assert_eq!(sparse, dense[0]);
    }
}

#[test]
fn one_setting_leaves_the_luck_of_the_others() {
    let lost = |config: PathConfig| {
        let mut path = path(PathConfig {
            loss: Loss::Uniform { percent: 10.0 },
            ..config
        });
        fates(&mut path)
            .into_iter()
            .map(|fate| matches!(fate, PacketFate::Dropped(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lost(PathConfig::default()),
        lost(PathConfig {
            bandwidth: Bandwidth::UNLIMITED,
            ..busy()
        })
    );
}

#[test]
fn a_perfect_path_passes_at_once() {
    assert_eq!(path(PathConfig::default()).send(ms(7), UDP), passed(ms(7)));
}

#[test]
fn kept_order_holds_up_the_ones_behind_and_free_order_does_not() {
    let departures = |order| {
        let jitter = Jitter {
            ms: 50.0,
            order,
            ..Jitter::default()
        };
        let mut path = path(PathConfig {
            jitter,
            ..PathConfig::default()
        });
        let fates: Vec<_> = (0..500).map(|index| path.send(ms(index), UDP)).collect();
        fates
            .into_iter()
            .flat_map(PacketFate::departures)
            .map(|out| out.at)
            .collect::<Vec<_>>()
    };
    assert!(departures(Order::Kept).is_sorted());
    assert!(!departures(Order::Free).is_sorted());
}

#[test]
fn jitter_can_touch_a_few_packets_only() {
    let jitter = Jitter {
        ms: 50.0,
        order: Order::Free,
        touched_percent: 4.0,
    };
    let mut path = path(PathConfig {
        jitter,
        ..PathConfig::default()
    });
    let held = (0..10_000)
        .filter(|index| path.send(ms(*index), UDP) != passed(ms(*index)))
        .count();
    assert!((340..460).contains(&held), "{held} of 10,000 held up");
}

#[test]
fn a_full_queue_drops_from_its_tail_and_drains_at_the_rate() {
    // 1,000 B take 10 ms.
    let bandwidth = Bandwidth {
        kbit_per_s: 800.0,
        queue_bytes: 3_000,
        ..Bandwidth::UNLIMITED
    };
    let mut path = path(PathConfig {
        delay_ms: 5.0,
        bandwidth,
        ..PathConfig::default()
    });
    let burst: Vec<_> = (0..4).map(|_| path.send(ms(0), UDP)).collect();
    assert_eq!(
        burst,
        [
            passed(ms(15)),
            passed(ms(25)),
            passed(ms(35)),
            PacketFate::Dropped(DropCause::Queue)
        ]
    );
    assert_eq!(path.send(ms(9), UDP), PacketFate::Dropped(DropCause::Queue));
    assert_eq!(path.send(ms(10), UDP), passed(ms(45)));
}

#[test]
fn an_early_dropping_queue_drops_more_the_fuller_it_is() {
    const LEVELS: usize = 10;
    let bandwidth = Bandwidth {
        kbit_per_s: 1.0,
        queue_bytes: LEVELS * UDP.bytes,
        drop: DropPolicy::Early,
    };
    let config = PathConfig {
        bandwidth,
        ..PathConfig::default()
    };
    // By packets in the queue: how many met it so, and how many of them it dropped.
    let (mut met, mut dropped) = ([0; LEVELS + 1], [0; LEVELS + 1]);
    for seed in 0..3_000 {
        let mut path = PathModel::new(config.clone(), seed).unwrap();
        let mut waiting = 0;
        for _ in 0..40 {
            met[waiting] += 1;
            match path.send(ms(0), UDP) {
                PacketFate::Passed { .. } => waiting += 1,
                PacketFate::Dropped(cause) => {
                    assert_eq!(cause, DropCause::Queue);
                    dropped[waiting] += 1;
                }
            }
        }
    }
    for level in 0..=LEVELS {
        let share = (2.0 * level as f64 / LEVELS as f64 - 1.0).max(0.0);
        let expected = share * f64::from(met[level]);
        let sigma = (expected * (1.0 - share)).sqrt();
        let off = f64::from(dropped[level]) - expected;
        assert!(
            off.abs() <= 3.0 * sigma,
            "{level} in the queue: {} of {} dropped",
            dropped[level],
            met[level]
        );
    }
}

#[test]
fn early_drops_leave_the_luck_of_what_comes_after() {
    let lost = |drop| {
        let mut path = path(PathConfig {
            loss: Loss::Uniform { percent: 30.0 },
            bandwidth: Bandwidth {
                kbit_per_s: 700.0,
                queue_bytes: 20_000,
                drop,
            },
            ..PathConfig::default()
        });
        fates(&mut path)
    };
    let (tail, early) = (lost(DropPolicy::Tail), lost(DropPolicy::Early));
    let queue = PacketFate::Dropped(DropCause::Queue);
    let count = |fates: &[PacketFate]| fates.iter().filter(|fate| **fate == queue).count();
    assert!(count(&early) > 0 && count(&tail) > 0);
    let is_lost = |fate: &PacketFate| *fate == PacketFate::Dropped(DropCause::Loss);
    for (tail, early) in tail.iter().zip(&early) {
        assert!(*tail == queue || *early == queue || is_lost(tail) == is_lost(early));
    }
}

#[test]
fn a_nat_forgets_udp_first_and_tcp_when_told() {
    let rebinding = |at_s, tcp| NatRebinding { at_s, tcp };
    let config = PathConfig {
        nat_rebindings: vec![rebinding(1.0, false), rebinding(2.0, true)],
        ..PathConfig::default()
    };
    let mut path = path(config.clone());
    let mut epochs = |at| {
        let NatEpochs { udp, tcp } = path.nat_epochs(at);
        (udp, tcp)
    };
    assert_eq!(epochs(ms(999)), (0, 0));
    assert_eq!(epochs(ms(1_000)), (1, 0));
    assert_eq!(epochs(ms(2_000)), (2, 1));
    // None is counted twice, and those of a new configuration come on top.
    assert_eq!(epochs(ms(9_000)), (2, 1));
    path.reconfigure(ms(10_000), config).unwrap();
    assert_eq!(path.nat_epochs(ms(10_999)), NatEpochs { udp: 2, tcp: 1 });
    assert_eq!(path.nat_epochs(ms(12_000)), NatEpochs { udp: 4, tcp: 2 });
}

#[test]
fn a_blackhole_swallows_udp_and_lets_tcp_through() {
    let mut path = path(PathConfig {
        udp_blackhole: true,
        ..PathConfig::default()
    });
    assert_eq!(
        path.send(ms(1), UDP),
        PacketFate::Dropped(DropCause::Blackhole)
    );
    assert_eq!(path.send(ms(1), TCP), passed(ms(1)));
}

#[test]
fn nothing_passes_in_a_gap_which_may_come_again() {
    let gaps = vec![
        Gap {
            at_s: 2.0,
            for_ms: 300.0,
            every_s: Some(5.0),
        },
        Gap {
            at_s: 3.0,
            for_ms: 10.0,
            every_s: None,
        },
    ];
    let mut path = path(PathConfig {
        gaps,
        ..PathConfig::default()
    });
    let closed: Vec<_> = (0..1_000)
        .map(|step| step * 10)
        .filter(|at| path.send(ms(*at), TCP) == PacketFate::Dropped(DropCause::Gap))
        .collect();
    let expected: Vec<_> = (2_000..2_300)
        .chain(3_000..3_010)
        .chain(7_000..7_300)
        .step_by(10)
        .collect();
    assert_eq!(closed, expected);
}

#[test]
fn a_schedule_changes_settings_at_its_times() {
    let schedule = vec![
        ScheduleStep {
            at_s: 1.0,
            delay_ms: Some(80.0),
            udp_blackhole: Some(true),
            ..ScheduleStep::default()
        },
        ScheduleStep {
            at_s: 2.0,
            loss: Some(Loss::Uniform { percent: 100.0 }),
            ..ScheduleStep::default()
        },
        ScheduleStep {
            at_s: 3.0,
            loss: Some(Loss::None),
            udp_blackhole: Some(false),
            ..ScheduleStep::default()
        },
    ];
    let mut path = path(PathConfig {
        delay_ms: 20.0,
        schedule,
        ..PathConfig::default()
    });
    assert_eq!(path.send(ms(999), UDP), passed(ms(1_019)));
    assert_eq!(path.send(ms(1_000), TCP), passed(ms(1_080)));
    assert_eq!(
        path.send(ms(1_500), UDP),
        PacketFate::Dropped(DropCause::Blackhole)
    );
    assert_eq!(
        path.send(ms(2_500), TCP),
        PacketFate::Dropped(DropCause::Loss)
    );
    assert_eq!(path.send(ms(3_500), UDP), passed(ms(3_580)));
}

#[test]
fn a_new_configuration_counts_its_times_from_its_start() {
    let mut path = path(PathConfig::default());
    let gaps = vec![Gap {
        at_s: 1.0,
        for_ms: 100.0,
        every_s: None,
    }];
    path.reconfigure(
        ms(10_000),
        PathConfig {
            delay_ms: 3.0,
            gaps,
            ..PathConfig::default()
        },
    )
    .unwrap();
    assert_eq!(path.send(ms(10_500), UDP), passed(ms(10_503)));
    assert_eq!(
        path.send(ms(11_050), UDP),
        PacketFate::Dropped(DropCause::Gap)
    );
}

#[test]
fn a_configuration_out_of_range_is_refused_and_the_old_one_stays() {
    let mut path = path(PathConfig {
        delay_ms: 3.0,
        ..PathConfig::default()
    });
    let error = path
        .reconfigure(
            ms(1),
            PathConfig {
                delay_ms: -1.0,
                ..PathConfig::default()
            },
        )
        .unwrap_err();
    assert_eq!(error.key, "delay_ms");
    assert_eq!(path.send(ms(2), UDP), passed(ms(5)));
}
