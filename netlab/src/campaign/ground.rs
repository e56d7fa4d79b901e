//! Where runs are played: the emulated path with a host at each end, and a fresh server for each run.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::error::CampaignError;
use super::retransmits::{self, retransmitted};
use crate::lab::{Lab, LabError, Lateness};
use crate::path::PathPair;
use crate::relay::Relay;
use crate::report::Place;
use crate::server_process::{ServerError, ServerOptions, ServerProcess};

/// Both ends of the path.
#[derive(Debug)]
pub(super) enum Ground {
    Namespaces(Lab),
    Relay(Relay),
}

/// What the path and the server's host have counted up to a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    /// Bytes that have come out at the players' end.
    pub(super) bytes_down: u64,
    pub(super) lateness: Lateness,
    /// Only where the host has no other connections.
    pub(super) tcp_retransmitted: Option<u64>,
}

impl Ground {
    /// Sets both hosts up, with a perfect path between them.
    pub(super) fn set_up(place: Place) -> Result<Self, CampaignError> {
        match place {
            Place::Namespaces => match Lab::with_paths(&PathPair::default()) {
                Ok(lab) => Ok(Self::Namespaces(lab)),
                Err(error) if error.is_missing() => Err(CampaignError::NoLab(error)),
                Err(error) => Err(error.into()),
            },
            Place::Relay => {
                let relay = Relay::start(RELAY, BEHIND_RELAY, &PathPair::default())?;
                Ok(Self::Relay(relay))
            }
        }
    }

    /// The lab, if browsers are to run in it.
    pub(super) fn lab(&self) -> Option<&Lab> {
        match self {
            Self::Namespaces(lab) => Some(lab),
            Self::Relay(_) => None,
        }
    }

    /// The server as players reach it.
    pub(super) fn server(&self) -> SocketAddr {
        match self {
            Self::Namespaces(lab) => SocketAddr::new(IpAddr::V4(lab.server_address()), LAB_PORT),
            Self::Relay(relay) => relay.address(),
        }
    }

    /// The server's origin for pages.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.server())
    }

    /// The server as it is reached from its own host.
    pub(super) fn server_from_within(&self) -> SocketAddr {
        match self {
            Self::Namespaces(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, LAB_PORT)),
            Self::Relay(relay) => relay.server_address(),
        }
    }

    /// Starts a server whose game begins at once.
    pub(super) fn start_server(&self) -> Result<ServerProcess, ServerError> {
        let within = self.server_from_within();
        let mut options = ServerOptions {
            config: Some(CONFIG.to_owned()),
            port: Some(within.port()),
            // Its log is shown in reports.
            environment: vec![("NO_COLOR".to_owned(), "1".to_owned())],
            ..ServerOptions::default()
        };
        if let Self::Relay(relay) = self {
            let (listen, public) = (within.ip(), relay.address().ip());
            options.arguments = vec![
                "--listen".to_owned(),
                listen.to_string(),
                "--public-address".to_owned(),
                public.to_string(),
            ];
        }
        ServerProcess::start(options, self.lab())
    }

    /// Puts a path in force, and tells when that was, in milliseconds since 1970.
    pub(super) fn set_path(&self, paths: &PathPair) -> Result<f64, CampaignError> {
        Ok(match self {
            Self::Namespaces(lab) => lab.unix_ms_at(lab.set_pair(paths)?),
            Self::Relay(relay) => relay.unix_ms_at(relay.set_pair(paths).map_err(LabError::from)?),
        })
    }

    /// Runs `work` on the server's host.
    pub(super) fn at_server<T: Send>(
        &self,
        work: impl FnOnce() -> T + Send,
    ) -> Result<T, LabError> {
        match self {
            Self::Namespaces(lab) => lab.run_in_server(work),
            Self::Relay(_) => Ok(work()),
        }
    }

    /// Runs `work` on the players' host.
    pub(super) fn at_players<T: Send>(
        &self,
        work: impl FnOnce() -> T + Send,
    ) -> Result<T, LabError> {
        match self {
            Self::Namespaces(lab) => lab.run_in_client(work),
            Self::Relay(_) => Ok(work()),
        }
    }

    /// What has been counted up to now.
    pub(super) fn count(&self) -> Result<Count, CampaignError> {
        match self {
            Self::Namespaces(lab) => {
                let snmp: io::Result<String> =
                    lab.run_in_server(|| std::fs::read_to_string(retransmits::PATH))?;
                let path = lab.counters();
                Ok(Count {
                    bytes_down: path.down.total().bytes_out,
                    lateness: path.lateness,
                    tcp_retransmitted: snmp.ok().and_then(|text| retransmitted(&text)),
                })
            }
            Self::Relay(relay) => {
                let path = relay.counters();
                Ok(Count {
                    bytes_down: path.down.total().bytes_out,
                    lateness: path.lateness,
                    tcp_retransmitted: None,
                })
            }
        }
    }
}

const LAB_PORT: u16 = 8080;

/// Any port that is free at both addresses.
const RELAY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const BEHIND_RELAY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), 0);

/// Players come while a game runs, so that what is measured is play and not waiting; and bots fill the room, so that it is
/// the play of twelve.
const CONFIG: &str = "[game]\nbots_fill_to = 12\ncountdown_seconds = 0\nresults_seconds = 1\n";
