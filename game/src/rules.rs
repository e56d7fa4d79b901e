//! A game configuration that has been checked, in the game's own units: ticks and 1/256 px.

use crate::wire::{MovementTuning, UNITS_PER_PIXEL};

use super::config::{GameConfig, GameConfigError, within};
use super::movement::MAX_WALL;

/// Tick rate at which the configured movement constants hold.
const REFERENCE_RATE: u32 = 60;

/// Rules that a game can be played by.
#[derive(Clone, Debug)]
pub struct Rules {
    config: GameConfig,
    tick_rate: u32,
    movement: MovementTuning,
}

impl Rules {
    /// Rules for a room of this many ticks a second, 5 to 240.
    ///
    /// # Errors
    /// [`GameConfigError`], with the first key that is out of its range.
    pub fn new(config: GameConfig, tick_rate: u16) -> Result<Self, GameConfigError> {
        let tick_rate = u32::from(tick_rate);
        within("tick_rate", tick_rate, 5, 240)?;
        config.validate()?;
        let wall = pixels(config.arena_radius + config.wall_margin).min(MAX_WALL);
        let ticks = |ms: u32| u16::try_from((ms * tick_rate / 1_000).max(1)).unwrap_or(u16::MAX);
        let per_tick = |speed: u32| (speed * REFERENCE_RATE / tick_rate).max(1);
        let movement = MovementTuning {
            speed: per_tick(config.movement.speed),
            slowest: per_tick(config.movement.slowest),
            agility: (config.movement.agility * tick_rate / REFERENCE_RATE).max(1),
            wall,
            dash_percent: config.movement.dash_percent,
            dash_ticks: ticks(config.movement.dash_ms),
            dash_cooldown: ticks(config.movement.dash_cooldown_ms),
            dash_cost: config.movement.dash_cost_permille,
            dash_least: config.movement.dash_least_mass,
        };
        Ok(Self {
            config,
            tick_rate,
            movement,
        })
    }

    /// The values as they were configured.
    #[must_use]
    pub fn config(&self) -> &GameConfig {
        &self.config
    }

    /// The movement rule's constants at this tick rate.
    #[must_use]
    pub fn movement(&self) -> &MovementTuning {
        &self.movement
    }

    /// Ticks a second.
    #[must_use]
    pub fn tick_rate(&self) -> u32 {
        self.tick_rate
    }

    /// How many ticks so many seconds are.
    #[must_use]
    pub fn ticks(&self, seconds: u32) -> u32 {
        seconds.saturating_mul(self.tick_rate)
    }

    /// How many ticks so many milliseconds are, at least one.
    #[must_use]
    pub fn ticks_of_ms(&self, milliseconds: u32) -> u32 {
        (milliseconds.saturating_mul(self.tick_rate) / 1_000).max(1)
    }
}

/// So many pixels in 1/256 px.
pub(super) const fn pixels(count: u32) -> u32 {
    count.saturating_mul(UNITS_PER_PIXEL as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_cross_the_same_distance_in_a_second_at_every_tick_rate() {
        for (rate, speed, agility) in [(60, 3_479, 6), (30, 6_958, 3), (120, 1_739, 12)] {
            let rules = Rules::new(GameConfig::default(), rate).unwrap();
            assert_eq!(rules.movement().speed, speed);
            assert_eq!(rules.movement().agility, agility);
            assert_eq!(rules.movement().wall, 460_800);
        }
    }

    #[test]
    fn an_impossible_tick_rate_is_named() {
        let error = Rules::new(GameConfig::default(), 1).unwrap_err();
        assert_eq!(error.key, "tick_rate");
    }
}
