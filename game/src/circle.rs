//! One circle: its body, its mass and what protects it. Not who steers it.

use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::config::MAX_MASS;
use super::movement::{Body, radius};
use super::rules::Rules;
use super::withering::whole_debt;

/// A circle in the arena. It is removed when it dies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub(super) struct Circle {
    pub(super) body: Body,
    /// From this tick on it can be eaten, and eat.
    pub(super) protected_until: Tick,
    /// Until this tick no bot eats it, nor wants to.
    pub(super) spared_until: Tick,
    /// Whether the server steers it.
    pub(super) is_bot: bool,
    /// Mass owed to withering and decay, in fractions too small to take yet.
    pub(super) debt: u64,
    mass: u32,
    radius: u32,
}

impl Circle {
    pub(super) fn new(body: Body, mass: u32, protected_until: Tick) -> Self {
        let mass = mass.clamp(1, MAX_MASS);
        Self {
            body,
            protected_until,
            spared_until: Tick(0),
            is_bot: false,
            debt: 0,
            mass,
            radius: radius(mass),
        }
    }

    pub(super) fn mass(&self) -> u32 {
        self.mass
    }

    /// Radius in 1/256 px.
    pub(super) fn radius(&self) -> u32 {
        self.radius
    }

    pub(super) fn gain(&mut self, mass: u32) {
        self.set_mass(self.mass.saturating_add(mass));
    }

    /// Takes mass away, but never all of it.
    pub(super) fn lose(&mut self, mass: u32) {
        self.set_mass(self.mass.saturating_sub(mass));
    }

    pub(super) fn is_protected(&self, tick: Tick) -> bool {
        tick < self.protected_until
    }

    pub(super) fn is_spared(&self, tick: Tick) -> bool {
        tick < self.spared_until
    }

    /// Extends the protection so that it holds in `tick`.
    pub(super) fn protect_in(&mut self, tick: Tick) {
        self.protected_until = self.protected_until.max(tick.plus(1));
    }

    /// Whether play by these rules can have brought a circle to this at `tick`.
    pub(super) fn is_possible(&self, tick: Tick, rules: &Rules) -> bool {
        let config = rules.config();
        let soon = |seconds| tick.plus(rules.ticks(config.countdown_seconds + seconds) + 1);
        self.body.is_possible(rules.movement())
            && self.debt < whole_debt(rules)
            && self.protected_until <= soon(config.spawn_protection_seconds)
            && self.spared_until <= soon(config.spared_seconds)
    }

    fn set_mass(&mut self, mass: u32) {
        self.mass = mass.clamp(1, MAX_MASS);
        self.radius = radius(self.mass);
    }
}

/// What a checkpoint keeps of a circle; its radius follows.
#[derive(Serialize, Deserialize)]
struct Kept {
    body: Body,
    mass: u32,
    protected_until: Tick,
    spared_until: Tick,
    is_bot: bool,
    debt: u64,
}

impl From<Circle> for Kept {
    fn from(circle: Circle) -> Self {
        Self {
            body: circle.body,
            mass: circle.mass,
            protected_until: circle.protected_until,
            spared_until: circle.spared_until,
            is_bot: circle.is_bot,
            debt: circle.debt,
        }
    }
}

impl From<Kept> for Circle {
    fn from(kept: Kept) -> Self {
        Self {
            debt: kept.debt,
            spared_until: kept.spared_until,
            is_bot: kept.is_bot,
            ..Self::new(kept.body, kept.mass, kept.protected_until)
        }
    }
}
