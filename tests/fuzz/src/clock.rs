//! The origin from which targets count their time, where a parser wants an instant.

use std::sync::OnceLock;
use std::time::Instant;

/// The same all the time that the fuzzer runs.
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
pub(crate) fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}
