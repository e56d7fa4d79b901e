//! A server that is expected to refuse its settings.

use std::io::Read;

use super::{
    ServerError, ServerOptions, ServerProcess, command, default_binary, free_port, working_folder,
};
use crate::process::ProcessGroup;

/// The end of a server that refused its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// All that it wrote to standard error.
    pub said: String,
}

impl ServerProcess {
    /// Runs the server with settings that it should refuse, and gives what it said when it ended.
    ///
    /// # Errors
    /// When there is no program, or it hasn't ended within [`ServerOptions::ready_within`]: it was killed then.
    pub fn refused(options: &ServerOptions) -> Result<Refusal, ServerError> {
        let binary = options.binary.clone().unwrap_or_else(default_binary);
        if !binary.is_file() {
            return Err(ServerError::NotBuilt { path: binary });
        }
        let folder = working_folder()?;
        let port = match options.port {
            Some(port) => port,
            None => free_port().map_err(ServerError::system("find a free port"))?,
        };
        let mut command = command(options, &binary, port, folder.path(), None)?;
        let mut process =
            ProcessGroup::spawn(&mut command).map_err(ServerError::system("start the server"))?;
        let limit = options.ready_within;
        let status = process.wait(limit);
        let mut said = String::new();
        if let Some(mut stderr) = process.child().stderr.take() {
            process.kill();
            stderr
                .read_to_string(&mut said)
                .map_err(ServerError::system("read what the server said"))?;
        }
        match status {
            Some(status) => Ok(Refusal {
                code: status.code(),
                said,
            }),
            None => Err(ServerError::TooLate {
                awaited: "refusal".to_owned(),
                limit,
                log: said,
            }),
        }
    }
}
