//! Certificates that an authority issues by ACME (RFC 8555): what is kept, what is asked for, and when. The conversation
//! with the authority is the server's.

mod challenge;
mod folder;
mod request;
mod schedule;

pub use challenge::{ACME_TLS_ALPN, Challenges};
pub use folder::Folder;
pub use request::Request;
pub use schedule::{Failure, Lifetime, Schedule, Step};
