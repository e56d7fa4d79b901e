//! Why nothing could be played at all; what goes wrong within one run is that run's failure.

use crate::browser::BrowserError;
use crate::lab::LabError;
use crate::relay::RelayError;
use crate::sdk_page::BundleError;
use crate::server_process::ServerError;
use crate::socket_io::SocketIoError;

/// Why a campaign can't be had on this machine, or not as asked.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// Not root, most likely.
    #[error("{0}; `--place relay` plays without, with limits of its own")]
    NoLab(LabError),
    /// The lab says no.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// The relay says no.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// There is no server program.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// There is no Socket.IO to compare with.
    #[error(transparent)]
    SocketIo(#[from] SocketIoError),
    /// There is no browser, or no script for it.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// There is no browser.
    #[error(transparent)]
    Browser(#[from] BrowserError),
}

/// Why nothing can share the path with the game.
#[derive(Debug, thiserror::Error)]
pub(super) enum SharedLinkError {
    /// A relay carries the game alone.
    #[error("a TCP stream beside the game needs namespaces: leave out `--place relay`")]
    NoNamespaces,
    /// The system refuses sockets or threads.
    #[error("cannot share the path: {0}")]
    System(#[from] std::io::Error),
    /// The lab says no.
    #[error(transparent)]
    Lab(#[from] LabError),
}
