//! How this server proves that a name is its own, while an order is under way: by a certificate that is shown on the port
//! of TLS itself (TLS-ALPN-01, RFC 8737), or by a text over plain HTTP (HTTP-01, RFC 8555 §8.3).

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::CertificateError;

/// The protocol by which an authority asks for the certificate (RFC 8737 §6.2).
pub const ACME_TLS_ALPN: &[u8] = b"acme-tls/1";

/// The answers that are ready; clones share them.
#[derive(Clone, Default)]
pub struct Challenges {
    ready: Arc<Mutex<Ready>>,
}

#[derive(Default)]
struct Ready {
    certificates: HashMap<String, Arc<CertifiedKey>>,
    texts: HashMap<String, String>,
}

impl Challenges {
    /// Shows a certificate for `name` that carries `digest`, the SHA-256 of the key authorization.
    ///
    /// # Errors
    /// A name that no certificate can carry.
    pub fn add_certificate(&self, name: &str, digest: &[u8; 32]) -> Result<(), CertificateError> {
        let certificate =
            certificate(name, digest).map_err(|reason| CertificateError::Mint { reason })?;
        let name = name.to_ascii_lowercase();
        self.ready()
            .certificates
            .insert(name, Arc::new(certificate));
        Ok(())
    }

    /// Answers `token` with `text`, the key authorization.
    pub fn add_text(&self, token: &str, text: &str) {
        self.ready().texts.insert(token.to_owned(), text.to_owned());
    }

    /// What to answer to this token.
    #[must_use]
    pub fn text(&self, token: &str) -> Option<String> {
        self.ready().texts.get(token).cloned()
    }

    /// Forgets all of them: the order is over.
    pub fn clear(&self) {
        *self.ready() = Ready::default();
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom an order is under way for gets its certificate, and everybody else a failed handshake.
impl ResolvesServerCert for Challenges {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = client_hello.server_name()?.to_ascii_lowercase();
        self.ready().certificates.get(&name).cloned()
    }
}

impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ready = self.ready();
        f.debug_struct("Challenges")
            .field("certificates", &ready.certificates.keys())
            .field("texts", &ready.texts.len())
            .finish()
    }
}

fn certificate(name: &str, digest: &[u8; 32]) -> Result<CertifiedKey, String> {
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let mut params =
        CertificateParams::new([name.to_owned()]).map_err(|error| error.to_string())?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let certificate = params
        .self_signed(&key)
        .map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = ring::sign::any_supported_type(&key).map_err(|error| error.to_string())?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_of_a_challenge_carries_its_digest_in_a_critical_extension() {
        let certificate = certificate("play.example", &[7; 32]).unwrap();
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate.cert[0]).unwrap();
        // id-pe-acmeIdentifier, RFC 8737 §3: an OCTET STRING of the digest.
        let extension = parsed
            .extensions()
            .iter()
            .find(|extension| extension.oid.to_id_string() == "1.3.6.1.5.5.7.1.31")
            .unwrap();
        assert!(extension.critical);
        assert_eq!(extension.value, [&[4, 32][..], &[7; 32]].concat());
    }

    #[test]
    fn what_was_ready_is_forgotten_with_its_order() {
        let challenges = Challenges::default();
        challenges.add_text("token", "text");
        assert_eq!(challenges.clone().text("token").as_deref(), Some("text"));
        assert_eq!(challenges.text("other"), None);
        challenges.clear();
        assert_eq!(challenges.text("token"), None);
    }
}
