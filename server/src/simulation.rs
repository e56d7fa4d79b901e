//! The line between the netcode and a game: implement [`Simulation`], and rooms, sessions and
//! transports serve it without knowing what it is.

use protocol::codec::DecodeError;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::de::DeserializeOwned;

/// Inputs of one tick by seat; `None` where no player sits or none has ever come in. A player
/// whose input for this tick is missing has the last one repeated.
pub type Inputs<I> = [Option<I>];

/// A game, stepped by a room at a fixed rate. It owns no clock, socket or task; the same seed,
/// joins, inputs and actions give the same game on every machine.
pub trait Simulation: Send + 'static {
    /// One player's input for one tick.
    type Input: Copy + Default + DeserializeOwned + Send + 'static;

    /// What one player may see at one tick. The empty view is the default.
    type View: Default + Send + 'static;

    /// The last tick that was stepped.
    fn tick(&self) -> Tick;

    /// Gives a newcomer a seat, or `None` when all are taken.
    fn join(&mut self, name: &str) -> Option<Seat>;

    /// Frees a seat. One that is free already is ignored.
    fn leave(&mut self, seat: Seat);

    /// The player of this seat is away (`true`) or back: a hidden page, or no link at the moment.
    fn park(&mut self, seat: Seat, parked: bool);

    /// Something a player did that isn't an input of a tick.
    ///
    /// # Errors
    /// [`DecodeError`], when the bytes aren't an action; the session ends for it.
    fn act(&mut self, seat: Seat, action: &[u8]) -> Result<(), DecodeError>;

    /// Steps once.
    fn step(&mut self, inputs: &Inputs<Self::Input>);

    /// The simulation's part of a session's welcome.
    fn welcome(&self, seat: Seat) -> Vec<u8>;

    /// Events that bring a newcomer up to date, in order.
    fn catch_up(&self, seat: Seat) -> Vec<Vec<u8>>;

    /// Appends to `out` at most `budget` bytes that turn `baseline` into what `seat` sees now, and
    /// gives back the view that the client will then hold. What doesn't fit is left for the next
    /// snapshot. `baseline` is the default, or what an earlier tick's call gave back; the client
    /// knows how many ticks ago. Only what the seat may see may have any influence on the bytes.
    fn write_snapshot(
        &mut self,
        seat: Seat,
        baseline: &Self::View,
        budget: usize,
        out: &mut Vec<u8>,
    ) -> Self::View;

    /// Takes the events since the last call, in order.
    fn drain_events(&mut self) -> Vec<SimulationEvent>;

    /// Games played to the end so far; the room writes its report cards when it rises. Zero for a simulation
    /// that has no games.
    fn games_ended(&self) -> u32 {
        0
    }

    /// Who plays, for the room list.
    fn occupancy(&self) -> Occupancy;
}

/// Something that players are told reliably.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulationEvent {
    /// When it happened.
    pub tick: Tick,
    /// Whom to tell; everybody when `None`.
    pub audience: Option<Seat>,
    /// The simulation's own encoding, at most a few kilobytes.
    pub bytes: Vec<u8>,
}

/// How full a room is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Occupancy {
    /// Seats taken by players.
    pub players: usize,
    /// Seats taken by the simulation itself. A player may take the place of one.
    pub bots: usize,
    /// Seats in all.
    pub capacity: usize,
}
