//! What of the settings makes no sense.

use std::net::SocketAddr;

use axum::http::Uri;
use tracing_subscriber::EnvFilter;

use super::{Config, ConfigError, Turn};
use crate::fleet;

/// Least characters of a secret that signs tokens: 128 bits in hexadecimal.
const SHORTEST_SECRET: usize = 32;

/// Most bytes of a node's name, so that tokens stay short.
const LONGEST_NODE: usize = 64;

/// Most seconds that anything may be waited for: a day.
const LONGEST_WAIT: u64 = 24 * 3_600;

impl Config {
    /// # Errors
    /// The first key at fault.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let faults = [
            self.rates_fault(),
            self.ports_fault(),
            self.tls_fault(),
            self.identity_fault(),
            self.database_fault(),
            self.fleet_fault(),
            self.waits_fault(),
            self.turn.as_ref().and_then(Turn::fault),
            self.login.as_ref().and_then(|login| login.fault()),
            self.log_fault(),
        ];
        match faults.into_iter().flatten().next() {
            Some((key, reason)) => Err(ConfigError::Value { key, reason }),
            None => self.reach(false).map(drop),
        }
    }

    fn rates_fault(&self) -> Option<(&'static str, String)> {
        let fault = |key, reason: &str| Some((key, reason.to_owned()));
        if self.snapshot_rate == 0 || self.tick_rate == 0 || self.tick_rate > 240 {
            return fault("tick_rate", "rates are from 1 to 240 a second");
        }
        if !self.tick_rate.is_multiple_of(self.snapshot_rate) {
            return fault("tick_rate", "must be a whole multiple of snapshot_rate");
        }
        if self.max_rooms == 0 {
            return fault("max_rooms", "must be at least 1");
        }
        None
    }

    /// Listeners that would take each other's port.
    fn ports_fault(&self) -> Option<(&'static str, String)> {
        let players = SocketAddr::new(self.listen, self.port);
        let redirect = self.redirect_port.filter(|port| *port != 0);
        let redirect = redirect.map(|port| SocketAddr::new(self.listen, port));
        if redirect.is_some_and(|redirect| overlap(redirect, players)) {
            let reason = format!(
                "{} is the port of players: choose another, such as 80",
                self.port
            );
            return Some(("redirect_port", reason));
        }
        if self.public_udp_port == Some(0) {
            let reason = "no port has the number 0: leave it out, or name the one outside";
            return Some(("public_udp_port", reason.to_owned()));
        }
        let operations = self.operations?;
        let taken = [(Some(players), "port"), (redirect, "redirect_port")];
        let is_taken = |at: Option<SocketAddr>| at.is_some_and(|at| overlap(operations, at));
        let (_, other) = taken.into_iter().find(|(at, _)| is_taken(*at))?;
        let reason = format!("{operations} is taken by {other}: choose another port");
        Some(("operations", reason))
    }

    fn identity_fault(&self) -> Option<(&'static str, String)> {
        let secret = self.token_secret.as_deref();
        if secret.is_some_and(|secret| secret.len() < SHORTEST_SECRET) {
            let reason =
                "must have at least 32 characters, for example those of `openssl rand -hex 32`";
            return Some(("token_secret", reason.to_owned()));
        }
        let is_plain = self.node.bytes().all(|byte| byte.is_ascii_graphic());
        let is_fit = is_plain && self.node.len() <= LONGEST_NODE;
        let reason = "a node's name has at most 64 characters, of ASCII's and without spaces";
        (!is_fit).then(|| ("node", reason.to_owned()))
    }

    fn database_fault(&self) -> Option<(&'static str, String)> {
        let is_url = |scheme| self.database.starts_with(scheme);
        let is_known = matches!(self.database.as_str(), "sqlite" | "off")
            || ["sqlite:", "postgres://", "postgresql://"]
                .into_iter()
                .any(is_url);
        // Not the value: it may hold a password.
        let reason =
            "must be sqlite, off, or a URL that begins with sqlite:, postgres:// or postgresql://";
        (!is_known).then(|| ("database", reason.to_owned()))
    }

    fn fleet_fault(&self) -> Option<(&'static str, String)> {
        let redis = self.redis.as_ref()?;
        if let Err(reason) = fleet::Address::parse(redis) {
            return Some(("redis", reason));
        }
        if self.token_secret.is_none() {
            let reason = "the nodes of a fleet share one, and `redis` is set";
            return Some(("token_secret", reason.to_owned()));
        }
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let is_plain = self.region.len() <= LONGEST_NODE && self.region.chars().all(is_word);
        let reason = "a region has letters, digits and hyphens, 64 at most";
        (!is_plain).then(|| ("region", reason.to_owned()))
    }

    fn waits_fault(&self) -> Option<(&'static str, String)> {
        let waits = [
            ("drain", self.drain),
            ("seat_timeout", self.seat_timeout),
            ("room_linger", self.room_linger),
        ];
        let (key, seconds) = waits
            .into_iter()
            .find(|(_, seconds)| *seconds > LONGEST_WAIT)?;
        let reason = format!("{seconds} s are over a day, {LONGEST_WAIT} s, the most");
        Some((key, reason))
    }

    fn log_fault(&self) -> Option<(&'static str, String)> {
        let collector = self.otlp.as_ref().map(|url| url.parse::<Uri>());
        let is_url = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
        if collector.is_some_and(|url| !url.is_ok_and(|url| is_url(&url))) {
            let reason = "must be an http or https URL, such as http://127.0.0.1:4318";
            return Some(("otlp", reason.to_owned()));
        }
        let error = EnvFilter::try_new(&self.log).err()?;
        Some(("log", error.to_string()))
    }
}

/// Whether two listeners can't be at once.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let is_everywhere = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && (is_everywhere || one.ip() == other.ip())
}

impl Turn {
    fn fault(&self) -> Option<(&'static str, String)> {
        if self.urls.is_empty() {
            let reason = "at least one, such as [\"turn:turn.example:3478\"]";
            return Some(("turn.urls", reason.to_owned()));
        }
        if let Some(url) = self.urls.iter().find(|url| !is_ice_url(url)) {
            let reason = format!(
                "{url:?} is no URL of a relay, such as turn:turn.example:3478?transport=udp or turns:turn.example"
            );
            return Some(("turn.urls", reason));
        }
        let is_empty = self.secret.trim().is_empty();
        is_empty.then(|| {
            let reason = "the TURN server's own, for example coturn's static-auth-secret";
            ("turn.secret", reason.to_owned())
        })
    }
}

/// Whether a browser takes it: RFC 7065, and RFC 7064 for `stun`.
fn is_ice_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let (at, query) = rest
        .split_once('?')
        .map_or((rest, None), |(at, query)| (at, Some(query)));
    let is_query_good = match query {
        None => true,
        Some(query) => scheme != "stun" && matches!(query, "transport=udp" | "transport=tcp"),
    };
    let authority = at.parse::<axum::http::uri::Authority>();
    let is_host = authority.is_ok_and(|authority| {
        let port = authority.port_u16();
        let is_port_good = at == authority.host() || port.is_some_and(|port| port > 0);
        !authority.host().is_empty() && !at.contains('@') && is_port_good
    });
    matches!(scheme, "stun" | "turn" | "turns") && is_query_good && is_host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(toml: &str) -> Option<String> {
        let config: Config = toml::from_str(toml).unwrap();
        config.check().err().map(|error| error.to_string())
    }

    #[test]
    fn listeners_that_take_each_others_port_are_told_by_key() {
        let redirect = "[acme]\ndomains = [\"a.example\"]";
        for (toml, key) in [
            (
                "operations = \"127.0.0.1:8080\"".to_owned(),
                Some("operations"),
            ),
            ("operations = \"127.0.0.1:9090\"".to_owned(), None),
            (
                "listen = \"127.0.0.2\"\noperations = \"127.0.0.1:8080\"".to_owned(),
                None,
            ),
            (
                format!("redirect_port = 8080\n{redirect}"),
                Some("redirect_port"),
            ),
            (
                format!("redirect_port = 80\noperations = \"0.0.0.0:80\"\n{redirect}"),
                Some("operations"),
            ),
            (format!("redirect_port = 80\n{redirect}"), None),
            ("public_udp_port = 0".to_owned(), Some("public_udp_port")),
            ("port = 0\noperations = \"127.0.0.1:0\"".to_owned(), None),
        ] {
            let fault = fault(&toml);
            match key {
                Some(key) => assert!(
                    fault.as_ref().is_some_and(|text| text.contains(key)),
                    "{toml}: {fault:?}"
                ),
                None => assert_eq!(fault, None, "{toml}"),
            }
        }
    }

    #[test]
    fn relays_that_no_browser_takes_are_refused() {
        for url in [
            "turn:turn.example",
            "turn:192.0.2.1:3478?transport=udp",
            "turns:[2001:db8::1]:5349?transport=tcp",
            "stun:turn.example:3478",
        ] {
            assert!(is_ice_url(url), "{url}");
        }
        for url in [
            "",
            "turn.example",
            "turn:",
            "turn://turn.example",
            "http://turn.example",
            "turn:turn.example:port",
            "turn:turn.example:0",
            "turn:turn.example?transport=quic",
            "stun:turn.example?transport=udp",
        ] {
            assert!(!is_ice_url(url), "{url}");
        }
        let turn = |secret: &str| format!("[turn]\nurls = \"turn:a.example\"\nsecret = {secret:?}");
        assert_eq!(fault(&turn("north")), None);
        assert!(fault(&turn(" ")).unwrap().contains("turn.secret"));
    }

    #[test]
    fn where_lines_and_traces_go_is_looked_at() {
        assert_eq!(fault("otlp = \"http://127.0.0.1:4318\""), None);
        assert!(fault("otlp = \"127.0.0.1:4318\"").unwrap().contains("otlp"));
        assert!(fault("log = \"=loud=\"").unwrap().contains("log"));
    }

    #[test]
    fn nothing_is_waited_for_longer_than_a_day() {
        for key in ["drain", "seat_timeout", "room_linger"] {
            assert_eq!(fault(&format!("{key} = 86400")), None);
            assert!(fault(&format!("{key} = 86401")).unwrap().contains(key));
        }
    }
}
