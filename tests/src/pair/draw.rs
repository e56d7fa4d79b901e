//! Scenarios by number: each combines a way of being linked with a kind of weather, and draws the rest.

use std::time::Duration;

use super::luck::Luck;
use super::scenario::{GuestPlan, Kind, Rates, Scenario};
use super::way::Way;
use super::weather::Weather;

/// Numbers from 0 that go once through every way in every weather.
pub const ONE_ROUND: u64 = (Way::ALL.len() * Weather::ALL.len()) as u64;

/// Silence after which a player who moves about opens another link.
const LITTLE_PATIENCE: Duration = Duration::from_millis(1_200);

/// Silence after which any player does: by then the transport itself has given up.
const MUCH_PATIENCE: Duration = Duration::from_secs(16);

/// The way and the weather of a scenario.
#[must_use]
pub fn way_and_weather(number: u64) -> (Way, Weather) {
    let way = Way::ALL[(number % Way::ALL.len() as u64) as usize];
    let weather = number / Way::ALL.len() as u64;
    let weather = Weather::ALL[(weather % Weather::ALL.len() as u64) as usize];
    (way, weather)
}

/// The scenario of this number: the same at each call.
#[must_use]
pub fn plan(number: u64) -> Scenario {
    let (way, weather) = way_and_weather(number);
    let mut luck = Luck::new(number);
    let length = Duration::from_secs_f64(luck.between(20.0, 40.0));
    let rates = [(60, 20), (60, 20), (60, 20), (60, 60), (60, 30), (30, 10)][luck.below(6)];
    // A full room tells more than the worst link's stream can carry: its players would rightly be sent away.
    let most = if weather == Weather::Soak { 4 } else { 12 };
    let players = [1, 1, 2, 2, 3, 4, 6, 12][luck.below(8)].min(most);
    Scenario {
        seed: number,
        length,
        rates: Rates {
            tick: rates.0,
            snapshot: rates.1,
        },
        stalls: stalls(length, &mut luck),
        guests: (0..players)
            .map(|_| guest(way, weather, length, &mut luck))
            .collect(),
        ..Scenario::default()
    }
}

fn guest(way: Way, weather: Weather, length: Duration, luck: &mut Luck) -> GuestPlan {
    let is_cut_off = matches!(weather, Weather::Blackhole | Weather::Gap);
    let is_restless = is_cut_off || matches!(way, Way::Cut | Way::Wander);
    let (reconnects, patience) = if is_restless {
        (vec![Kind::Streams(3), Kind::Datagrams], LITTLE_PATIENCE)
    } else {
        (vec![way.kind()], MUCH_PATIENCE)
    };
    GuestPlan {
        networks: (0..way.networks())
            .map(|_| weather.network(length, luck))
            .collect(),
        moves: way.moves(length, luck),
        reconnects,
        patience,
        ..GuestPlan::default()
    }
}

/// One run in four, the room's task stands still once or twice.
fn stalls(length: Duration, luck: &mut Luck) -> Vec<(Duration, Duration)> {
    let count = if luck.chance(0.25) {
        1 + luck.below(2)
    } else {
        0
    };
    (0..count)
        .map(|_| {
            let at = length.mul_f64(luck.between(0.2, 0.9));
            (at, Duration::from_secs_f64(luck.between(0.02, 1.2)))
        })
        .collect()
}
