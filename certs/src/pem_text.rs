//! PEM text to identities and back; which files it comes from and when is decided elsewhere.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use pem::{EncodeConfig, LineEnding, Pem};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{Error as PemError, PemObject},
};

use crate::{
    CertificateError,
    identity::{Flaw, Identity},
    private_file,
};

/// The content of a regular file of sane size.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let failed = |cause: io::Error| CertificateError::Read {
        path: path.to_owned(),
        cause,
    };
    // Opening a pipe would wait for its writer, so the kind of the file comes first.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(CertificateError::NotAFile {
            path: path.to_owned(),
        });
    }
    let mut content = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(SIZE_LIMIT + 1)
        .read_to_end(&mut content)
        .map_err(failed)?;
    if content.len() as u64 > SIZE_LIMIT {
        return Err(CertificateError::TooLarge {
            path: path.to_owned(),
            limit: SIZE_LIMIT,
        });
    }
    Ok(content)
}

/// An identity out of PEM text; each text carries the path it was read from, for messages.
///
/// Both may be the same file: sections of another kind are passed over.
pub(crate) fn identity(
    (chain_path, chain): (&Path, &[u8]),
    (key_path, key): (&Path, &[u8]),
) -> Result<Identity, CertificateError> {
    let flawed = |flaw| explain(flaw, chain_path, key_path);
    let chain = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| flawed(Flaw::Certificate(reason(&error))))?;
    if chain.is_empty() {
        return Err(flawed(Flaw::NoCertificate));
    }
    let key = private_key(key_path, key)?;
    Identity::new(chain, key).map_err(flawed)
}

/// What a file holds; `None` when it does not exist.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, CertificateError> {
    match read(path) {
        Ok(text) => Ok(Some(text)),
        Err(CertificateError::Read { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The identity in one private file of ours, which is made private where it isn't; `None` when it does not exist.
pub(crate) fn read_private_identity(path: &Path) -> Result<Option<Identity>, CertificateError> {
    let text = private_file::read(path)?;
    text.map(|text| identity((path, &text), (path, &text)))
        .transpose()
}

/// The identity in one file, which is left as it is; `None` when it does not exist.
pub(crate) fn read_identity(path: &Path) -> Result<Option<Identity>, CertificateError> {
    let text = read_if_there(path)?;
    text.map(|text| identity((path, &text), (path, &text)))
        .transpose()
}

/// Chain and key in one text, in that order.
pub(crate) fn encode(identity: &Identity) -> String {
    let key = identity.clone_key();
    let key_tag = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    };
    let certificates = identity
        .chain()
        .iter()
        .map(|der| Pem::new("CERTIFICATE", der.as_ref()));
    let sections: Vec<Pem> = certificates
        .chain([Pem::new(key_tag, key.secret_der())])
        .collect();
    pem::encode_many_config(
        &sections,
        EncodeConfig::new().set_line_ending(LineEnding::LF),
    )
}

fn private_key(path: &Path, text: &[u8]) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let encrypted = || {
        text.windows(ENCRYPTED.len())
            .any(|window| window == ENCRYPTED)
    };
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        let path = path.to_owned();
        match error {
            _ if encrypted() => CertificateError::EncryptedKey { path },
            PemError::NoItemsFound => CertificateError::NoKey { path },
            error => CertificateError::UnusableKey {
                path,
                reason: reason(&error),
            },
        }
    })
}

fn explain(flaw: Flaw, chain: &Path, key: &Path) -> CertificateError {
    let (chain, key) = (chain.to_owned(), key.to_owned());
    match flaw {
        Flaw::NoCertificate => CertificateError::NoCertificate { path: chain },
        Flaw::Certificate(reason) => CertificateError::MalformedCertificate {
            path: chain,
            reason,
        },
        Flaw::Key(reason) => CertificateError::UnusableKey { path: key, reason },
        Flaw::Mismatch => CertificateError::Mismatch { chain, key },
    }
}

/// The parser's own words show bytes as lists of numbers, and might show lines of a key.
fn reason(error: &PemError) -> String {
    match error {
        PemError::MissingSectionEnd { .. } => "a PEM section has no END line".to_owned(),
        PemError::IllegalSectionStart { .. } => "a PEM section has a bad BEGIN line".to_owned(),
        PemError::Base64Decode(_) => "a PEM section is not base64".to_owned(),
        other => other.to_string(),
    }
}

/// In the BEGIN line of PKCS #8, in a header (RFC 1421) of the older kinds.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

/// Well above any chain; a path to an endless device or a log stops here.
const SIZE_LIMIT: u64 = 1 << 20;
