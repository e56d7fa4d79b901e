//! A server with a certificate of its operator's, whose files a test replaces.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use client::native::{Player, PlayerOptions, Trust};
use netlab::clock::Stopwatch;
use netlab::player::CirclesCodec;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// How soon a new certificate is to be served.
pub const SOON: Duration = Duration::from_secs(2);

/// A server with a certificate of its operator's, and a listener for its metrics.
pub struct Secure {
    /// It.
    pub server: ServerProcess,
    folder: TempDir,
    operations: SocketAddr,
}

impl Secure {
    /// Starts it. `None` on a machine that lacks something.
    ///
    /// # Panics
    /// When it doesn't start.
    pub fn start(first: &Pair) -> Option<Self> {
        Self::start_with(first, "")
    }

    /// Starts it with further settings.
    ///
    /// # Panics
    /// When it doesn't start.
    pub fn start_with(first: &Pair, settings: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let operations = free.local_addr().unwrap();
        drop(free);
        let [certificate, key] =
            ["certificate.pem", "key.pem"].map(|name| folder.path().join(name));
        fs::write(&certificate, &first.certificate).unwrap();
        fs::write(&key, &first.key).unwrap();
        let options = ServerOptions {
            config: Some(format!(
                "certificate = {certificate:?}\nkey = {key:?}\noperations = \"{operations}\"\n{settings}"
            )),
            ..ServerOptions::default()
        };
        let server = available(ServerProcess::start(options, None))?;
        Some(Self {
            server,
            folder,
            operations,
        })
    }

    /// A file of its certificate's folder: `certificate.pem` or `key.pem`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As careful programs do it: nobody ever reads half a file.
    ///
    /// # Panics
    /// When it can't be written.
    pub fn replace(&self, name: &str, content: &str) {
        let new = self.path("new");
        fs::write(&new, content).unwrap();
        fs::rename(&new, self.path(name)).unwrap();
    }

    /// One of its figures; 0 when it has none of this name.
    ///
    /// # Panics
    /// When it doesn't answer.
    pub fn metric(&self, name: &str) -> f64 {
        let mut stream = TcpStream::connect(self.operations).unwrap();
        write!(
            stream,
            "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Whether a newcomer on this rung is shown this certificate, by its join and by its link: it believes no other.
    ///
    /// # Panics
    /// When the system gives no thread.
    pub fn shows(&self, pair: &Pair, rung: Rung) -> bool {
        let options = PlayerOptions {
            rung,
            trust: Trust::Pinned(vec![pair.sha256]),
            ..PlayerOptions::new(self.origin())
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime
            .block_on(Player::<CirclesCodec>::connect(&options))
            .is_ok()
    }

    /// `https://localhost:PORT`.
    pub fn origin(&self) -> String {
        format!("https://localhost:{}", self.server.port())
    }

    /// Waits for what `is_so`, and prints how long that took.
    ///
    /// # Panics
    /// When that is longer than [`SOON`].
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let clock = Stopwatch::start();
        while !is_so(self) {
            assert!(
                clock.remaining(SOON).is_some(),
                "{what} not within {SOON:?}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        println!("{what} after {:?}", clock.elapsed());
    }
}

/// A certificate and its key.
pub struct Pair {
    /// SHA-256 of the certificate.
    pub sha256: [u8; 32],
    /// As PEM.
    pub certificate: String,
    /// As PEM.
    pub key: String,
}

impl Pair {
    /// For `localhost`.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn new(key: &KeyPair) -> Self {
        Self::with(key, "localhost", |_| {})
    }

    /// For `name`, with whatever `change` makes of it.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn with(key: &KeyPair, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut certificate = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut certificate);
        let certificate = certificate.self_signed(key).unwrap();
        Self {
            sha256: Sha256::digest(certificate.der()).into(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}
