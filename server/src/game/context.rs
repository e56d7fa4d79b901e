//! What a game may ask of its room, and what it may know of its players' connections.

use std::time::Duration;

use protocol::MAX_SEATS;
use protocol::seat::Seat;
use protocol::tick::Tick;

use super::MatchRecord;

/// A game's way to its room. What it asks for happens after the tick, in order.
///
/// A test makes its own, steps the game with it and looks at [`Self::take`].
#[derive(Debug)]
pub struct Context<Event> {
    tick: Tick,
    tick_rate: u16,
    paths: [SeatPath; MAX_SEATS],
    commands: Vec<Command<Event>>,
}

/// A player's connection, for lag compensation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatPath {
    /// Smoothed round trip; nothing before the first sample.
    pub round_trip: Option<Duration>,
    /// The tick that the player saw when it sent its last input, to the whole tick: that of the
    /// picture, which is interpolated and lies behind the newest snapshot. Nothing before the first
    /// acknowledgement.
    pub seen_tick: Option<Tick>,
}

/// Whom to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every player.
    All,
    /// Those whose seat's bit is set.
    Seats(u64),
}

impl Audience {
    /// Whether the player of a seat is to be told.
    #[must_use]
    pub fn includes(self, seat: Seat) -> bool {
        match self {
            Self::All => true,
            Self::Seats(bits) => bits.checked_shr(u32::from(seat.0)).unwrap_or(0) & 1 == 1,
        }
    }
}

impl From<Seat> for Audience {
    fn from(seat: Seat) -> Self {
        [seat].into_iter().collect()
    }
}

impl FromIterator<Seat> for Audience {
    fn from_iter<I: IntoIterator<Item = Seat>>(seats: I) -> Self {
        let bit = |seat: Seat| 1u64.checked_shl(u32::from(seat.0)).unwrap_or(0);
        Self::Seats(seats.into_iter().fold(0, |bits, seat| bits | bit(seat)))
    }
}

/// What a game asks of its room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<Event> {
    /// Tells players something that happened at `tick`.
    Tell {
        /// When it happened.
        tick: Tick,
        /// Whom to tell.
        audience: Audience,
        /// What.
        event: Event,
    },
    /// Ends the session of a seat.
    Kick {
        /// Whose.
        seat: Seat,
        /// The game's own number for why.
        code: u16,
    },
    /// Keeps a finished match.
    Finish(MatchRecord),
    /// Ends the room.
    EndRoom,
}

impl<Event> Context<Event> {
    /// One at `tick` with nothing asked yet.
    #[must_use]
    pub fn new(tick: Tick, tick_rate: u16) -> Self {
        Self {
            tick,
            tick_rate,
            paths: [SeatPath::default(); MAX_SEATS],
            commands: Vec::new(),
        }
    }

    /// The tick that is being made; between two, the last one made. It grows by one each time.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// Ticks a second.
    #[must_use]
    pub fn tick_rate(&self) -> u16 {
        self.tick_rate
    }

    /// Tells every player.
    pub fn emit(&mut self, event: Event) {
        self.tell(Audience::All, event);
    }

    /// Tells the player of a seat, or of some: `ctx.emit_to(seats.into_iter().collect::<Audience>(), …)`.
    pub fn emit_to(&mut self, audience: impl Into<Audience>, event: Event) {
        self.tell(audience.into(), event);
    }

    /// Ends the session of a seat's player, who is told the code. Then [`super::Game::leave`] is called. A
    /// seat without a player is ignored.
    pub fn kick(&mut self, seat: Seat, code: u16) {
        self.commands.push(Command::Kick { seat, code });
    }

    /// Hands over a match that is over.
    pub fn finish(&mut self, record: MatchRecord) {
        self.commands.push(Command::Finish(record));
    }

    /// Ends the room and every session in it.
    pub fn end_room(&mut self) {
        self.commands.push(Command::EndRoom);
    }

    /// The connection of a seat's player; the default where nobody sits.
    #[must_use]
    pub fn path(&self, seat: Seat) -> SeatPath {
        let path = self.paths.get(usize::from(seat.0));
        path.copied().unwrap_or_default()
    }

    /// Goes on to the next tick.
    pub fn advance(&mut self) {
        self.tick = self.tick.plus(1);
    }

    /// Says what is known of a seat's connection.
    pub fn set_path(&mut self, seat: Seat, path: SeatPath) {
        if let Some(place) = self.paths.get_mut(usize::from(seat.0)) {
            *place = path;
        }
    }

    /// What was asked for and not taken yet, in order.
    #[must_use]
    pub fn commands(&self) -> &[Command<Event>] {
        &self.commands
    }

    /// Takes what was asked for since the last call, in order.
    pub fn take(&mut self) -> Vec<Command<Event>> {
        std::mem::take(&mut self.commands)
    }

    fn tell(&mut self, audience: Audience, event: Event) {
        let tick = self.tick;
        self.commands.push(Command::Tell {
            tick,
            audience,
            event,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_all_or_some_seats() {
        let some: Audience = [Seat(0), Seat(63)].into_iter().collect();
        assert!(some.includes(Seat(0)) && some.includes(Seat(63)));
        assert!(!some.includes(Seat(1)) && !some.includes(Seat(200)));
        assert!(Audience::from(Seat(7)).includes(Seat(7)));
        assert!(Audience::All.includes(Seat(9)));
    }
}
