//! The line between the engine and a game: implement [`Game`], and rooms, sessions and transports
//! serve it without knowing what it is.

mod context;
mod records;
mod refusal;

use protocol::ids::{PlayerId, RoomId, Visibility};
use protocol::name::PlayerName;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use context::{Audience, Command, Context, SeatPath};
pub use records::{MatchRecord, Standing};
pub use refusal::Refusal;
pub use signaling::Login;

/// A game, stepped by a room at a fixed rate. It owns no clock, socket or task; the same room,
/// players, inputs and actions give the same game on every machine.
///
/// Inputs, actions, events and options are types of the game's own in postcard (options in JSON);
/// the client's adapter reads and writes the same.
pub trait Game: Send + 'static {
    /// What a join may ask for; JSON on the wire, at most [`signaling::MAX_OPTIONS`] bytes. A join
    /// without options has the default.
    type Options: DeserializeOwned + Default + Send + 'static;

    /// One player's input for one tick.
    type Input: Copy + Default + DeserializeOwned + Send + 'static;

    /// Something a player does that isn't an input of a tick.
    type Action: DeserializeOwned;

    /// Something that players are told reliably; encoded at most [`MAX_EVENT`] bytes.
    type Event: Serialize + Send + 'static;

    /// What a client is told first.
    type Welcome: Serialize;

    /// What one player holds of the game after a snapshot. The default is what it holds at first:
    /// nothing.
    type View: Default + Send + 'static;

    /// Gives a newcomer a seat: one that no player has, below the room's number of seats.
    ///
    /// # Errors
    /// [`Refusal`]; the player is told, and its session ends.
    fn admit(
        &mut self,
        ctx: &mut Context<Self::Event>,
        who: &Player,
        options: Self::Options,
    ) -> Result<Seat, Refusal>;

    /// Frees a seat. One that is free already is ignored.
    fn leave(&mut self, ctx: &mut Context<Self::Event>, seat: Seat);

    /// The player of this seat is away (`true`) or back: a hidden page, or no link at the moment.
    fn park(&mut self, ctx: &mut Context<Self::Event>, seat: Seat, parked: bool) {
        let _ = (ctx, seat, parked);
    }

    /// Something a player did that isn't an input of a tick.
    ///
    /// # Errors
    /// [`Refusal`], for what no honest client does; the session ends for it. To one that is merely
    /// too late say no with an event, or nothing.
    fn act(
        &mut self,
        ctx: &mut Context<Self::Event>,
        seat: Seat,
        action: Self::Action,
    ) -> Result<(), Refusal>;

    /// Makes the tick that [`Context::tick`] names. `inputs` holds one by seat; `None` where no
    /// player sits or none has ever come in. A player whose input for this tick is missing has the
    /// newest before it, through [`Self::repeat`], for half a second; then the default.
    fn tick(&mut self, ctx: &mut Context<Self::Event>, inputs: &[Option<Self::Input>]);

    /// What an input becomes for a further tick, when the one for that tick is missing: what was
    /// pressed once is to be left out, what is held down stays. The client's adapter says the same.
    #[must_use]
    fn repeat(input: Self::Input) -> Self::Input {
        input
    }

    /// What a tick gets for its input `newest` and one before it, `unused`, that came too late for
    /// its own tick: what was pressed in `unused` is to be added. By default it is dropped.
    #[must_use]
    fn join(unused: Self::Input, newest: Self::Input) -> Self::Input {
        let _ = unused;
        newest
    }

    /// The game's part of a session's welcome.
    fn welcome(&self, seat: Seat) -> Self::Welcome;

    /// Events that bring a newcomer up to date, in order; at most 255.
    fn catch_up(&self, seat: Seat) -> Vec<Self::Event> {
        let _ = seat;
        Vec::new()
    }

    /// Appends to `out` at most `basis.budget` bytes that turn the baseline into what `seat` sees
    /// now, and gives back the view that the client will then hold. What doesn't fit is left for
    /// the next snapshot. Only what the seat may see may have any influence on the bytes.
    fn write_snapshot(
        &mut self,
        seat: Seat,
        basis: SnapshotBasis<'_, Self::View>,
        out: &mut Vec<u8>,
    ) -> Self::View;

    /// What the list of rooms says of this one. Asked some four times a second.
    fn listing(&self) -> Listing {
        Listing::default()
    }

    /// All that another process needs to go on with this very game; nothing where the game can't.
    fn checkpoint(&self) -> Option<Vec<u8>> {
        None
    }

    /// Goes on from a checkpoint of the same version. Called on a game that was created with the
    /// same room and has had no player and no tick.
    ///
    /// # Errors
    /// [`Refusal`], when it can't; the game is dropped.
    fn restore(&mut self, checkpoint: &[u8]) -> Result<(), Refusal> {
        let _ = checkpoint;
        Err(Refusal::new(0, "this game keeps no checkpoints"))
    }
}

/// Most bytes of an encoded event, so that it fits into a frame of the Control lane with what stands
/// before it.
pub const MAX_EVENT: usize = protocol::MAX_CONTROL_FRAME - 64;

/// The room that a game is made for.
#[derive(Clone, Debug)]
pub struct RoomInfo<Options> {
    /// Its name.
    pub id: RoomId,
    /// Whether strangers are placed in it.
    pub visibility: Visibility,
    /// Seats that the game may give: from 0 to one less.
    pub seats: usize,
    /// Ticks a second.
    pub tick_rate: u16,
    /// For the game's own chance; another one for each room.
    pub seed: u64,
    /// What the join asked for that made the room.
    pub options: Options,
}

/// Who asks for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// The player: the same each time that it comes with its identity or its login, and another one at each join of a guest.
    pub id: PlayerId,
    /// What it is called.
    pub name: PlayerName,
    /// Whether it has come with neither; nothing is kept of a guest but its standing.
    pub is_guest: bool,
    /// Who it is, where it has logged in: what the game's own login service says.
    pub login: Option<Login>,
}

impl Player {
    /// Somebody with neither identity nor login.
    #[must_use]
    pub const fn guest(id: PlayerId, name: PlayerName) -> Self {
        Self {
            id,
            name,
            is_guest: true,
            login: None,
        }
    }

    /// Whether it has come with an identity, which nobody else knows.
    pub(crate) const fn has_identity(&self) -> bool {
        !self.is_guest && self.login.is_none()
    }
}

/// What a snapshot is written against.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotBasis<'a, View> {
    /// The tick that it shows.
    pub tick: Tick,
    /// What the client holds: what an earlier call gave back, or the default.
    pub baseline: &'a View,
    /// Ticks since that call; 0 for the default. The client knows it.
    pub baseline_age: u16,
    /// Most bytes.
    pub budget: usize,
}

/// A room in the list of rooms, as its game tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Seats taken by the game itself. A player may take the place of one.
    pub bots: usize,
    /// A line for people, such as the map or the round; at most [`Self::MAX_LABEL`] bytes, cut there.
    pub label: String,
}

impl Listing {
    /// Most bytes of a label.
    pub const MAX_LABEL: usize = 64;
}
