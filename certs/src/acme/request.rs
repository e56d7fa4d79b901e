//! What an authority is asked to sign: a fresh key and the names that it is for.

use std::time::SystemTime;

use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

use crate::{CertificateError, Identity, names::Names};

/// A certificate that is asked for, with its key, which no file has yet.
#[derive(Debug)]
pub struct Request {
    key: KeyPair,
    csr: Vec<u8>,
    names: Names,
}

impl Request {
    pub(crate) fn new(names: &Names) -> Result<Self, CertificateError> {
        let failed = |error: rcgen::Error| CertificateError::Mint {
            reason: error.to_string(),
        };
        let key = KeyPair::generate().map_err(failed)?;
        let list: Vec<String> = names.iter().map(str::to_owned).collect();
        let mut params = CertificateParams::new(list).map_err(failed)?;
        // Authorities look at the names alone.
        params.distinguished_name = DistinguishedName::new();
        let csr = params.serialize_request(&key).map_err(failed)?;
        Ok(Self {
            key,
            csr: csr.der().to_vec(),
            names: names.clone(),
        })
    }

    /// The request in DER (PKCS #10).
    #[must_use]
    pub fn csr(&self) -> &[u8] {
        &self.csr
    }

    /// What the authority made of it.
    pub(crate) fn answered(
        self,
        chain: &str,
        now: SystemTime,
    ) -> Result<Identity, CertificateError> {
        let unusable = |reason: String| CertificateError::Issued { reason };
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(error.to_string()))?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let identity = Identity::new(chain, key).map_err(|flaw| unusable(format!("{flaw:?}")))?;
        if !identity.name_set().cover(&self.names) {
            return Err(unusable(format!(
                "it is for {} and not for {}",
                identity.name_set(),
                self.names
            )));
        }
        if identity.not_after() < now {
            return Err(unusable(
                "it is over already; is the system's clock right?".to_owned(),
            ));
        }
        Ok(identity)
    }
}
