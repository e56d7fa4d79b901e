//! Where runs are played: the emulated link with a host at each end, and a fresh server for each run.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::error::CampaignError;
use super::retransmits::{self, retransmitted};
use crate::lab::{Counters, Lab};
use crate::link::LinkPair;
use crate::server_process::{ServerError, ServerOptions, ServerProcess};

/// Both ends of the link.
#[derive(Debug)]
pub(super) struct Ground {
    lab: Lab,
}

/// What the link and the hosts have counted up to a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) link: Counters,
    pub(super) tcp_retransmitted: Option<u64>,
}

impl Ground {
    /// Sets both hosts up, with a perfect link between them.
    pub(super) fn set_up() -> Result<Self, CampaignError> {
        let lab = Lab::with_links(&LinkPair::default()).map_err(|error| {
            if error.is_missing() {
                CampaignError::NoLab(error)
            } else {
                error.into()
            }
        })?;
        Ok(Self { lab })
    }

    /// The lab, for whatever is to run at the players' end.
    pub(super) fn lab(&self) -> &Lab {
        &self.lab
    }

    /// The server as players reach it.
    pub(super) fn server(&self) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(self.lab.server_address()), PORT)
    }

    /// The server as it is reached from its own host.
    pub(super) fn server_from_within() -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, PORT))
    }

    /// The server's origin for pages.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.server())
    }

    /// Starts a server whose game begins at once.
    pub(super) fn start_server(&self) -> Result<ServerProcess, ServerError> {
        let options = ServerOptions {
            config: Some(CONFIG.to_owned()),
            port: Some(PORT),
            // Its log is shown in reports.
            environment: vec![("NO_COLOR".to_owned(), "1".to_owned())],
            ..ServerOptions::default()
        };
        ServerProcess::start(options, Some(&self.lab))
    }

    /// Puts a link in force, and tells when that was, in milliseconds since 1970.
    pub(super) fn set_link(&self, links: &LinkPair) -> Result<f64, CampaignError> {
        let moment = self.lab.set_pair(links)?;
        Ok(self.lab.unix_ms_at(moment))
    }

    /// Runs `work` on the server's host.
    pub(super) fn at_server<T: Send>(
        &self,
        work: impl FnOnce() -> T + Send,
    ) -> Result<T, CampaignError> {
        Ok(self.lab.run_in_server(work)?)
    }

    /// What has been counted up to now.
    pub(super) fn count(&self) -> Result<Count, CampaignError> {
        let snmp: io::Result<String> =
            self.at_server(|| std::fs::read_to_string(retransmits::PATH))?;
        Ok(Count {
            link: self.lab.counters(),
            tcp_retransmitted: snmp.ok().and_then(|text| retransmitted(&text)),
        })
    }
}

const PORT: u16 = 8080;

/// Players come while a game runs, so that what is measured is play and not waiting.
const CONFIG: &str = "[game]\ncountdown_seconds = 0\nresults_seconds = 1\n";
