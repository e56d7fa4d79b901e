//! A game of nothing but sending: each snapshot is as many bytes as any other, and nothing is simulated. What it costs is what
//! transports cost.

use client::session::GameCodec;
use protocol::codec::DecodeError;
use protocol::seat::Seat;
use serde::{Deserialize, Serialize};
use server::game::{Context, Game, Player, Refusal, SnapshotBasis};

/// Bytes of a snapshot.
pub const SNAPSHOT_BYTES: usize = 256;

/// Places in a room, as many as Battle Circles has.
pub const SEATS: usize = 12;

/// Why nobody comes in any more.
const FULL: u16 = 1;

/// As many bytes of input as Battle Circles sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steering {
    /// To the right.
    pub x: i8,
    /// Down.
    pub y: i8,
}

/// Nobody does anything else.
#[derive(Debug, Serialize, Deserialize)]
pub enum Nothing {}

/// The game.
#[derive(Debug, Default)]
pub struct FixedSize {
    seats: [bool; SEATS],
}

impl Game for FixedSize {
    type Options = ();
    type Input = Steering;
    type Action = Nothing;
    type Event = Nothing;
    type Welcome = ();
    type View = ();

    fn admit(&mut self, _: &mut Context<Nothing>, _: &Player, (): ()) -> Result<Seat, Refusal> {
        let free = self.seats.iter().position(|is_taken| !is_taken);
        let free = free.ok_or_else(|| Refusal::new(FULL, "every seat is taken"))?;
        self.seats[free] = true;
        // There are no more than a byte counts.
        Ok(Seat(u8::try_from(free).unwrap_or(u8::MAX)))
    }

    fn leave(&mut self, _: &mut Context<Nothing>, seat: Seat) {
        self.seats[usize::from(seat.0)] = false;
    }

    fn act(&mut self, _: &mut Context<Nothing>, _: Seat, action: Nothing) -> Result<(), Refusal> {
        match action {}
    }

    fn tick(&mut self, _: &mut Context<Nothing>, _: &[Option<Steering>]) {}

    fn welcome(&self, _: Seat) {}

    fn write_snapshot(&mut self, _: Seat, basis: SnapshotBasis<'_, ()>, out: &mut Vec<u8>) {
        out.resize(out.len() + SNAPSHOT_BYTES.min(basis.budget), 0x5a);
    }
}

/// The client's half.
#[derive(Debug)]
pub struct FixedSizeCodec;

impl GameCodec for FixedSizeCodec {
    type View = ();
    type Input = Steering;

    fn decode_delta((): &(), _: u16, delta: &[u8]) -> Result<(), DecodeError> {
        let is_whole = delta.len() == SNAPSHOT_BYTES;
        is_whole.then_some(()).ok_or(DecodeError::Malformed)
    }
}
