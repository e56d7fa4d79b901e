//! The npm packages that browsers need here, which a fresh clone doesn't have.

use std::path::{Path, PathBuf};

use super::BrowserError;

/// The driver's own folder.
pub(super) fn driver_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

/// Whether all is installed for players in browsers: the driver's packages and the SDK's bundler.
///
/// # Errors
/// [`BrowserError::PackagesMissing`], with one command for all that is missing.
pub fn check_packages() -> Result<(), BrowserError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().unwrap_or(root);
    check([
        (root.join("web"), "vite"),
        (root.join("netlab/browser"), "puppeteer-core"),
    ])
}

/// Whether a package is there in each folder.
pub(super) fn check<const N: usize>(wanted: [(PathBuf, &str); N]) -> Result<(), BrowserError> {
    let is_missing =
        |(folder, package): &(PathBuf, &str)| !folder.join("node_modules").join(package).is_dir();
    let commands: Vec<String> = wanted
        .iter()
        .filter(|wanted| is_missing(wanted))
        .map(|(folder, _)| format!("npm install --no-save --prefix {}", folder.display()))
        .collect();
    if commands.is_empty() {
        return Ok(());
    }
    let command = commands.join(" && ");
    Err(BrowserError::PackagesMissing { command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_without_packages_is_told_one_command_for_all() {
        let clone = tempfile::tempdir().unwrap();
        let folder = |name| clone.path().join(name);
        let wanted = || {
            [
                (folder("web"), "vite"),
                (folder("browser"), "puppeteer-core"),
            ]
        };
        let told = check(wanted()).unwrap_err();
        let expected = format!(
            "browsers need npm packages that are missing: run `npm install --no-save --prefix {0}/web && \
             npm install --no-save --prefix {0}/browser`",
            clone.path().display()
        );
        assert_eq!(told.to_string(), expected);
        assert!(told.is_missing());
        std::fs::create_dir_all(folder("web/node_modules/vite")).unwrap();
        let told = check(wanted()).unwrap_err().to_string();
        assert!(!told.contains("web"), "{told}");
        std::fs::create_dir_all(folder("browser/node_modules/puppeteer-core")).unwrap();
        assert!(check(wanted()).is_ok());
    }
}
