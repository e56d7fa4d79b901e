//! Scenarios by number: each combines a link plan with network conditions, and draws the rest at random.

use std::time::Duration;

use super::link_plan::LinkPlan;
use super::network_conditions::NetworkConditions;
use super::random_source::RandomSource;
use super::scenario::{GuestPlan, Kind, Rates, Scenario};

/// Numbers from 0 that go once through every link plan under all conditions.
pub const ONE_ROUND: u64 = (LinkPlan::ALL.len() * NetworkConditions::ALL.len()) as u64;

/// Silence after which a player who moves about opens another link.
const LITTLE_PATIENCE: Duration = Duration::from_millis(1_200);

/// Silence after which any player does: by then the transport itself has given up.
const MUCH_PATIENCE: Duration = Duration::from_secs(16);

/// The link plan and the network conditions of a scenario.
#[must_use]
pub fn link_plan_and_conditions(number: u64) -> (LinkPlan, NetworkConditions) {
    let link_plan = LinkPlan::ALL[(number % LinkPlan::ALL.len() as u64) as usize];
    let conditions = number / LinkPlan::ALL.len() as u64;
    let conditions =
        NetworkConditions::ALL[(conditions % NetworkConditions::ALL.len() as u64) as usize];
    (link_plan, conditions)
}

/// The scenario of this number: the same at each call.
#[must_use]
pub fn plan(number: u64) -> Scenario {
    let (link_plan, conditions) = link_plan_and_conditions(number);
    let mut random = RandomSource::new(number);
    let length = Duration::from_secs_f64(random.between(20.0, 40.0));
    let rates = [(60, 20), (60, 20), (60, 20), (60, 60), (60, 30), (30, 10)][random.below(6)];
    // A full room tells more than the worst link's stream can carry: its players would rightly be sent away.
    let most = if conditions == NetworkConditions::Soak {
        4
    } else {
        12
    };
    let players = [1, 1, 2, 2, 3, 4, 6, 12][random.below(8)].min(most);
    Scenario {
        seed: number,
        length,
        rates: Rates {
            tick: rates.0,
            snapshot: rates.1,
        },
        stalls: stalls(length, &mut random),
        guests: (0..players)
            .map(|_| guest(link_plan, conditions, length, &mut random))
            .collect(),
        ..Scenario::default()
    }
}

fn guest(
    link_plan: LinkPlan,
    conditions: NetworkConditions,
    length: Duration,
    random: &mut RandomSource,
) -> GuestPlan {
    let is_cut_off = matches!(
        conditions,
        NetworkConditions::Blackhole | NetworkConditions::Gap
    );
    let is_restless = is_cut_off || matches!(link_plan, LinkPlan::Cut | LinkPlan::Wander);
    let (reconnects, patience) = if is_restless {
        (vec![Kind::Streams(3), Kind::Datagrams], LITTLE_PATIENCE)
    } else {
        (vec![link_plan.kind()], MUCH_PATIENCE)
    };
    GuestPlan {
        networks: (0..link_plan.networks())
            .map(|_| conditions.network(length, random))
            .collect(),
        moves: link_plan.moves(length, random),
        reconnects,
        patience,
        ..GuestPlan::default()
    }
}

/// One run in four, the room's task stands still once or twice.
fn stalls(length: Duration, random: &mut RandomSource) -> Vec<(Duration, Duration)> {
    let count = if random.chance(0.25) {
        1 + random.below(2)
    } else {
        0
    };
    (0..count)
        .map(|_| {
            let at = length.mul_f64(random.between(0.2, 0.9));
            (at, Duration::from_secs_f64(random.between(0.02, 1.2)))
        })
        .collect()
}
