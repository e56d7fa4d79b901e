//! Kinds of bad network that runs go through, each with figures drawn from a range. The ranges are wide on purpose and
//! fitted to nothing.

use std::time::Duration;

use super::random_source::RandomSource;
use netlab::path::{
    Bandwidth, DropPolicy, Gap, Jitter, Loss, Order, PathConfig, PathPair, ScheduleStep,
};

/// Network conditions of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkConditions {
    /// Delay alone.
    Calm,
    /// Each packet is lost for itself.
    Losses,
    /// Losses in bursts of packets.
    Bursts,
    /// Fades of tens of milliseconds.
    Fades,
    /// Fades of hundreds of milliseconds.
    LongFades,
    /// Delay that varies, in order.
    Jitter,
    /// Packets overtake each other.
    Disorder,
    /// Packets come twice, and out of order.
    Copies,
    /// Bytes are flipped.
    Corruption,
    /// A bottleneck that is hardly wide enough.
    Narrow,
    /// Nothing passes for seconds, once.
    Gap,
    /// Nothing passes for a moment, again and again.
    Handovers,
    /// UDP stops in mid-game.
    Blackhole,
    /// A good way down and a bad way up.
    BadUp,
    /// It gets worse, and better again.
    Changing,
    /// All at once, as yojimbo's soak: a quarter lost and a quarter doubled, a second of delay.
    Soak,
}

impl NetworkConditions {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Calm,
        Self::Losses,
        Self::Bursts,
        Self::Fades,
        Self::LongFades,
        Self::Jitter,
        Self::Disorder,
        Self::Copies,
        Self::Corruption,
        Self::Narrow,
        Self::Gap,
        Self::Handovers,
        Self::Blackhole,
        Self::BadUp,
        Self::Changing,
        Self::Soak,
    ];

    /// Whether its chances are the same at all times, and leave room for all that is sent.
    pub fn is_steady(self) -> bool {
        !matches!(
            self,
            Self::Narrow
                | Self::Gap
                | Self::Handovers
                | Self::Blackhole
                | Self::Changing
                | Self::Soak
        )
    }

    /// Both directions of a network under such conditions, for a run of this length.
    pub(super) fn network(self, length: Duration, random: &mut RandomSource) -> PathPair {
        let base = PathConfig {
            delay_ms: random.between(5.0, 120.0),
            ..PathConfig::default()
        };
        let up = self.apply(base.clone(), length, random);
        let (up, down) = match self {
            Self::BadUp => (up, base),
            // The same spells both ways.
            Self::Gap | Self::Handovers | Self::Blackhole | Self::Changing => (up.clone(), up),
            _ => (up, self.apply(base, length, random)),
        };
        PathPair {
            up,
            down,
            seed: random.seed(),
            shared_fades: random.chance(0.5),
        }
    }

    fn apply(self, base: PathConfig, length: Duration, random: &mut RandomSource) -> PathConfig {
        let seconds = length.as_secs_f64();
        match self {
            Self::Calm => base,
            Self::Losses => losing(base, random.between(1.0, 20.0)),
            Self::Bursts => PathConfig {
                loss: Loss::Bursts {
                    good_packets: random.between(10.0, 60.0),
                    bad_packets: random.between(1.5, 4.0),
                },
                ..base
            },
            Self::Fades => fading(base, random.between(20.0, 90.0), random.between(2.0, 12.0)),
            Self::LongFades => fading(
                base,
                random.between(150.0, 500.0),
                random.between(5.0, 20.0),
            ),
            Self::Jitter => jittering(base, random.between(5.0, 80.0), Order::Kept),
            Self::Disorder => jittering(base, random.between(20.0, 250.0), Order::Free),
            Self::Copies => PathConfig {
                duplicate_percent: random.between(5.0, 40.0),
                ..jittering(base, random.between(0.0, 60.0), Order::Free)
            },
            Self::Corruption => PathConfig {
                corrupt_percent: random.between(2.0, 15.0),
                ..base
            },
            Self::Narrow => PathConfig {
                bandwidth: Bandwidth {
                    kbit_per_s: random.between(60.0, 200.0),
                    queue_bytes: random.between(3_000.0, 30_000.0) as usize,
                    drop: [DropPolicy::Tail, DropPolicy::Early][random.below(2)],
                },
                ..base
            },
            Self::Gap => PathConfig {
                gaps: vec![Gap {
                    at_s: random.between(0.2, 0.6) * seconds,
                    for_ms: random.between(1_000.0, 9_000.0),
                    every_s: None,
                }],
                ..base
            },
            Self::Handovers => PathConfig {
                gaps: vec![Gap {
                    at_s: random.between(1.0, 4.0),
                    for_ms: random.between(100.0, 900.0),
                    every_s: Some(random.between(2.0, 6.0)),
                }],
                ..base
            },
            Self::Blackhole => PathConfig {
                schedule: vec![ScheduleStep {
                    at_s: random.between(0.2, 0.6) * seconds,
                    udp_blackhole: Some(true),
                    ..ScheduleStep::default()
                }],
                ..base
            },
            Self::BadUp => losing(base, random.between(5.0, 40.0)),
            Self::Changing => PathConfig {
                schedule: changes(seconds, random),
                ..base
            },
            Self::Soak => PathConfig {
                delay_ms: random.between(100.0, 1_000.0),
                duplicate_percent: 25.0,
                ..losing(jittering(base, 100.0, Order::Free), 25.0)
            },
        }
    }
}

fn losing(base: PathConfig, percent: f64) -> PathConfig {
    PathConfig {
        loss: Loss::Uniform { percent },
        ..base
    }
}

fn fading(base: PathConfig, mean_ms: f64, faded_percent: f64) -> PathConfig {
    PathConfig {
        loss: Loss::Fades {
            mean_ms,
            faded_percent,
        },
        ..base
    }
}

fn jittering(base: PathConfig, ms: f64, order: Order) -> PathConfig {
    PathConfig {
        jitter: Jitter {
            ms,
            order,
            ..Jitter::default()
        },
        ..base
    }
}

fn changes(seconds: f64, random: &mut RandomSource) -> Vec<ScheduleStep> {
    (1..6)
        .map(|step| ScheduleStep {
            at_s: seconds * f64::from(step) / 6.0,
            delay_ms: Some(random.between(5.0, 300.0)),
            loss: Some(if random.chance(0.5) {
                Loss::Uniform {
                    percent: random.between(0.0, 30.0),
                }
            } else {
                Loss::Fades {
                    mean_ms: random.between(30.0, 300.0),
                    faded_percent: random.between(1.0, 20.0),
                }
            }),
            duplicate_percent: Some(random.between(0.0, 10.0)),
            ..ScheduleStep::default()
        })
        .collect()
}
