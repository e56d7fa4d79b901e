//! The `battle-circles` program.

use std::process::ExitCode;

use game::config::GameConfig;
use game::{BattleCircles, Rules};
use rust_embed::RustEmbed;
use server::cli::{self, Program};
use server::config::{Config, ConfigError};
use server::game::RoomInfo;
use server::{Page, Service};

const PROGRAM: Program = Program {
    name: "battle-circles",
    title: "Battle Circles",
    about: "A realtime game server for browsers on lossy networks, and its game",
    version: env!("CARGO_PKG_VERSION"),
    prefix: "BATTLE_CIRCLES_",
};

/// The page, built by the build script.
#[derive(RustEmbed)]
#[folder = "$WEB_DIST"]
struct Files;

fn main() -> ExitCode {
    cli::main(&PROGRAM, |config: &Config, settings: GameConfig| {
        let rules = Rules::new(settings, config.tick_rate).map_err(|error| ConfigError::Value {
            key: "game",
            reason: error.to_string(),
        })?;
        Ok(Service {
            seats: rules.config().seats as usize,
            create: move |room: RoomInfo<_>| Ok(BattleCircles::new(rules.clone(), room.seed)),
            page: Page::embedded::<Files>(),
        })
    })
}
