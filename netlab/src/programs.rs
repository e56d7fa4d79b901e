//! Where the workspace's own programs are.

use std::env;
use std::path::{Path, PathBuf};

/// The release build of a program, found from the one that runs: a test runs from `target/PROFILE/deps`, a tool from
/// `target/PROFILE`.
pub fn release(name: &str) -> PathBuf {
    let running = env::current_exe().unwrap_or_default();
    let release = |folder: &Path| folder.join("release").join(name);
    let beside = running
        .ancestors()
        .skip(1)
        .take(4)
        .map(release)
        .find(|path| path.is_file());
    beside.unwrap_or_else(|| Path::new("target/release").join(name))
}
