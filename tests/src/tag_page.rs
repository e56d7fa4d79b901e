//! The page of tag, the second game, built as its developer does.

use std::path::Path;
use std::process::Command;

use netlab::sdk_page::BundleError;
use tempfile::TempDir;

/// A folder with it.
///
/// # Errors
/// When its packages are not installed, or it doesn't build.
pub fn built_page() -> Result<TempDir, BundleError> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let web = tests.join("../web");
    let vite = web.join("node_modules/vite/bin/vite.js");
    if !vite.is_file() {
        return Err(BundleError::NotInstalled { folder: web });
    }
    let folder = tempfile::tempdir()?;
    let output = Command::new("node")
        .arg(vite)
        .args(["build", "--config"])
        .arg(tests.join("tag/page/vite.config.mjs"))
        .arg("--outDir")
        .arg(folder.path())
        .output()?;
    if output.status.success() {
        Ok(folder)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(BundleError::Bundler(said.into_owned()))
    }
}
