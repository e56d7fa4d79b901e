//! What an ideal sender would have got through the same network conditions: the measure for every real one. It is no
//! transport that could be built.

use std::time::Duration;

use super::figures::{Arrival, Sent};
use crate::path::{Packet, PathConfig, PathModel};

/// From one try to the next, in milliseconds.
const EVERY_MS: f64 = 1.0;

/// What passes in any queue and under any firewall.
const FEATHER: Packet = Packet {
    bytes: 1,
    is_udp: false,
};

/// When an ideal sender's snapshots come in: it sends the newest one again each millisecond, as one byte that no
/// firewall knows, until it has passed or a newer one exists.
///
/// `down` is made anew with the run's configuration and seeds, so that its time is the measurement's: fades, gaps,
/// the schedule and the delay of a trace hang on time alone, so it meets those that the run met. Loss and jitter per
/// packet are its own draws from the same distribution; under loss per packet it loses practically nothing, and comes
/// a few milliseconds late at most. What is sent before the start or after `span_ms` is left out.
pub fn floor(sent: &[Sent], mut down: PathModel, span_ms: f64) -> Vec<Arrival> {
    let mut sent: Vec<Sent> = sent
        .iter()
        .copied()
        .filter(|snapshot| (0.0..span_ms).contains(&snapshot.at_ms))
        .collect();
    sent.sort_by(|one, other| one.at_ms.total_cmp(&other.at_ms));
    let mut arrivals = Vec::with_capacity(sent.len());
    for (index, Sent { tick, at_ms }) in sent.iter().copied().enumerate() {
        let until = sent.get(index + 1).map_or(span_ms, |next| next.at_ms);
        let mut now_ms = at_ms;
        loop {
            if let Some(at_ms) = pass(&mut down, now_ms) {
                arrivals.push(Arrival { tick, at_ms });
                break;
            }
            now_ms += EVERY_MS;
            if now_ms >= until {
                break;
            }
        }
    }
    arrivals
}

/// When a packet of `now_ms` comes out whole, if it does.
fn pass(down: &mut PathModel, now_ms: f64) -> Option<f64> {
    let fate = down.send(Duration::from_secs_f64(now_ms / 1e3), FEATHER);
    let whole = fate.departures().filter(|copy| copy.corruption.is_none());
    whole
        .map(|copy| copy.at.as_secs_f64() * 1e3)
        .reduce(f64::min)
}

/// The most that the path itself delays a packet, queues apart, in milliseconds.
pub fn longest_own_delay_ms(path: &PathConfig) -> f64 {
    let (mut delay_ms, mut jitter) = (path.delay_ms, path.jitter);
    let mut longest = delay_ms + jitter.ms;
    for step in &path.schedule {
        delay_ms = step.delay_ms.unwrap_or(delay_ms);
        jitter = step.jitter.unwrap_or(jitter);
        longest = longest.max(delay_ms + jitter.ms);
    }
    let rows = path.trace.iter().flat_map(|trace| trace.rows());
    let recorded = rows.filter_map(|row| row.delay).max();
    longest + recorded.unwrap_or_default().as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::super::figures;
    use super::*;
    use crate::path::{Gap, Jitter, Loss, PathPair, ScheduleStep};
    use crate::report::Figures;

    const SPAN_MS: f64 = 60_000.0;

    fn at_20_hz() -> Vec<Sent> {
        let sent = |tick| Sent {
            tick,
            at_ms: f64::from(tick) * 50.0,
        };
        (0..1_200).map(sent).collect()
    }

    fn floor_of(config: &PathConfig, seed: u64) -> Figures {
        let pair = PathPair {
            down: config.clone(),
            seed,
            ..PathPair::default()
        };
        let (_, down) = pair.paths().unwrap();
        let sent = at_20_hz();
        let arrivals = floor(&sent, down, SPAN_MS);
        figures(&sent, &arrivals, SPAN_MS, longest_own_delay_ms(config)).0
    }

    /// A sender that sends each snapshot once.
    fn once_of(config: &PathConfig, seed: u64) -> Figures {
        let mut down = PathModel::new(config.clone(), !seed).unwrap();
        let sent = at_20_hz();
        let arrivals: Vec<_> = sent
            .iter()
            .filter_map(|Sent { tick, at_ms }| {
                let at_ms = pass(&mut down, *at_ms)?;
                Some(Arrival { tick: *tick, at_ms })
            })
            .collect();
        figures(&sent, &arrivals, SPAN_MS, longest_own_delay_ms(config)).0
    }

    #[test]
    fn on_a_clear_link_the_floor_is_the_links_own_delay() {
        let config = PathConfig {
            delay_ms: 50.0,
            jitter: Jitter {
                ms: 10.0,
                ..Jitter::default()
            },
            ..PathConfig::default()
        };
        let figures = floor_of(&config, 1);
        assert_eq!(
            (figures.sent, figures.arrived, figures.late),
            (1_200, 1_200, 0)
        );
        assert!((54.0..=56.0).contains(&figures.age.p50), "{figures:?}");
        assert!((59.0..=60.0).contains(&figures.age.p99), "{figures:?}");
    }

    #[test]
    fn under_loss_per_packet_nothing_is_lost() {
        let config = PathConfig {
            delay_ms: 50.0,
            loss: Loss::Uniform { percent: 20.0 },
            ..PathConfig::default()
        };
        let figures = floor_of(&config, 1);
        assert_eq!((figures.arrived, figures.starved_percent), (1_200, 0.0));
        assert!((51.0..=53.0).contains(&figures.age.p99), "{figures:?}");
        assert!(once_of(&config, 1).arrived < 1_000);
    }

    #[test]
    fn nothing_beats_the_floor_through_the_same_fades() {
        let config = PathConfig {
            delay_ms: 60.0,
            loss: Loss::Fades {
                mean_ms: 60.0,
                faded_percent: 10.0,
            },
            ..PathConfig::default()
        };
        let mut worse = 0;
        for seed in 0..20 {
            let (floor, once) = (floor_of(&config, seed), once_of(&config, seed));
            assert!(floor.arrived >= once.arrived, "{seed}");
            assert!(floor.starved_percent <= once.starved_percent, "{seed}");
            assert!(floor.longest_gap <= once.longest_gap, "{seed}");
            worse += u32::from(floor.starved_percent < once.starved_percent);
        }
        assert!(
            worse >= 19,
            "one try each was as good in {} of 20",
            20 - worse
        );
    }

    #[test]
    fn the_floor_waits_for_the_end_of_a_gap_and_knows_no_firewall() {
        let config = PathConfig {
            delay_ms: 50.0,
            gaps: vec![Gap {
                at_s: 10.0,
                for_ms: 3_000.0,
                every_s: None,
            }],
            schedule: vec![ScheduleStep {
                at_s: 20.0,
                udp_blackhole: Some(true),
                ..ScheduleStep::default()
            }],
            ..PathConfig::default()
        };
        let figures = floor_of(&config, 1);
        assert_eq!(figures.gaps, 1);
        assert!(
            (3_000.0..=3_051.0).contains(&figures.longest_gap),
            "{figures:?}"
        );
    }

    #[test]
    fn the_longest_own_delay_is_that_of_the_worst_stretch() {
        let step = |at_s, delay_ms, jitter_ms: Option<f64>| ScheduleStep {
            at_s,
            delay_ms,
            jitter: jitter_ms.map(|ms| Jitter {
                ms,
                ..Jitter::default()
            }),
            ..ScheduleStep::default()
        };
        let config = PathConfig {
            delay_ms: 50.0,
            schedule: vec![step(1.0, None, Some(30.0)), step(2.0, Some(10.0), None)],
            ..PathConfig::default()
        };
        assert_eq!(longest_own_delay_ms(&config), 80.0);
        assert_eq!(longest_own_delay_ms(&PathConfig::default()), 0.0);
    }
}
