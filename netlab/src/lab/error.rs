//! Why a lab can't be had, said so that the reader knows what to do.

use std::io;

use crate::path::PathPairError;

/// Why a lab couldn't be set up.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// Not root, or root without the capabilities.
    #[error(
        "the lab needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN) for its network namespaces: {detail}"
    )]
    NotPermitted {
        /// What was refused.
        detail: String,
    },
    /// The kernel or container has no TUN devices.
    #[error(
        "the lab needs /dev/net/tun: load the kernel module tun, or give the container the device ({source})"
    )]
    NoTun {
        /// What opening it said.
        source: io::Error,
    },
    /// No `ip` on the path.
    #[error("the lab needs the program ip: install the Debian package iproute2")]
    NoIproute,
    /// `ip` said no.
    #[error("`ip {arguments}` failed: {stderr}")]
    Ip {
        /// What it was asked.
        arguments: String,
        /// What it said.
        stderr: String,
    },
    /// The system said no.
    #[error("the lab cannot {doing}: {source}")]
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

impl LabError {
    /// Whether this machine lacks something, so that a developer may go without; CI may not.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::NotPermitted { .. } | Self::NoTun { .. } | Self::NoIproute
        )
    }

    pub(super) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
