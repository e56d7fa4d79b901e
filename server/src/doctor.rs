//! The command `doctor`: says what of the machine and the settings would keep players away.

use std::net::SocketAddr;

use crate::clock::Clock;
use crate::config::Config;
use crate::tls;
use crate::transport::udp;

/// Checks what can be checked without serving. Gives the findings, one line each, and whether all
/// is well.
#[must_use]
pub fn doctor(config: &Config) -> (Vec<String>, bool) {
    let mut lines = Vec::new();
    let mut is_well = true;
    let mut note = |is_good: bool, text: String| {
        is_well &= is_good;
        lines.push(format!(
            "{} {text}",
            if is_good { "ok   " } else { "fault" }
        ));
    };
    let address = SocketAddr::new(config.listen, config.port);
    match std::net::TcpListener::bind(address) {
        Ok(_) => note(true, format!("TCP {address} is free")),
        Err(error) => note(false, format!("TCP {address}: {error}")),
    }
    match udp::bind(address, config.webrtc_fallback_port) {
        Ok(sockets) if sockets.is_shared => {
            note(
                true,
                format!("UDP {address} is free, shared by QUIC and WebRTC"),
            );
        }
        Ok(sockets) => {
            let port = sockets
                .webrtc
                .local_addr()
                .map_or(0, |address| address.port());
            note(
                true,
                format!("UDP {address} is free; WebRTC needs UDP port {port} open too"),
            );
        }
        Err(error) => note(false, format!("UDP {address}: {error}")),
    }
    match tls::certificates(config, Clock::start()) {
        Ok(certificates) => {
            let identity = certificates.current();
            let names: Vec<&str> = identity.names().collect();
            note(true, format!("certificate for {}", names.join(", ")));
        }
        Err(error) => note(false, format!("certificate: {error}")),
    }
    match config.public_addresses() {
        Ok(public) => {
            let addresses = udp::reachable_addresses(&public, config.listen);
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            note(true, format!("WebRTC offers {}", addresses.join(", ")));
        }
        Err(error) => note(false, error.to_string()),
    }
    (lines, is_well)
}
