//! Makes one script of the SDK's sources, by the web workspace's own bundler.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::BrowserError;
use crate::prerequisites::Missing;

/// Why there is no script.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The web workspace's npm packages are not installed.
    #[error("the web workspace's packages are missing: run `npm install --no-save` in {}", .folder.display())]
    NotInstalled {
        /// Where the workspace is.
        folder: PathBuf,
    },
    /// Node.js can't be started, or its output not be read.
    #[error("cannot bundle the SDK: {0}")]
    System(#[from] io::Error),
    /// The bundler says no.
    #[error("the SDK can't be bundled:\n{0}")]
    Bundler(String),
    /// There is no browser for the script.
    #[error(transparent)]
    Browser(#[from] BrowserError),
}

impl Missing for BundleError {
    fn is_missing(&self) -> bool {
        match self {
            Self::NotInstalled { .. } => true,
            Self::Browser(error) => error.is_missing(),
            _ => false,
        }
    }
}

/// The script, as of the sources now. It takes half a second.
pub(super) fn bundle() -> Result<String, BundleError> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let web = tests.join("../web");
    let bundler = web.join("node_modules/vite/bin/vite.js");
    if !bundler.is_file() {
        return Err(BundleError::NotInstalled { folder: web });
    }
    let folder = tempfile::tempdir()?;
    let output = Command::new("node")
        .arg(bundler)
        .args(["build", "--config"])
        .arg(tests.join("browser/sdk/vite.config.mjs"))
        .arg("--outDir")
        .arg(folder.path())
        .current_dir(&web)
        .output()?;
    if !output.status.success() {
        let words = [output.stdout, output.stderr].concat();
        return Err(BundleError::Bundler(
            String::from_utf8_lossy(&words).into_owned(),
        ));
    }
    Ok(std::fs::read_to_string(folder.path().join("sdk.js"))?)
}
