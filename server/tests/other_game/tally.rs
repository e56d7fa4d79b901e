//! A game of nothing but numbers: every player counts up by its inputs and sees only its own sum.
//! It stands for any game that somebody puts in the rooms.

use protocol::codec::{DecodeError, decode, encode, encode_into};
use protocol::seat::Seat;
use protocol::tick::Tick;
use server::simulation::{Inputs, Occupancy, Simulation, SimulationEvent};

/// Seats of a room.
const SEATS: usize = 4;

/// Sums by seat.
#[derive(Default)]
pub(crate) struct Tally {
    tick: Tick,
    sums: [Option<u64>; SEATS],
    events: Vec<SimulationEvent>,
    is_bloated: bool,
    dawdles: bool,
}

/// What a player may do beside counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Deed {
    /// Tells everybody.
    Shout(u8),
    /// A fault in the game's own code.
    Fail,
    /// Tells everybody more than an event may be.
    Blurt,
    /// Writes snapshots over their budget from now on.
    Bloat,
    /// Lets time stand still for a step.
    Dawdle,
}

impl Simulation for Tally {
    type Input = u8;
    type View = u64;

    fn tick(&self) -> Tick {
        self.tick
    }

    fn join(&mut self, name: &str) -> Option<Seat> {
        match name {
            "Outsider" => return Some(Seat(99)),
            "Twin" => return Some(Seat(0)),
            _ => {}
        }
        let free = self.sums.iter().position(Option::is_none)?;
        self.sums[free] = Some(0);
        u8::try_from(free).ok().map(Seat)
    }

    fn leave(&mut self, seat: Seat) {
        self.sums[usize::from(seat.0)] = None;
    }

    fn park(&mut self, _seat: Seat, _parked: bool) {}

    fn act(&mut self, _seat: Seat, action: &[u8]) -> Result<(), DecodeError> {
        match decode(action, 8)? {
            Deed::Shout(word) => self.events.push(SimulationEvent {
                tick: self.tick,
                audience: None,
                bytes: vec![word],
            }),
            Deed::Fail => panic!("the game's own fault"),
            Deed::Blurt => self.events.push(SimulationEvent {
                tick: self.tick,
                audience: None,
                bytes: vec![0; 20_000],
            }),
            Deed::Bloat => self.is_bloated = true,
            Deed::Dawdle => self.dawdles = true,
        }
        Ok(())
    }

    fn step(&mut self, inputs: &Inputs<u8>) {
        self.tick = self
            .tick
            .plus(u32::from(!std::mem::take(&mut self.dawdles)));
        for (sum, input) in self.sums.iter_mut().zip(inputs) {
            if let (Some(sum), Some(input)) = (sum, input) {
                *sum += u64::from(*input);
            }
        }
    }

    fn welcome(&self, seat: Seat) -> Vec<u8> {
        encode(&seat)
    }

    fn catch_up(&self, _seat: Seat) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        baseline: &u64,
        _budget: usize,
        out: &mut Vec<u8>,
    ) -> u64 {
        let sum = self.sums[usize::from(seat.0)].unwrap_or(0);
        encode_into(&(sum - baseline), out);
        if self.is_bloated {
            out.resize(out.len() + 2_000, 0);
        }
        sum
    }

    fn drain_events(&mut self) -> Vec<SimulationEvent> {
        std::mem::take(&mut self.events)
    }

    fn occupancy(&self) -> Occupancy {
        let players = self.sums.iter().flatten().count();
        Occupancy {
            players,
            bots: 0,
            capacity: SEATS,
        }
    }
}
