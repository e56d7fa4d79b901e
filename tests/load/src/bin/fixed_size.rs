//! The server of the game of nothing but sending.

use std::process::ExitCode;

use load::fixed::{FixedSize, SEATS};
use serde::Deserialize;
use server::cli::{self, Program};
use server::config::Config;
use server::game::RoomInfo;
use server::{Page, Service};

const PROGRAM: Program = Program {
    name: "fixed_size",
    title: "Fixed size",
    about: "Sends snapshots of one size, and does nothing else",
    version: env!("CARGO_PKG_VERSION"),
    prefix: "FIXED_SIZE_",
    commands: &[],
};

/// It has none.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {}

fn main() -> ExitCode {
    cli::main(&PROGRAM, |_: &Config, _: Settings| {
        Ok(Service {
            seats: SEATS,
            create: |_: RoomInfo<()>| Ok(FixedSize::default()),
            page: Page::none(),
        })
    })
}
