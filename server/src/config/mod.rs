//! The server's settings: defaults, then a TOML file, then variables of the environment, then options
//! of the command line. An unknown key is an error that names it. The section `[game]` is the game's.

mod check;
mod error;
mod list;
mod sources;
mod words;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use crate::acme::{Acme, Challenge};
pub use crate::login_keys::LoginSettings;
pub use error::ConfigError;
pub(crate) use list::one_or_more;
pub use sources::Sources;

/// The WebRTC stack tells of every state of every peer, and warns of what peers do; the database of tables that are there.
const DEFAULT_LOG: &str = "info,rtc=error,rtc_ice=error,rtc_dtls=error,rtc_sctp=error,rtc_stun=error,\
    rtc_datachannel=error,rtc_mdns=error,wtransport=warn,sqlx=warn";

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
    #[serde(deserialize_with = "one_or_more")]
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
    #[serde(deserialize_with = "one_or_more")]
    pub trusted_proxies: Vec<String>,
    /// Whether connections of trusted proxies begin with a PROXY header, version 1 or 2. Default
    /// `false`.
    pub proxy_protocol: bool,
    /// Pages of other origins that may play here, such as `https://games.example`; `*` for all.
    /// Default: none.
    #[serde(deserialize_with = "one_or_more")]
    pub allowed_origins: Vec<String>,
    /// Address and port, such as `127.0.0.1:9090`, where operators alone find `/metrics`, over plain HTTP.
    /// Default: none, and it is on `port`, for this machine alone.
    pub operations: Option<SocketAddr>,
    /// Further names of this server, beside `localhost` and the addresses: the self-signed certificate has them, and operators
    /// may ask by them. Default: none.
    #[serde(deserialize_with = "one_or_more")]
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
    /// Directory of this server alone, for what outlives it: finished games that wait for the database, the SQLite file, the
    /// secret that signs tokens. Default `data` below the working directory.
    pub data_directory: PathBuf,
    /// Database of players, games and scores, as a URL such as `postgres://game:secret@db.example/games`. Default `sqlite`, a
    /// file in `data_directory`; `off` keeps nothing.
    pub database: String,
    /// Whether the server starts only where the database answers. Default `true`; else finished games wait in
    /// `data_directory` until it does.
    pub database_required: bool,
    /// Whether rooms go on after a restart, or a crash, of the server: each is kept in `data_directory` once a second. Default
    /// `true`.
    pub resume_rooms: bool,
    /// Finished matches that are kept in `data_directory` to be played again, by a game that records them: the newest ones.
    /// Default 20; 0 records none.
    pub replays: usize,
    /// Secret that signs tokens, of at least 32 characters; nodes of one fleet share it. Default: one that is made once and
    /// kept in `data_directory`.
    pub token_secret: Option<String>,
    /// Logins of the game's own service that joins bring. Default: none are taken.
    pub login: Option<LoginSettings>,
    /// This node's name, which its tokens carry and those of no other node of the fleet; at most 64 of ASCII's characters, no
    /// spaces. Default: empty, for a server that stands alone.
    pub node: String,
    /// Redis that the nodes of a fleet share, as a URL: `redis://`, `rediss://`, `redis+cluster://HOST:PORT,HOST:PORT` or
    /// `redis+sentinel://HOST:PORT,HOST:PORT/NAME`. Needs `node`, `public_origin` and `token_secret`. Default: none, for a
    /// server that stands alone.
    pub redis: Option<String>,
    /// Where other nodes of the fleet reach this one, such as `http://10.0.0.5:8080`. Default: `public_origin`.
    pub fleet_address: Option<String>,
    /// Where this node is, in a word such as `eu`: a join finds a room in the region of the server that it asks. Default: empty,
    /// a region like others.
    pub region: String,
    /// Most rooms at once. Default 50; more rooms need more of the processor.
    pub max_rooms: usize,
    /// Most players of one address at once; carriers put many behind one. Default 128. Proxies and
    /// this machine have no such bound.
    pub max_players_per_address: usize,
    /// Most rooms at once that joins of one address have made. Default 16.
    pub max_rooms_per_address: usize,
    /// Ticks a second. Default 60; a whole multiple of `snapshot_rate`.
    pub tick_rate: u16,
    /// Snapshots to each player a second. Default 30; more costs bandwidth, fewer delay. Where a path loses some, they
    /// go more often by datagrams, up to each tick, and at most twenty a second down streams.
    pub snapshot_rate: u16,
    /// Seconds that matches may go on after SIGTERM; nobody new comes in meanwhile. Default 0: players are sent away at
    /// once, and told when to come back.
    pub drain: u64,
    /// Whether Agones' sidecar beside this server is told that it is ready, lives, has players and ends; with `port` 0 it says
    /// which port to listen on. Default `false`.
    pub agones: bool,
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
            data_directory: PathBuf::from("data"),
            database: "sqlite".to_owned(),
            database_required: true,
            resume_rooms: true,
            replays: 20,
            token_secret: None,
            login: None,
            node: String::new(),
            redis: None,
            fleet_address: None,
            region: String::new(),
            max_rooms: 50,
            max_players_per_address: 128,
            max_rooms_per_address: 16,
            tick_rate: 60,
            snapshot_rate: 30,
            drain: 0,
            agones: false,
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
    #[serde(deserialize_with = "one_or_more")]
    pub urls: Vec<String>,
    /// The secret that this server shares with them (coturn's `static-auth-secret`).
    pub secret: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const MANUAL: &str = include_str!("../../../docs/operating.md");

    /// The keys of a settings' type, as its source has them.
    fn keys<'a>(source: &'a str, name: &str) -> Vec<&'a str> {
        let (_, body) = source.split_once(&format!("pub struct {name} {{")).unwrap();
        let (body, _) = body.split_once("\n}").unwrap();
        let fields = body
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub "));
        fields.filter_map(|field| field.split(':').next()).collect()
    }

    /// Keys and defaults of the manual's table.
    fn documented() -> BTreeMap<&'static str, &'static str> {
        let (_, section) = MANUAL.split_once("\n## Settings\n").unwrap();
        let (section, _) = section.split_once("\n## ").unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        rows.filter_map(|row| {
            let (key, rest) = row.split_once("` | ")?;
            Some((key, rest.split(" | ").next()?))
        })
        .collect()
    }

    #[test]
    fn the_manual_has_every_key_with_its_default() {
        let documented = documented();
        let mut keys = keys(include_str!("mod.rs"), "Config");
        keys.push("game");
        keys.sort_unstable();
        let told: Vec<&str> = documented.keys().copied().collect();
        assert_eq!(told, keys);
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        // The directives are long, and none are for readers.
        let plain = defaults.iter().filter(|(key, _)| *key != "log");
        for (key, default) in plain {
            assert_eq!(documented[key.as_str()], format!("`{default}`"), "{key}");
        }
    }

    #[test]
    fn the_manual_has_every_key_of_the_sections() {
        let acme = keys(include_str!("../acme/settings.rs"), "Acme");
        let login = keys(include_str!("../login_keys.rs"), "LoginSettings");
        for key in acme.into_iter().chain(login) {
            let quoted = format!("`{key}`");
            let has = |line: &str| line.starts_with("| ") && line.contains(&quoted);
            assert!(MANUAL.lines().any(has), "{key}");
        }
    }
}
