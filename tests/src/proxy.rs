//! A reverse proxy of Debian's in front of a server, with its configuration from `deploy/`.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::prerequisites::Missing;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use thiserror::Error;

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
    child: Child,
    port: u16,
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
        let own = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let text =
            edit(kind.configuration()?).replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
        let text = match kind {
            ProxyKind::Nginx => {
                let text = text
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
                .replace("bind :443", &format!("bind 127.0.0.1:{own}"))
                .replace("/etc/haproxy/play.example.pem", &certificate),
            ProxyKind::Caddy => {
                let site =
                    format!("{HOST}:{own} {{\n\tbind 127.0.0.1\n\ttls {certificate} {certificate}");
                format!(
                    "{{\n\tadmin off\n\tauto_https off\n}}\n{}",
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
        let said = fs::File::create(folder.path().join("said"))?;
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => ProxyError::NotInstalled(kind.program()),
                _ => error.into(),
            })?;
        let mut proxy = Self {
            kind,
            child,
            port: own,
            folder,
        };
        proxy.wait_until_it_listens()?;
        Ok(proxy)
    }

    /// Where players come: `https://play.example:PORT`.
    pub fn origin(&self) -> String {
        format!("https://{HOST}:{}", self.port)
    }

    /// Lets it read its configuration again, as operators do after a renewal: connections that run go on.
    ///
    /// # Errors
    /// When it is gone.
    pub fn reload(&self) -> io::Result<()> {
        let signal = match self.kind {
            ProxyKind::Nginx => Signal::SIGHUP,
            ProxyKind::HaProxy | ProxyKind::Caddy => Signal::SIGUSR2,
        };
        Ok(nix::sys::signal::kill(self.pid(), signal)?)
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    fn wait_until_it_listens(&mut self) -> Result<(), ProxyError> {
        let clock = Stopwatch::start();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let has_ended = self.child.try_wait()?.is_some();
            if has_ended || clock.remaining(Duration::from_secs(10)).is_none() {
                let said = fs::read_to_string(self.folder.path().join("said"))?;
                return Err(ProxyError::NotListening(self.kind.program(), said));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = killpg(self.pid(), Signal::SIGTERM);
        let clock = Stopwatch::start();
        while self.child.try_wait().is_ok_and(|ended| ended.is_none())
            && clock.remaining(Duration::from_secs(2)).is_some()
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// A certificate for [`HOST`] and its key, in one file.
fn write_certificate(folder: &Path) -> Result<String, ProxyError> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([HOST.to_owned()])?.self_signed(&key)?;
    let path = folder.join("certificate.pem");
    fs::write(&path, certificate.pem() + &key.serialize_pem())?;
    Ok(path.display().to_string())
}
