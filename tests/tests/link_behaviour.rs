//! What one direction of the emulated link does to single packets over time.

use std::time::Duration;

use tests::link::{
    Bandwidth, Departure, DropCause, Fate, Gap, Jitter, Link, LinkConfig, Loss, Order, Packet,
    ScheduleStep,
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

fn link(config: LinkConfig) -> Link {
    Link::new(config, 1).expect("a valid configuration")
}

fn passed(at: Duration) -> Fate {
    Fate::Passed {
        first: Departure {
            at,
            corruption: None,
        },
        copy: None,
    }
}

/// Something of everything.
fn busy() -> LinkConfig {
    LinkConfig {
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
        },
        ..LinkConfig::default()
    }
}

fn fates(link: &mut Link) -> Vec<Fate> {
    (0..2_000)
        .map(|index| link.send(ms(9 * index), UDP))
        .collect()
}

#[test]
fn the_same_seed_and_packets_meet_the_same_fate() {
    let [once, again] = [1, 1].map(|seed| fates(&mut Link::new(busy(), seed).unwrap()));
    assert_eq!(once, again);
    let other = fates(&mut Link::new(busy(), 2).unwrap());
    assert_ne!(once, other);
}

#[test]
fn fades_come_at_the_same_moments_however_many_packets_are_sent() {
    let config = LinkConfig {
        loss: Loss::Fades {
            mean_ms: 60.0,
            faded_percent: 10.0,
        },
        ..LinkConfig::default()
    };
    let (mut sparse, mut dense) = (link(config.clone()), link(config));
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
    let lost = |config: LinkConfig| {
        let mut link = link(LinkConfig {
            loss: Loss::Uniform { percent: 10.0 },
            ..config
        });
        fates(&mut link)
            .into_iter()
            .map(|fate| matches!(fate, Fate::Dropped(_)))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lost(LinkConfig::default()),
        lost(LinkConfig {
            bandwidth: Bandwidth::UNLIMITED,
            ..busy()
        })
    );
}

#[test]
fn a_perfect_link_passes_at_once() {
    assert_eq!(link(LinkConfig::default()).send(ms(7), UDP), passed(ms(7)));
}

#[test]
fn kept_order_holds_up_the_ones_behind_and_free_order_does_not() {
    let departures = |order| {
        let jitter = Jitter {
            ms: 50.0,
            order,
            ..Jitter::default()
        };
        let mut link = link(LinkConfig {
            jitter,
            ..LinkConfig::default()
        });
        let fates: Vec<_> = (0..500).map(|index| link.send(ms(index), UDP)).collect();
        fates
            .into_iter()
            .flat_map(Fate::departures)
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
    let mut link = link(LinkConfig {
        jitter,
        ..LinkConfig::default()
    });
    let held = (0..10_000)
        .filter(|index| link.send(ms(*index), UDP) != passed(ms(*index)))
        .count();
    assert!((340..460).contains(&held), "{held} of 10,000 held up");
}

#[test]
fn a_full_queue_drops_from_its_tail_and_drains_at_the_rate() {
    // 1,000 B take 10 ms.
    let bandwidth = Bandwidth {
        kbit_per_s: 800.0,
        queue_bytes: 3_000,
    };
    let mut link = link(LinkConfig {
        delay_ms: 5.0,
        bandwidth,
        ..LinkConfig::default()
    });
    let burst: Vec<_> = (0..4).map(|_| link.send(ms(0), UDP)).collect();
    assert_eq!(
        burst,
        [
            passed(ms(15)),
            passed(ms(25)),
            passed(ms(35)),
            Fate::Dropped(DropCause::Queue)
        ]
    );
    assert_eq!(link.send(ms(9), UDP), Fate::Dropped(DropCause::Queue));
    assert_eq!(link.send(ms(10), UDP), passed(ms(45)));
}

#[test]
fn a_blackhole_swallows_udp_and_lets_tcp_through() {
    let mut link = link(LinkConfig {
        udp_blackhole: true,
        ..LinkConfig::default()
    });
    assert_eq!(link.send(ms(1), UDP), Fate::Dropped(DropCause::Blackhole));
    assert_eq!(link.send(ms(1), TCP), passed(ms(1)));
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
    let mut link = link(LinkConfig {
        gaps,
        ..LinkConfig::default()
    });
    let closed: Vec<_> = (0..1_000)
        .map(|step| step * 10)
        .filter(|at| link.send(ms(*at), TCP) == Fate::Dropped(DropCause::Gap))
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
    let mut link = link(LinkConfig {
        delay_ms: 20.0,
        schedule,
        ..LinkConfig::default()
    });
    assert_eq!(link.send(ms(999), UDP), passed(ms(1_019)));
    assert_eq!(link.send(ms(1_000), TCP), passed(ms(1_080)));
    assert_eq!(
        link.send(ms(1_500), UDP),
        Fate::Dropped(DropCause::Blackhole)
    );
    assert_eq!(link.send(ms(2_500), TCP), Fate::Dropped(DropCause::Loss));
    assert_eq!(link.send(ms(3_500), UDP), passed(ms(3_580)));
}

#[test]
fn a_new_configuration_counts_its_times_from_its_start() {
    let mut link = link(LinkConfig::default());
    let gaps = vec![Gap {
        at_s: 1.0,
        for_ms: 100.0,
        every_s: None,
    }];
    link.reconfigure(
        ms(10_000),
        LinkConfig {
            delay_ms: 3.0,
            gaps,
            ..LinkConfig::default()
        },
    )
    .unwrap();
    assert_eq!(link.send(ms(10_500), UDP), passed(ms(10_503)));
    assert_eq!(link.send(ms(11_050), UDP), Fate::Dropped(DropCause::Gap));
}

#[test]
fn a_configuration_out_of_range_is_refused_and_the_old_one_stays() {
    let mut link = link(LinkConfig {
        delay_ms: 3.0,
        ..LinkConfig::default()
    });
    let error = link
        .reconfigure(
            ms(1),
            LinkConfig {
                delay_ms: -1.0,
                ..LinkConfig::default()
            },
        )
        .unwrap_err();
    assert_eq!(error.key, "delay_ms");
    assert_eq!(link.send(ms(2), UDP), passed(ms(5)));
}
