//! PEM files: what is accepted, what is said about the rest, and hot reload.

use std::{fs, io::Write};

use crate::common::{Authority, DAY, start};
use certs::{CertificateError, Certificates, Refreshed};

#[test]
fn a_chain_and_its_key_are_served_without_hashes() {
    let authority = Authority::new();
    authority.write(&authority.sign(start() + 90 * DAY));
    let certificates = authority.open().unwrap();
    assert_eq!(certificates.current().chain().len(), 2);
    assert!(certificates.current().is_valid_at(start()));
    assert!(certificates.certificate_hashes().is_empty());
    assert!(certificates.next().is_none());
}

#[test]
fn a_hash_is_offered_when_asked_for_and_when_browsers_would_take_it() {
    let authority = Authority::new();
    let open = || Certificates::pem_with_hash(authority.chain_path(), authority.key_path());
    authority.write(&authority.sign(start() + 7 * DAY));
    let certificates = open().unwrap();
    assert_eq!(
        certificates.certificate_hashes(),
        [certificates.current().sha256()]
    );

    authority.write(&authority.sign(start() + 90 * DAY));
    let error = open().unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it must be valid for at most 14 days"),
        "{error}"
    );
    assert!(certificates.refresh(start()).is_err());
}

#[test]
fn changed_files_are_served_after_a_refresh() {
    let authority = Authority::new();
    authority.write(&authority.sign(start() + 10 * DAY));
    let certificates = authority.open().unwrap();
    let old = certificates.current();
    assert_eq!(certificates.refresh(start()).unwrap(), Refreshed::Unchanged);

    authority.write(&authority.sign(start() + 90 * DAY));
    assert_eq!(certificates.refresh(start()).unwrap(), Refreshed::Reloaded);
    assert_ne!(certificates.current().sha256(), old.sha256());
    assert_eq!(certificates.refresh(start()).unwrap(), Refreshed::Unchanged);
}

#[test]
fn a_file_that_is_only_touched_changes_nothing() {
    let authority = Authority::new();
    let pair = authority.sign(start() + 90 * DAY);
    authority.write(&pair);
    let certificates = authority.open().unwrap();
    authority.write(&pair);
    assert_eq!(certificates.refresh(start()).unwrap(), Refreshed::Unchanged);
}

#[test]
fn a_bad_reload_keeps_the_old_identity_and_says_which_file_is_bad() {
    let authority = Authority::new();
    let good = authority.sign(start() + 90 * DAY);
    authority.write(&good);
    let certificates = authority.open().unwrap();
    let served = certificates.current().sha256();

    let (chain_path, key_path) = (authority.chain_path(), authority.key_path());
    let renewed = authority.sign(start() + 180 * DAY);
    let bad_chain = |text: &str| fs::write(&chain_path, text).unwrap();
    let bad_key = |text: &str| fs::write(&key_path, text).unwrap();
    let not_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let not_base64 = "-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n";
    let not_a_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let locked_as_of_old = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
                            DEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
    let leaf = good.chain.find("-----END").unwrap();
    let chain_with_bad_issuer =
        good.chain[..leaf].to_owned() + "-----END CERTIFICATE-----\n" + not_der;
    let cases: [(&str, &dyn Fn(), _); 14] = [
        ("holds no certificate", &|| bad_chain(""), &chain_path),
        (
            "holds no certificate",
            &|| bad_chain(&good.key),
            &chain_path,
        ),
        (
            "no END line",
            &|| bad_chain(&good.chain[..leaf]),
            &chain_path,
        ),
        ("certificate in", &|| bad_chain(not_der), &chain_path),
        (
            "certificate in",
            &|| bad_chain(&chain_with_bad_issuer),
            &chain_path,
        ),
        (
            "larger than",
            &|| bad_chain(&"x".repeat(2 << 20)),
            &chain_path,
        ),
        (
            "cannot read",
            &|| fs::remove_file(&chain_path).unwrap(),
            &chain_path,
        ),
        (
            "does not belong to",
            &|| bad_chain(&renewed.chain),
            &chain_path,
        ),
        ("does not belong to", &|| bad_key(&renewed.key), &key_path),
        ("holds no private key", &|| bad_key(&good.chain), &key_path),
        ("not base64", &|| bad_key(not_base64), &key_path),
        ("is unusable", &|| bad_key(not_a_key), &key_path),
        ("is encrypted", &|| bad_key(locked), &key_path),
        ("is encrypted", &|| bad_key(locked_as_of_old), &key_path),
    ];
    for (says, spoil, path) in cases {
        authority.write(&good);
        spoil();
        let error = certificates.refresh(start()).unwrap_err().to_string();
        assert!(
            error.contains(says) && error.contains(&*path.to_string_lossy()),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
        assert_eq!(certificates.current().sha256(), served);
        let at_start = authority.open().unwrap_err().to_string();
        assert_eq!(at_start, error);
    }

    authority.write(&renewed);
    assert_eq!(certificates.refresh(start()).unwrap(), Refreshed::Reloaded);
}

#[test]
fn a_renewal_that_is_noticed_half_way_is_taken_when_it_is_whole() {
    let authority = Authority::new();
    authority.write(&authority.sign(start() + 10 * DAY));
    let certificates = authority.open().unwrap();
    let renewed = authority.sign(start() + 90 * DAY);
    fs::write(authority.chain_path(), &renewed.chain).unwrap();
    let error = certificates.refresh(start()).unwrap_err();
    assert!(
        matches!(error, CertificateError::Mismatch { .. }),
        "{error}"
    );
    fs::write(authority.key_path(), &renewed.key).unwrap();
    assert_eq!(certificates.refresh(start()).unwrap(), Refreshed::Reloaded);
}

#[test]
fn an_expired_renewal_does_not_replace_a_certificate_that_still_counts() {
    let authority = Authority::new();
    authority.write(&authority.sign(start() + 90 * DAY));
    let certificates = authority.open().unwrap();
    authority.write(&authority.sign(start() + DAY));
    let error = certificates.refresh(start() + 2 * DAY).unwrap_err();
    assert!(matches!(error, CertificateError::Expired { .. }), "{error}");
    assert_eq!(
        certificates.refresh(start() + 91 * DAY).unwrap(),
        Refreshed::Reloaded
    );
}

#[test]
fn chain_and_key_may_share_a_file() {
    let authority = Authority::new();
    let pair = authority.sign(start() + 90 * DAY);
    let path = authority.chain_path();
    let mut file = fs::File::create(&path).unwrap();
    write!(file, "{}{}", pair.key, pair.chain).unwrap();
    assert_eq!(
        Certificates::pem(&path, &path)
            .unwrap()
            .current()
            .chain()
            .len(),
        2
    );
}

#[test]
fn a_directory_is_refused_by_name() {
    let authority = Authority::new();
    let directory = authority.chain_path().parent().unwrap().to_owned();
    let error = Certificates::pem(&directory, &directory).unwrap_err();
    assert!(
        matches!(error, CertificateError::NotAFile { .. }),
        "{error}"
    );
}
