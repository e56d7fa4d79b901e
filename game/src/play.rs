//! One tick of play: steer, move, eat, wither, grow back.

use crate::wire::MAX_SEATS;
use crate::wire::{GameEvent, GameInput};
use protocol::seat::Seat;

use super::BattleCircles;
use super::eating::{eat_circles, eat_knibbles};
use super::movement;
use super::withering::wither;

impl BattleCircles {
    /// Plays the tick that `self.tick` names.
    pub(super) fn play(&mut self, inputs: &[Option<GameInput>]) {
        let steering = self.steer(inputs);
        self.shield_the_absent();
        for (circle, input) in self.arena.circles.iter_mut().zip(steering) {
            if let Some(circle) = circle {
                let tuning = self.rules.movement();
                let (body, mass) = movement::step(circle.body, circle.mass(), input, tuning);
                circle.body = body;
                circle.lose(circle.mass() - mass);
            }
        }
        self.let_eat();
        self.let_wither();
        self.let_respawn();
        let boundary = self.arena.boundary.radius_at(self.tick);
        self.arena
            .knibbles
            .respawn(self.tick, boundary, &mut self.random);
        let since_start = self.tick.since(self.phase.started);
        if since_start % i64::from(self.rules.tick_rate()) == 0 {
            let standings = self.standings();
            self.announce(standings);
        }
    }

    /// Everybody's input: the players' own, what the bots choose, and none for the absent.
    fn steer(&mut self, inputs: &[Option<GameInput>]) -> [GameInput; MAX_SEATS] {
        let mut steering = [GameInput::default(); MAX_SEATS];
        for (seat, occupant) in self.seats.iter_mut() {
            let index = usize::from(seat.0);
            steering[index] = match &mut occupant.mind {
                Some(mind) => {
                    mind.steer(seat, &self.arena, self.tick, &self.rules, &mut self.random)
                }
                None if occupant.is_parked => GameInput::default(),
                None => inputs.get(index).copied().flatten().unwrap_or_default(),
            };
        }
        steering
    }

    fn shield_the_absent(&mut self) {
        let full = self
            .rules
            .ticks(self.rules.config().park_protection_seconds);
        for (seat, occupant) in self.seats.iter_mut() {
            let holds = occupant.shield(self.tick, full);
            if let Some(circle) = self.arena.circles[usize::from(seat.0)]
                .as_mut()
                .filter(|_| holds)
            {
                circle.protect_in(self.tick);
            }
        }
    }

    fn let_eat(&mut self) {
        let config = self.rules.config();
        let returns = self
            .tick
            .plus(self.rules.ticks_of_ms(config.knibble_respawn_ms));
        let arena = &mut self.arena;
        let eaten = eat_knibbles(
            &mut arena.circles,
            &mut arena.knibbles,
            config.knibble_mass,
            returns,
        );
        for (record, count) in self.records.iter_mut().zip(eaten) {
            if let Some(record) = record {
                record.knibbles = record.knibbles.saturating_add(count);
            }
        }
        for meal in eat_circles(&mut arena.circles, config.eat_percent, self.tick) {
            if let Some(record) = &mut self.records[usize::from(meal.eater.0)] {
                record.circles = record.circles.saturating_add(1);
            }
            self.bury(meal.victim, Some(meal.eater));
        }
        for (record, circle) in self.records.iter_mut().zip(&self.arena.circles) {
            if let (Some(record), Some(circle)) = (record, circle) {
                record.peak_mass = record.peak_mass.max(circle.mass());
            }
        }
    }

    fn let_wither(&mut self) {
        let boundary = self.arena.boundary.radius_at(self.tick);
        for index in 0..MAX_SEATS {
            let circle = self.arena.circles[index].as_mut();
            if circle.is_some_and(|circle| wither(circle, boundary, &self.rules)) {
                self.arena.circles[index] = None;
                self.bury(Seat(index as u8), None);
            }
        }
    }

    fn bury(&mut self, victim: Seat, eater: Option<Seat>) {
        if let Some(record) = &mut self.records[usize::from(victim.0)] {
            record.died = Some(self.tick);
            record.eater = eater;
        }
        self.is_roster_stale = true;
        self.announce(GameEvent::Eaten { victim, eater });
    }
}
