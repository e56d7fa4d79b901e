//! The operator's certificate is renewed while people play: newcomers get the new one at once, and nobody notices.

use std::fs;
use std::path::Path;
use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions, Viewport};
use netlab::clock::Stopwatch;
use netlab::game_page::GamePage;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::rung::Rung;
use rcgen::KeyPair;
use sha2::{Digest, Sha256};
use tests::secure_server::{Pair, SOON, Secure};

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

#[test]
fn what_browsers_hold_against_a_certificate_is_told_as_long_as_it_lasts() {
    let key = KeyPair::generate().unwrap();
    let expired = Pair::with(&key, "localhost", |params| {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let early = Pair::with(&key, "localhost", |params| {
        params.not_before = rcgen::date_time_ymd(2090, 1, 1);
    });
    let foreign = Pair::with(&key, "other.example", |_| {});
    let good = Pair::new(&key);
    let at_localhost = "public_origin = \"https://localhost\"";
    let Some(mut secure) = Secure::start_with(&expired, at_localhost) else {
        return;
    };
    let fault = |secure: &Secure| secure.metric("game_server_certificate_fault");
    secure.wait_until("the fault", |secure| fault(secure) == 1.0);
    let told = |secure: &mut Secure, words: &str| {
        secure.server.wait_for_log(words, SOON).unwrap();
    };
    told(&mut secure, "it expired on");
    secure.replace("certificate.pem", &good.certificate);
    secure.wait_until("the fault's end", |secure| fault(secure) == 0.0);
    told(&mut secure, "the certificate files were loaded again");
    for (bad, words) in [(early, "not valid before"), (foreign, "not for localhost")] {
        secure.replace("certificate.pem", &bad.certificate);
        secure.wait_until("the fault", |secure| fault(secure) == 1.0);
        told(&mut secure, words);
        secure.replace("certificate.pem", &good.certificate);
        secure.wait_until("the fault's end", |secure| fault(secure) == 0.0);
    }
}
