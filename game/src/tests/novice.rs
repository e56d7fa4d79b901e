//! How somebody fares who plays for the first time, over many matches: looks up late, steers roughly, flees now and then, and
//! presses the button when dead.

use super::super::geometry::length;
use super::super::random::Random;
use super::*;

const MATCHES: u64 = 50;

/// How far a novice looks, in pixels: a phone's screen.
const SIGHT: i64 = 330;

/// Of so many larger circles that come near, a novice sees one in time.
const NOTICED: (u32, u32) = (3, 5);

/// Ticks between two looks, at least and at most.
const LOOKS: (i32, i32) = (24, 48);

/// Ticks from a death to the button.
const FINDS_BUTTON: u32 = 60;

struct Novice {
    random: Random,
    looks_next: u32,
}

impl Novice {
    /// A new course now and then, and the old one until then.
    fn steer(&mut self, tick: u32, view: &View, boundary: i64) -> Option<GameInput> {
        let own = view.own.filter(|_| tick >= self.looks_next)?;
        self.looks_next = tick + self.random.between(LOOKS.0, LOOKS.1).unsigned_abs();
        let (x, y) = (i64::from(own.x) / 256, i64::from(own.y) / 256);
        let wanted = if length(x, y) > boundary {
            (-x, -y)
        } else if let Some(away) = self.flight(view, own, (x, y)) {
            away
        } else {
            nearest_knibble(view, (x, y)).unwrap_or((-x, -y))
        };
        let off = i64::from(self.random.between(-40, 40));
        let (dx, dy) = (
            wanted.0 * 100 - wanted.1 * off,
            wanted.1 * 100 + wanted.0 * off,
        );
        let scale = length(dx, dy).max(1);
        Some(GameInput::steering(
            (dx * 127 / scale) as i8,
            (dy * 127 / scale) as i8,
        ))
    }

    fn flight(&mut self, view: &View, own: OwnCircle, (x, y): (i64, i64)) -> Option<(i64, i64)> {
        let threats = view.circles.iter().filter_map(|circle| {
            let (dx, dy) = (i64::from(circle.x) / 4 - x, i64::from(circle.y) / 4 - y);
            let radius = i64::from(circle.radius) / 4;
            let gap = length(dx, dy) - radius;
            let is_larger = radius * radius / 4 > i64::from(own.mass);
            (is_larger && gap < SIGHT / 2).then_some((gap, (-dx, -dy)))
        });
        let (_, away) = threats.min_by_key(|(gap, _)| *gap)?;
        (self.random.below(NOTICED.1) < NOTICED.0).then_some(away)
    }
}

fn nearest_knibble(view: &View, (x, y): (i64, i64)) -> Option<(i64, i64)> {
    let offsets = view
        .knibbles
        .iter()
        .map(|knibble| (i64::from(knibble.x) - x, i64::from(knibble.y) - y));
    let seen = offsets.filter(|(dx, dy)| length(*dx, *dy) < SIGHT);
    seen.min_by_key(|(dx, dy)| length(*dx, *dy))
}

/// Ticks of one match as a novice lives through it: each life, and what was spent dead.
struct Fare {
    lives: Vec<u32>,
    dead: u32,
    played: u32,
    withered: u32,
}

/// One match, which the novice leaves for another one when it can't come back.
fn play(seed: u64) -> Fare {
    let mut room = Room::new(GameConfig::default(), seed);
    let seat = room.join("Ada").unwrap();
    let mut novice = Novice {
        random: Random::new(seed + 1_000),
        looks_next: 0,
    };
    room.run_to(Phase::Playing);
    let mut fare = Fare {
        lives: vec![0],
        dead: 0,
        played: 0,
        withered: 0,
    };
    let mut dead_for = 0;
    while room.phase() == Phase::Playing {
        let tick = room.ctx.tick();
        if room.game.arena.circle(seat).is_some() {
            if dead_for > 0 {
                fare.lives.push(0);
                dead_for = 0;
            }
            let view = room.view(seat);
            let boundary = i64::from(room.game.arena.boundary.radius_at(tick)) / 256;
            if let Some(input) = novice.steer(tick.0, &view, boundary) {
                room.inputs[usize::from(seat.0)] = Some(input);
            }
            if let Some(life) = fare.lives.last_mut() {
                *life += 1;
            }
        } else {
            dead_for += 1;
            fare.dead += 1;
            if dead_for == FINDS_BUTTON {
                if tick > room.game.respawns_until() {
                    // "Play again now": another room, and its countdown.
                    fare.dead += seconds(4);
                    break;
                }
                room.act(seat, GameAction::Respawn);
            }
        }
        fare.played += 1;
        room.step();
    }
    fare.withered = room
        .deaths()
        .iter()
        .filter(|(victim, eater)| *victim == seat && eater.is_none())
        .count() as u32;
    fare
}

#[test]
fn a_novice_lives_for_a_minute_and_hardly_waits() {
    let fares: Vec<Fare> = (0..MATCHES).map(play).collect();
    let mut lives: Vec<u32> = fares.iter().flat_map(|fare| fare.lives.clone()).collect();
    lives.sort_unstable();
    let median = lives[lives.len() / 2] / u32::from(RATE);
    let dead: u32 = fares.iter().map(|fare| fare.dead).sum();
    let played: u32 = fares.iter().map(|fare| fare.played).sum();
    let share = 100.0 * f64::from(dead) / f64::from(played + dead);
    let first = |fare: &Fare| fare.lives[0] / u32::from(RATE);
    let mut firsts: Vec<u32> = fares.iter().map(first).collect();
    firsts.sort_unstable();
    let withered = fares.iter().map(|fare| fare.withered).sum::<u32>();
    println!(
        "{withered} withered, {} lives in {MATCHES} matches, median {median} s, the first {} s; {share:.1} % of the time dead or waiting",
        lives.len(),
        firsts[firsts.len() / 2]
    );
    assert!(median >= 60, "{median} s");
    assert!(share <= 10.0, "{share:.1} %");
}
