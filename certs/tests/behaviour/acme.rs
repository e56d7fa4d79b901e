//! Certificates of an authority behind the handle: what is served before, from then on, and after a restart.

use std::{path::Path, time::SystemTime};

use certs::{
    Certificates, Refreshed,
    acme::{Folder, Request},
};
use rcgen::CertificateSigningRequestParams;

use crate::common::{Authority, DAY, start};

const DIRECTORY: &str = "https://ca.example/dir";

fn open(store: &Path, names: &[&str], now: SystemTime) -> Certificates {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let folder = Folder::open(&store.join("acme"), DIRECTORY).unwrap();
    let meanwhile = store.join("self-signed");
    Certificates::acme(folder, &names, (meanwhile, &names), now).unwrap()
}

/// What an authority makes of a request.
fn signed(authority: &Authority, request: &Request, days: u32) -> String {
    let der = request.csr().into();
    let mut csr = CertificateSigningRequestParams::from_der(&der).unwrap();
    csr.params.not_before = start().into();
    csr.params.not_after = (start() + days * DAY).into();
    csr.signed_by(authority.issuer()).unwrap().pem()
}

#[test]
fn a_self_signed_identity_is_served_until_one_is_issued_and_then_no_hash_is_offered() {
    let store = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let certificates = open(store.path(), &["play.example"], start());
    assert_eq!(certificates.certificate_hashes().len(), 2);
    assert!(certificates.issued().is_none());
    let request = certificates.request().unwrap().unwrap();
    let chain = signed(&authority, &request, 90);
    let installed = certificates.install(request, &chain, start()).unwrap();
    assert_eq!(certificates.current().sha256(), installed.sha256());
    assert_eq!(certificates.certificate_hashes(), Vec::<[u8; 32]>::new());
    assert!(certificates.next().is_none());
    let refreshed = certificates.refresh(start() + 20 * DAY).unwrap();
    assert_eq!(refreshed, Refreshed::Unchanged);
}

#[test]
fn a_restart_serves_what_was_issued_and_knows_whether_it_still_stands_for_the_names() {
    let store = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let first = open(store.path(), &["play.example"], start());
    let request = first.request().unwrap().unwrap();
    let chain = signed(&authority, &request, 90);
    let installed = first.install(request, &chain, start()).unwrap();
    let again = open(store.path(), &["play.example"], start());
    let issued = again.issued().unwrap();
    assert_eq!(issued.sha256(), installed.sha256());
    let more = open(store.path(), &["play.example", "www.example"], start());
    assert!(more.issued().is_none());
    assert_eq!(more.current().sha256(), installed.sha256());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = store.path().join("acme/ca.example_dir/certificate.pem");
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_does_not_fit_the_request_leaves_the_old_identity_in_use() {
    let store = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let certificates = open(store.path(), &["play.example"], start());
    let held = certificates.current().sha256();
    let request = || certificates.request().unwrap().unwrap();
    let other = signed(&authority, &request(), 90);
    let over = request();
    let over_chain = signed(&authority, &over, 1);
    for (request, chain, told) in [
        (request(), other.as_str(), "Mismatch"),
        (request(), "no certificate", "NoCertificate"),
        (over, &over_chain, "clock"),
    ] {
        let error = certificates.install(request, chain, start() + 2 * DAY);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
    assert_eq!(certificates.current().sha256(), held);
    assert!(certificates.issued().is_none());
}

#[test]
fn a_damaged_file_is_as_none() {
    let store = tempfile::tempdir().unwrap();
    drop(open(store.path(), &["play.example"], start()));
    let path = store.path().join("acme/ca.example_dir/certificate.pem");
    std::fs::write(path, "-----BEGIN CERTIFICATE-----").unwrap();
    let certificates = open(store.path(), &["play.example"], start());
    assert!(certificates.issued().is_none());
    assert_eq!(certificates.certificate_hashes().len(), 2);
}

#[test]
fn what_could_not_be_saved_is_served_and_saved_later() {
    let store = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let certificates = open(store.path(), &["play.example"], start());
    let path = store.path().join("acme/ca.example_dir/certificate.pem");
    // Nobody, root neither, replaces a folder by a file.
    std::fs::create_dir_all(path.join("in the way")).unwrap();
    let request = certificates.request().unwrap().unwrap();
    let chain = signed(&authority, &request, 90);
    let installed = certificates.install(request, &chain, start()).unwrap();
    assert_eq!(certificates.current().sha256(), installed.sha256());
    let error = certificates.refresh(start()).unwrap_err().to_string();
    assert!(error.contains("certificate.pem"), "{error}");
    std::fs::remove_dir_all(&path).unwrap();
    certificates.refresh(start()).unwrap();
    let again = open(store.path(), &["play.example"], start());
    assert_eq!(again.issued().unwrap().sha256(), installed.sha256());
}
