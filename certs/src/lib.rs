//! TLS identities of the server, kept fresh while it runs; no socket, no task and no clock.
//!
//! Three sources stand behind one handle, [`Certificates`]:
//!
//! - **self-signed**: short-lived ECDSA P-256 identities in a directory of ours, for browsers that
//!   are told the SHA-256 of the certificate (`serverCertificateHashes` of WebTransport). The next
//!   identity is minted ahead, so that a hash handed out today still opens a connection days later;
//! - **PEM**: a certificate chain and a key that someone else renews, loaded again when they change;
//! - **ACME** ([`acme`]): a certificate that an authority issues to us, kept in a directory of ours,
//!   and a self-signed one until there is any.
//!
//! The handle is a [`rustls::server::ResolvesServerCert`]: one `rustls::ServerConfig` for TCP and
//! one for QUIC follow every rotation without being built again.
//!
//! ```no_run
//! use std::{sync::Arc, time::SystemTime};
//! # fn start(now: SystemTime) -> Result<(), Box<dyn std::error::Error>> {
//! let names = ["localhost".to_owned(), "192.0.2.7".to_owned()];
//! let certificates = certs::Certificates::self_signed("certificates", &names, now)?;
//! let provider = Arc::new(rustls::crypto::ring::default_provider());
//! let tls = rustls::ServerConfig::builder_with_provider(provider)
//!     .with_safe_default_protocol_versions()?
//!     .with_no_client_auth()
//!     .with_cert_resolver(Arc::new(certificates.clone()));
//! // Once an hour or so, on a thread that may block on files:
//! certificates.refresh(now)?;
//! # drop(tls);
//! # Ok(())
//! # }
//! ```

pub mod acme;
mod certificates;
mod error;
mod identity;
pub mod kept;
mod mint;
mod names;
mod pem_files;
mod pem_text;
pub mod private_file;
mod rotation;
mod self_signed;
mod store;
mod validity;

pub use certificates::{Certificates, Refreshed};
pub use error::CertificateError;
pub use identity::Identity;
pub use validity::BROWSER_VALIDITY_LIMIT;
