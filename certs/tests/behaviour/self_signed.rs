//! Self-signed identities over weeks of simulated time and over restarts.

use std::{fs, path::Path, time::SystemTime};

use crate::common::{DAY, HOUR, browser_takes, hashes_at, open, start};
use certs::Refreshed;

#[test]
fn the_first_start_makes_a_current_and_a_next_identity() {
    let directory = tempfile::tempdir().unwrap();
    let certificates = open(&directory.path().join("deep/store"), start());

    let current = certificates.current();
    let next = certificates.next().unwrap();
    assert_eq!(
        certificates.certificate_hashes(),
        [current.sha256(), next.sha256()]
    );
    assert!(current.is_valid_at(start()));
    assert!(current.not_before() + HOUR <= start());
    assert_eq!(next.not_before() + 3 * DAY, current.not_after());
    for identity in [current, next] {
        assert_eq!(identity.not_after(), identity.not_before() + 13 * DAY);
        assert_eq!(
            identity.names().collect::<Vec<_>>(),
            ["127.0.0.1", "localhost"]
        );
    }
}

#[cfg(unix)]
#[test]
fn private_keys_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let hashes = hashes_at(&store, start());
    assert_eq!(mode(&store), 0o700);
    let files: Vec<_> = fs::read_dir(&store)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600);
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert_eq!(hashes_at(&store, start()), hashes);
    assert!(files.iter().all(|file| mode(file) == 0o600));
}

#[test]
fn a_restart_uses_what_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let before = open(directory.path(), start());
    let after = open(directory.path(), start() + 5 * DAY);
    assert_eq!(after.certificate_hashes(), before.certificate_hashes());
    assert_eq!(after.current().clone_key(), before.current().clone_key());
}

/// What a client knows from one moment on.
struct Learned {
    at: SystemTime,
    hashes: Vec<[u8; 32]>,
}

/// Runs 60 days in steps; at each, every client of the last two days connects, with a clock that is
/// right or an hour off.
fn clients_connect_for_sixty_days(step: std::time::Duration, restarts: bool) -> usize {
    let directory = tempfile::tempdir().unwrap();
    let mut certificates = open(directory.path(), start());
    let mut learned: Vec<Learned> = Vec::new();
    let mut rotations = 0;
    let mut now = start();
    while now < start() + 60 * DAY {
        if restarts {
            let before = certificates.current().sha256();
            certificates = open(directory.path(), now);
            rotations += usize::from(certificates.current().sha256() != before);
        } else {
            rotations += usize::from(certificates.refresh(now).unwrap() == Refreshed::Rotated);
        }
        let hashes = certificates.certificate_hashes();
        assert_eq!(hashes.len(), 2);
        assert_eq!(hashes[0], certificates.current().sha256());
        assert_ne!(hashes[0], hashes[1]);
        learned.push(Learned { at: now, hashes });
        learned.retain(|learned| now <= learned.at + 2 * DAY);
        for client in &learned {
            for clock in [now - HOUR, now, now + HOUR] {
                assert!(
                    browser_takes(&certificates.current(), &client.hashes, clock),
                    "learned {:?} after the start, connected {:?} after it",
                    client.at.duration_since(start()),
                    now.duration_since(start()),
                );
            }
        }
        now += step;
    }
    rotations
}

#[test]
fn a_hash_learned_in_the_last_two_days_always_opens_a_connection() {
    assert_eq!(clients_connect_for_sixty_days(HOUR, false), 5);
    assert_eq!(clients_connect_for_sixty_days(DAY, false), 5);
}

#[test]
fn restarts_do_not_break_what_clients_learned() {
    assert_eq!(clients_connect_for_sixty_days(5 * HOUR, true), 5);
    assert_eq!(clients_connect_for_sixty_days(47 * HOUR, true), 5);
}

#[test]
fn the_next_identity_takes_over_well_before_the_current_one_ends() {
    let directory = tempfile::tempdir().unwrap();
    let certificates = open(directory.path(), start());
    let end = certificates.current().not_after();
    let next = certificates.next().unwrap();

    assert_eq!(
        certificates.refresh(end - 2 * DAY).unwrap(),
        Refreshed::Unchanged
    );
    assert_eq!(certificates.refresh(end - DAY).unwrap(), Refreshed::Rotated);
    assert_eq!(certificates.current().sha256(), next.sha256());
    assert_eq!(
        certificates.refresh(end - DAY).unwrap(),
        Refreshed::Unchanged
    );
    assert_eq!(
        hashes_at(directory.path(), end - DAY),
        certificates.certificate_hashes()
    );
}

#[test]
fn a_rotation_reaches_every_clone() {
    let directory = tempfile::tempdir().unwrap();
    let certificates = open(directory.path(), start());
    let clone = certificates.clone();
    certificates.refresh(start() + 12 * DAY).unwrap();
    assert_eq!(
        clone.certificate_hashes(),
        certificates.certificate_hashes()
    );
}
