//! Why settings can't be used.

use std::path::PathBuf;

use thiserror::Error;

/// Why the settings can't be used. Each is one line.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file isn't there or can't be read.
    #[error("configuration {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Not TOML.
    #[error("configuration {}: {message}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        message: String,
    },
    /// A key or its value, where it was set.
    #[error("configuration {place}: {key}: {reason}")]
    At {
        /// File and line, variable, or option.
        place: String,
        /// The key, with its section before a dot.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value that makes no sense.
    #[error("configuration: {key}: {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}
