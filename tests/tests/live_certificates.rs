//! The operator's certificate is renewed while people play: newcomers get the new one at once, and nobody notices.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::native::{Player, PlayerOptions, Trust};
use netlab::browser::{Browser, BrowserKind, BrowserOptions, Viewport};
use netlab::clock::Stopwatch;
use netlab::game_page::GamePage;
use netlab::player::CirclesCodec;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::rung::Rung;
use rcgen::{CertificateParams, KeyPair};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// How soon a new certificate is to be served.
const SOON: Duration = Duration::from_secs(2);

/// A server with a certificate of its operator's, and a listener for its metrics.
struct Secure {
    server: ServerProcess,
    folder: TempDir,
    operations: SocketAddr,
}

impl Secure {
    fn start(first: &Pair) -> Option<Self> {
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
                "certificate = {certificate:?}\nkey = {key:?}\noperations = \"{operations}\""
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

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As careful programs do it: nobody ever reads half a file.
    fn replace(&self, name: &str, content: &str) {
        let new = self.path("new");
        fs::write(&new, content).unwrap();
        fs::rename(&new, self.path(name)).unwrap();
    }

    fn metric(&self, name: &str) -> f64 {
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
    fn shows(&self, pair: &Pair, rung: Rung) -> bool {
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

    fn origin(&self) -> String {
        format!("https://localhost:{}", self.server.port())
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
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
struct Pair {
    sha256: [u8; 32],
    certificate: String,
    key: String,
}

impl Pair {
    fn new(key: &KeyPair) -> Self {
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = certificate.self_signed(key).unwrap();
        Self {
            sha256: Sha256::digest(certificate.der()).into(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

#[test]
fn a_renewal_is_served_at_once_and_disturbs_nobody() {
    let key = KeyPair::generate().unwrap();
    let [first, second] = [Pair::new(&key), Pair::new(&key)];
    let Some(secure) = Secure::start(&first) else {
        return;
    };
    let options = BrowserOptions {
        arguments: vec![
            "--ignore-certificate-errors".to_owned(),
            // For QUIC, an authority of one's own is not enough.
            "--webtransport-developer-mode".to_owned(),
            format!("--ignore-certificate-errors-spki-list={}", spki(&key)),
        ],
        viewport: Viewport {
            width: 640,
            height: 400,
            ..Viewport::DESKTOP
        },
        ..BrowserOptions::new(BrowserKind::Chromium)
    };
    let Some(browser) = available(Browser::launch(options, None)) else {
        return;
    };
    let origin = secure.origin();
    let play = |rung: Rung| {
        let page = GamePage::autoplay(&browser, &origin, Some(rung), rung.name(), "pond").unwrap();
        let plays = page.wait_until_playing(Duration::from_secs(30));
        plays.unwrap_or_else(|error| {
            let log = secure.server.log_tail(20);
            panic!("{}: {error}; the server: {log}", rung.name())
        });
        page
    };
    let pages = Rung::ALL.map(play);
    assert!(secure.shows(&first, Rung::WebSocket));
    assert!(!secure.shows(&second, Rung::WebSocket));
    secure.replace("certificate.pem", &second.certificate);
    secure.wait_until("the new certificate", |secure| {
        secure.shows(&second, Rung::WebSocket)
    });
    for page in &pages {
        let snapshots = page.stats().unwrap().snapshots + 60;
        page.wait_for(
            &format!("battleCircles.stats().snapshots > {snapshots}"),
            Duration::from_secs(30),
        )
        .unwrap();
        assert_eq!(page.stats().unwrap().rung_changes, 0);
    }
    assert!(secure.shows(&second, Rung::WebTransport));
}

/// What Chromium is told to take: the SHA-256 of the public key, in base64.
fn spki(key: &KeyPair) -> String {
    use base64::Engine;
    let spki = rcgen::PublicKeyData::subject_public_key_info(key);
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(spki))
}

#[test]
fn files_that_make_no_pair_leave_the_last_good_one_in_use() {
    let [first, second] = [(); 2].map(|()| Pair::new(&KeyPair::generate().unwrap()));
    let Some(mut secure) = Secure::start(&first) else {
        return;
    };
    let fault = |secure: &Secure| secure.metric("game_server_certificate_fault");
    let ends = |secure: &Secure| secure.metric("game_server_certificate_end_seconds");
    assert!(ends(&secure) > 1e9, "{}", ends(&secure));
    for round in 1..=2 {
        // The key before the certificate, as some programs write them.
        secure.replace("key.pem", &second.key);
        secure.wait_until("the fault", |secure| fault(secure) == 1.0);
        assert!(secure.shows(&first, Rung::WebSocket));
        secure.replace("key.pem", &first.key);
        secure.wait_until("the fault's end", |secure| fault(secure) == 0.0);
        let told = secure
            .server
            .log_tail(1_000)
            .matches("does not belong")
            .count();
        assert_eq!(told, round, "{}", secure.server.log_tail(50));
    }
    fs::remove_file(secure.path("certificate.pem")).unwrap();
    secure.wait_until("the fault", |secure| fault(secure) == 1.0);
    assert!(secure.shows(&first, Rung::WebSocket));
    secure.replace("key.pem", &second.key);
    secure.replace("certificate.pem", &second.certificate);
    secure.wait_until("the new pair", |secure| {
        secure.shows(&second, Rung::WebSocket)
    });
    secure.wait_until("the fault's end", |secure| fault(secure) == 0.0);
    assert!(secure.server.exit_status().is_none());
}

#[test]
fn a_swapped_link_is_a_renewal_and_reading_is_none() {
    let [first, second] = [(); 2].map(|()| Pair::new(&KeyPair::generate().unwrap()));
    let Some(secure) = Secure::start(&first) else {
        return;
    };
    // As Kubernetes mounts secrets: links to a folder behind a link.
    let write = |name: &str, pair: &Pair| {
        let folder = secure.path(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("certificate.pem"), &pair.certificate).unwrap();
        fs::write(folder.join("key.pem"), &pair.key).unwrap();
    };
    write("one", &first);
    write("two", &second);
    let link = |to: &str, name: &str| {
        let new = secure.path("new");
        std::os::unix::fs::symlink(to, &new).unwrap();
        fs::rename(new, secure.path(name)).unwrap();
    };
    link("one", "now");
    link("now/key.pem", "key.pem");
    link("now/certificate.pem", "certificate.pem");
    std::thread::sleep(Duration::from_secs(1));
    let loaded = |secure: &Secure| secure.metric("game_server_certificates_loaded_total");
    assert_eq!(loaded(&secure), 0.0);
    link("two", "now");
    secure.wait_until("the new pair", |secure| {
        secure.shows(&second, Rung::WebSocket)
    });
    assert_eq!(loaded(&secure), 1.0);
    let clock = Stopwatch::start();
    while clock.remaining(Duration::from_secs(3)).is_some() {
        let read = |path: &Path| fs::read(path).unwrap();
        read(&secure.path("certificate.pem"));
        read(&secure.path("key.pem"));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(loaded(&secure), 1.0);
}

#[test]
fn a_hang_up_is_a_wish_and_no_end() {
    let Some(mut server) = available(ServerProcess::start(ServerOptions::default(), None)) else {
        return;
    };
    let pid = Pid::from_raw(server.pid().cast_signed());
    kill(pid, Signal::SIGHUP).unwrap();
    server.wait_for_log("SIGHUP", SOON).unwrap();
    assert!(server.exit_status().is_none());
    assert_eq!(server.get("/healthz", None).unwrap().status, 200);
}
