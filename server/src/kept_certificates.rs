//! The certificates that a server of these settings would find at its start, for commands that look at them beside it:
//! nothing is made or replaced.

use std::sync::Arc;

use certs::{CertificateError, Certificates, Identity, kept as stored};

use crate::config::Config;

/// What there is.
pub(crate) enum Kept {
    /// The operator's files.
    Files(Arc<Identity>),
    /// An authority's.
    Issued(Arc<Identity>),
    /// An authority is asked, and hasn't issued any.
    NoneIssued,
    /// Those of our own making, that in use first; none before the first start.
    SelfSigned(Vec<Identity>),
}

/// Looks at them.
///
/// # Errors
/// Files that can't be read or used.
pub(crate) fn kept(config: &Config) -> Result<Kept, CertificateError> {
    if let (Some(certificate), Some(key)) = (&config.certificate, &config.key) {
        return Ok(Kept::Files(Certificates::pem(certificate, key)?.current()));
    }
    if let Some(acme) = &config.acme {
        let issued = stored::issued(&acme.store, &acme.directory)?;
        return Ok(issued.map_or(Kept::NoneIssued, |identity| Kept::Issued(identity.into())));
    }
    stored::self_signed(&config.certificate_directory).map(Kept::SelfSigned)
}
