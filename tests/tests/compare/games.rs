//! Games played by the path model, of a skill that a test chooses, as `netlab run` would report them.

use netlab::judge::{Arrival, Sent, figures, longest_own_delay_ms};
use netlab::path::{Jitter, Loss, Packet, PathConfig, PathModel};
use netlab::report::{Connection, Figures, Place, REPORT_VERSION, Report, Run, Series, Verdict};
use netlab::transport_under_test::TransportUnderTest;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use std::time::Duration;

const SECONDS: f64 = 30.0;

/// How well a game does.
#[derive(Clone, Copy)]
pub(crate) struct Skill {
    /// Age on top of the link's.
    pub(crate) more_age_ms: f64,
    /// The spread of what the machine adds to the age, from run to run.
    pub(crate) run_spread_ms: f64,
    /// Whether what is lost goes again 220 ms later and holds up all behind it, as in TCP.
    pub(crate) is_reliable: bool,
    pub(crate) first_snapshot_ms: f64,
}

pub(crate) const AS_EVER: Skill = Skill {
    more_age_ms: 0.0,
    run_spread_ms: 0.0,
    is_reliable: false,
    first_snapshot_ms: 250.0,
};

pub(crate) const ON_A_BUSY_MACHINE: Skill = Skill {
    run_spread_ms: 3.0,
    ..AS_EVER
};

pub(crate) fn link(loss: Loss) -> PathConfig {
    PathConfig {
        delay_ms: 60.0,
        jitter: Jitter {
            ms: 30.0,
            ..Jitter::default()
        },
        loss,
        ..PathConfig::default()
    }
}

pub(crate) fn fades() -> PathConfig {
    link(Loss::Fades {
        mean_ms: 60.0,
        faded_percent: 5.0,
    })
}

/// A game through the network conditions of `seed`; `chance` is all other chance.
pub(crate) fn play(link: &PathConfig, skill: Skill, repeat: u32, seed: u64, chance: u64) -> Run {
    const PACKET: Packet = Packet {
        bytes: 128,
        is_udp: true,
    };
    let mut random = Xoshiro256PlusPlus::seed_from_u64(chance);
    let mut unit = || random.next_u64() as f64 / u64::MAX as f64;
    // Close to normal, with a standard deviation of 1.
    let deviation = (unit() + unit() + unit() + unit() - 2.0) * 3f64.sqrt();
    let later_ms = skill.more_age_ms + skill.run_spread_ms * deviation;
    let phase_ms = 50.0 * unit();

    let mut down = PathModel::with_fade_seed(link.clone(), chance, seed).unwrap();
    let mut pass = |at_ms: f64| {
        let fate = down.send(Duration::from_secs_f64(at_ms / 1e3), PACKET);
        let departure = fate.departures().next()?;
        Some(departure.at.as_secs_f64() * 1e3)
    };
    let mut sent = Vec::new();
    let mut arrivals = Vec::new();
    let mut held_up_until_ms = 0.0;
    for tick in 0..(SECONDS * 20.0) as u32 {
        let at_ms = phase_ms + f64::from(tick) * 50.0;
        sent.push(Sent { tick, at_ms });
        let tries = if skill.is_reliable { 20 } else { 1 };
        let came = (0..tries).find_map(|again| pass(at_ms + 220.0 * f64::from(again)));
        if let Some(mut came_ms) = came {
            if skill.is_reliable {
                came_ms = came_ms.max(held_up_until_ms);
                held_up_until_ms = came_ms;
            }
            let at_ms = came_ms + later_ms;
            arrivals.push(Arrival { tick, at_ms });
        }
    }
    let (figures, series) = figures(&sent, &arrivals, SECONDS * 1e3, longest_own_delay_ms(link));
    Run {
        profile: "fades-5".into(),
        player: "chromium".into(),
        way: TransportUnderTest::WebRtc,
        repeat,
        seed,
        seconds: SECONDS,
        figures,
        floor: Figures::default(),
        connection: Connection {
            first_snapshot: Some(skill.first_snapshot_ms + 20.0 * unit()),
            ..Connection::default()
        },
        feel: None,
        series,
        other_series: Vec::new(),
        floor_series: Series::default(),
        failure: None,
    }
}

pub(crate) fn report(runs: Vec<Run>) -> Report {
    Report {
        version: REPORT_VERSION,
        began_unix_ms: 0.0,
        command: Vec::new(),
        place: Place::Namespaces,
        remarks: Vec::new(),
        profiles: Vec::new(),
        runs,
        verdict: Verdict::default(),
    }
}

/// A report of three runs, as a person would play them.
pub(crate) fn played(link: &PathConfig, skill: Skill, seed: u64, chance: u64) -> Report {
    let run = |repeat: u32| {
        let repeat_of = |number| number + u64::from(repeat);
        play(link, skill, repeat, repeat_of(seed), repeat_of(chance))
    };
    report((1..=3).map(run).collect())
}
