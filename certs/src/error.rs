//! What can go wrong with an identity, each told in one line that names the file and the remedy.

use std::{io, path::PathBuf};

/// Why an identity could not be made, read or kept.
///
/// `Display` is one line for an operator and holds the cause, so `source()` has nothing to add.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file could not be read.
    #[error("cannot read {}: {cause}; check that it exists and that this user may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },

    /// A file or directory of the self-signed store could not be written.
    #[error("cannot write {}: {cause}; the directory must be writable and private to this user", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },

    /// The path is a directory, a pipe or a device.
    #[error("{} is not a regular file; name a PEM file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },

    /// The file is far larger than any chain or key.
    #[error("{} is larger than {limit} bytes; name a PEM file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest size that is read, in bytes.
        limit: u64,
    },

    /// The file has no `CERTIFICATE` section.
    #[error("{} holds no certificate; it must be a PEM chain, the server's own certificate first", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },

    /// The file has no private key section.
    #[error("{} holds no private key; it must have a PEM section such as PRIVATE KEY", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },

    /// The private key wants a passphrase, and there is nobody to type it.
    #[error("the private key in {} is encrypted; decrypt it first, e.g. with `openssl pkey`", path.display())]
    EncryptedKey {
        /// The file.
        path: PathBuf,
    },

    /// The certificate chain cannot be parsed.
    #[error("the certificate in {} is malformed: {reason}; write the file again", path.display())]
    MalformedCertificate {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },

    /// The private key cannot be parsed or is of a kind that cannot sign here.
    #[error("the private key in {} is unusable: {reason}; use an ECDSA, Ed25519 or RSA key in PEM", path.display())]
    UnusableKey {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },

    /// Certificate and key come from different pairs.
    #[error(
        "the private key in {} does not belong to the first certificate in {}; \
         give both files of one pair, the server's own certificate first",
        key.display(), chain.display()
    )]
    Mismatch {
        /// The file of the certificate chain.
        chain: PathBuf,
        /// The file of the private key.
        key: PathBuf,
    },

    /// A renewed certificate that is already over, while the one that is served is not.
    #[error("the certificate in {} expired on {since}; renew it", path.display())]
    Expired {
        /// The file.
        path: PathBuf,
        /// The day it ended, in UTC.
        since: time::Date,
    },

    /// The caller wants the hash offered, and browsers would refuse the certificate by hash.
    #[error("browsers do not take the certificate in {} by its hash: {reason}", path.display())]
    NotPinnable {
        /// The file of the certificate chain.
        path: PathBuf,
        /// Which rule it breaks.
        reason: String,
    },

    /// An authority issued something that can't be served.
    #[error("the certificate authority's answer can't be used: {reason}")]
    Issued {
        /// What is wrong with it.
        reason: String,
    },

    /// An identity was asked for no name at all.
    #[error("a certificate needs at least one name; give a host name or an IP address")]
    NoNames,

    /// A name that no certificate can carry.
    #[error(
        "{name:?} cannot stand in a certificate; give a host name in ASCII (punycode) or an IP address, without a port"
    )]
    InvalidName {
        /// The name as it was given.
        name: String,
    },

    /// The time lies outside the years 1970 to 9999.
    #[error("the system clock is far off (before 1970 or after 9999); set it")]
    Clock,

    /// A key or certificate could not be generated.
    #[error(
        "cannot make a self-signed certificate: {reason}; check the system's source of randomness"
    )]
    Mint {
        /// What the generator said.
        reason: String,
    },
}
