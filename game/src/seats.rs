//! Who sits where: players and bots. Not what their circles do.

use crate::wire::MAX_SEATS;
use crate::wire::{Name, RosterEntry};
use protocol::name::PlayerName;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::bots::Mind;
use super::respawn::Fingerprint;
use super::rules::Rules;

/// The holder of a seat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Occupant {
    pub(super) name: Name,
    /// By what it is known again when it comes back, unless it is a guest or a bot.
    pub(super) fingerprint: Option<Fingerprint>,
    /// What steers it, when it isn't a player.
    pub(super) mind: Option<Mind>,
    /// Whether its player is away.
    pub(super) is_parked: bool,
    /// Whether its player wants the rematch at once.
    pub(super) is_ready: bool,
    /// Whether its player wants to come back after its death.
    pub(super) wants_respawn: bool,
    /// Whom its player watches while it is dead, if anybody in particular.
    pub(super) watches: Option<Seat>,
    /// Ticks of protection left for being away.
    pub(super) shield: u32,
}

/// A tick of the shield comes back in this many ticks of presence.
const SHIELD_REFILL: u32 = 10;

impl Occupant {
    pub(super) fn player(name: &str, shield: u32) -> Self {
        Self {
            // A name that is too long has slipped past admission; the seat works without it.
            name: Name::new(name).unwrap_or_default(),
            fingerprint: None,
            mind: None,
            is_parked: false,
            is_ready: false,
            wants_respawn: false,
            watches: None,
            shield,
        }
    }

    pub(super) fn bot(name: &str, mind: Mind) -> Self {
        Self {
            mind: Some(mind),
            ..Self::player(name, 0)
        }
    }

    pub(super) fn is_bot(&self) -> bool {
        self.mind.is_some()
    }

    /// Uses up or refills the shield. Returns whether it holds in this tick.
    pub(super) fn shield(&mut self, tick: Tick, full: u32) -> bool {
        if !self.is_parked {
            if tick.0.is_multiple_of(SHIELD_REFILL) {
                self.shield = (self.shield + 1).min(full);
            }
            return false;
        }
        let holds = self.shield > 0;
        self.shield = self.shield.saturating_sub(1);
        holds
    }

    /// Whether the course of a room by these rules can have brought somebody to this at `tick`.
    pub(super) fn is_possible(&self, tick: Tick, rules: &Rules) -> bool {
        let full = rules.ticks(rules.config().park_protection_seconds);
        let is_name = |name: &str| PlayerName::parse(name).is_ok_and(|ok| ok.as_str() == name);
        let is_possible = |mind: &Mind| mind.is_possible(tick, rules);
        self.shield <= full
            && (self.name.is_empty() || is_name(&self.name))
            && self.mind.as_ref().is_none_or(is_possible)
    }
}

/// All seats.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Seats {
    seats: [Option<Occupant>; MAX_SEATS],
}

impl Seats {
    pub(super) fn occupant(&self, seat: Seat) -> Option<&Occupant> {
        self.seats.get(usize::from(seat.0))?.as_ref()
    }

    pub(super) fn occupant_mut(&mut self, seat: Seat) -> Option<&mut Occupant> {
        self.seats.get_mut(usize::from(seat.0))?.as_mut()
    }

    /// Gives a seat to somebody, or to nobody.
    pub(super) fn set(&mut self, seat: Seat, occupant: Option<Occupant>) {
        if let Some(place) = self.seats.get_mut(usize::from(seat.0)) {
            *place = occupant;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Seat, &Occupant)> {
        let numbered = self.seats.iter().zip(0u8..);
        numbered.filter_map(|(occupant, seat)| Some((Seat(seat), occupant.as_ref()?)))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (Seat, &mut Occupant)> {
        let numbered = self.seats.iter_mut().zip(0u8..);
        numbered.filter_map(|(occupant, seat)| Some((Seat(seat), occupant.as_mut()?)))
    }

    pub(super) fn players(&self) -> impl Iterator<Item = (Seat, &Occupant)> {
        self.iter().filter(|(_, occupant)| !occupant.is_bot())
    }

    pub(super) fn bots(&self) -> impl Iterator<Item = (Seat, &Occupant)> {
        self.iter().filter(|(_, occupant)| occupant.is_bot())
    }

    /// The lowest free seat among the first so many.
    pub(super) fn free(&self, seats: u32) -> Option<Seat> {
        let numbered = self.seats.iter().zip(0u8..).take(seats as usize);
        let mut free = numbered.filter(|(occupant, _)| occupant.is_none());
        free.next().map(|(_, seat)| Seat(seat))
    }

    /// The bot that is missed least: a dead one, else the smallest.
    pub(super) fn least_bot(&self, arena: &Arena) -> Option<Seat> {
        let mass = |seat| arena.circle(seat).map_or(0, |circle| circle.mass());
        let by_mass = self.bots().min_by_key(|&(seat, _)| (mass(seat), seat));
        by_mass.map(|(seat, _)| seat)
    }

    pub(super) fn roster(&self, arena: &Arena) -> impl Iterator<Item = RosterEntry> {
        self.iter().map(|(seat, occupant)| RosterEntry {
            seat,
            name: occupant.name.clone(),
            is_bot: occupant.is_bot(),
            is_alive: arena.circle(seat).is_some(),
            is_parked: occupant.is_parked,
        })
    }
}
