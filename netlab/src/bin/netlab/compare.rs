//! `netlab compare`: whether a change made it worse.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use netlab::judge::compare::{compare, render};
use netlab::report;

/// The options of `netlab compare`.
#[derive(Args)]
pub(crate) struct Options {
    /// What `netlab run --json` wrote before the change
    a: PathBuf,
    /// What it wrote after
    b: PathBuf,
}

/// Exits with 1 when B is worse in anything.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let a = report::file::read(&options.a)?;
    let b = report::file::read(&options.b)?;
    let comparison = compare(&a, &b)?;
    println!("A: {}", options.a.display());
    println!("B: {}\n", options.b.display());
    print!("{}", render(&comparison));
    Ok(if comparison.is_worse() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
