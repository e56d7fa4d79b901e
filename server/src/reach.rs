//! The settings that say how players reach this server, judged.

use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use ipnet::IpNet;
use signaling::{AllowedOrigins, BadOrigin, Reach};

use crate::config::{Config, ConfigError};

impl Config {
    /// What they say of the way here. `is_secure`: whether TLS ends here.
    ///
    /// # Errors
    /// The key at fault.
    pub(crate) fn reach(&self, is_secure: bool) -> Result<Reach, ConfigError> {
        let fault = |key: &'static str, reason: String| ConfigError::Value { key, reason };
        let proxies = self.trusted_proxies.iter().map(|text| {
            network(text).ok_or_else(|| {
                let reason = format!("{text:?} is no network, such as 10.0.0.0/8 or 2001:db8::7");
                fault("trusted_proxies", reason)
            })
        });
        let origin = self.public_origin.as_deref().map(str::parse).transpose();
        let allowed = AllowedOrigins::parse(&self.allowed_origins);
        Ok(Reach {
            trusted_proxies: proxies.collect::<Result<_, _>>()?,
            public_origin: origin
                .map_err(|error: BadOrigin| fault("public_origin", error.to_string()))?,
            allowed_origins: allowed
                .map_err(|error| fault("allowed_origins", error.to_string()))?,
            is_secure,
            notices: Arc::default(),
        })
    }

    /// The addresses by which players reach this server; none where those are its own.
    ///
    /// # Errors
    /// A name that stands for none.
    pub(crate) fn public_addresses(&self) -> Result<Vec<IpAddr>, ConfigError> {
        let looked_up = self.public_address.iter().map(|name| {
            let addresses = match name.parse() {
                Ok(address) => return Ok(vec![address]),
                Err(_) => (name.as_str(), 0).to_socket_addrs(),
            };
            let addresses = addresses.map(|found| found.map(|address| address.ip()).collect());
            addresses.map_err(|error| ConfigError::Value {
                key: "public_address",
                reason: format!("{name:?} can't be looked up: {error}"),
            })
        });
        let found: Vec<Vec<IpAddr>> = looked_up.collect::<Result<_, _>>()?;
        Ok(found.concat())
    }
}

/// A network, or one address.
fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}
