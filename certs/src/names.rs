//! The names a certificate stands for, in one spelling, so that two lists can be compared.

use std::{collections::BTreeSet, net::IpAddr};

use rustls::pki_types::DnsName;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName};

use crate::CertificateError;

/// Host names (lower case, no final dot) and IP addresses, without order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// Checks names that an operator gave.
    ///
    /// A leading `*.` is allowed, as in certificates.
    pub(crate) fn parse(names: &[String]) -> Result<Self, CertificateError> {
        if names.is_empty() {
            return Err(CertificateError::NoNames);
        }
        names
            .iter()
            .map(|name| parse_name(name))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The subject alternative names of a certificate; names of another kind than DNS and IP
    /// appear in a debug spelling, so that they differ from anything an operator gives.
    pub(crate) fn of(certificate: &X509Certificate<'_>) -> Self {
        let Ok(Some(extension)) = certificate.subject_alternative_name() else {
            return Self::default();
        };
        Self(extension.value.general_names.iter().map(spell).collect())
    }

    /// Whether all of `others` are among these.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        self.0.is_superset(&others.0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name}")?;
        }
        Ok(())
    }
}

fn parse_name(name: &str) -> Result<String, CertificateError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    let lower = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    match DnsName::try_from(lower.strip_prefix("*.").unwrap_or(&lower)) {
        Ok(_) => Ok(lower),
        Err(_) => Err(CertificateError::InvalidName {
            name: name.to_owned(),
        }),
    }
}

fn spell(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => name.to_ascii_lowercase(),
        GeneralName::IPAddress(bytes) => {
            address(bytes).map_or_else(|| format!("{name:?}"), |address| address.to_string())
        }
        other => format!("{other:?}"),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(names: &[&str]) -> Result<Names, CertificateError> {
        Names::parse(
            &names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn order_case_and_repeats_make_no_difference() {
        let one = parse(&["Play.Example.", "::1", "127.0.0.1"]).unwrap();
        let other = parse(&["127.0.0.1", "play.example", "0:0::1", "play.example"]).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.to_string(), "127.0.0.1, ::1, play.example");
    }

    #[test]
    fn what_no_certificate_can_carry_is_refused_by_name() {
        for name in [
            "",
            "host:443",
            "[::1]",
            "spaced out",
            "bücher.example",
            "a..b",
            "*",
        ] {
            let error = parse(&["localhost", name]).unwrap_err();
            assert!(
                error.to_string().starts_with(&format!("{name:?} cannot")),
                "{error}"
            );
        }
        assert!(parse(&["*.example.org"]).is_ok());
        assert!(matches!(parse(&[]), Err(CertificateError::NoNames)));
    }
}
