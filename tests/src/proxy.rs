//! A reverse proxy of Debian's in front of a server, with its configuration from `deploy/`.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;

use netlab::prerequisites::Missing;
use nix::sys::signal::Signal;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use thiserror::Error;

use crate::running::Running;

/// By which name players come.
pub const HOST: &str = "play.example";

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// nginx.
    Nginx,
    /// HAProxy.
    HaProxy,
    /// Caddy.
    Caddy,
}

/// A running proxy, which ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    kind: ProxyKind,
    running: Running,
    port: u16,
    plain: u16,
    folder: TempDir,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum ProxyError {
    /// Its program is not there.
    #[error("{0} is missing; on Debian: apt-get install {0}")]
    NotInstalled(&'static str),
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
    /// No certificate could be made.
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    /// It doesn't listen.
    #[error("{0} does not listen; it said: {1}")]
    NotListening(&'static str, String),
}

impl Missing for ProxyError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::NotInstalled(_))
    }
}

impl ProxyKind {
    /// Its program and Debian's package.
    fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::HaProxy => "haproxy",
            Self::Caddy => "caddy",
        }
    }

    /// What `deploy/` has for it.
    fn configuration(self) -> io::Result<String> {
        let file = match self {
            Self::Nginx => "nginx.conf",
            Self::HaProxy => "haproxy.cfg",
            Self::Caddy => "Caddyfile",
        };
        fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../deploy")
                .join(file),
        )
    }
}

impl Proxy {
    /// Puts a proxy in front of the server at `port` on this host. `edit` changes its configuration.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub fn start(
        kind: ProxyKind,
        port: u16,
        edit: impl FnOnce(String) -> String,
    ) -> Result<Self, ProxyError> {
        let folder = tempfile::tempdir()?;
        let here = folder.path().display();
        let certificate = write_certificate(folder.path())?;
        let (own, plain) = two_free_ports()?;
        let text =
            edit(kind.configuration()?).replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
        let text = match kind {
            ProxyKind::Nginx => {
                let text = text
                    .replace("listen [::]:80;", "")
                    .replace("listen [::]:443 ssl;", "")
                    .replace("listen 80;", &format!("listen 127.0.0.1:{plain};"))
                    .replace("listen 443", &format!("listen 127.0.0.1:{own}"))
                    .replace(
                        "/etc/letsencrypt/live/play.example/fullchain.pem",
                        &certificate,
                    )
                    .replace(
                        "/etc/letsencrypt/live/play.example/privkey.pem",
                        &certificate,
                    );
                format!(
                    "daemon off; pid {here}/pid; error_log stderr; events {{}} http {{ access_log off; \
                    client_body_temp_path {here}/1; proxy_temp_path {here}/2; fastcgi_temp_path {here}/3; \
                    uwsgi_temp_path {here}/4; scgi_temp_path {here}/5;\n{text}\n}}"
                )
            }
            ProxyKind::HaProxy => text
                .replace("bind :::80 v4v6", &format!("bind 127.0.0.1:{plain}"))
                .replace("bind :::443 v4v6", &format!("bind 127.0.0.1:{own}"))
                .replace("/etc/haproxy/play.example.pem", &certificate),
            ProxyKind::Caddy => {
                let site =
                    format!("{HOST}:{own} {{\n\tbind 127.0.0.1\n\ttls {certificate} {certificate}");
                format!(
                    "{{\n\tadmin unix/{here}/admin\n\tauto_https off\n}}\n{}",
                    text.replace(&format!("{HOST} {{"), &site)
                )
            }
        };
        let file = folder.path().join("configuration");
        fs::write(&file, text)?;
        let mut command = Command::new(kind.program());
        match kind {
            ProxyKind::Nginx => command.arg("-c").arg(&file).arg("-p").arg(folder.path()),
            ProxyKind::HaProxy => command.arg("-W").arg("-f").arg(&file),
            ProxyKind::Caddy => {
                command
                    .args(["run", "--adapter", "caddyfile", "--config"])
                    .arg(&file);
                command.env("HOME", folder.path())
            }
        };
        let running = Running::start(&mut command, folder.path());
        let mut running = running.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ProxyError::NotInstalled(kind.program()),
            _ => error.into(),
        })?;
        let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, own)).is_ok();
        running
            .wait_until(folder.path(), listens)
            .map_err(|said| ProxyError::NotListening(kind.program(), said))?;
        Ok(Self {
            kind,
            running,
            port: own,
            plain,
            folder,
        })
    }

    /// Where players come: `https://play.example:PORT`.
    pub fn origin(&self) -> String {
        format!("https://{HOST}:{}", self.port)
    }

    /// Its port, for HTTPS.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its port for plain HTTP; Caddy has none here.
    pub fn plain_port(&self) -> u16 {
        self.plain
    }

    /// Lets it read its configuration again, as operators do after a renewal. nginx and HAProxy keep the connections that
    /// they have; Caddy closes WebSockets.
    ///
    /// # Errors
    /// When it is gone, or says no.
    pub fn reload(&self) -> io::Result<()> {
        match self.kind {
            ProxyKind::Nginx => self.running.signal(Signal::SIGHUP),
            ProxyKind::HaProxy => self.running.signal(Signal::SIGUSR2),
            ProxyKind::Caddy => self.reload_caddy(),
        }
    }

    /// Caddy takes its configuration at its own address, and leaves out what hasn't changed unless it is forced.
    fn reload_caddy(&self) -> io::Result<()> {
        let here = self.folder.path();
        let output = Command::new(self.kind.program())
            .args(["reload", "--force", "--adapter", "caddyfile", "--config"])
            .arg(here.join("configuration"))
            .arg("--address")
            .arg(format!("unix/{}", here.join("admin").display()))
            .env("HOME", here)
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr)))
    }
}

/// For HTTPS, and for plain HTTP.
fn two_free_ports() -> io::Result<(u16, u16)> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (one, other) = (free()?, free()?);
    Ok((one.local_addr()?.port(), other.local_addr()?.port()))
}

/// A certificate for [`HOST`] and its key, in one file.
fn write_certificate(folder: &Path) -> Result<String, ProxyError> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([HOST.to_owned()])?.self_signed(&key)?;
    let path = folder.join("certificate.pem");
    fs::write(&path, certificate.pem() + &key.serialize_pem())?;
    Ok(path.display().to_string())
}
