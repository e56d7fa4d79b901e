//! Why a browser couldn't be had or didn't do as asked.

use std::io;

/// Why a browser couldn't be launched or didn't do as asked.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// A program that this machine lacks.
    #[error("{program} not found: install the Debian package {package}")]
    Missing {
        /// What was looked for.
        program: String,
        /// What brings it.
        package: &'static str,
    },
    /// npm packages are not installed.
    #[error("browsers need npm packages that are missing: run `{command}`")]
    PackagesMissing {
        /// What installs them, wherever it is run.
        command: String,
    },
    /// The driver couldn't be started.
    #[error("cannot start the browser driver: {0}")]
    Spawn(#[source] io::Error),
    /// The driver is gone, and the browser with it.
    #[error("the browser's driver is gone during `{operation}`; its last words: {last_words}")]
    Gone {
        /// What was asked.
        operation: &'static str,
        /// The end of its standard error.
        last_words: String,
    },
    /// The driver, or what was waited for in the page, took too long.
    #[error("`{operation}` timed out: {message}")]
    Timeout {
        /// What was asked.
        operation: &'static str,
        /// What was waited for.
        message: String,
    },
    /// The browser said no, or the page threw.
    #[error("`{operation}` failed: {message}")]
    Failed {
        /// What was asked.
        operation: &'static str,
        /// What it said.
        message: String,
    },
    /// The page's value has another shape than asked for.
    #[error("`{operation}` gave {value}, which is not what was asked for: {source}")]
    Shape {
        /// What was asked.
        operation: &'static str,
        /// What came.
        value: String,
        /// Why it doesn't fit.
        source: serde_json::Error,
    },
}

impl BrowserError {
    /// Whether this machine lacks something, so that a developer may go without; CI may not.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::PackagesMissing { .. })
    }
}
