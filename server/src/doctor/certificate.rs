//! The certificate: whose it is, until when, and whether browsers will believe it. Nothing is made or replaced.

use std::time::{Duration, SystemTime};

use certs::{CertificateError, Identity};

use super::Finding;
use super::files::is_writable;
use crate::certificate_flaw::{flaw, list};
use crate::clock::Clock;
use crate::config::Config;
use crate::kept_certificates::{Kept, kept};

/// A certificate that ends so soon should have been renewed by now.
const SOON: Duration = Duration::from_secs(14 * 24 * 3_600);

const DAY: u64 = 24 * 3_600;

const CHECK: &str = "certificate";

pub(super) fn certificate(config: &Config) -> Vec<Finding> {
    let now = Clock::start().system_time();
    let mut findings = match kept(config) {
        Ok(Kept::Files(identity)) => from_outside(&identity, config, now),
        Ok(Kept::Issued(identity)) => issued(&identity, config, now),
        Ok(Kept::NoneIssued) => vec![Finding::warning(
            CHECK,
            "the authority has issued none yet; until then a self-signed one is shown, which browsers refuse",
            "serve, and see the log: it is asked for at the start",
        )],
        Ok(Kept::SelfSigned(identities)) => vec![self_signed(&identities, now)],
        Err(error) => vec![unusable(config, &error)],
    };
    findings.extend(stores(config));
    findings
}

/// One of the operator's files, or an authority's.
fn from_outside(identity: &Identity, config: &Config, now: SystemTime) -> Vec<Finding> {
    let left = identity.not_after().duration_since(now).unwrap_or_default();
    let days = left.as_secs() / DAY;
    if let Some(flaw) = flaw(identity, &config.player_hosts(), now) {
        return vec![Finding::fault(CHECK, flaw.to_string(), flaw.fix())];
    }
    let found = format!("for {}, {days} days more", list(identity));
    let mut findings = vec![Finding::ok(CHECK, found)];
    if left < SOON {
        let fix = match config.acme {
            Some(_) => {
                "see in the log why the authority issues no other: journalctl -g certificate"
            }
            None => "see why it is not renewed: systemctl status certbot.timer",
        };
        let found = format!("it ends in {days} days");
        findings.push(Finding::warning(CHECK, found, fix));
    }
    if identity.chain().len() < 2 {
        findings.push(Finding::warning(
            CHECK,
            "the file holds one certificate, without those between it and the authority",
            "name the full chain (fullchain.pem), or some browsers won't believe it",
        ));
    }
    findings
}

fn issued(identity: &Identity, config: &Config, now: SystemTime) -> Vec<Finding> {
    let domains = config.acme.iter().flat_map(|acme| &acme.domains);
    let mut domains = domains.map(|domain| domain.to_ascii_lowercase());
    let missing = domains.find(|domain| !identity.names().any(|name| name == domain));
    match missing {
        Some(domain) => vec![Finding::warning(
            CHECK,
            format!(
                "the authority has issued one for {}, and none for {domain} yet",
                list(identity)
            ),
            "serve, and see the log: another is asked for at the start",
        )],
        None => from_outside(identity, config, now),
    }
}

fn self_signed(identities: &[Identity], now: SystemTime) -> Finding {
    let Some(current) = identities.first() else {
        return Finding::ok(
            CHECK,
            "the server makes a self-signed one at its start, for WebTransport alone",
        );
    };
    let left = current.not_after().duration_since(now).unwrap_or_default();
    let days = left.as_secs() / DAY;
    let found = format!(
        "self-signed, for WebTransport alone; for {}, {days} days more, and replaced in time",
        list(current)
    );
    Finding::ok(CHECK, found)
}

/// What can't be read or used: the operator's files are a fault, what the server itself has made it makes anew.
fn unusable(config: &Config, error: &CertificateError) -> Finding {
    let is_read = matches!(error, CertificateError::Read { .. });
    if is_read || config.certificate.is_some() {
        return Finding::fault(CHECK, error.to_string(), fix(error));
    }
    Finding::warning(
        CHECK,
        format!("the one that is kept is of no use: {error}"),
        "serve: the server gets or makes another; see what has damaged the file",
    )
}

/// What mends a fault of files.
fn fix(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Read { cause, .. }
            if cause.kind() == std::io::ErrorKind::PermissionDenied =>
        {
            "let the service's user read it, by LoadCredential= in the unit; and run this check as that user (docs/operating.md, section Doctor)"
        }
        CertificateError::Read { .. } => {
            "name files that are there, in certificate and key; paths go from the working directory"
        }
        CertificateError::NotAFile { .. } | CertificateError::TooLarge { .. } => {
            "name the PEM file itself, not its folder or another one"
        }
        CertificateError::NoCertificate { .. } => {
            "name the chain in certificate (fullchain.pem), not the key"
        }
        CertificateError::NoKey { .. } => "name the private key in key (privkey.pem)",
        CertificateError::EncryptedKey { .. } => {
            "take the passphrase away: openssl pkey -in OLD -out NEW"
        }
        CertificateError::MalformedCertificate { .. } => {
            "copy the file anew; openssl x509 -in FILE -noout -text must read it"
        }
        CertificateError::UnusableKey { .. } => {
            "use an ECDSA, Ed25519 or RSA key in PEM; openssl pkey -in FILE -noout must read it"
        }
        CertificateError::Mismatch { .. } => {
            "name the two files of one renewal; or wait, if they are being replaced now"
        }
        _ => "see the error",
    }
}

/// Where the server itself must be able to write.
fn stores(config: &Config) -> Option<Finding> {
    const CHECK: &str = "store";
    let acme = config.acme.as_ref().map(|acme| (&acme.store, "acme.store"));
    let own = (&config.certificate_directory, "certificate_directory");
    let needed = match (acme, &config.certificate) {
        (_, Some(_)) => return None,
        (Some(acme), None) => vec![acme, own],
        (None, None) => vec![own],
    };
    let (path, key) = needed.into_iter().find(|(path, _)| !is_writable(path))?;
    Some(Finding::fault(
        CHECK,
        format!("{key}: this user can't write to {}", path.display()),
        "give it to the service's user, or name another folder; and run this check as that user (docs/operating.md, section Doctor)",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(toml: &str) -> Vec<Finding> {
        certificate(&toml::from_str(toml).unwrap())
    }

    #[test]
    fn nothing_is_made_by_looking() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("made");
        let toml = format!("certificate_directory = {inside:?}\nnames = [\"a.example\"]");
        assert!(found(&toml).iter().all(Finding::is_ok));
        let acme = "[acme]\ndomains = [\"a.example\"]";
        found(&format!("{toml}\n{acme}\nstore = {inside:?}"));
        assert!(!inside.exists());
    }

    #[test]
    fn each_fault_of_files_has_a_fix_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let pair = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        let other = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        let good = file("good.pem", &pair.cert.pem());
        let key = file("key.pem", &pair.signing_key.serialize_pem());
        let foreign = file("foreign.pem", &other.signing_key.serialize_pem());
        let empty = file("empty.pem", "");
        let missing = folder.path().join("missing.pem");
        let fixes = [
            (&missing, &key, "are there"),
            (&empty, &key, "fullchain.pem"),
            (&good, &empty, "privkey.pem"),
            (&good, &foreign, "one renewal"),
        ];
        for (certificate, key, words) in fixes {
            let findings = found(&format!("certificate = {certificate:?}\nkey = {key:?}"));
            let fix = findings[0].fix.as_deref().unwrap();
            assert!(fix.contains(words), "{findings:?}");
        }
        let for_others =
            format!("certificate = {good:?}\nkey = {key:?}\npublic_origin = \"https://b.example\"");
        let findings = found(&for_others);
        assert!(
            findings[0].found.contains("not for b.example"),
            "{findings:?}"
        );
    }
}
