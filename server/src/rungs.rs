//! What a client is offered: the rungs with URLs by which it reaches us.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use certs::Certificates;
use signaling::{Authority, RungOffer};

use crate::clock::Clock;
use crate::config::Config;
use crate::serve::Listening;
use crate::transport::webtransport;
use crate::turn;

/// The rungs, best first, with URLs on the host by which the client came.
pub(crate) fn rungs(
    config: Config,
    certificates: Certificates,
    clock: Clock,
    listening: Listening,
) -> impl Fn(&Authority) -> Vec<RungOffer> + Send + Sync + 'static {
    move |authority| {
        let is_secure = authority.is_secure;
        let port = authority
            .port
            .map_or(String::new(), |port| format!(":{port}"));
        let host = &authority.host;
        let (http, ws) = if is_secure {
            ("https", "wss")
        } else {
            ("http", "ws")
        };
        let http_port = authority.port.unwrap_or(if is_secure { 443 } else { 80 });
        let quic_port = config.public_udp_port.unwrap_or(if authority.is_proxied {
            listening.address.port()
        } else {
            http_port
        });
        let certificate_hashes: Vec<String> = certificates
            .certificate_hashes()
            .iter()
            .map(|hash| STANDARD.encode(hash))
            .collect();
        // Browsers try ::1 first for this name, and QUIC doesn't try a second address. Where a name is not asked for, an
        // address does as well.
        let is_any_name = !certificate_hashes.is_empty();
        let quic_host = if is_any_name && host == "localhost" {
            "127.0.0.1"
        } else {
            host
        };
        vec![
            RungOffer::WebTransport {
                url: format!("https://{quic_host}:{quic_port}{}", webtransport::PATH),
                certificate_hashes,
            },
            RungOffer::WebRtc {
                url: format!("{http}://{host}{port}/v1/webrtc"),
                ice_servers: config
                    .turn
                    .iter()
                    .map(|turn| turn::ice_server(turn, clock.unix_seconds()))
                    .collect(),
            },
            RungOffer::WebSocket {
                url: format!("{ws}://{host}{port}/v1/websocket"),
            },
        ]
    }
}
