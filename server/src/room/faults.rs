//! What a simulation does that it must not: said in the log once a room, with its remedy, and counted each time.

use std::fmt::Display;
use std::sync::atomic::{AtomicU8, Ordering};

use protocol::MAX_CONTROL_FRAME;
use tracing::error;

use crate::counters;

/// Most bytes of an event, so that it fits into a frame of the Control lane with what stands before it.
const MAX_EVENT: usize = MAX_CONTROL_FRAME - 64;

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    SnapshotOverBudget,
    EventTooLong,
    SeatOutOfRange,
    SeatTaken,
    TickNotNext,
}

impl Fault {
    fn label(self) -> &'static str {
        match self {
            Self::SnapshotOverBudget => "snapshot-over-budget",
            Self::EventTooLong => "event-too-long",
            Self::SeatOutOfRange => "seat-out-of-range",
            Self::SeatTaken => "seat-taken",
            Self::TickNotNext => "tick-not-next",
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
                "join gave a seat that the room does not have, and the player was turned away; seats count from 0 to one less than those served"
            }
            Self::SeatTaken => {
                "join gave a seat that a player has, and the newcomer was turned away; give each seat once until leave"
            }
            Self::TickNotNext => {
                "step must add one to the tick each time; players see the wrong time"
            }
        }
    }
}

/// Which have been told of.
#[derive(Debug, Default)]
pub(crate) struct Faults(AtomicU8);

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
        counters::simulation_fault(kind);
        let bit = 1 << fault as u8;
        if self.0.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            error!(kind, %measure, "the game: {}", fault.remedy());
        }
    }
}
