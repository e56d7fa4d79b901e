//! What Battle Circles tells on the Control lane: the welcome, events, and the player's actions.

use serde::{Deserialize, Serialize};

use super::MAX_SEATS;
use protocol::bounded::{BoundedString, BoundedVec};
use protocol::name::MAX_NAME_BYTES;
use protocol::seat::Seat;
use protocol::tick::Tick;

/// Most stages of a shrinking boundary.
pub const MAX_STAGES: usize = 8;

/// A player's name.
pub type Name = BoundedString<MAX_NAME_BYTES>;

/// The constants of the movement rule, so that a client predicts by the server's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementTuning {
    /// Speed of a circle of mass 1 in 1/256 px a tick; it falls with the fourth root of the mass.
    pub speed: u32,
    /// Slowest full speed in 1/256 px a tick, however large the circle.
    pub slowest: u32,
    /// Ticks in which the velocity covers about two thirds of the way to the wanted one.
    pub agility: u32,
    /// Distance from the centre in 1/256 px that no circle's centre can pass.
    pub wall: u32,
    /// Full speed during a dash, in percent of the usual.
    pub dash_percent: u32,
    /// Ticks that a dash lasts.
    pub dash_ticks: u16,
    /// Ticks from the start of a dash until the next one may begin, at least `dash_ticks`.
    pub dash_cooldown: u16,
    /// Mass that a dash costs, in thousandths of the circle's.
    pub dash_cost: u32,
    /// A circle of less mass can't dash.
    pub dash_least: u32,
}

/// The game's part of the session's welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GameWelcome {
    /// The player's seat.
    pub seat: Seat,
    /// The movement rule's constants.
    pub movement: MovementTuning,
}

/// A stretch of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Waiting for a player.
    Lobby,
    /// The circles are placed and can't move yet.
    Countdown,
    /// The game runs.
    Playing,
    /// The game is over; the results stand until the rematch.
    Results,
}

/// A place in the room that is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    /// Which place.
    pub seat: Seat,
    /// Who.
    pub name: Name,
    /// Whether the server steers it.
    pub is_bot: bool,
    /// Whether it is in this game and not eaten.
    pub is_alive: bool,
    /// Whether its player is away (hidden page, or no link).
    pub is_parked: bool,
}

/// One stage of the boundary: its radius moves evenly from one value to the other between the two
/// ticks, and stays there until the next stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShrinkStage {
    /// When the stage begins.
    pub start: Tick,
    /// When it ends.
    pub end: Tick,
    /// Radius at the start, in pixels.
    pub from: u16,
    /// Radius at the end, in pixels.
    pub to: u16,
}

/// One player's line in the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRow {
    /// Who.
    pub seat: Seat,
    /// Place from 1.
    pub place: u8,
    /// The score of this game.
    pub score: u32,
    /// Largest mass reached.
    pub peak_mass: u32,
    /// Circles eaten.
    pub circles: u16,
    /// Knibbles eaten.
    pub knibbles: u16,
    /// Ticks survived.
    pub survived: u32,
}

/// What happened in the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GameEvent {
    /// Who is here, whole, whenever it changes.
    Roster(BoundedVec<RosterEntry, MAX_SEATS>),
    /// A new phase.
    Phase {
        /// Which.
        phase: Phase,
        /// Games played in this room before this one.
        game: u32,
        /// When it began.
        started: Tick,
        /// When it ends at the latest; equal to `started` where that is open.
        ends: Tick,
        /// The boundary's course in this game.
        boundary: BoundedVec<ShrinkStage, MAX_STAGES>,
        /// Until then the dead come back.
        respawns_until: Tick,
    },
    /// A circle is gone.
    Eaten {
        /// Whose.
        victim: Seat,
        /// By whom; nobody when it withered outside the boundary.
        eater: Option<Seat>,
    },
    /// Masses of the living, largest first; once a second.
    Standings(BoundedVec<(Seat, u32), MAX_SEATS>),
    /// The game's results, by place.
    Results(BoundedVec<ResultRow, MAX_SEATS>),
}

/// What a player does beside steering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GameAction {
    /// In the results: go on at once. The rematch starts early when all players say so.
    Ready,
    /// Dead, in play: come back, as soon as may be.
    Respawn,
    /// Dead: have the camera follow this seat while it lives; nobody in particular again with the own one.
    Watch(Seat),
}
