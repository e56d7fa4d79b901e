//! The page's own checks, with the web workspace's tools: its types, and its movement, which must be the server's.

use std::path::Path;
use std::process::Command;

/// Runs a tool of the web workspace on the page.
fn run(tool: &str, arguments: &[&str]) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let tool = page.join("../../../web/node_modules").join(tool);
    if !tool.is_file() && std::env::var_os("CI").is_none_or(|ci| ci != "true") {
        eprintln!("SKIPPED: run `npm install --no-save` in web/");
        return;
    }
    let mut node = Command::new("node");
    let output = node
        .arg(tool)
        .args(arguments)
        .current_dir(page)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );
}

#[test]
fn the_page_moves_figures_as_the_server_does() {
    run("vitest/vitest.mjs", &["run", "--config", "vite.config.mjs"]);
}

#[test]
fn the_page_is_well_typed() {
    run("typescript/bin/tsc", &["--noEmit", "-p", "."]);
}
