//! Builds the web page, so that `cargo run` needs no second command. Set
//! `WEB_DIST` to a folder with a built page to use that instead.

use std::path::{Path, PathBuf};
use std::process::{Command, exit};

const NPM_MISSING: &str = "npm is missing: install Node.js 20.19 or newer (on Debian: apt-get \
    install nodejs npm), or set WEB_DIST to a folder with the built page";

fn main() {
    println!("cargo::rerun-if-env-changed=WEB_DIST");
    println!("cargo::rerun-if-env-changed=VITE_SERVER_ORIGIN");
    let dist = match std::env::var_os("WEB_DIST") {
        Some(dist) => PathBuf::from(dist),
        None => build(&manifest_folder().join("../web")),
    };
    println!("cargo::rustc-env=WEB_DIST={}", dist.display());
}

/// Asked at run time: a target folder may have been filled from another copy of the tree.
fn manifest_folder() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn build(web: &Path) -> PathBuf {
    for source in [
        "package.json",
        "package-lock.json",
        "sdk/src",
        "sdk/package.json",
        "game/src",
        "game/public",
        "game/index.html",
        "game/package.json",
        "game/vite.config.ts",
    ] {
        let path = web.join(source);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    if is_older(
        &web.join("node_modules/.package-lock.json"),
        &web.join("package-lock.json"),
    ) {
        // Not `npm ci`: it refuses a lock file that leaves out binaries of other platforms.
        npm(
            web,
            &[
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ],
        );
    }
    npm(web, &["run", "--silent", "build"]);
    web.join("game/dist")
}

fn is_older(installed: &Path, wanted: &Path) -> bool {
    let time = |path: &Path| {
        path.metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    time(installed).is_none_or(|installed| time(wanted).is_some_and(|wanted| installed < wanted))
}

fn npm(web: &Path, arguments: &[&str]) {
    let Ok(output) = Command::new("npm")
        .args(arguments)
        .current_dir(web)
        .output()
    else {
        fail(NPM_MISSING);
    };
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stdout));
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        fail(&format!("npm {} failed in web/", arguments.join(" ")));
    }
}

fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    exit(1)
}
