//! The server's own room against virtual players with every link plan under all network conditions, hundreds of
//! seeded runs in virtual time. `PAIR_SEED=N` plays run N alone, `PAIR_SEED=N..M` those from N to before M: there are
//! as many different ones as one has time for.

use std::env;
use std::ops::Range;
use std::time::Duration;

use netlab::path::{Loss, PathConfig, PathPair};
use tests::pair::scenario::{GuestPlan, Kind, Move, Scenario};
use tests::pair::{
    ONE_ROUND, Outcome, link_plan_and_conditions, plan, play, shares_elsewhere, starved_share,
};

/// Runs in all: twice through every link plan under all conditions.
const RUNS: u64 = 2 * ONE_ROUND;

/// Plays one of `parts` equal shares of the runs, and tells of all that went wrong.
fn play_part(part: u64, parts: u64) {
    let numbers = chosen_runs().filter(|number| number % parts == part);
    let (mut seconds, mut compared, mut wrong) = (0.0, 0, Vec::new());
    for number in numbers {
        let scenario = plan(number);
        let outcome = play(&scenario);
        seconds += scenario.length.as_secs_f64();
        compared += outcome
            .guests
            .iter()
            .map(|guest| guest.witness.compared)
            .sum::<u64>();
        for fault in faults(&outcome) {
            wrong.push(format!(
                "PAIR_SEED={number} {:?}: {fault}",
                link_plan_and_conditions(number)
            ));
        }
    }
    println!("{seconds:.0} virtual seconds, {compared} views compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0 || seconds == 0.0);
}

/// The runs that the environment asks for, else the usual ones.
fn chosen_runs() -> Range<u64> {
    let Ok(chosen) = env::var("PAIR_SEED") else {
        return 0..RUNS;
    };
    let number = |text: &str| -> u64 { text.parse().expect("PAIR_SEED is N or N..M") };
    match chosen.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&chosen)..number(&chosen) + 1,
    }
}

/// What must not be: a view that isn't the server's, a message lost, doubled or out of order, a session ended before
/// its time, a snapshot that a client can't decode, a datagram that is taken for a flood's.
fn faults(outcome: &Outcome) -> Vec<String> {
    let floods = outcome
        .counts
        .read("game_server_refused_total datagram flood");
    let flood = (floods > 0).then(|| format!("{floods} honest datagrams were taken for a flood"));
    let guests = outcome.guests.iter().enumerate();
    let seen = guests.flat_map(|(number, guest)| {
        let undecodable = (guest.tally.undecodable > 0)
            .then(|| format!("{} snapshots could not be decoded", guest.tally.undecodable));
        let seen = guest.witness.faults.iter().cloned().chain(undecodable);
        seen.map(move |fault| format!("player {number}: {fault}"))
    });
    seen.chain(flood).collect()
}

#[test]
fn every_link_plan_under_all_conditions_shows_the_servers_own_views_first_quarter() {
    play_part(0, 4);
}

#[test]
fn every_link_plan_under_all_conditions_shows_the_servers_own_views_second_quarter() {
    play_part(1, 4);
}

#[test]
fn every_link_plan_under_all_conditions_shows_the_servers_own_views_third_quarter() {
    play_part(2, 4);
}

#[test]
fn every_link_plan_under_all_conditions_shows_the_servers_own_views_fourth_quarter() {
    play_part(3, 4);
}

#[test]
fn the_same_scenario_is_the_same_run() {
    for number in [3, 29, 77, 118] {
        let scenario = plan(number);
        assert_eq!(play(&scenario).digest, play(&scenario).digest, "{number}");
    }
    assert_ne!(play(&plan(3)).digest, play(&plan(11)).digest);
}

/// One player on a datagram link with this loss, for so long.
fn one_player(loss: Loss, seconds: u64) -> Scenario {
    let link = PathConfig {
        delay_ms: 50.0,
        loss,
        ..PathConfig::default()
    };
    let open = Move::Open {
        kind: Kind::Datagrams,
        network: 0,
    };
    Scenario {
        length: Duration::from_secs(seconds),
        guests: vec![GuestPlan {
            networks: vec![PathPair {
                up: link.clone(),
                down: link,
                ..PathPair::default()
            }],
            moves: vec![(Duration::ZERO, open)],
            ..GuestPlan::default()
        }],
        ..Scenario::default()
    }
}

#[test]
fn an_hour_and_a_half_of_loss_wraps_the_numbers_and_starves_nobody() {
    let scenario = one_player(Loss::Uniform { percent: 5.0 }, 5_400);
    let outcome = play(&scenario);
    let guest = &outcome.guests[0];
    assert_eq!(faults(&outcome), [""; 0]);
    // Numbers are 16 bits, and 20 a second are more than that.
    assert!(guest.written > u64::from(u16::MAX), "{}", guest.written);
    // Three in a row of independent losses: 0.05³, and fewer where more are sent.
    let starved = starved_share(&guest.witness.news, scenario.length);
    assert!(starved <= 0.000_3, "{starved}");
    assert!(guest.inputs.on_time_share() >= 0.99, "{:?}", guest.inputs);
}

#[test]
fn fresh_state_between_snapshots_spares_most_of_the_needless_starving_in_fades() {
    let fades = Loss::Fades {
        mean_ms: 60.0,
        faded_percent: 10.0,
    };
    let scenario = one_player(fades, 1_200);
    let outcome = play(&scenario);
    let guest = &outcome.guests[0];
    assert_eq!(faults(&outcome), [""; 0]);
    let extra = outcome.counts.read("game_server_snapshots_extra_total");
    assert!(extra * 3 > guest.written, "{extra} of {}", guest.written);
    let starved = starved_share(&guest.witness.news, scenario.length);
    let link = &scenario.guests[0].networks[0].down;
    // At an even 20 a second; and by a sender that no fade's end escapes.
    let even = starved_elsewhere(link, Duration::from_millis(50), scenario.length);
    let ideal = starved_elsewhere(link, Duration::from_millis(2), scenario.length);
    println!("starved {starved:.4}, sent evenly {even:.4}, ideally {ideal:.4}");
    let gained = (even - starved) / (even - ideal);
    assert!(
        (0.65..1.0).contains(&gained),
        "{gained} of what can be gained"
    );
}

/// The share of `length` that is starved when snapshots are sent at regular intervals, the mean of twelve seeds.
fn starved_elsewhere(link: &PathConfig, interval: Duration, length: Duration) -> f64 {
    let count = length.div_duration_f64(interval) as u32;
    let sent: Vec<_> = (0..count).map(|number| (interval * number, 200)).collect();
    let shares = shares_elsewhere(link, &sent, length, 12);
    shares.iter().sum::<f64>() / shares.len() as f64
}

#[test]
fn a_clean_link_costs_no_extra_state() {
    let outcome = play(&one_player(Loss::None, 120));
    assert_eq!(outcome.counts.read("game_server_snapshots_extra_total"), 0);
    assert_eq!(faults(&outcome), [""; 0]);
}
