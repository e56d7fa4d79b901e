//! Addresses, and the way through a proxy.

use std::net::IpAddr;

use super::Finding;
use crate::config::Config;
use crate::transport::udp;

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

/// Whether an address is of this network alone.
pub(super) fn is_private(address: IpAddr) -> bool {
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
    let is_behind_proxy = !is_tls_here && reach.public_origin.is_some();
    if is_behind_proxy && config.public_address.is_empty() && config.turn.is_none() {
        findings.push(Finding::warning(
            CHECK,
            "behind a proxy UDP comes straight here",
            format!(
                "open UDP port {} in the firewall, and set public_address to this machine's own where it is behind NAT",
                config.public_udp_port.unwrap_or(config.port)
            ),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_spoken_of_only_where_there_may_be_one() {
        let count = |toml: &str| {
            let findings = proxy(&toml::from_str(toml).unwrap());
            findings.iter().filter(|one| !one.is_ok()).count()
        };
        let public = "public_origin = \"https://play.example\"";
        assert_eq!(count(public), 1);
        let tls = "[acme]\ndomains = [\"play.example\"]";
        assert_eq!(count(&format!("{public}\n{tls}")), 0);
        assert_eq!(count(""), 0);
    }
}
