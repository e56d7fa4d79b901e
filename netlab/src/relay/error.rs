//! Why there is no relay.

use std::io;
use std::net::SocketAddr;

use crate::path::PathPairError;

/// Why a relay couldn't be started.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The address isn't this machine's, or its port is taken.
    #[error("the relay cannot listen on {listen}, TCP and UDP: {source}")]
    Listen {
        /// Where it should.
        listen: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system said no.
    #[error("the relay cannot {doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// A path's figure is out of range.
    #[error(transparent)]
    Path(#[from] PathPairError),
}

impl RelayError {
    pub(super) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
