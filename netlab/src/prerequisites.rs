//! What a test does when this machine lacks what it needs: a developer goes without, CI fails. Nothing is skipped in
//! silence.

use std::fmt::Display;

use crate::browser::BrowserError;
use crate::lab::LabError;
use crate::server_process::ServerError;

/// An error that may say that the machine lacks something.
pub trait Missing: Display {
    /// Whether a machine that lacks something is all that is wrong.
    fn is_missing(&self) -> bool;
}

impl Missing for LabError {
    fn is_missing(&self) -> bool {
        LabError::is_missing(self)
    }
}

/// A system call that needs a privilege.
impl Missing for std::io::Error {
    fn is_missing(&self) -> bool {
        self.kind() == std::io::ErrorKind::PermissionDenied
    }
}

impl Missing for BrowserError {
    fn is_missing(&self) -> bool {
        BrowserError::is_missing(self)
    }
}

impl Missing for ServerError {
    fn is_missing(&self) -> bool {
        ServerError::is_missing(self)
    }
}

/// What was asked for; or `None`, with a line on standard error that says what to install, on a machine that lacks it.
///
/// # Panics
/// When it failed in another way, and, under `CI=true`, when it is missing.
pub fn available<T, E: Missing>(result: Result<T, E>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error)
            if error.is_missing() && std::env::var_os("CI").is_none_or(|ci| ci != "true") =>
        {
            eprintln!("SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
