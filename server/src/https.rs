//! HTTPS to others, as a client: to a login service, and to a certificate authority.

use std::io;
use std::path::Path;
use std::sync::Arc;

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// What URLs may begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `https` alone.
    Https,
    /// `http` too.
    Either,
}

/// Connects to servers that the system's authorities vouch for, or those of the one authority in a PEM file.
///
/// # Errors
/// A file that can't be read, or a system without authorities.
pub(crate) fn connector(
    root: Option<&Path>,
    scheme: Scheme,
) -> io::Result<HttpsConnector<HttpConnector>> {
    let mut roots = RootCertStore::empty();
    match root {
        Some(path) => {
            let named = |error: &dyn std::fmt::Display| {
                io::Error::other(format!("{}: {error}", path.display()))
            };
            let root = CertificateDer::from_pem_file(path).map_err(|error| named(&error))?;
            roots.add(root).map_err(|error| named(&error))?;
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        let reason = "this system trusts no authority; install ca-certificates";
        return Err(io::Error::other(reason));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
    let builder = match scheme {
        Scheme::Https => builder.https_only(),
        Scheme::Either => builder.https_or_http(),
    };
    Ok(builder.enable_http1().build())
}

/// An error with its causes, in one line: the outermost alone says little. `root_key` is the setting by which another
/// authority than the system's is trusted.
pub(crate) fn causes(error: &dyn std::error::Error, root_key: &str) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    let mut texts: Vec<String> = all.map(ToString::to_string).collect();
    texts.dedup();
    let text = texts.join(": ");
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let hint = format!("(who has signed its certificate is not trusted here: see {root_key})");
    if text.contains("UnknownIssuer") {
        words.push(&hint);
    }
    words.join(" ")
}
