//! The `battle-circles` program.

mod replay_command;
mod replay_files;

use std::process::ExitCode;

use game::config::GameConfig;
use game::replay::Recorded;
use game::{BattleCircles, Rules};
use rust_embed::RustEmbed;
use server::cli::{self, FileCommand, OutputOption, Program};
use server::config::{Config, ConfigError};
use server::game::RoomInfo;
use server::{Page, Service};

use replay_files::ReplayFiles;

const PROGRAM: Program = Program {
    name: "battle-circles",
    title: "Battle Circles",
    about: "A realtime game server for browsers on lossy networks, and its game",
    version: env!("CARGO_PKG_VERSION"),
    prefix: "BATTLE_CIRCLES_",
    commands: &[FileCommand {
        name: "replay",
        about: "Play a recorded match again, and say whether this program's game goes the same way",
        output: Some(OutputOption {
            name: "view",
            about: "Write the match as a view file too, which the page plays at ?replay",
        }),
        run: replay_command::run,
    }],
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
        let replays = ReplayFiles::new(&config.data_directory, config.replays);
        Ok(Service {
            seats: rules.config().seats as usize,
            create: move |room: RoomInfo<_>| {
                let game = BattleCircles::new(rules.clone(), room.seed);
                Ok(Recorded::new(game, replays.of_room(&room.id)))
            },
            page: Page::embedded::<Files>(),
        })
    })
}
