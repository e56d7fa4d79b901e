//! One certificate chain with its private key, checked to belong together and ready to sign.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rustls::{
    SignatureScheme,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::{
    names::Names,
    validity::{BROWSER_VALIDITY_LIMIT, Validity},
};

/// A certificate chain and the private key of its first certificate.
///
/// Never changes; `Debug` shows no secret.
pub struct Identity {
    certified_key: Arc<CertifiedKey>,
    private_key: PrivateKeyDer<'static>,
    sha256: [u8; 32],
    validity: Validity,
    names: Names,
}

/// Why a chain and a key make no identity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    NoCertificate,
    Certificate(String),
    Key(String),
    Mismatch,
}

impl Identity {
    /// Checks the parts and builds the signing key once.
    pub(crate) fn new(
        chain: Vec<CertificateDer<'static>>,
        private_key: PrivateKeyDer<'static>,
    ) -> Result<Self, Flaw> {
        let leaf = chain.first().ok_or(Flaw::NoCertificate)?;
        let sha256 = Sha256::digest(leaf).into();
        let (validity, names) = read_leaf(&parse(leaf)?)?;
        for issuer in &chain[1..] {
            parse(issuer)?;
        }
        let signing_key = ring::sign::any_supported_type(&private_key)
            .map_err(|error| Flaw::Key(error.to_string()))?;
        let certified_key = CertifiedKey::new(chain, signing_key);
        match certified_key.keys_match() {
            Ok(()) => {}
            Err(rustls::Error::InconsistentKeys(_)) => return Err(Flaw::Mismatch),
            Err(error) => return Err(Flaw::Certificate(error.to_string())),
        }
        let certified_key = Arc::new(certified_key);
        Ok(Self {
            certified_key,
            private_key,
            sha256,
            validity,
            names,
        })
    }

    /// The chain in DER, the server's own certificate first; never empty.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified_key.cert
    }

    /// A copy of the private key, for a library that does not take a [`CertifiedKey`].
    #[must_use]
    pub fn clone_key(&self) -> PrivateKeyDer<'static> {
        self.private_key.clone_key()
    }

    /// Chain and signing key as rustls wants them; the signing key is built once per identity.
    #[must_use]
    pub fn certified_key(&self) -> &Arc<CertifiedKey> {
        &self.certified_key
    }

    /// SHA-256 of the first certificate in DER, as `serverCertificateHashes` wants it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }

    /// The first second in which the first certificate counts.
    #[must_use]
    pub fn not_before(&self) -> SystemTime {
        self.validity.not_before
    }

    /// The last second in which the first certificate counts.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.validity.not_after
    }

    /// Whether the first certificate counts at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: SystemTime) -> bool {
        self.validity.contains(now)
    }

    /// The subject alternative names of the first certificate: host names in lower case and IP
    /// addresses, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }

    pub(crate) fn validity(&self) -> Validity {
        self.validity
    }

    pub(crate) fn name_set(&self) -> &Names {
        &self.names
    }

    /// Whether browsers take this certificate by hash, or the rule it breaks.
    pub(crate) fn check_pinnable(&self) -> Result<(), String> {
        let p256 = [SignatureScheme::ECDSA_NISTP256_SHA256];
        if self.certified_key.key.choose_scheme(&p256).is_none() {
            return Err("its key must be ECDSA P-256".to_owned());
        }
        if self.validity.span() > BROWSER_VALIDITY_LIMIT {
            let days = BROWSER_VALIDITY_LIMIT.as_secs() / (24 * 60 * 60);
            return Err(format!("it must be valid for at most {days} days"));
        }
        Ok(())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("sha256", &format_args!("{}", hex(&self.sha256)))
            .field("validity", &self.validity)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// Lower-case hexadecimal, for messages.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Flaw> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err(Flaw::Certificate(
            "there are bytes after its end".to_owned(),
        )),
        Err(error) => Err(Flaw::Certificate(error.to_string())),
    }
}

fn read_leaf(leaf: &X509Certificate<'_>) -> Result<(Validity, Names), Flaw> {
    let not_before = system_time(leaf.validity().not_before.timestamp());
    let not_after = system_time(leaf.validity().not_after.timestamp());
    match (not_before, not_after) {
        (Some(not_before), Some(not_after)) if not_before <= not_after => Ok((
            Validity {
                not_before,
                not_after,
            },
            Names::of(leaf),
        )),
        (Some(_), Some(_)) => Err(Flaw::Certificate("it ends before it begins".to_owned())),
        _ => Err(Flaw::Certificate(
            "this system cannot tell its dates".to_owned(),
        )),
    }
}

fn system_time(timestamp: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(timestamp.unsigned_abs());
    if timestamp < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    }
}
