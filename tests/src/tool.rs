//! Programs of others that look at our server, run to their end: Debian's, and PyPI's, which `tests/run` installs.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use netlab::prerequisites::Missing;
use thiserror::Error;

/// Why there is no output.
#[derive(Debug, Error)]
pub enum ToolError {
    /// It is not there.
    #[error("{program} is missing; {remedy}")]
    NotInstalled {
        /// Its name.
        program: String,
        /// How to get it.
        remedy: String,
    },
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Missing for ToolError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::NotInstalled { .. })
    }
}

/// Runs a program of Debian's `package`.
///
/// # Errors
/// [`ToolError`].
pub fn debian(program: &str, package: &str, arguments: &[&str]) -> Result<Output, ToolError> {
    let remedy = format!("on Debian: apt-get install {package}");
    run(Command::new(program).args(arguments), program, remedy)
}

/// Runs a program of PyPI's, in `folder`.
///
/// # Errors
/// [`ToolError`].
pub fn python(program: &str, arguments: &[&str], folder: &Path) -> Result<Output, ToolError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin");
    let path: PathBuf = path.join(program);
    let remedy = "tests/run installs it, from tests/requirements.txt".to_owned();
    let mut command = Command::new(path);
    run(command.args(arguments).current_dir(folder), program, remedy)
}

fn run(command: &mut Command, program: &str, remedy: String) -> Result<Output, ToolError> {
    command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ToolError::NotInstalled {
            program: program.to_owned(),
            remedy,
        },
        _ => error.into(),
    })
}
