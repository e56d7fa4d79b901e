//! `netlab profiles`: the bad networks there are to play on.

use std::path::PathBuf;

use clap::Args;
use netlab::profile::{Profiles, sdk_json};

/// The options of `netlab profiles`.
#[derive(Args)]
pub(crate) struct Options {
    /// List those of this file in place of the built-in ones
    #[arg(long)]
    profiles: Option<PathBuf>,
    /// Print what the browser SDK's `?link=` can do of them, as JSON
    #[arg(long)]
    sdk: bool,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let profiles = match &options.profiles {
        Some(path) => Profiles::read(path)?,
        None => Profiles::built_in(),
    };
    if options.sdk {
        print!("{}", sdk_json(&profiles)?);
    } else {
        print!("{}", listing(&profiles));
    }
    Ok(())
}

/// Name, summary and source of each, within 100 columns.
fn listing(profiles: &Profiles) -> String {
    const COLUMNS: usize = 100;
    const INDENT: &str = "    ";
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent(INDENT)
        .subsequent_indent(INDENT);
    let mut text = String::new();
    for profile in profiles.iter() {
        let source = format!("Source: {}", profile.source);
        text.push_str(&profile.name);
        for paragraph in [&profile.summary, &source] {
            text.push('\n');
            text.push_str(&textwrap::fill(paragraph, &options));
        }
        text.push('\n');
    }
    text
}
