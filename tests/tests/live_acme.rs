//! An authority issues the server's certificate, by Pebble: the first one, renewals while people play, and what happens
//! while the authority is away.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use client::native::{Player, PlayerOptions, Trust};
use netlab::clock::Stopwatch;
use netlab::http;
use netlab::player::{CirclesCodec, Observer};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::rung::Rung;
use rustls::pki_types::CertificateDer;
use tempfile::TempDir;
use tests::https;
use tests::pebble::{Pebble, PebbleHome, PebbleOptions, free_port};
use tests::renewal_front::{RenewalFront, Suggestion};

/// How soon an authority that is there has issued a certificate.
const SOON: Duration = Duration::from_secs(40);

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);

const LOADED: &str = "game_server_certificates_loaded_total";
const FAILED: &str = "game_server_certificate_orders_failed_total";
const FAULT: &str = "game_server_certificate_fault";

/// An authority, and all that stays of a server when it ends.
struct Place {
    home: PebbleHome,
    store: TempDir,
    port: u16,
    redirect_port: u16,
    operations: SocketAddr,
}

impl Place {
    fn new() -> Self {
        Self {
            home: PebbleHome::new(),
            store: tempfile::tempdir().unwrap(),
            port: free_port(),
            redirect_port: free_port(),
            operations: (Ipv4Addr::LOCALHOST, free_port()).into(),
        }
    }

    fn pebble(&self, lifetime: Duration) -> Option<Pebble> {
        available(self.home.start(PebbleOptions {
            tls_port: self.port,
            http_port: self.redirect_port,
            lifetime,
        }))
    }

    fn server(&self, more: &str) -> Option<ServerProcess> {
        self.server_of(&self.home.directory(), more)
    }

    fn server_of(&self, directory: &str, more: &str) -> Option<ServerProcess> {
        let config = format!(
            "operations = \"{}\"\nredirect_port = {}\n[acme]\ndomains = [\"localhost\"]\n\
            contact = [\"admin@play.example\"]\ndirectory = {:?}\nroot = {:?}\nstore = {:?}\n{more}",
            self.operations,
            self.redirect_port,
            directory,
            self.home.own_root(),
            self.store.path(),
        );
        let options = ServerOptions {
            config: Some(config),
            port: Some(self.port),
            ..ServerOptions::default()
        };
        available(ServerProcess::start(options, None))
    }

    fn metric(&self, name: &str) -> f64 {
        let answer = http::request(self.operations, "GET", "/metrics", &[], b"").unwrap();
        let line = answer
            .body
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    fn wait_until(&self, what: &str, server: &ServerProcess, is_so: impl Fn() -> bool) {
        let clock = Stopwatch::start();
        while !is_so() {
            assert!(
                clock.remaining(SOON).is_some(),
                "{what} not within {SOON:?}; the server: {}\nPebble: {}",
                server.log_tail(20),
                self.home.said()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        println!("{what} after {:?}", clock.elapsed());
    }

    fn wait_until_issued(&self, server: &ServerProcess) {
        self.wait_until("a certificate", server, || self.metric(LOADED) >= 1.0);
    }

    /// The certificate that HTTPS shows, if `root` vouches for it.
    fn shown(&self, root: &CertificateDer<'static>) -> Option<[u8; 32]> {
        let answer = https::get(self.port, "/healthz", std::slice::from_ref(root)).ok()?;
        assert!(answer.text.starts_with("HTTP/1.1 200"), "{}", answer.text);
        Some(answer.sha256)
    }

    /// A newcomer, by its join and by its link.
    fn options(&self, trust: Trust, rung: Rung) -> PlayerOptions {
        PlayerOptions {
            rung,
            trust,
            ..PlayerOptions::new(format!("https://localhost:{}", self.port))
        }
    }

    fn lets_in(&self, trust: Trust, rung: Rung) -> bool {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let options = self.options(trust, rung);
        let player = runtime.block_on(Player::<CirclesCodec>::connect(&options));
        player.is_ok()
    }
}

fn count(server: &ServerProcess, text: &str) -> usize {
    server.log_tail(1_000).matches(text).count()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_certificate_is_shown_on_every_rung_and_kept_over_a_restart() {
    let place = Place::new();
    let Some(pebble) = place.pebble(LONG) else {
        return;
    };
    let Some(server) = place.server("") else {
        return;
    };
    place.wait_until_issued(&server);
    let shown = place.shown(&pebble.root).unwrap();
    for rung in [Rung::WebSocket, Rung::WebTransport] {
        let trust = Trust::Roots(vec![pebble.root.clone()]);
        assert!(place.lets_in(trust, rung), "{rung}");
        // Nobody is told a hash: the one that is shown is believed for its authority's sake.
        assert!(!place.lets_in(Trust::Authorities, rung), "{rung}");
        assert!(place.lets_in(Trust::Pinned(vec![shown]), rung), "{rung}");
    }
    let roots = [pebble.root.clone()];
    for version in rustls::ALL_VERSIONS {
        let client = https::Client::new(&roots, &[version], &[b"http/1.1"]);
        let answer = client.get(place.port, "/healthz").unwrap();
        assert_eq!(answer.version, Some(version.version));
    }
    // No order is under way, so nobody proves anything.
    let challenge = https::Client::new(&roots, rustls::ALL_VERSIONS, &[b"acme-tls/1"]);
    assert!(challenge.get(place.port, "/healthz").is_err());
    let folder = std::fs::read_dir(place.store.path()).unwrap().next();
    let folder = folder.unwrap().unwrap().path();
    assert_eq!(mode(&folder), 0o700);
    for file in ["account.json", "certificate.pem"] {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }

    let root = pebble.root.clone();
    drop(pebble);
    assert!(server.stop(SOON).is_some_and(|status| status.success()));
    let Some(server) = place.server("") else {
        return;
    };
    assert_eq!(place.shown(&root), Some(shown));
    assert_eq!(place.metric(FAULT), 0.0);
    assert_eq!(count(&server, "WARN"), 0, "{}", server.log_tail(50));
}

#[test]
fn a_renewal_disturbs_nobody_who_plays() {
    let place = Place::new();
    let Some(pebble) = place.pebble(Duration::from_secs(24)) else {
        return;
    };
    let Some(server) = place.server("") else {
        return;
    };
    place.wait_until_issued(&server);
    let first = place.shown(&pebble.root).unwrap();
    let players = [Rung::WebSocket, Rung::WebTransport].map(|rung| {
        let options = place.options(Trust::Anything, rung);
        (rung, Observer::enter(&options).unwrap())
    });
    place.wait_until("a renewal", &server, || place.metric(LOADED) >= 2.0);
    let second = place.shown(&pebble.root).unwrap();
    assert_ne!(first, second);
    for rung in [Rung::WebSocket, Rung::WebTransport] {
        assert!(place.lets_in(Trust::Pinned(vec![second]), rung), "{rung}");
        assert!(!place.lets_in(Trust::Pinned(vec![first]), rung), "{rung}");
    }
    for (rung, player) in players {
        let seen = player.stop();
        assert_eq!(seen.goodbye, None, "{rung}");
        let gap = seen.longest_gap_ms();
        println!(
            "{rung}: {} snapshots, the longest gap {gap:.0} ms",
            seen.snapshots.len()
        );
        assert!(gap < 1_000.0, "{rung}: no snapshot for {gap:.0} ms");
    }
    assert_eq!(
        count(&server, "made"),
        1,
        "one account: {}",
        server.log_tail(50)
    );
}

#[test]
fn an_authority_that_is_away_at_the_start_is_tried_again_until_it_is_there() {
    let place = Place::new();
    // Whether this machine has it.
    let Some(pebble) = place.pebble(LONG) else {
        return;
    };
    drop(pebble);
    let Some(server) = place.server("") else {
        return;
    };
    place.wait_until("two tries", &server, || place.metric(FAILED) >= 2.0);
    assert_eq!(place.metric(FAULT), 1.0);
    assert_eq!(
        count(&server, "can't be reached"),
        1,
        "{}",
        server.log_tail(50)
    );
    // People play meanwhile, with the self-signed one: by its hash, which the join tells.
    for rung in [Rung::WebSocket, Rung::WebTransport] {
        assert!(place.lets_in(Trust::Anything, rung), "{rung}");
    }
    let Some(pebble) = place.pebble(LONG) else {
        return;
    };
    place.wait_until_issued(&server);
    assert!(place.shown(&pebble.root).is_some());
    place.wait_until("the fault's end", &server, || place.metric(FAULT) == 0.0);
}

#[test]
fn an_authority_that_is_away_when_a_renewal_is_due_costs_nothing_and_may_come_back_as_a_stranger() {
    let place = Place::new();
    let Some(pebble) = place.pebble(Duration::from_secs(24)) else {
        return;
    };
    let Some(server) = place.server("") else {
        return;
    };
    place.wait_until_issued(&server);
    let root = pebble.root.clone();
    let shown = place.shown(&root).unwrap();
    drop(pebble);
    place.wait_until("two tries", &server, || place.metric(FAILED) >= 2.0);
    assert_eq!(place.metric(FAULT), 1.0);
    assert_eq!(
        count(&server, "can't be reached"),
        1,
        "{}",
        server.log_tail(50)
    );
    assert!(place.lets_in(Trust::Pinned(vec![shown]), Rung::WebTransport));
    // It has forgotten the account, and the certificate that is replaced.
    let Some(pebble) = place.pebble(LONG) else {
        return;
    };
    place.wait_until("a renewal", &server, || place.metric(LOADED) >= 2.0);
    assert!(place.shown(&pebble.root).is_some());
    place.wait_until("the fault's end", &server, || place.metric(FAULT) == 0.0);
}

#[test]
fn a_renewal_happens_when_the_authority_suggests_it() {
    let place = Place::new();
    let Some(pebble) = place.pebble(Duration::from_secs(100)) else {
        return;
    };
    let front = RenewalFront::start(&place.home);
    let Some(server) = place.server_of(&front.directory(), "") else {
        return;
    };
    place.wait_until_issued(&server);
    place.wait_until("an inquiry", &server, || front.inquiries() == 1);
    let first = place.shown(&pebble.root).unwrap();
    front.suggest(Suggestion::Now);
    let clock = Stopwatch::start();
    // Who is in a hurry has it asked before its six hours are over.
    let pid = Pid::from_raw(server.pid().cast_signed());
    kill(pid, Signal::SIGHUP).unwrap();
    place.wait_until("a renewal", &server, || place.metric(LOADED) >= 2.0);
    // A tenth of the lifetime at least, and not two thirds.
    assert!(clock.elapsed() < Duration::from_secs(30));
    assert_ne!(place.shown(&pebble.root), Some(first));
    assert_eq!(front.replaced().len(), 1, "{}", server.log_tail(20));
}

#[test]
fn plain_http_proves_the_name_too_and_else_leads_to_https() {
    let place = Place::new();
    let Some(pebble) = place.pebble(LONG) else {
        return;
    };
    let Some(server) = place.server("challenge = \"http-01\"") else {
        return;
    };
    place.wait_until_issued(&server);
    assert!(place.shown(&pebble.root).is_some());
    let port = place.port;
    let ask = |at: u16, method: &str, headers: &[&str]| {
        let at = (Ipv4Addr::LOCALHOST, at).into();
        http::request(at, method, "/room?x=1", headers, b"").unwrap()
    };
    // On the port for it, and on that of TLS.
    for at in [place.redirect_port, port] {
        for method in ["GET", "POST"] {
            let answer = ask(at, method, &[]);
            assert_eq!(answer.status, 308);
            let location = format!("https://localhost:{port}/room?x=1");
            assert_eq!(answer.header("location"), Some(location.as_str()));
            assert_eq!(answer.header("strict-transport-security"), None);
        }
    }
    let token = (Ipv4Addr::LOCALHOST, place.redirect_port).into();
    let path = "/.well-known/acme-challenge/nobody-asked";
    let answer = http::request(token, "GET", path, &[], b"").unwrap();
    assert_eq!(answer.status, 404);
    for stranger in [
        "evil.example",
        "localhost.evil.example",
        "evil.example@",
        "",
    ] {
        let text = format!("GET /room HTTP/1.1\r\nhost: {stranger}\r\nconnection: close\r\n\r\n");
        let answer = raw(place.redirect_port, &text);
        assert!(answer.starts_with("HTTP/1.1 400"), "{stranger}: {answer}");
        assert!(!answer.contains("location:"), "{stranger}: {answer}");
    }
}

#[test]
fn what_the_authority_can_not_verify_is_told_in_its_words_and_not_tried_again_soon() {
    let place = Place::new();
    let nobody = PebbleOptions {
        tls_port: free_port(),
        http_port: free_port(),
        lifetime: LONG,
    };
    let Some(_pebble) = available(place.home.start(nobody)) else {
        return;
    };
    let Some(mut server) = place.server("") else {
        return;
    };
    let line = server.wait_for_log("refuses", SOON).unwrap();
    assert!(line.contains("localhost"), "{line}");
    let seconds = line.rsplit('=').next().unwrap();
    let seconds: u64 = seconds.trim().parse().unwrap();
    assert!(seconds >= 200, "{line}");
    assert_eq!(place.metric(FAULT), 1.0);
}

/// Sends bytes, and gives all that comes.
fn raw(port: u16, text: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
