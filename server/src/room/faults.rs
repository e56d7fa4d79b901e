//! What a game does that it must not: said in the log once a room, with its remedy, and counted each time.

use std::fmt::Display;
use std::sync::atomic::{AtomicU8, Ordering};

use tracing::error;

use crate::counters;
use crate::game::MAX_EVENT;

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    SnapshotOverBudget,
    EventTooLong,
    SeatOutOfRange,
    SeatTaken,
    TooMuchToCatchUp,
    InputsUnreadable,
}

impl Fault {
    fn label(self) -> &'static str {
        match self {
            Self::SnapshotOverBudget => "snapshot-over-budget",
            Self::EventTooLong => "event-too-long",
            Self::SeatOutOfRange => "seat-out-of-range",
            Self::SeatTaken => "seat-taken",
            Self::TooMuchToCatchUp => "too-much-to-catch-up",
            Self::InputsUnreadable => "inputs-unreadable",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::SnapshotOverBudget => {
                "write_snapshot wrote more than its budget, and nothing was sent; leave what does not fit for the next one"
            }
            Self::EventTooLong => {
                "an event is longer than a frame takes and was dropped; send what is as large in several"
            }
            Self::SeatOutOfRange => {
                "admit gave a seat that the room does not have, and the player was turned away; seats count from 0 to one less than those served"
            }
            Self::SeatTaken => {
                "admit gave a seat that a player has, and the newcomer was turned away; give each seat once until leave"
            }
            Self::TooMuchToCatchUp => {
                "catch_up gave more events than wait for a player at most, and the newcomer was turned away; tell the state in fewer"
            }
            Self::InputsUnreadable => {
                "a client's inputs are not of the game's Input type and were dropped; page and server must be of one version"
            }
        }
    }
}

/// Which have been told of.
#[derive(Debug, Default)]
pub(super) struct Faults(AtomicU8);

impl Faults {
    /// Whether an event can be sent.
    pub(super) fn takes_event(&self, event: &[u8]) -> bool {
        let fits = event.len() <= MAX_EVENT;
        if !fits {
            let measure = format_args!("{} bytes of at most {MAX_EVENT}", event.len());
            self.note(Fault::EventTooLong, measure);
        }
        fits
    }

    /// Counts a fault. `measure` says how large it is, or which.
    pub(super) fn note(&self, fault: Fault, measure: impl Display) {
        let kind = fault.label();
        counters::game_fault(kind);
        let bit = 1 << fault as u8;
        if self.0.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            error!(kind, %measure, "the game: {}", fault.remedy());
        }
    }
}
