//! Directories of self-signed identities that are old, foreign, damaged, shared or not writable.

use std::{fs, io::Read, path::Path};

use crate::common::{DAY, hashes_at, names, open, start};
use certs::{CertificateError, Certificates, Refreshed};

#[test]
fn an_expired_store_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let old = hashes_at(directory.path(), start());
    let now = start() + 100 * DAY;
    let certificates = open(directory.path(), now);
    assert!(certificates.current().is_valid_at(now));
    assert!(
        certificates
            .certificate_hashes()
            .iter()
            .all(|hash| !old.contains(hash))
    );
}

#[test]
fn other_names_replace_what_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let old = hashes_at(directory.path(), start());
    let reordered = ["127.0.0.1".to_owned(), "LOCALHOST".to_owned()];
    let same = Certificates::self_signed(directory.path(), &reordered, start()).unwrap();
    assert_eq!(same.certificate_hashes(), old);

    let moved = ["play.example".to_owned()];
    let other = Certificates::self_signed(directory.path(), &moved, start()).unwrap();
    assert_eq!(
        other.current().names().collect::<Vec<_>>(),
        ["play.example"]
    );
    assert!(
        other
            .certificate_hashes()
            .iter()
            .all(|hash| !old.contains(hash))
    );
}

#[test]
fn garbage_in_a_file_costs_only_the_identity_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let good = hashes_at(directory.path(), start());
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let valid = fs::read_to_string(directory.path().join("next.pem")).unwrap();
    let cut = &valid[..valid.len() / 2];
    for garbage in [
        "",
        "\0\u{1}\u{2}",
        begin,
        &format!("{begin}AAAA\n-----END CERTIFICATE-----\n"),
        cut,
    ] {
        fs::write(directory.path().join("next.pem"), garbage).unwrap();
        let hashes = hashes_at(directory.path(), start());
        assert_eq!(hashes[0], good[0], "{garbage:?}");
        assert!(!good.contains(&hashes[1]), "{garbage:?}");
        assert_eq!(hashes_at(directory.path(), start()), hashes);
    }
}

#[test]
fn a_key_of_another_certificate_is_detected() {
    let directory = tempfile::tempdir().unwrap();
    let good = hashes_at(directory.path(), start());
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    let key_starts = |text: &str| text.find("-----BEGIN PRIVATE KEY").unwrap();
    let (current, next) = (read("current.pem"), read("next.pem"));
    let mixed = format!(
        "{}{}",
        &current[..key_starts(&current)],
        &next[key_starts(&next)..]
    );
    fs::write(directory.path().join("current.pem"), mixed).unwrap();

    let certificates = open(directory.path(), start());
    assert!(!good.contains(&certificates.current().sha256()));
    assert_eq!(certificates.certificate_hashes()[1], good[1]);
}

#[test]
fn a_replacement_is_explained_in_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let current = directory.path().join("current.pem");
    let says = |file: &Path, reason: &str, start: &dyn Fn()| {
        let log = logged(start);
        let file = file.to_string_lossy();
        let tells = |line: &str| {
            ["WARN", &*file, reason]
                .into_iter()
                .all(|part| line.contains(part))
        };
        assert!(
            log.lines().any(tells),
            "no warning of {file} and {reason:?} in {log}"
        );
    };

    let start_again = || {
        open(directory.path(), start());
    };
    let quiet = logged(&start_again);
    assert!(!quiet.contains("WARN"), "{quiet}");
    fs::write(&current, "oops").unwrap();
    says(&current, "holds no certificate", &start_again);
    let moved = ["play.example".to_owned()];
    says(
        &current,
        "stands for 127.0.0.1, localhost, not for play.example",
        &|| {
            Certificates::self_signed(directory.path(), &moved, start()).unwrap();
        },
    );
    says(&directory.path().join("next.pem"), "expired on", &|| {
        Certificates::self_signed(directory.path(), &moved, start() + 50 * DAY).unwrap();
    });
}

/// What an operator sees in the log while `act` runs.
fn logged(act: &dyn Fn()) -> String {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let writer = std::sync::Mutex::new(writer);
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(writer)
        .finish();
    tracing::subscriber::with_default(subscriber, act);
    let mut log = String::new();
    reader.read_to_string(&mut log).unwrap();
    log
}

#[test]
fn a_crash_in_the_middle_of_a_rotation_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let good = hashes_at(directory.path(), start());
    fs::copy(
        directory.path().join("next.pem"),
        directory.path().join("current.pem"),
    )
    .unwrap();
    fs::write(directory.path().join("next.pem.new"), "half a fi").unwrap();
    let hashes = hashes_at(directory.path(), start() + 12 * DAY);
    assert_eq!(hashes[0], good[1]);
    assert!(!good.contains(&hashes[1]));
}

#[test]
fn a_running_server_mends_its_damaged_store() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let certificates = open(&store, start());
    let hashes = certificates.certificate_hashes();
    fs::write(store.join("current.pem"), "oops").unwrap();
    fs::remove_file(store.join("next.pem")).unwrap();
    assert_eq!(
        certificates.refresh(start() + DAY).unwrap(),
        Refreshed::Unchanged
    );
    assert_eq!(hashes_at(&store, start() + DAY), hashes);
}

#[test]
fn a_store_that_cannot_be_written_does_not_stop_a_rotation() {
    let directory = tempfile::tempdir().unwrap();
    let certificates = open(directory.path(), start());
    let next = certificates.next().unwrap();
    // Where drafts are written; permissions would not stop a test that runs as root.
    let obstacles = ["current.pem.new", "next.pem.new"].map(|name| directory.path().join(name));
    obstacles
        .iter()
        .for_each(|path| fs::create_dir(path).unwrap());
    let later = start() + 12 * DAY;

    let error = certificates.refresh(later).unwrap_err();
    assert!(matches!(error, CertificateError::Write { .. }), "{error}");
    assert_eq!(certificates.current().sha256(), next.sha256());
    let hashes = certificates.certificate_hashes();
    certificates.refresh(later).unwrap_err();
    assert_eq!(
        certificates.certificate_hashes(),
        hashes,
        "the offer must not change each time"
    );

    obstacles
        .iter()
        .for_each(|path| fs::remove_dir(path).unwrap());
    assert_eq!(certificates.refresh(later).unwrap(), Refreshed::Unchanged);
    assert_eq!(hashes_at(directory.path(), later), hashes);
}

#[test]
fn a_store_that_vanished_is_reported_and_the_identity_is_still_served() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let certificates = open(&store, start());
    let hashes = certificates.certificate_hashes();
    fs::remove_dir_all(&store).unwrap();
    let error = certificates.refresh(start() + DAY).unwrap_err();
    assert!(
        error.to_string().contains(&*store.to_string_lossy()),
        "{error}"
    );
    assert_eq!(certificates.certificate_hashes(), hashes);
}

#[test]
fn two_processes_on_one_store_offer_the_same_hashes() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path(), start());
    let tool = open(directory.path(), start() + 12 * DAY);
    assert_eq!(
        server.refresh(start() + 12 * DAY).unwrap(),
        Refreshed::Rotated
    );
    assert_eq!(server.certificate_hashes(), tool.certificate_hashes());
}

#[test]
fn starting_at_once_twice_makes_one_store() {
    let directory = tempfile::tempdir().unwrap();
    let hashes: Vec<_> = std::thread::scope(|scope| {
        let starts = [(); 8].map(|()| scope.spawn(|| hashes_at(directory.path(), start())));
        starts.map(|start| start.join().unwrap()).into()
    });
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

#[test]
fn errors_are_one_line_that_names_the_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("store");
    let error = Certificates::self_signed(&below, &names(), start())
        .unwrap_err()
        .to_string();
    assert!(error.contains(&*below.to_string_lossy()), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");

    let bad = ["localhost:443".to_owned()];
    let error = Certificates::self_signed(directory.path(), &bad, start()).unwrap_err();
    assert!(error.to_string().contains("\"localhost:443\""), "{error}");
}
