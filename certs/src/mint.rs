//! Makes self-signed ECDSA P-256 identities; where they are kept and when they serve is not its
//! business.

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::{CertificateError, identity::Identity, names::Names, validity::Validity};

/// A fresh key pair and its self-signed certificate.
///
/// The key comes from the system's randomness: an identity that could be made again from arguments
/// would be no secret.
pub(crate) fn mint(names: &Names, validity: Validity) -> Result<Identity, CertificateError> {
    let key = KeyPair::generate().map_err(failed)?;
    let names: Vec<String> = names.iter().map(str::to_owned).collect();
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params.not_before = validity.not_before.into();
    params.not_after = validity.not_after.into();
    params
        .distinguished_name
        .push(DnType::CommonName, COMMON_NAME);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key).map_err(failed)?;

    let private_key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Identity::new(vec![certificate.der().clone()], private_key).map_err(|flaw| {
        CertificateError::Mint {
            reason: format!("{flaw:?}"),
        }
    })
}

/// Clients pin the hash, so the subject only tells a person what they are looking at.
const COMMON_NAME: &str = "Self-signed game server";

fn failed(error: rcgen::Error) -> CertificateError {
    CertificateError::Mint {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_minted_certificate_keeps_the_rules_of_browsers_and_carries_its_names() {
        let names = ["Localhost", "192.0.2.7", "2001:db8::1"].map(str::to_owned);
        let names = Names::parse(&names).unwrap();
        let validity = Validity::starting(UNIX_EPOCH + Duration::from_secs(1_795_000_000)).unwrap();
        let identity = mint(&names, validity).unwrap();
        assert_eq!(identity.check_pinnable(), Ok(()));
        assert_eq!(identity.validity(), validity);
        assert_eq!(identity.name_set(), &names);
    }
}
