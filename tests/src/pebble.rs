//! Pebble, Let's Encrypt's authority for tests of ACME clients, from Debian's packages. It forgets all when it ends, and
//! refuses some nonces on purpose.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use netlab::prerequisites::Missing;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;
use thiserror::Error;

use crate::https;
use crate::running::Running;

/// Where it runs, and will run again.
pub struct PebbleHome {
    folder: TempDir,
    own: CertificateDer<'static>,
    port: u16,
    management: u16,
}

/// What it does.
#[derive(Clone, Copy, Debug)]
pub struct PebbleOptions {
    /// Port at which it looks for TLS-ALPN-01.
    pub tls_port: u16,
    /// Port at which it looks for HTTP-01.
    pub http_port: u16,
    /// How long its certificates last.
    pub lifetime: Duration,
}

/// A running one, which ends when dropped.
pub struct Pebble {
    _running: Running,
    /// The authority that it is since this start.
    pub root: CertificateDer<'static>,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum PebbleError {
    /// Its program is not there.
    #[error("pebble is missing; on Debian: apt-get install pebble")]
    NotInstalled,
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It doesn't listen.
    #[error("pebble does not listen; it said: {0}")]
    NotListening(String),
}

impl Missing for PebbleError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::NotInstalled)
    }
}

impl PebbleHome {
    /// Chooses ports, and makes a certificate for its own HTTPS.
    ///
    /// # Panics
    /// When the system has none.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        fs::write(folder.path().join("own.pem"), certificate.pem()).unwrap();
        fs::write(folder.path().join("own.key"), key.serialize_pem()).unwrap();
        Self {
            folder,
            own: certificate.der().clone(),
            port: free_port(),
            management: free_port(),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its directory's URL.
    #[must_use]
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// The PEM file of who vouches for its HTTPS.
    #[must_use]
    pub fn own_root(&self) -> PathBuf {
        self.folder.path().join("own.pem")
    }

    /// Starts it, as a new authority.
    ///
    /// # Errors
    /// [`PebbleError`].
    pub fn start(&self, options: PebbleOptions) -> Result<Pebble, PebbleError> {
        let here = self.folder.path();
        let configuration = format!(
            r#"{{"pebble": {{
                "listenAddress": "127.0.0.1:{}", "managementListenAddress": "127.0.0.1:{}",
                "certificate": {:?}, "privateKey": {:?}, "tlsPort": {}, "httpPort": {},
                "certificateValidityPeriod": {}
            }}}}"#,
            self.port,
            self.management,
            here.join("own.pem"),
            here.join("own.key"),
            options.tls_port,
            options.http_port,
            options.lifetime.as_secs(),
        );
        let file = here.join("pebble.json");
        fs::write(&file, configuration)?;
        let mut command = Command::new("pebble");
        command
            .args(["-strict", "-config"])
            .arg(&file)
            // Each order is proved anew, and at once.
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_AUTHZREUSE", "0");
        let running = Running::start(&mut command, here);
        let mut running = running.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => PebbleError::NotInstalled,
            _ => error.into(),
        })?;
        let listens = || {
            [self.port, self.management]
                .iter()
                .all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok())
        };
        running
            .wait_until(here, listens)
            .map_err(PebbleError::NotListening)?;
        let roots = https::get(self.management, "/roots/0", std::slice::from_ref(&self.own))?;
        let root = CertificateDer::from_pem_slice(roots.text.as_bytes())
            .map_err(|error| PebbleError::NotListening(error.to_string()))?;
        Ok(Pebble {
            _running: running,
            root,
        })
    }

    /// All that it said since its last start.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("said")).unwrap_or_default()
    }
}

impl Default for PebbleHome {
    fn default() -> Self {
        Self::new()
    }
}

/// A port of this host that nobody listens on.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    free.local_addr().unwrap().port()
}
