//! One player's client is broken, hostile or lives by a wrong clock; three others play with it. They never see anything
//! but the server's own views, in time; what is refused is counted; and who comes to reason plays on.

use std::time::Duration;

use netlab::path::{Loss, PathConfig, PathPair};
use tests::pair::scenario::{ClockFault, GuestPlan, Kind, Move, Scenario};
use tests::pair::{
    Checksum, FaultInjection, InjectedFault, InputTally, Outcome, play, starved_share,
};

/// The bad spell.
const FROM: Duration = Duration::from_secs(10);
const UNTIL: Duration = Duration::from_secs(25);

/// By then who was bad has recovered.
const RECOVERED: Duration = Duration::from_secs(40);

const END: Duration = Duration::from_secs(60);

const KINDS: [Kind; 2] = [Kind::Datagrams, Kind::Streams(3)];

fn player(kind: Kind, link: PathConfig) -> GuestPlan {
    let open = Move::Open { kind, network: 0 };
    GuestPlan {
        networks: vec![PathPair {
            up: link.clone(),
            down: link,
            ..PathPair::default()
        }],
        moves: vec![(Duration::from_millis(100), open)],
        ..GuestPlan::default()
    }
}

fn calm() -> PathConfig {
    PathConfig {
        delay_ms: 40.0,
        ..PathConfig::default()
    }
}

fn lossy() -> PathConfig {
    PathConfig {
        loss: Loss::Uniform { percent: 3.0 },
        ..calm()
    }
}

/// The odd one first, and three others on good links.
fn with_others(odd: GuestPlan, length: Duration) -> Scenario {
    let others = [Kind::Datagrams, Kind::Streams(3), Kind::Datagrams];
    let others = others.map(|kind| player(kind, calm()));
    Scenario {
        seed: 5,
        length,
        guests: [odd].into_iter().chain(others).collect(),
        ..Scenario::default()
    }
}

/// The others see the server's own views without a gap, and their inputs are in time.
fn assert_others_play_on(outcome: &Outcome, about: &str) {
    for guest in &outcome.guests[1..] {
        assert_eq!(guest.witness.faults, [""; 0], "{about}");
        assert_eq!(
            guest.tally.undecodable + guest.tally.malformed,
            0,
            "{about}"
        );
        assert!(guest.witness.compared > 1_100, "{about}");
        assert_eq!(starved_share(&guest.witness.news, END), 0.0, "{about}");
        assert!(
            guest.inputs.on_time_share() > 0.98,
            "{about} {:?}",
            guest.inputs
        );
        assert_eq!(guest.inputs.foreign, 0, "{about}");
    }
}

/// Who was odd gets news to the end, and its inputs are in time again.
fn assert_recovers(odd: &GuestPlan, outcome: &Outcome, about: &str) {
    let guest = &outcome.guests[0];
    assert_eq!(guest.witness.ended, None, "{about}");
    let late: Vec<Duration> = guest
        .witness
        .news
        .iter()
        .copied()
        .filter(|at| *at > RECOVERED)
        .collect();
    assert!(starved_share(&late, END) < 0.002, "{about}");
    // The run up to then is the same.
    let before = play(&with_others(odd.clone(), RECOVERED));
    let share = since(before.guests[0].inputs, guest.inputs).on_time_share();
    assert!(share > 0.97, "{about}: {share}");
}

fn since(before: InputTally, after: InputTally) -> InputTally {
    InputTally {
        on_time: after.on_time - before.on_time,
        repeated: after.repeated - before.repeated,
        neutral: after.neutral - before.neutral,
        none: after.none - before.none,
        foreign: after.foreign - before.foreign,
    }
}

#[test]
fn a_clock_of_another_speed_or_hour_harms_nobody_else() {
    let runs = |rate| ClockFault::Runs {
        rate,
        from: FROM,
        until: UNTIL,
    };
    let jumps = |seconds, until| ClockFault::Jumps {
        seconds,
        from: FROM,
        until,
    };
    let clocks = [
        runs(0.5),
        runs(2.0),
        jumps(3_600.0, UNTIL),
        jumps(-3_600.0, UNTIL),
        // For good: nobody needs to know what time it is.
        jumps(3_600.0, Duration::MAX),
        jumps(-3_600.0, Duration::MAX),
    ];
    for (clock, kind) in clocks
        .into_iter()
        .flat_map(|clock| KINDS.map(|kind| (clock, kind)))
    {
        let about = format!("{clock:?} {kind:?}");
        let odd = GuestPlan {
            clock,
            ..player(kind, lossy())
        };
        let outcome = play(&with_others(odd.clone(), END));
        assert_others_play_on(&outcome, &about);
        // It sees what the server shows it, and never makes its circle do what it never meant.
        assert_eq!(outcome.guests[0].witness.faults, [""; 0], "{about}");
        assert_eq!(outcome.guests[0].inputs.foreign, 0, "{about}");
        assert_recovers(&odd, &outcome, &about);
    }
}

/// What is counted of it at least, of the 450 datagrams of the bad spell.
fn counted(fault: InjectedFault) -> (&'static str, u64) {
    match fault {
        InjectedFault::AcksUnsent => ("game_server_refused_total ack unsent", 430),
        InjectedFault::AcksAhead => ("game_server_refused_total ack unsent", 20),
        InjectedFault::Replays => ("game_server_refused_total datagram duplicate", 1_300),
        InjectedFault::Flood => ("game_server_refused_total datagram flood", 12_000),
        InjectedFault::FarInputs => ("game_server_inputs_early_total", 2_300),
        InjectedFault::OldInputs => ("game_server_inputs_late_total", 800),
        InjectedFault::ManyInputs => ("game_server_refused_total inputs malformed", 430),
        // Some of it isn't even a header.
        InjectedFault::Noise => ("game_server_refused_total inputs malformed", 300),
        InjectedFault::Mangled => ("game_server_refused_total inputs malformed", 200),
    }
}

#[test]
fn datagrams_that_make_no_sense_are_counted_and_harm_nobody_else() {
    for (fault, kind) in InjectedFault::ALL
        .into_iter()
        .flat_map(|fault| KINDS.map(|kind| (fault, kind)))
    {
        let about = format!("{fault:?} {kind:?}");
        let odd = GuestPlan {
            fault_injection: Some(FaultInjection {
                fault,
                from: FROM,
                until: UNTIL,
            }),
            ..player(kind, lossy())
        };
        let outcome = play(&with_others(odd.clone(), END));
        assert_others_play_on(&outcome, &about);
        let (counter, least) = counted(fault);
        let count = outcome.counts.read(counter);
        assert!(count >= least, "{about}: {count}");
        if matches!(fault, InjectedFault::AcksUnsent | InjectedFault::Replays) {
            let odd = &outcome.guests[0];
            assert_eq!(odd.witness.faults, [""; 0], "{about}");
            assert!(
                odd.inputs.on_time_share() > 0.98,
                "{about} {:?}",
                odd.inputs
            );
        }
        assert_recovers(&odd, &outcome, &about);
    }
}

#[test]
fn flipped_bytes_that_no_check_finds_harm_nobody_else() {
    let corrupting = PathConfig {
        corrupt_percent: 30.0,
        ..calm()
    };
    let odd = GuestPlan {
        checksum: Checksum::Unchecked,
        ..player(Kind::Datagrams, corrupting)
    };
    let outcome = play(&with_others(odd, END));
    assert_others_play_on(&outcome, "");
    let refused = "game_server_refused_total inputs malformed";
    assert!(outcome.counts.read(refused) > 0);
    let odd = &outcome.guests[0];
    assert!(
        odd.tally.undecodable > 0 && odd.corrupted > 900,
        "{} corrupted, {:?}",
        odd.corrupted,
        odd.tally
    );
    assert_eq!(odd.witness.ended, None);
    assert!(
        odd.witness.news.last() > Some(&RECOVERED),
        "it sees something all the same"
    );
}
