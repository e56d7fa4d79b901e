//! Back in play: who has died comes back while the boundary is still wide, and not by taking a seat anew later on. Not how
//! anybody dies.

use protocol::bounded::BoundedVec;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};
use server::game::Player;

use super::digest::digest;
use super::seats::Occupant;
use super::{BattleCircles, Phase, placing};

/// A bot takes so many times as long as a player.
const BOTS_PATIENCE: u32 = 3;

/// Players that are remembered at most. Who dies and leaves once more than so many have is let in again.
const MOST_DEPARTED: usize = 32;

/// By what a player is known again in one room: a part of its id's digest, so that no recording holds the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint(u32);

impl Fingerprint {
    /// A guest is nobody who could be known again.
    pub(super) fn of(who: &Player) -> Option<Self> {
        let sum = digest(who.id.0.as_bytes());
        (!who.is_guest).then_some(Self(sum as u32))
    }
}

/// Who has died in this game and left the room.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Departed(BoundedVec<Fingerprint, MOST_DEPARTED>);

impl BattleCircles {
    /// Remembers somebody who leaves, if it is dead in a game that runs.
    pub(super) fn note_departure(&mut self, seat: Seat) {
        let fingerprint = self
            .seats
            .occupant(seat)
            .and_then(|occupant| occupant.fingerprint);
        let is_dead = self.phase.phase == Phase::Playing && self.died(seat).is_some();
        if let Some(fingerprint) = fingerprint.filter(|_| is_dead) {
            // One more than fit is forgotten.
            let _ = self.departed.0.push(fingerprint);
        }
    }

    /// Whether a newcomer may have a circle, as far as its own past in this game goes.
    pub(super) fn may_enter(&self, fingerprint: Option<Fingerprint>) -> bool {
        let is_back = fingerprint.is_some_and(|fingerprint| self.departed.0.contains(&fingerprint));
        !is_back || self.phase.phase != Phase::Playing || self.tick <= self.respawns_until()
    }

    /// Until when the dead come back.
    pub(super) fn respawns_until(&self) -> Tick {
        let stages = self.rules.config().respawn_stages;
        match stages {
            0 => Tick(0),
            _ => self
                .arena
                .boundary
                .shrinks_after(stages)
                .unwrap_or(self.phase.ends),
        }
    }

    /// Whether who comes now plays from the start, or nearly, and comes back after a death.
    pub(super) fn is_early(&self) -> bool {
        match self.phase.phase {
            Phase::Lobby | Phase::Countdown => true,
            Phase::Playing => self.tick <= self.respawns_until(),
            Phase::Results => false,
        }
    }

    /// Whether somebody dead is going to come back, or still may.
    pub(super) fn anybody_respawns(&self) -> bool {
        let mut dead = self
            .seats
            .iter()
            .filter(|(seat, _)| self.arena.circle(*seat).is_none());
        self.tick <= self.respawns_until() && dead.any(|(seat, _)| self.died(seat).is_some())
    }

    /// Brings back who wants to and has been dead for long enough. A bot always wants to.
    pub(super) fn let_respawn(&mut self) {
        if self.tick > self.respawns_until() {
            return;
        }
        let wait = self.rules.ticks_of_ms(self.rules.config().respawn_ms);
        let returns = |(seat, occupant): (Seat, &Occupant)| {
            let died = self.died(seat)?;
            let patience = if occupant.is_bot() { BOTS_PATIENCE } else { 1 };
            let is_due = self.tick.since(died) >= i64::from(wait * patience);
            let wants = occupant.is_bot() || (occupant.wants_respawn && !occupant.is_parked);
            (is_due && wants).then_some(seat)
        };
        let returning: Vec<Seat> = self.seats.iter().filter_map(returns).collect();
        for seat in returning {
            self.respawn(seat);
        }
    }

    fn respawn(&mut self, seat: Seat) {
        let Some(record) = self.records[usize::from(seat.0)] else {
            return;
        };
        if let Some(occupant) = self.seats.occupant_mut(seat) {
            occupant.wants_respawn = false;
            occupant.watches = None;
        }
        let radius = self.placing_radius();
        let place = placing::safe_place(&self.arena, radius, &mut self.random);
        self.put_circle(seat, place, record.reborn(self.tick));
    }

    /// When the circle of this seat died, if it has in this game.
    fn died(&self, seat: Seat) -> Option<Tick> {
        self.records.get(usize::from(seat.0)).copied()??.died
    }
}
