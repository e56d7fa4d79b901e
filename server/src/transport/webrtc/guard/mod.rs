//! What of a peer's bytes the stack gets. It takes some that no peer of ours has a reason to send, and that cost it
//! without bound: so they end here, before it reads them.

mod cipher;
mod records;
pub(super) mod sctp;

pub(super) use cipher::GuardedCrypto;
pub(super) use records::RecordFilter;
