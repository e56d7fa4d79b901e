//! The machine: buffers, files, clock; and what the settings keep on it.

use std::time::Duration;

use super::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::descriptors;
use crate::transport::udp;
use crate::transport::udp_watch::UdpWatch;

/// When this was written, in seconds since 1970: an earlier clock is wrong.
const WRITTEN: u64 = 1_795_000_000;

/// Players that the doctor counts on in each room.
const PLAYERS_A_ROOM: usize = 12;

/// `TimeoutStopSec=` of the unit in `deploy/`, and what a stop takes at most after the drain, with room to spare.
const UNIT_STOP: Duration = Duration::from_secs(90);
const AFTER_DRAIN: Duration = Duration::from_secs(15);

pub(super) fn buffers() -> Vec<Finding> {
    const CHECK: &str = "udp-buffers";
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let granted = udp::bind(any, 0, 1)
        .and_then(|sockets| UdpWatch::new(&sockets))
        .map(|watch| watch.least_granted());
    let wanted = udp::BUFFER;
    vec![match granted {
        Ok(Some(granted)) if granted < wanted => Finding::warning(
            CHECK,
            format!("the kernel grants {granted} bytes of {wanted}: bursts are dropped"),
            format!(
                "sysctl -w net.core.rmem_max={wanted} net.core.wmem_max={wanted}, and the same in /etc/sysctl.d"
            ),
        ),
        Ok(Some(granted)) => Finding::ok(CHECK, format!("{granted} bytes each way")),
        Ok(None) => Finding::ok(CHECK, "this system doesn't tell"),
        Err(error) => Finding::fault(CHECK, error.to_string(), "see the error"),
    }]
}

pub(super) fn descriptors(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "open-files";
    let players = config.max_rooms.saturating_mul(PLAYERS_A_ROOM);
    let wanted = descriptors::wanted(players);
    let limit = descriptors::limit();
    vec![if limit < wanted {
        Finding::warning(
            CHECK,
            format!("{limit} files may be open, and {wanted} are wanted for {players} players"),
            "LimitNOFILE=65536 in systemd, ulimit -n elsewhere",
        )
    } else {
        Finding::ok(CHECK, format!("{limit} files may be open"))
    }]
}

pub(super) fn clock() -> Vec<Finding> {
    const CHECK: &str = "clock";
    let fix = "set the clock by the network: timedatectl set-ntp true";
    if Clock::start().unix_seconds() < WRITTEN {
        let found = "the clock is years behind; certificates and tokens won't be believed";
        return vec![Finding::fault(CHECK, found, fix)];
    }
    vec![match is_synchronised() {
        Some(false) => Finding::warning(CHECK, "the kernel says that nobody keeps it right", fix),
        Some(true) => Finding::ok(CHECK, "it is kept right by the network"),
        None => Finding::ok(CHECK, "it is later than this program"),
    }]
}

/// Whether the kernel's clock is synchronised (`adjtimex(2)`).
#[cfg(target_os = "linux")]
fn is_synchronised() -> Option<bool> {
    // SAFETY: all zeros are a `timex` that asks and sets nothing, and the call writes to it alone.
    let (state, status) = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut timex), timex.status)
    };
    (state >= 0).then_some(status & libc::STA_UNSYNC == 0)
}

#[cfg(not(target_os = "linux"))]
fn is_synchronised() -> Option<bool> {
    None
}

pub(super) fn secrets(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match (&config.token_secret, config.keeps_data()) {
        (Some(_), _) => Finding::ok("token-secret", "is set"),
        (None, true) => Finding::ok("token-secret", "is made once, and kept in data_directory"),
        (None, false) => Finding::warning(
            "token-secret",
            "a new one at each start: players lose their seats' tokens with it",
            "set token_secret, for example to what openssl rand -hex 32 prints",
        ),
    });
    if config.operations.is_none() {
        let found = "not set: /metrics is on the port of players, for this machine alone";
        findings.push(Finding::ok("operations", found));
    }
    let drain = Duration::from_secs(config.drain);
    if drain + AFTER_DRAIN > UNIT_STOP {
        findings.push(Finding::warning(
            "drain",
            format!("a stop takes up to {} s", drain.as_secs()),
            format!(
                "TimeoutStopSec={} in systemd, so that it isn't cut short",
                (drain + AFTER_DRAIN).as_secs()
            ),
        ));
    }
    findings
}
