//! The game's rules as an operator writes them. Not the room's or the network's settings: the tick
//! rate, for one, comes from there.

use crate::wire::MAX_SEATS;
use crate::wire::{KNIBBLE_SLOTS, MAX_STAGES};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Largest mass a circle can reach; what it eats beyond is lost.
pub const MAX_MASS: u32 = 1_000_000;

/// Farthest that a centre can be from the arena's, in pixels: quarter pixels must fit 16 bits.
const MAX_REACH: u32 = 8_000;

/// A value that the game can't be played with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("game.{key} must be {requirement}, not {value}")]
pub struct GameConfigError {
    /// The key at fault.
    pub key: &'static str,
    /// What it has to be.
    pub requirement: String,
    /// What it is.
    pub value: u32,
}

/// The rules of Battle Circles. Unknown keys are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GameConfig {
    /// Players and bots in one room, 2 to 16; default 12. More means livelier rooms, and larger
    /// snapshots.
    pub seats: u32,
    /// Circles that a game starts with, bots making up for missing players, 0 to 16 and never more
    /// than `seats`; default 12. 0 means no bots: a lone player then has nobody to play with.
    pub bots_fill_to: u32,
    /// Radius of the arena in pixels, 300 to 7,800; default 1,600. A larger arena means fewer
    /// meetings early in the game.
    pub arena_radius: u32,
    /// How far in pixels beyond the arena's edge a circle can still go, 0 to 1,000; default 200.
    pub wall_margin: u32,
    /// The boundary's stages, one after the other from the start of the game, at most 8. After
    /// the last it stays. Default: four stages down to 220 px after 150 s.
    pub boundary: Vec<StageConfig>,
    /// Knibbles in the arena, 0 to 256; default 200. More means faster growth, and larger
    /// snapshots.
    pub knibbles: u32,
    /// Mass of a knibble, 1 to 1,000; default 3.
    pub knibble_mass: u32,
    /// Milliseconds until an eaten knibble comes back elsewhere, up to 600,000; default 2,000.
    pub knibble_respawn_ms: u32,
    /// Mass of a new circle, 1 to 10,000 and at least `wither_death`; default 100.
    pub start_mass: u32,
    /// Mass in percent of another's that is needed to eat it, 101 to 1,000; default 115. Less
    /// makes fights riskier for both.
    pub eat_percent: u32,
    /// Share of its mass in percent that a circle outside the boundary loses each second, 0 to
    /// 100; default 8. It hits the large.
    pub wither_percent: u32,
    /// Mass that a circle outside the boundary loses each second at least, up to 10,000;
    /// default 12. It hits the small.
    pub wither_minimum: u32,
    /// A circle that withers below this mass dies, up to 10,000; default 30.
    pub wither_death: u32,
    /// Masses above this one slowly decay, 1 to 1,000,000; default 1,500. It keeps a leader within
    /// reach.
    pub decay_above: u32,
    /// Share of its mass in thousandths that a circle above `decay_above` loses each second, 0 to
    /// 1,000; default 5. 0 means that nothing decays.
    pub decay_permille: u32,
    /// Seconds between placing the circles and the start, 0 to 60; default 3.
    pub countdown_seconds: u32,
    /// Seconds of play at most, 10 to 3,600; default 180.
    pub playing_seconds: u32,
    /// Seconds that the results stand unless all players are ready earlier, 1 to 600; default 10.
    pub results_seconds: u32,
    /// Seconds that a game goes on at most when no player's circle is left, 0 to 3,600; default
    /// 15. It is long enough to see who wins, and short enough to wait for the rematch.
    pub bots_only_seconds: u32,
    /// A newcomer gets a circle at once while at least this many seconds remain, up to 3,600;
    /// default 30. With fewer left it watches until the rematch.
    pub late_join_seconds: u32,
    /// Seconds that a new circle can neither be eaten nor eat others, 0 to 60; default 3.
    pub spawn_protection_seconds: u32,
    /// Seconds that the bots leave a player's new circle alone, 0 to 600; default 30.
    pub spared_seconds: u32,
    /// Milliseconds after which a dead player who wants to is back in play, 0 to 60,000; default 1,500. Bots take three
    /// times as long.
    pub respawn_ms: u32,
    /// Stages of the boundary, 0 to 8, after which the dead come back no more; default 1: until the second one begins to
    /// shrink. 0 means that death is for good.
    pub respawn_stages: u32,
    /// Seconds that an absent player's circle can neither be eaten nor eat others, 0 to 600;
    /// default 10. It is a supply that refills at a tenth of the speed, so that hiding the page
    /// over and over doesn't save anybody.
    pub park_protection_seconds: u32,
    /// Milliseconds that a bot takes on average to notice and react, 50 to 5,000; default 300.
    /// Less makes stronger bots.
    pub bot_reaction_ms: u32,
    /// How circles move.
    pub movement: MovementConfig,
}

/// One stage of the boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageConfig {
    /// Seconds that the boundary stays as it is, up to 3,600.
    pub hold_seconds: u32,
    /// Seconds that it then takes to shrink, 1 to 3,600.
    pub shrink_seconds: u32,
    /// Its radius in pixels after that: at least 50, and no more than before.
    pub radius: u32,
}

/// The movement rule's constants, as they are at 60 ticks a second; at other tick rates they are
/// scaled so that the game plays the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MovementConfig {
    /// Speed of a circle of mass 1 in 1/256 px a tick, 1 to 20,000; default 3,479, which is 258 px
    /// a second at mass 100.
    pub speed: u32,
    /// Slowest full speed in 1/256 px a tick, 1 to 20,000; default 260, which is 61 px a second.
    pub slowest: u32,
    /// Ticks in which the velocity covers about two thirds of the way to the wanted one, 1 to 60;
    /// default 6. More feels heavier.
    pub agility: u32,
    /// Speed during a dash in percent of the usual, 100 to 500; default 250.
    pub dash_percent: u32,
    /// Milliseconds that a dash lasts, 20 to 2,000; default 200.
    pub dash_ms: u32,
    /// Milliseconds from a dash to the next one, at least `dash_ms` and up to 60,000; default 1,500.
    pub dash_cooldown_ms: u32,
    /// Mass that a dash costs in thousandths of the circle's, up to 900; default 60. More makes it dearer to flee and to
    /// hunt.
    pub dash_cost_permille: u32,
    /// A circle of less mass can't dash, 2 to 1,000,000; default 50. 1,000,000 switches dashes off, but for the largest.
    pub dash_least_mass: u32,
}

impl Default for MovementConfig {
    fn default() -> Self {
        Self {
            speed: 3_479,
            slowest: 260,
            agility: 6,
            dash_percent: 250,
            dash_ms: 200,
            dash_cooldown_ms: 1_500,
            dash_cost_permille: 60,
            dash_least_mass: 50,
        }
    }
}

impl Default for GameConfig {
    fn default() -> Self {
        let stage = |hold_seconds, shrink_seconds, radius| StageConfig {
            hold_seconds,
            shrink_seconds,
            radius,
        };
        Self {
            seats: 12,
            bots_fill_to: 12,
            arena_radius: 1_600,
            wall_margin: 200,
            boundary: vec![
                stage(25, 15, 1_200),
                stage(20, 15, 800),
                stage(20, 15, 450),
                stage(20, 20, 220),
            ],
            knibbles: 200,
            knibble_mass: 3,
            knibble_respawn_ms: 2_000,
            start_mass: 100,
            eat_percent: 115,
            wither_percent: 8,
            wither_minimum: 12,
            wither_death: 30,
            decay_above: 1_500,
            decay_permille: 5,
            countdown_seconds: 3,
            playing_seconds: 180,
            results_seconds: 10,
            bots_only_seconds: 15,
            late_join_seconds: 30,
            spawn_protection_seconds: 3,
            spared_seconds: 30,
            respawn_ms: 1_500,
            respawn_stages: 1,
            park_protection_seconds: 10,
            bot_reaction_ms: 300,
            movement: MovementConfig::default(),
        }
    }
}

impl GameConfig {
    /// Circles that a game starts with.
    pub(super) fn circles(&self) -> usize {
        self.bots_fill_to.min(self.seats) as usize
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`GameConfigError`], with the first key that is out of its range.
    pub fn validate(&self) -> Result<(), GameConfigError> {
        let seats = MAX_SEATS as u32;
        let movement = &self.movement;
        for (key, value, least, most) in [
            ("seats", self.seats, 2, seats),
            ("bots_fill_to", self.bots_fill_to, 0, seats),
            ("arena_radius", self.arena_radius, 300, 7_800),
            ("wall_margin", self.wall_margin, 0, 1_000),
            ("knibbles", self.knibbles, 0, KNIBBLE_SLOTS as u32),
            ("knibble_mass", self.knibble_mass, 1, 1_000),
            ("knibble_respawn_ms", self.knibble_respawn_ms, 0, 600_000),
            (
                "start_mass",
                self.start_mass,
                self.wither_death.max(1),
                10_000,
            ),
            ("eat_percent", self.eat_percent, 101, 1_000),
            ("wither_percent", self.wither_percent, 0, 100),
            ("wither_minimum", self.wither_minimum, 0, 10_000),
            ("wither_death", self.wither_death, 0, 10_000),
            ("decay_above", self.decay_above, 1, MAX_MASS),
            ("decay_permille", self.decay_permille, 0, 1_000),
            ("countdown_seconds", self.countdown_seconds, 0, 60),
            ("playing_seconds", self.playing_seconds, 10, 3_600),
            ("results_seconds", self.results_seconds, 1, 600),
            ("bots_only_seconds", self.bots_only_seconds, 0, 3_600),
            ("late_join_seconds", self.late_join_seconds, 0, 3_600),
            (
                "spawn_protection_seconds",
                self.spawn_protection_seconds,
                0,
                60,
            ),
            ("spared_seconds", self.spared_seconds, 0, 600),
            ("respawn_ms", self.respawn_ms, 0, 60_000),
            ("respawn_stages", self.respawn_stages, 0, MAX_STAGES as u32),
            (
                "park_protection_seconds",
                self.park_protection_seconds,
                0,
                600,
            ),
            ("bot_reaction_ms", self.bot_reaction_ms, 50, 5_000),
            ("movement.speed", movement.speed, 1, 20_000),
            ("movement.slowest", movement.slowest, 1, 20_000),
            ("movement.agility", movement.agility, 1, 60),
            ("movement.dash_percent", movement.dash_percent, 100, 500),
            ("movement.dash_ms", movement.dash_ms, 20, 2_000),
            (
                "movement.dash_cooldown_ms",
                movement.dash_cooldown_ms,
                movement.dash_ms,
                60_000,
            ),
            (
                "movement.dash_cost_permille",
                movement.dash_cost_permille,
                0,
                900,
            ),
            (
                "movement.dash_least_mass",
                movement.dash_least_mass,
                2,
                MAX_MASS,
            ),
        ] {
            within(key, value, least, most)?;
        }
        let margin_limit = MAX_REACH.saturating_sub(self.arena_radius);
        within("wall_margin", self.wall_margin, 0, margin_limit)?;
        self.validate_boundary()
    }

    fn validate_boundary(&self) -> Result<(), GameConfigError> {
        let stages = u32::try_from(self.boundary.len()).unwrap_or(u32::MAX);
        if stages > MAX_STAGES as u32 {
            return Err(GameConfigError {
                key: "boundary",
                requirement: format!("at most {MAX_STAGES} stages"),
                value: stages,
            });
        }
        let mut before = self.arena_radius;
        for stage in &self.boundary {
            within("boundary.hold_seconds", stage.hold_seconds, 0, 3_600)?;
            within("boundary.shrink_seconds", stage.shrink_seconds, 1, 3_600)?;
            within("boundary.radius", stage.radius, 50, before)?;
            before = stage.radius;
        }
        Ok(())
    }
}

/// Says that `key` must lie between two values.
pub(super) fn within(
    key: &'static str,
    value: u32,
    least: u32,
    most: u32,
) -> Result<(), GameConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(GameConfigError {
        key,
        requirement: format!("from {least} to {most}"),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_playable() {
        assert_eq!(GameConfig::default().validate(), Ok(()));
    }

    #[test]
    fn the_manual_has_every_rule_with_its_default() {
        let manual = include_str!("../../docs/operating.md");
        let (_, section) = manual
            .split_once("\n## The rules of Battle Circles\n")
            .unwrap();
        let (section, _) = section.split_once("\n## ").unwrap();
        let defaults = serde_json::to_value(GameConfig::default()).unwrap();
        for (key, default) in defaults.as_object().unwrap() {
            let begin = format!("| `{key}` | ");
            let row = section.lines().find_map(|line| line.strip_prefix(&begin));
            let told = row.and_then(|row| row.split(" | ").next()).expect(key);
            if default.is_number() {
                assert_eq!(told.replace(',', ""), default.to_string(), "{key}");
            }
        }
    }

    #[test]
    fn an_impossible_value_is_named() {
        let config = GameConfig {
            eat_percent: 100,
            ..GameConfig::default()
        };
        assert_eq!(
            config.validate().unwrap_err().to_string(),
            "game.eat_percent must be from 101 to 1000, not 100"
        );
        let mut config = GameConfig::default();
        config.boundary[2].radius = 801;
        assert_eq!(config.validate().unwrap_err().key, "boundary.radius");
        let config = GameConfig {
            arena_radius: 7_500,
            wall_margin: 501,
            ..GameConfig::default()
        };
        assert_eq!(config.validate().unwrap_err().key, "wall_margin");
    }

    #[test]
    fn an_unknown_key_is_refused_by_its_name() {
        let error = serde_json::from_str::<GameConfig>(r#"{"seats": 4, "seets": 4}"#).unwrap_err();
        assert!(error.to_string().contains("seets"), "{error}");
        let config: GameConfig = serde_json::from_str(r#"{"seats": 4}"#).unwrap();
        assert_eq!((config.seats, config.bots_fill_to), (4, 12));
        assert_eq!((config.validate(), config.circles()), (Ok(()), 4));
    }
}
