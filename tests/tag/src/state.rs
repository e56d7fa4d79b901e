//! The state of a game: the figures, who is it, and the round. All that a checkpoint holds.

use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};
use server::game::{MatchRecord, Standing};

use crate::figure::{Figure, distance_squared};
use crate::movement::{Body, Tuning};

/// Seats of a room.
pub const SEATS: usize = 8;

/// A game between two ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// By seat.
    pub figures: [Option<Figure>; SEATS],
    /// Who is it, if anybody is here.
    pub it: Option<Seat>,
    /// Ticks for which it can't tag anybody.
    pub protection: u16,
    /// When the round began.
    pub started: Tick,
}

impl State {
    /// A free seat.
    #[must_use]
    pub fn free_seat(&self) -> Option<Seat> {
        let free = self.figures.iter().position(Option::is_none)?;
        Some(Seat(free as u8))
    }

    /// The figure of a seat, if somebody sits there.
    #[must_use]
    pub fn figure(&self, seat: Seat) -> Option<&Figure> {
        self.figures.get(usize::from(seat.0))?.as_ref()
    }

    /// As [`Self::figure`].
    pub fn figure_mut(&mut self, seat: Seat) -> Option<&mut Figure> {
        self.figures.get_mut(usize::from(seat.0))?.as_mut()
    }

    /// Everybody, by seat.
    pub fn players(&self) -> impl Iterator<Item = (Seat, &Figure)> {
        let seats = self.figures.iter().enumerate();
        seats.filter_map(|(seat, figure)| Some((Seat(seat as u8), figure.as_ref()?)))
    }

    /// Where everybody is.
    #[must_use]
    pub fn bodies(&self) -> Vec<Body> {
        self.players().map(|(_, figure)| figure.body).collect()
    }

    /// Makes sure that somebody is it who is here to play, where anybody is.
    pub fn choose_it(&mut self, protection: u16) {
        let is_playing = |seat| self.figure(seat).is_some_and(|figure| !figure.is_away);
        if self.it.is_some_and(is_playing) {
            return;
        }
        let next = self.players().find(|(_, figure)| !figure.is_away);
        self.it = next.map(|(seat, _)| seat);
        self.protection = protection;
    }

    /// Who touches the one who is it, if that counts now; the nearest where several do.
    #[must_use]
    pub fn touched(&self, tuning: &Tuning) -> Option<(Seat, Seat)> {
        let by = self.it.filter(|_| self.protection == 0)?;
        let body = self.figure(by)?.body;
        let reach = i64::from(tuning.radius) * 2;
        let others = self
            .players()
            .filter(|(seat, other)| *seat != by && !other.is_away);
        let distances = others.map(|(seat, other)| (distance_squared(&body, &other.body), seat));
        let (distance, whom) = distances.min()?;
        (distance <= reach * reach).then_some((by, whom))
    }

    /// The round's outcome: whoever was free for longer comes first.
    #[must_use]
    pub fn record(&self) -> MatchRecord {
        let place = |free_ticks| {
            let better = self
                .players()
                .filter(|(_, other)| other.free_ticks > free_ticks);
            better.count() as u16 + 1
        };
        let standing = |(seat, figure): (Seat, &Figure)| Standing {
            seat,
            place: place(figure.free_ticks),
            score: figure.free_ticks.into(),
        };
        MatchRecord {
            started: self.started,
            standings: self.players().map(standing).collect(),
        }
    }
}
