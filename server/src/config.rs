//! The server's settings: defaults, then a TOML file, then variables of the environment, then options
//! of the command line. An unknown key is an error that names it. The section `[game]` is the game's.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use toml::{Table, Value};

pub use crate::acme::{Acme, Challenge};
pub use crate::login_keys::LoginSettings;

/// The section of the settings that is the game's.
const GAME: &str = "game";

/// Least characters of a secret that signs tokens: 128 bits in hexadecimal.
const SHORTEST_SECRET: usize = 32;

/// Most bytes of a node's name, so that tokens stay short.
const LONGEST_NODE: usize = 64;

/// The WebRTC stack tells of every state of every peer, and warns of what peers do.
const DEFAULT_LOG: &str = "info,rtc=error,rtc_ice=error,rtc_dtls=error,rtc_sctp=error,rtc_stun=error,\
    rtc_datachannel=error,rtc_mdns=error,wtransport=warn";

/// All settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address to listen on, for TCP and UDP. Default `::`, which takes IPv4 too.
    pub listen: IpAddr,
    /// The one port number, for TCP and UDP. Default 8080; 0 picks a free one.
    pub port: u16,
    /// UDP port of WebRTC where the kernel can't share one port with QUIC. Default 0: a free one.
    pub webrtc_fallback_port: u16,
    /// Addresses or names by which players reach this server, where they differ from its own (NAT,
    /// cloud). Names are looked up once, at the start. Default: all of its own.
    pub public_address: Vec<String>,
    /// TURN servers that WebRTC may take its way over, where players reach UDP only through one.
    pub turn: Option<Turn>,
    /// Where players find the page, such as `https://play.example`, where a proxy hides it. Default: what
    /// their requests say.
    pub public_origin: Option<String>,
    /// UDP port by which players reach this server, where it differs from `port` (NAT).
    pub public_udp_port: Option<u16>,
    /// Networks or addresses of proxies whose `Forwarded` and `X-Forwarded-*` headers count. Default:
    /// this machine.
    pub trusted_proxies: Vec<String>,
    /// Whether connections of trusted proxies begin with a PROXY header, version 1 or 2. Default
    /// `false`.
    pub proxy_protocol: bool,
    /// Pages of other origins that may play here, such as `https://games.example`; `*` for all.
    /// Default: none.
    pub allowed_origins: Vec<String>,
    /// Address and port, such as `127.0.0.1:9090`, where operators alone find `/metrics`, over plain HTTP.
    /// Default: none, and players find it too.
    pub operations: Option<SocketAddr>,
    /// Further names for the self-signed certificate, beside `localhost` and the addresses.
    pub names: Vec<String>,
    /// PEM file with the certificate chain for HTTPS and QUIC; read again when it changes. Without
    /// it HTTP is plain, and QUIC uses a self-signed certificate whose hash clients are told.
    pub certificate: Option<PathBuf>,
    /// PEM file with the key for `certificate`.
    pub key: Option<PathBuf>,
    /// An authority that issues the certificate by ACME, in the place of `certificate` and `key`.
    pub acme: Option<Acme>,
    /// Port of plain HTTP, such as 80, whose requests are redirected to HTTPS. Default: none.
    pub redirect_port: Option<u16>,
    /// Where self-signed certificates are kept. Default `certs/self-signed` below the working
    /// directory.
    pub certificate_directory: PathBuf,
    /// Secret that signs tokens, of at least 32 characters; nodes of one fleet share it. Default: a new one at each start,
    /// so that tokens end with the process.
    pub token_secret: Option<String>,
    /// Logins of the game's own service that joins bring. Default: none are taken.
    pub login: Option<LoginSettings>,
    /// This node's name, which its tokens carry and those of no other node of the fleet; at most 64 bytes. Default: empty,
    /// for a server that stands alone.
    pub node: String,
    /// Most rooms at once. Default 50; more rooms need more of the processor.
    pub max_rooms: usize,
    /// Most players of one address at once; carriers put many behind one. Default 128. Proxies and
    /// this machine have no such bound.
    pub max_players_per_address: usize,
    /// Most rooms at once that joins of one address have made. Default 16.
    pub max_rooms_per_address: usize,
    /// Ticks a second. Default 60; a whole multiple of `snapshot_rate`.
    pub tick_rate: u16,
    /// Snapshots to each player a second. Default 20; more costs bandwidth, fewer delay.
    pub snapshot_rate: u16,
    /// Seconds that matches may go on after SIGTERM; nobody new comes in meanwhile. Default 0: players are sent away at
    /// once, and told when to come back.
    pub drain: u64,
    /// Seconds for which the seat of a silent player is kept. Default 60.
    pub seat_timeout: u64,
    /// Seconds for which an empty room stays. Default 5.
    pub room_linger: u64,
    /// What to log, as `tracing` directives. Default `info`, and only faults of the WebRTC stack.
    pub log: String,
    /// Whether to log JSON lines instead of text.
    pub log_json: bool,
    /// Collector of traces, such as `http://127.0.0.1:4318`: a span for each session, by OTLP over HTTP. Default: none.
    pub otlp: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
            port: 8080,
            webrtc_fallback_port: 0,
            public_address: Vec::new(),
            turn: None,
            public_origin: None,
            public_udp_port: None,
            trusted_proxies: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
            proxy_protocol: false,
            operations: None,
            allowed_origins: Vec::new(),
            names: Vec::new(),
            certificate: None,
            key: None,
            acme: None,
            redirect_port: None,
            certificate_directory: PathBuf::from("certs/self-signed"),
            token_secret: None,
            login: None,
            node: String::new(),
            max_rooms: 50,
            max_players_per_address: 128,
            max_rooms_per_address: 16,
            tick_rate: 60,
            snapshot_rate: 20,
            drain: 0,
            seat_timeout: 60,
            room_linger: 5,
            log: DEFAULT_LOG.to_owned(),
            log_json: false,
            otlp: None,
        }
    }
}

/// TURN servers with time-limited credentials, as coturn's `use-auth-secret` has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Such as `turn:turn.example:3478?transport=tcp`.
    pub urls: Vec<String>,
    /// The secret that this server shares with them (coturn's `static-auth-secret`).
    pub secret: String,
}

/// Why the settings can't be used. Each is one line.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file isn't there or can't be read.
    #[error("configuration {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Not TOML.
    #[error("configuration {}: {message}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        message: String,
    },
    /// An unknown key, or a value of the wrong type.
    #[error("configuration: {0}")]
    Key(String),
    /// A value that makes no sense.
    #[error("configuration: {key}: {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// Where settings come from, the later before the earlier.
#[derive(Clone, Debug, Default)]
pub struct Sources<'a> {
    /// A TOML file.
    pub file: Option<&'a Path>,
    /// Variables that set keys begin with this. A double underscore goes into a section: with the prefix `PONG_`,
    /// `PONG_GAME__SEATS` sets `seats` of `[game]`.
    pub prefix: &'a str,
    /// The environment's variables.
    pub variables: Vec<(String, String)>,
    /// The command line's options, as keys and TOML values.
    pub options: Table,
}

impl Config {
    /// Puts the server's and the game's settings together.
    ///
    /// # Errors
    /// [`ConfigError`], with the key or line at fault.
    pub fn load<G: DeserializeOwned>(sources: Sources<'_>) -> Result<(Self, G), ConfigError> {
        let mut table = sources.file.map(read).transpose()?.unwrap_or_default();
        for (name, value) in sources.variables {
            if let Some(key) = name.strip_prefix(sources.prefix) {
                set(&mut table, &key.to_ascii_lowercase(), &value)?;
            }
        }
        table.extend(sources.options);
        let fault = |error: toml::de::Error| ConfigError::Key(one_line(error.message()));
        let game = table
            .remove(GAME)
            .unwrap_or_else(|| Value::Table(Table::new()));
        let game = game.try_into().map_err(fault)?;
        let config: Self = table.try_into().map_err(fault)?;
        config.check()?;
        Ok((config, game))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let fault = |key, reason: &str| {
            Err(ConfigError::Value {
                key,
                reason: reason.to_owned(),
            })
        };
        if self.snapshot_rate == 0 || self.tick_rate == 0 || self.tick_rate > 240 {
            return fault("tick_rate", "rates are from 1 to 240 a second");
        }
        if !self.tick_rate.is_multiple_of(self.snapshot_rate) {
            return fault("tick_rate", "must be a whole multiple of snapshot_rate");
        }
        if self.max_rooms == 0 {
            return fault("max_rooms", "must be at least 1");
        }
        if let Some((key, reason)) = self.tls_fault() {
            return fault(key, &reason);
        }
        let secret = self.token_secret.as_deref();
        if secret.is_some_and(|secret| secret.len() < SHORTEST_SECRET) {
            return fault(
                "token_secret",
                "must have at least 32 characters, for example those of `openssl rand -hex 32`",
            );
        }
        if let Some(login) = &self.login {
            login.source().map_err(|reason| ConfigError::Value {
                key: "login.keys",
                reason,
            })?;
        }
        if self.node.len() > LONGEST_NODE {
            return fault("node", "a node's name has at most 64 bytes");
        }
        self.reach(false).map(drop)
    }
}

fn read(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
        path: path.to_owned(),
        error,
    })?;
    text.parse().map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        let message = format!("line {line}: {}", one_line(error.message()));
        ConfigError::Toml {
            path: path.to_owned(),
            message,
        }
    })
}

/// Sets `a__b` to a value, which is TOML where it can be read as such, and else a string.
fn set(table: &mut Table, key: &str, value: &str) -> Result<(), ConfigError> {
    match key.split_once("__") {
        Some((section, rest)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| Value::Table(Table::new()));
            match inner.as_table_mut() {
                Some(inner) => set(inner, rest, value),
                None => Err(ConfigError::Key(format!("{section} is not a section"))),
            }
        }
        None => {
            let parsed = format!("value = {value}").parse::<Table>().ok();
            let value = parsed
                .and_then(|mut table| table.remove("value"))
                .unwrap_or_else(|| Value::String(value.to_owned()));
            table.insert(key.to_owned(), value);
            Ok(())
        }
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct GameSettings {
        seats: u8,
    }

    fn sources<'a>(variables: &[(&str, &str)]) -> Sources<'a> {
        let owned = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
        Sources {
            prefix: "PONG_",
            variables: variables.iter().map(owned).collect(),
            ..Sources::default()
        }
    }

    fn load(toml: &str, variables: &[(&str, &str)]) -> Result<(Config, GameSettings), ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pong.toml");
        std::fs::write(&path, toml).unwrap();
        Config::load(Sources {
            file: Some(&path),
            ..sources(variables)
        })
    }

    #[test]
    fn a_later_source_wins() {
        let (config, game) = load(
            "port = 1\nmax_rooms = 7\ntick_rate = 40\n[game]\nseats = 2",
            &[
                ("PONG_PORT", "2"),
                ("PONG_LISTEN", "127.0.0.1"),
                ("PONG_GAME__SEATS", "3"),
                ("HOME", "/"),
            ],
        )
        .unwrap();
        assert_eq!(
            (config.port, config.max_rooms, config.tick_rate),
            (2, 7, 40)
        );
        assert!(config.listen.is_loopback());
        assert_eq!(game.seats, 3);
        let options = Sources {
            options: "port = 3".parse().unwrap(),
            ..sources(&[("PONG_PORT", "2")])
        };
        let (config, _) = Config::load::<GameSettings>(options).unwrap();
        assert_eq!(config.port, 3);
    }

    #[test]
    fn every_fault_is_one_line_that_names_its_key() {
        for (toml, variables, named) in [
            ("prot = 1", &[][..], "prot"),
            ("port = \"x\"", &[], "u16"),
            ("port = ", &[], "line 1"),
            ("a = 1\n\nport == 2", &[], "line 3"),
            ("game = 1", &[], "GameSettings"),
            ("", &[("PONG_PROT", "1")], "prot"),
            ("", &[("PONG_GAME__SEATZ", "1")], "seatz"),
            ("tick_rate = 50", &[], "tick_rate"),
            ("certificate = \"a.pem\"", &[], "certificate"),
            (
                "certificate = \"a\"\nkey = \"b\"\n[acme]\ndomains = [\"a.example\"]",
                &[],
                "leave out certificate and key",
            ),
            ("[acme]\n", &[], "domains"),
            ("[acme]\ndomains = []", &[], "acme.domains"),
            ("[acme]\ndomains = [\"*.a.example\"]", &[], "*.a.example"),
            (
                "[acme]\ndomains = [\"a.example\"]\ncontacts = []",
                &[],
                "contacts",
            ),
            (
                "[acme]\ndomains = [\"a.example\"]\ncontact = [\"me\"]",
                &[],
                "acme.contact",
            ),
            (
                "[acme]\ndomains = [\"a.example\"]\nchallenge = \"dns-01\"",
                &[],
                "dns-01",
            ),
            (
                "[acme]\ndomains = [\"a.example\"]\nchallenge = \"http-01\"",
                &[],
                "redirect_port",
            ),
            ("redirect_port = 80", &[], "redirect_port"),
            ("token_secret = \"\"", &[], "token_secret"),
            ("token_secret = \"short\"", &[], "token_secret"),
            ("public_origin = \"play.example\"", &[], "public_origin"),
            (
                "allowed_origins = [\"https://a/b\"]",
                &[],
                "allowed_origins",
            ),
            (
                "trusted_proxies = [\"10.0.0.0/33\"]",
                &[],
                "trusted_proxies",
            ),
        ] {
            let message = load(toml, variables).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
        let missing = Config::load::<GameSettings>(Sources {
            file: Some(Path::new("/nowhere.toml")),
            ..Sources::default()
        });
        assert!(missing.unwrap_err().to_string().contains("/nowhere.toml"));
    }
}
