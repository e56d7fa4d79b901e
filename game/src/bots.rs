//! Bots: how the server steers circles that have no player. They see as far as a player does,
//! notice late, and waver a little, so that a player can beat them. They know no more of the
//! netcode than a player: one input per tick comes out.
//!
//! Every so often a bot gives each of 16 directions a score, and then holds on to the best: food
//! and prey that way count for it, larger circles and the boundary against it.

use core::ops::RangeInclusive;

use crate::wire::{GameInput, UNITS_PER_PIXEL};
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::circle::Circle;
use super::eating::outweighs;
use super::geometry::{DIRECTIONS, TURN, UNIT, length, polar};
use super::movement::{Body, step};
use super::pixel_square::PixelSquare;
use super::random::Random;
use super::rules::Rules;
use super::visibility::half_side;

const WAYS: usize = 16;

/// One unit of the score is about what a knibble a thousand pixels away is worth.
const FOOD: i64 = 1_000_000;
const PREY: i64 = 600_000;
const THREAT: i64 = 24_000_000;

/// So far from its own edge a bot lets nobody come who is to be left alone, in pixels.
const BERTH: i64 = 160;

/// Bots of less greed leave players alone and keep clear of smaller ones.
const HUNTS_FROM: i32 = 95;

/// A player is so many times less tempting than a bot.
const PLAYERS_WORTH: i64 = 2;

/// How far ahead a way is judged, in pixels beyond the own edge.
const LOOKAHEAD: i64 = 90;

/// Farther than this from its edge, a larger circle worries nobody.
const FEAR: i64 = 420;

/// Prey farther than this from the own edge isn't worth the chase.
const CHASE: i64 = 160;

/// How many seconds a bot looks ahead on the boundary's course.
const FORESIGHT_SECONDS: u32 = 6;

/// What kinds of bots there are.
const CAUTION: RangeInclusive<i32> = 60..=130;
const GREED: RangeInclusive<i32> = 20..=120;
const SKILL: RangeInclusive<i32> = 0..=100;

/// Bots of less skill never dash.
const DASHES_FROM: i32 = 40;

/// Bots of less greed dash at nobody.
const DASHES_AT_PREY_FROM: i32 = 81;

/// A bot dashes from what is so near, and after prey that is, in pixels from rim to rim.
const DASH_GAP: i64 = 60;

/// What a bot has in mind, and what kind of bot it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Mind {
    input: GameInput,
    way: usize,
    thinks_next: Tick,
    /// Percent of the usual fear.
    caution: i32,
    /// Percent of the usual interest in other circles.
    greed: i32,
    /// How soon it reacts, how seldom it errs and how straight it steers, in percent.
    skill: i32,
}

impl Mind {
    pub(super) fn new(random: &mut Random) -> Self {
        Self {
            input: GameInput::default(),
            way: random.below(WAYS as u32) as usize,
            thinks_next: Tick(0),
            caution: random.between(*CAUTION.start(), *CAUTION.end()),
            greed: random.between(*GREED.start(), *GREED.end()),
            skill: random.between(*SKILL.start(), *SKILL.end()),
        }
    }

    /// The input for this tick.
    pub(super) fn steer(
        &mut self,
        seat: Seat,
        arena: &Arena,
        tick: Tick,
        rules: &Rules,
        random: &mut Random,
    ) -> GameInput {
        let Some(own) = arena.circle(seat) else {
            return GameInput::default();
        };
        if tick >= self.thinks_next {
            let usual = self.reaction(rules);
            self.thinks_next = tick.plus(usual / 2 + random.below(usual + 1) + 1);
            // Now and then a bot doesn't look up from its plate.
            let is_alert = random.below(4 + self.skill.unsigned_abs() / 6) != 0;
            self.way = self.best_way(seat, own, arena, tick, rules, is_alert);
            let unsteady = 4 + (100 - self.skill) / 10;
            let wobble = random.between(-unsteady, unsteady);
            self.input = input_towards(self.way, wobble, self.throttle());
            let dash = is_alert && self.is_worth_a_dash(seat, own, arena, tick, rules);
            return GameInput { dash, ..self.input };
        }
        self.input
    }

    /// Who has little skill also takes it easy.
    fn throttle(&self) -> i32 {
        88 + self.skill * 39 / 100
    }

    /// Ticks that it takes on average to notice and react.
    fn reaction(&self, rules: &Rules) -> u32 {
        let usual = rules.ticks_of_ms(rules.config().bot_reaction_ms);
        (usual * (170 - self.skill).unsigned_abs() / 100).max(1)
    }

    /// Whether a larger circle is about to get it, or prey is so near that a burst gets it, on the way that it has chosen.
    fn is_worth_a_dash(
        &self,
        seat: Seat,
        own: &Circle,
        arena: &Arena,
        tick: Tick,
        rules: &Rules,
    ) -> bool {
        let tuning = rules.movement();
        if self.skill < DASHES_FROM || own.body.cooldown > 0 {
            return false;
        }
        let percent = rules.config().eat_percent;
        let (_, left) = step(own.body, own.mass(), GameInput::DASH, tuning);
        let sight = Sight::new(own);
        let (ahead_x, ahead_y) = sight.ahead(self.way);
        arena.living().any(|(other, circle)| {
            if other == seat || circle.is_protected(tick) {
                return false;
            }
            let (dx, dy) = sight.offset(circle);
            let gap = length(dx, dy) - sight.radius - px(circle.radius());
            let is_ahead = dx * ahead_x + dy * ahead_y > 0;
            let is_prey = outweighs(left, circle.mass(), percent) && !circle.is_spared(tick);
            let is_threat = outweighs(circle.mass(), own.mass(), percent);
            gap < DASH_GAP
                && ((is_threat && !is_ahead)
                    || (is_prey && is_ahead && self.greed >= DASHES_AT_PREY_FROM))
        })
    }

    /// Whether play by these rules can have brought a mind to this at `tick`.
    pub(super) fn is_possible(&self, tick: Tick, rules: &Rules) -> bool {
        if !SKILL.contains(&self.skill) {
            return false;
        }
        let usual = self.reaction(rules);
        self.way < WAYS
            && CAUTION.contains(&self.caution)
            && GREED.contains(&self.greed)
            && self.thinks_next <= tick.plus(usual / 2 + usual + 1)
    }

    fn best_way(
        &self,
        seat: Seat,
        own: &Circle,
        arena: &Arena,
        tick: Tick,
        rules: &Rules,
        is_alert: bool,
    ) -> usize {
        let sight = Sight::new(own);
        let mut scores = [0i64; WAYS];
        let soon = tick.plus(rules.ticks(FORESIGHT_SECONDS));
        let safe = px(arena
            .boundary
            .radius_at(soon)
            .min(arena.boundary.radius_at(tick)));
        score_food(&mut scores, &sight, arena, safe);
        for (other, circle) in arena.living() {
            if other == seat || !sight.sees(circle) || circle.is_protected(tick) {
                continue;
            }
            let percent = rules.config().eat_percent;
            let is_left_alone =
                circle.is_spared(tick) || (!circle.is_bot && self.greed < HUNTS_FROM);
            if is_left_alone && outweighs(own.mass(), circle.mass(), percent) {
                make_way(&mut scores, &sight, circle);
            } else if outweighs(own.mass(), circle.mass(), percent) {
                self.score_prey(&mut scores, &sight, circle, own.mass());
            } else if is_alert && outweighs(circle.mass(), own.mass(), percent) {
                self.score_threat(&mut scores, &sight, circle);
            }
        }
        score_boundary(&mut scores, &sight, safe);
        // Staying on course costs nothing, a change of mind does.
        scores[self.way] += scores[self.way].abs() / 6;
        let best = scores.iter().zip(0..).max_by_key(|&(score, _)| *score);
        best.map_or(self.way, |(_, way)| way)
    }

    fn score_prey(&self, scores: &mut [i64; WAYS], sight: &Sight, prey: &Circle, own: u32) {
        let (dx, dy) = sight.offset(prey);
        let distance = length(dx, dy).max(1);
        let gap = (distance - sight.radius).max(0);
        if gap > CHASE {
            return;
        }
        let worth = i64::from(prey.mass()).min(i64::from(own) / 2);
        // Players are left to each other, mostly.
        let worth = if prey.is_bot {
            worth
        } else {
            worth / PLAYERS_WORTH
        };
        let value = PREY * i64::from(self.greed) / 100 * worth / ((gap + 60) * (gap + 60));
        add_by_direction(scores, (dx, dy), distance, value);
    }

    fn score_threat(&self, scores: &mut [i64; WAYS], sight: &Sight, threat: &Circle) {
        let (dx, dy) = sight.offset(threat);
        let reach = px(threat.radius());
        if length(dx, dy) - reach > FEAR {
            return;
        }
        for (way, score) in scores.iter_mut().enumerate() {
            let (x, y) = sight.ahead(way);
            let gap = (length(dx - x, dy - y) - reach).max(-30);
            *score -= THREAT * i64::from(self.caution) / 100 / ((gap + 50) * (gap + 50));
        }
    }
}

/// What a bot sees from where it is, in pixels.
struct Sight {
    x: i64,
    y: i64,
    radius: i64,
    half_side: i64,
}

impl Sight {
    fn new(own: &Circle) -> Self {
        Self {
            x: i64::from(own.body.x) / i64::from(UNITS_PER_PIXEL),
            y: i64::from(own.body.y) / i64::from(UNITS_PER_PIXEL),
            radius: px(own.radius()),
            half_side: px(half_side(own.radius())),
        }
    }

    fn offset(&self, circle: &Circle) -> (i64, i64) {
        (
            i64::from(circle.body.x) / i64::from(UNITS_PER_PIXEL) - self.x,
            i64::from(circle.body.y) / i64::from(UNITS_PER_PIXEL) - self.y,
        )
    }

    fn sees(&self, circle: &Circle) -> bool {
        let (dx, dy) = self.offset(circle);
        dx.abs().max(dy.abs()) - px(circle.radius()) <= self.half_side
    }

    fn square(&self) -> PixelSquare {
        let units = |pixels: i64| pixels as i32 * UNITS_PER_PIXEL;
        let centre = Body::at(units(self.x), units(self.y));
        PixelSquare::around(&centre, units(self.half_side).unsigned_abs())
    }

    /// Where a way leads, seen from here.
    fn ahead(&self, way: usize) -> (i64, i64) {
        polar(way * TURN / WAYS, self.radius + LOOKAHEAD)
    }
}

/// Keeps clear of one that is to be left alone.
fn make_way(scores: &mut [i64; WAYS], sight: &Sight, spared: &Circle) {
    let (dx, dy) = sight.offset(spared);
    let distance = length(dx, dy).max(1);
    let gap = (distance - sight.radius - px(spared.radius())).max(0);
    if gap < BERTH {
        add_by_direction(scores, (-dx, -dy), distance, FOOD / 250);
    }
}

fn score_food(scores: &mut [i64; WAYS], sight: &Sight, arena: &Arena, safe: i64) {
    for knibble in arena.knibbles.within(&sight.square()) {
        let (x, y) = (i64::from(knibble.x), i64::from(knibble.y));
        let (dx, dy) = (x - sight.x, y - sight.y);
        if x * x + y * y > safe * safe {
            continue;
        }
        let distance = length(dx, dy);
        let gap = (distance - sight.radius).max(0) + 40;
        scores[sector(dx, dy)] += FOOD / (gap * gap);
    }
}

fn score_boundary(scores: &mut [i64; WAYS], sight: &Sight, safe: i64) {
    for (way, score) in scores.iter_mut().enumerate() {
        let (x, y) = sight.ahead(way);
        let beyond = length(sight.x + x, sight.y + y) - (safe - 20);
        if beyond > 0 {
            *score -= 300 + beyond * 20;
        }
    }
}

/// Adds a value to the ways that lead there, less to those that do so askew.
fn add_by_direction(scores: &mut [i64; WAYS], (dx, dy): (i64, i64), distance: i64, value: i64) {
    for (way, score) in scores.iter_mut().enumerate() {
        let (x, y) = DIRECTIONS[way * TURN / WAYS];
        let along = (dx * i64::from(x) + dy * i64::from(y)) / distance;
        if along > 0 {
            *score += value * along / UNIT * along / UNIT;
        }
    }
}

/// The way that leads most nearly along a vector.
fn sector(dx: i64, dy: i64) -> usize {
    // Within a quadrant the four bounds are at odd multiples of 11.25°; tangents by 1,000.
    let (ax, ay) = (dx.abs(), dy.abs());
    let step = [199, 668, 1_497, 5_027]
        .iter()
        .filter(|&&tangent| ay * 1_000 > ax * tangent)
        .count();
    match (dx >= 0, dy >= 0) {
        (true, true) => step,
        (false, true) => 8 - step,
        (false, false) => 8 + step,
        (true, false) => (16 - step) % 16,
    }
}

/// This throttle along a way, off by so many 256ths of a turn.
fn input_towards(way: usize, wobble: i32, throttle: i32) -> GameInput {
    let turned = (way * TURN / WAYS).wrapping_add_signed(wobble as isize) % TURN;
    let (x, y) = polar(turned, throttle.into());
    GameInput::steering(x as i8, y as i8)
}

/// Whole pixels of a length in 1/256 px.
fn px(units: u32) -> i64 {
    i64::from(units) / i64::from(UNITS_PER_PIXEL)
}
