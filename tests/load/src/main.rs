//! `load`: starts a server, lets many real players in on one rung, and tells what each snapshot cost it.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use load::run::Run;

/// Many real players on one rung, and what they cost the server.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    run: Run,
    /// A file for the figures.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let figures = arguments.run.measure()?;
    println!("{figures}");
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&figures)?;
        std::fs::write(file, json).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
