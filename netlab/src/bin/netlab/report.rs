//! `netlab report`: shows again what an earlier `netlab run` wrote.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use netlab::report;

/// The options of `netlab report`.
#[derive(Args)]
pub(crate) struct Options {
    /// What `netlab run --json` wrote
    input: PathBuf,
    /// Write one page with plots to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write JUnit's XML to this file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Prints the tables and the verdict; a failed verdict is no error of this command.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let report = report::file::read(&options.input)?;
    if let Some(path) = &options.html {
        write(path, &report::html::render(&report))?;
    }
    if let Some(path) = &options.junit {
        write(path, &report::junit::render(&report))?;
    }
    print!("{}", report::table::render(&report));
    Ok(())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} can't be written", path.display()))
}
