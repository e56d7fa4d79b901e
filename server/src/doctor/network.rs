//! Ports, addresses, and the way through a proxy.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};

use super::Finding;
use crate::config::Config;
use crate::transport::udp;

pub(super) fn ports(config: &Config) -> Vec<Finding> {
    let address = SocketAddr::new(config.listen, config.port);
    let redirects = config.redirect_port;
    let redirects = redirects.map(|port| SocketAddr::new(config.listen, port));
    let tcp = [Some(address), redirects].into_iter().flatten();
    let tcp = tcp.map(|address| match TcpListener::bind(address) {
        Ok(_) => Finding::ok("tcp", format!("{address} is free")),
        Err(error) => taken("tcp", address, &error),
    });
    let udp = match udp::bind(address, config.webrtc_fallback_port) {
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
        Err(error) => taken("udp", address, &error),
    };
    tcp.chain([udp]).collect()
}

fn taken(check: &'static str, address: SocketAddr, error: &std::io::Error) -> Finding {
    let fix = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program has the port, or this server runs already: stop it, or choose another --port"
        }
        ErrorKind::PermissionDenied => {
            "ports below 1024 need a permission: AmbientCapabilities=CAP_NET_BIND_SERVICE in systemd, or setcap cap_net_bind_service=+ep"
        }
        ErrorKind::AddrNotAvailable => "listen must be an address of this machine, or ::",
        _ => "see the error",
    };
    Finding::fault(check, format!("{address}: {error}"), fix)
}

pub(super) fn addresses(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "addresses";
    let public = match config.public_addresses() {
        Ok(public) => public,
        Err(error) => {
            let fix = "name an address, or a name that stands for one";
            return vec![Finding::fault(CHECK, error.to_string(), fix)];
        }
    };
    let addresses = udp::reachable_addresses(&public, config.listen);
    let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let found = format!("WebRTC offers {}", list.join(", "));
    let is_inner = public.is_empty() && addresses.iter().all(|address| is_private(*address));
    vec![if is_inner {
        Finding::warning(
            CHECK,
            format!("{found}, which nobody outside this network reaches"),
            "set public_address to the address by which players come",
        )
    } else {
        Finding::ok(CHECK, found)
    }]
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

pub(super) fn proxy(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "proxy";
    let is_tls_here = config.is_tls();
    let reach = match config.reach(is_tls_here) {
        Ok(reach) => reach,
        Err(error) => return vec![Finding::fault(CHECK, error.to_string(), "mend this key")],
    };
    let mut findings = Vec::new();
    match &reach.public_origin {
        Some(origin) => {
            findings.push(Finding::ok(CHECK, format!("players find the page at {origin}")));
        }
        None if !is_tls_here => findings.push(Finding::ok(
            CHECK,
            "players find the page where their requests say, over plain HTTP, or as a proxy of this machine says",
        )),
        None => {}
    }
    if config.proxy_protocol && reach.trusted_proxies.is_empty() {
        findings.push(Finding::fault(
            CHECK,
            "proxy_protocol is set, and no proxy is trusted",
            "name the proxy in trusted_proxies",
        ));
    }
    if config.public_address.is_empty() && config.turn.is_none() && reach.public_origin.is_some() {
        findings.push(Finding::warning(
            CHECK,
            "behind a proxy UDP comes straight here",
            format!("open UDP port {} in the firewall, and set public_address where this machine is behind NAT", config.port),
        ));
    }
    findings
}
