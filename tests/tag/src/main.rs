//! The `tag` program.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Deserialize;
use server::cli::{self, Program};
use server::config::{Config, ConfigError};
use server::game::RoomInfo;
use server::{Page, Service};
use tag::Tag;
use tag::state::SEATS;

const PROGRAM: Program = Program {
    name: "tag",
    title: "Tag",
    about: "Run, dash, and don't be it",
    version: env!("CARGO_PKG_VERSION"),
    prefix: "TAG_",
    commands: &[],
};

/// The section `[game]` of the settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    /// The folder with the built page. Default: where `page/vite.config.mjs` puts it, seen from the workspace.
    page: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page: PathBuf::from("tests/tag/page/dist"),
        }
    }
}

fn main() -> ExitCode {
    cli::main(&PROGRAM, |_: &Config, settings: Settings| {
        let page = Page::folder(&settings.page).map_err(|error| ConfigError::Value {
            key: "game.page",
            reason: format!("{}: {error}; is the page built?", settings.page.display()),
        })?;
        Ok(Service {
            seats: SEATS,
            create: |room: RoomInfo<_>| Tag::new(&room),
            page,
        })
    })
}
