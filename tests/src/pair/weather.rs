//! Kinds of bad network that runs go through, each with figures drawn from a range. The ranges are wide on purpose and
//! fitted to nothing.

use std::time::Duration;

use super::luck::Luck;
use netlab::link::{
    Bandwidth, DropPolicy, Gap, Jitter, LinkConfig, LinkPair, Loss, Order, ScheduleStep,
};

/// A kind of weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
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

impl Weather {
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

    /// Both directions of a network in such weather, for a run of this length.
    pub(super) fn network(self, length: Duration, luck: &mut Luck) -> LinkPair {
        let base = LinkConfig {
            delay_ms: luck.between(5.0, 120.0),
            ..LinkConfig::default()
        };
        let up = self.apply(base.clone(), length, luck);
        let (up, down) = match self {
            Self::BadUp => (up, base),
            // The same spells both ways.
            Self::Gap | Self::Handovers | Self::Blackhole | Self::Changing => (up.clone(), up),
            _ => (up, self.apply(base, length, luck)),
        };
        LinkPair {
            up,
            down,
            seed: luck.seed(),
            shared_fades: luck.chance(0.5),
        }
    }

    fn apply(self, base: LinkConfig, length: Duration, luck: &mut Luck) -> LinkConfig {
        let seconds = length.as_secs_f64();
        match self {
            Self::Calm => base,
            Self::Losses => losing(base, luck.between(1.0, 20.0)),
            Self::Bursts => LinkConfig {
                loss: Loss::Bursts {
                    good_packets: luck.between(10.0, 60.0),
                    bad_packets: luck.between(1.5, 4.0),
                },
                ..base
            },
            Self::Fades => fading(base, luck.between(20.0, 90.0), luck.between(2.0, 12.0)),
            Self::LongFades => fading(base, luck.between(150.0, 500.0), luck.between(5.0, 20.0)),
            Self::Jitter => jittering(base, luck.between(5.0, 80.0), Order::Kept),
            Self::Disorder => jittering(base, luck.between(20.0, 250.0), Order::Free),
            Self::Copies => LinkConfig {
                duplicate_percent: luck.between(5.0, 40.0),
                ..jittering(base, luck.between(0.0, 60.0), Order::Free)
            },
            Self::Corruption => LinkConfig {
                corrupt_percent: luck.between(2.0, 15.0),
                ..base
            },
            Self::Narrow => LinkConfig {
                bandwidth: Bandwidth {
                    kbit_per_s: luck.between(60.0, 200.0),
                    queue_bytes: luck.between(3_000.0, 30_000.0) as usize,
                    drop: [DropPolicy::Tail, DropPolicy::Early][luck.below(2)],
                },
                ..base
            },
            Self::Gap => LinkConfig {
                gaps: vec![Gap {
                    at_s: luck.between(0.2, 0.6) * seconds,
                    for_ms: luck.between(1_000.0, 9_000.0),
                    every_s: None,
                }],
                ..base
            },
            Self::Handovers => LinkConfig {
                gaps: vec![Gap {
                    at_s: luck.between(1.0, 4.0),
                    for_ms: luck.between(100.0, 900.0),
                    every_s: Some(luck.between(2.0, 6.0)),
                }],
                ..base
            },
            Self::Blackhole => LinkConfig {
                schedule: vec![ScheduleStep {
                    at_s: luck.between(0.2, 0.6) * seconds,
                    udp_blackhole: Some(true),
                    ..ScheduleStep::default()
                }],
                ..base
            },
            Self::BadUp => losing(base, luck.between(5.0, 40.0)),
            Self::Changing => LinkConfig {
                schedule: changes(seconds, luck),
                ..base
            },
            Self::Soak => LinkConfig {
                delay_ms: luck.between(100.0, 1_000.0),
                duplicate_percent: 25.0,
                ..losing(jittering(base, 100.0, Order::Free), 25.0)
            },
        }
    }
}

fn losing(base: LinkConfig, percent: f64) -> LinkConfig {
    LinkConfig {
        loss: Loss::Uniform { percent },
        ..base
    }
}

fn fading(base: LinkConfig, mean_ms: f64, faded_percent: f64) -> LinkConfig {
    LinkConfig {
        loss: Loss::Fades {
            mean_ms,
            faded_percent,
        },
        ..base
    }
}

fn jittering(base: LinkConfig, ms: f64, order: Order) -> LinkConfig {
    LinkConfig {
        jitter: Jitter {
            ms,
            order,
            ..Jitter::default()
        },
        ..base
    }
}

fn changes(seconds: f64, luck: &mut Luck) -> Vec<ScheduleStep> {
    (1..6)
        .map(|step| ScheduleStep {
            at_s: seconds * f64::from(step) / 6.0,
            delay_ms: Some(luck.between(5.0, 300.0)),
            loss: Some(if luck.chance(0.5) {
                Loss::Uniform {
                    percent: luck.between(0.0, 30.0),
                }
            } else {
                Loss::Fades {
                    mean_ms: luck.between(30.0, 300.0),
                    faded_percent: luck.between(1.0, 20.0),
                }
            }),
            duplicate_percent: Some(luck.between(0.0, 10.0)),
            ..ScheduleStep::default()
        })
        .collect()
}
