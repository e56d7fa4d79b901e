//! The wire of any game: what goes over the wire and what each side remembers about it.
//!
//! This crate is pure. It holds no socket, clock, random source, task or thread: time comes in as
//! an argument ([`core::time::Duration`] since an origin the caller chooses), bytes come in and go
//! out as slices. The bytes are described for other languages in `docs/protocol.md`; the golden
//! vectors in `tests/golden` pin them.
//!
//! Two lanes share a session:
//!
//! - **State** ([`datagram`], [`state_lane`]): unreliable, unordered, latest wins; one datagram of at most
//!   [`MAX_DATAGRAM`] bytes.
//! - **Control** ([`control`]): reliable and ordered, also across a change of links
//!   ([`reliable`]).

pub mod acks;
pub mod bits;
pub mod bounded;
pub mod codec;
pub mod control;
pub mod datagram;
pub mod estimate;
pub mod ids;
pub mod input;
pub mod name;
pub mod reliable;
pub mod rung;
pub mod seat;
pub mod send_queue;
pub mod sequence;
pub mod state_lane;
pub mod tick;

/// Version of the wire format. A join with another version is refused; it grows whenever a golden
/// vector changes.
pub const PROTOCOL_VERSION: u16 = 5;

/// Largest State datagram in bytes, header included. It stays below Safari's 1,024-byte datagrams
/// and SCTP's single-chunk limit (about 1,191 bytes), so that no path ever fragments it.
pub const MAX_DATAGRAM: usize = 1_000;

/// Largest frame on the Control lane in bytes. A longer one closes the link.
pub const MAX_CONTROL_FRAME: usize = 16 * 1024;

/// Most seats in one room.
pub const MAX_SEATS: usize = 64;
