//! Ports: whether they are free, or held by the service itself, and who can reach that of operators.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};

use super::Finding;
use super::running::{self, Expected};
use crate::bind::{Listener, bind_players, bind_tcp};
use crate::config::Config;
use crate::transport::udp;

pub(super) fn ports(config: &Config) -> Vec<Finding> {
    let wanted = SocketAddr::new(config.listen, config.port);
    // From here a PROXY header is wanted where this machine is a trusted proxy.
    let from_here = Ipv4Addr::LOCALHOST.into();
    let is_trusted = config
        .reach(false)
        .is_ok_and(|reach| reach.trusts(from_here));
    let is_proxy_protocol = config.proxy_protocol && is_trusted;
    let players = Expected::Players {
        is_tls: config.is_tls(),
        is_proxy_protocol,
    };
    let bound = bind_players(wanted).and_then(|listener| listener.local_addr());
    let address = bound
        .as_ref()
        .map_or(wanted, |bound| SocketAddr::new(bound.ip(), config.port));
    let is_running = bound.is_err() && running::answers(wanted, players);
    let mut findings = vec![match (&bound, is_running) {
        (Ok(_), _) if wanted.ip() != address.ip() => Finding::ok(
            "tcp",
            format!("{address} is free; this machine has no IPv6"),
        ),
        (Ok(_), _) => Finding::ok("tcp", format!("{address} is free")),
        (Err(_), true) => in_use("tcp", wanted),
        (Err(error), false) => taken("tcp", wanted, error, Listener::Players),
    }];
    if is_running {
        findings.push(in_use("udp", wanted));
    } else {
        findings.push(udp(address, config.webrtc_fallback_port));
    }
    findings.extend(config.redirect_port.map(|port| {
        let at = SocketAddr::new(address.ip(), port);
        beside(
            "redirect_port",
            at,
            Listener::Redirects,
            Expected::Redirects { is_proxy_protocol },
        )
    }));
    findings.extend(
        config
            .operations
            .map(|at| beside("operations", at, Listener::Operations, Expected::Operations)),
    );
    findings.extend(config.operations.and_then(open_operations));
    findings
}

fn udp(address: SocketAddr, fallback_port: u16) -> Finding {
    match udp::bind(address, fallback_port, 1) {
        Ok(sockets) if sockets.is_shared => {
            Finding::ok("udp", format!("{address} is free, for QUIC and WebRTC"))
        }
        Ok(sockets) => {
            let port = sockets
                .webrtc
                .local_addr()
                .map_or(0, |address| address.port());
            Finding::warning(
                "udp",
                format!(
                    "{address} is free, but this kernel can't share it between QUIC and WebRTC"
                ),
                format!(
                    "open UDP port {port} too, and set webrtc_fallback_port to keep its number"
                ),
            )
        }
        Err(error) => taken("udp", address, &error, Listener::Players),
    }
}

/// A listener beside that of players.
fn beside(
    check: &'static str,
    address: SocketAddr,
    listener: Listener,
    expected: Expected,
) -> Finding {
    match bind_tcp(address) {
        Ok(_) => Finding::ok(check, format!("{address} is free")),
        Err(error)
            if error.kind() == ErrorKind::AddrInUse && running::answers(address, expected) =>
        {
            in_use(check, address)
        }
        Err(error) => taken(check, address, &error, listener),
    }
}

fn in_use(check: &'static str, address: SocketAddr) -> Finding {
    Finding::ok(check, format!("{address} is in use by the running service"))
}

fn taken(
    check: &'static str,
    address: SocketAddr,
    error: &io::Error,
    listener: Listener,
) -> Finding {
    let fix = match error.kind() {
        ErrorKind::AddrInUse => format!(
            "another program has the port (ss -lptun says which): stop it, or {}",
            listener.elsewhere()
        ),
        ErrorKind::PermissionDenied => {
            "ports below 1024 need a permission: AmbientCapabilities=CAP_NET_BIND_SERVICE in systemd, or setcap cap_net_bind_service=+ep".to_owned()
        }
        ErrorKind::AddrNotAvailable => match listener {
            Listener::Operations => "operations must have an address of this machine".to_owned(),
            _ => "listen must be an address of this machine, or ::".to_owned(),
        },
        _ => "see the error".to_owned(),
    };
    Finding::fault(check, format!("{address}: {error}"), fix)
}

/// Who can reach operators' port, where that may be anybody.
fn open_operations(at: SocketAddr) -> Option<Finding> {
    if super::network::is_private(at.ip()) {
        return None;
    }
    Some(Finding::warning(
        "operations",
        format!("whoever reaches {at} reads the figures"),
        "set operations = \"127.0.0.1:9090\", or let the firewall pass Prometheus alone",
    ))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::doctor::Status;

    #[test]
    fn a_port_that_another_program_has_is_a_fault_that_names_the_key() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let found = |toml: String| ports(&toml::from_str(&toml).unwrap());
        for (toml, elsewhere) in [
            (
                format!("listen = \"127.0.0.1\"\nport = {port}"),
                "another with --port",
            ),
            (
                format!("port = 0\noperations = \"127.0.0.1:{port}\""),
                "another in operations",
            ),
            (
                format!("listen = \"127.0.0.1\"\nport = 0\nredirect_port = {port}"),
                "another redirect_port",
            ),
        ] {
            let findings = found(toml);
            let fault = findings.iter().find(|one| one.status == Status::Fault);
            let fix = fault.and_then(|fault| fault.fix.as_deref()).unwrap();
            assert!(fix.contains(elsewhere), "{fix}");
        }
    }

    #[test]
    fn operations_that_anybody_reaches_are_told_of() {
        let told = |at: &str| open_operations(at.parse().unwrap()).is_some();
        assert!(told("0.0.0.0:9090") && told("192.0.2.7:9090") && told("[::]:9090"));
        assert!(!told("127.0.0.1:9090") && !told("10.0.0.7:9090") && !told("[::1]:9090"));
    }
}
