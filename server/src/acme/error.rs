//! Why an authority issued nothing, in one line for an operator, and how soon to try again.

use std::time::{Duration, SystemTime};

use axum::http::StatusCode;
use certs::CertificateError;
use certs::acme::Failure;
use instant_acme::{Error, Problem};
use thiserror::Error;

use super::https::Answer;
use crate::https::causes;

/// Where a rate limit names no end.
const RATE_LIMIT: Duration = Duration::from_secs(3_600);

/// Why there is no certificate.
#[derive(Debug, Error)]
pub(super) enum OrderError {
    /// No answer, or none that makes sense.
    #[error("the certificate authority can't be reached: {0}")]
    Unreachable(String),
    /// The settings let nobody be asked.
    #[error("the certificate authority can't be asked: {0}")]
    Unaskable(String),
    /// It says that it is at fault.
    #[error("the certificate authority has a fault of its own: {0}")]
    AtFault(String),
    /// It says no.
    #[error("the certificate authority refuses: {0}")]
    Refused(String),
    /// It says not now.
    #[error("the certificate authority asks for patience: {reason}")]
    RateLimited {
        /// In its words.
        reason: String,
        /// Until when.
        until: SystemTime,
    },
    /// The account it was is not known there any more.
    #[error("the certificate authority doesn't know the account")]
    NoAccount,
    /// It doesn't do what is asked.
    #[error("the certificate authority doesn't support {0}")]
    Unsupported(&'static str),
    /// Files, or the certificate itself.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl OrderError {
    /// What the library says, with what the last answer did.
    pub(super) fn new(error: &Error, answer: Option<Answer>, now: SystemTime) -> Self {
        let status = answer.map(|answer| answer.status);
        let is_server_fault = status.is_some_and(|status| status.is_server_error());
        match error {
            Error::Api(problem) if is(problem, "accountDoesNotExist") => Self::NoAccount,
            Error::Api(problem)
                if status == Some(StatusCode::TOO_MANY_REQUESTS) || is(problem, "rateLimited") =>
            {
                let until = answer.and_then(|answer| answer.retry_after);
                Self::RateLimited {
                    reason: explain(problem),
                    until: until.unwrap_or(now + RATE_LIMIT),
                }
            }
            // Nonces that it has forgotten are no judgement on the order, and the library has tried thrice.
            Error::Api(problem)
                if is_server_fault || is(problem, "serverInternal") || is(problem, "badNonce") =>
            {
                Self::AtFault(explain(problem))
            }
            Error::Api(problem) => Self::Refused(explain(problem)),
            Error::Unsupported(what) => Self::Unsupported(what),
            _ => match status.filter(|status| !status.is_success()) {
                Some(status) => Self::AtFault(format!("HTTP {status}")),
                None => Self::Unreachable(causes(error, "acme.root")),
            },
        }
    }

    /// How soon to try again.
    pub(super) fn failure(&self) -> Failure {
        match self {
            Self::Unreachable(_) | Self::AtFault(_) => Failure::Unreachable,
            Self::RateLimited { until, .. } => Failure::RateLimited(*until),
            Self::Refused(_)
            | Self::Unaskable(_)
            | Self::NoAccount
            | Self::Unsupported(_)
            | Self::Certificate(_) => Failure::Refused,
        }
    }
}

/// Whether a problem is of this type (RFC 8555 §6.7).
fn is(problem: &Problem, kind: &str) -> bool {
    let full = problem.r#type.as_deref().unwrap_or_default();
    full.strip_prefix("urn:ietf:params:acme:error:") == Some(kind)
}

/// A problem in one line.
pub(super) fn explain(problem: &Problem) -> String {
    let subproblems = problem
        .subproblems
        .iter()
        .filter_map(|each| each.detail.as_deref());
    let details: Vec<&str> = problem
        .detail
        .as_deref()
        .into_iter()
        .chain(subproblems)
        .collect();
    let kind = problem.r#type.as_deref().unwrap_or("no type");
    let kind = kind.rsplit(':').next().unwrap_or(kind);
    one_line(&format!("{} ({kind})", details.join("; ")))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str, status: u16, retry_after: Option<u64>) -> OrderError {
        let problem: Problem = serde_json::from_str(json).unwrap();
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            retry_after: retry_after.map(at),
        };
        OrderError::new(&Error::Api(problem), Some(answer), at(0))
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn what_the_authority_says_decides_how_soon_it_is_asked_again() {
        let problem = |kind: &str| {
            format!("{{\"type\":\"urn:ietf:params:acme:error:{kind}\",\"detail\":\"too\\nmany\"}}")
        };
        let limited = told(&problem("rateLimited"), 429, Some(99));
        assert_eq!(limited.failure(), Failure::RateLimited(at(99)));
        let limited = told(&problem("rateLimited"), 429, None);
        assert_eq!(limited.failure(), Failure::RateLimited(at(3_600)));
        let refused = told(&problem("rejectedIdentifier"), 403, None);
        assert_eq!(refused.failure(), Failure::Refused);
        assert_eq!(
            refused.to_string(),
            "the certificate authority refuses: too many (rejectedIdentifier)"
        );
        let at_fault = told(&problem("serverInternal"), 500, None);
        assert_eq!(at_fault.failure(), Failure::Unreachable);
        let forgetful = told(&problem("badNonce"), 400, None);
        assert_eq!(forgetful.failure(), Failure::Unreachable);
        let unknown = told(&problem("accountDoesNotExist"), 400, None);
        assert!(matches!(unknown, OrderError::NoAccount));
        let silent = OrderError::new(&Error::Str("nothing"), None, at(0));
        assert_eq!(silent.failure(), Failure::Unreachable);
    }
}
