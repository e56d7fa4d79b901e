//! What a game asks of its room, done after the tick.

use std::time::Duration;

use protocol::codec::encode;
use protocol::control::{CloseReason, ServerMessage};
use protocol::ids::SessionId;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::Serialize;
use tracing::info;

use super::report_card::Closing;
use super::{RESULTS, Room};
use crate::game::{Audience, Command, Game, MatchRecord};

/// A finished match in the log, as a line of JSON.
#[derive(Serialize)]
struct FinishedMatch {
    room: String,
    /// Seconds.
    length: f64,
    players: Vec<FinishedPlayer>,
}

/// A player in it.
#[derive(Serialize)]
struct FinishedPlayer {
    player: String,
    name: String,
    place: u16,
    score: i64,
}

impl<G: Game> Room<G> {
    /// Does what the game has asked for.
    pub(super) fn obey(&mut self, now: Duration) {
        for command in self.context.take() {
            match command {
                Command::Tell {
                    tick,
                    audience,
                    event,
                } => self.tell(now, (tick, audience), &event),
                Command::Kick { seat, code } => {
                    if let Some(id) = self.session_of(seat) {
                        self.end_session(now, id, CloseReason::Kicked(code));
                    }
                }
                Command::Finish(record) => self.finish(now, &record),
                Command::EndRoom => {
                    // Before the players hear of it: who joins the name anew gets a new room.
                    self.setup.sessions.end_room();
                    self.close(now, || CloseReason::RoomEnded);
                    self.is_ended = true;
                    return;
                }
            }
        }
    }

    fn tell(&mut self, now: Duration, (tick, audience): (Tick, Audience), event: &G::Event) {
        let event = encode(event);
        if !self.faults.takes_event(&event) {
            return;
        }
        let message = ServerMessage::Event {
            tick,
            event: &event,
        };
        let mut ended = Vec::new();
        for (id, session) in &mut self.sessions {
            if audience.includes(session.seat)
                && let Err(reason) = session.send_message(message)
            {
                ended.push((*id, reason));
            }
        }
        for (id, reason) in ended {
            self.end_session(now, id, reason);
        }
    }

    fn finish(&mut self, now: Duration, record: &MatchRecord) {
        self.ends_at = self.ends_at.map(|ends_at| ends_at.min(now + RESULTS));
        let players = record.standings.iter().filter_map(|standing| {
            let session = self.sessions.values().find(|s| s.seat == standing.seat)?;
            Some(FinishedPlayer {
                player: session.player.id.to_string(),
                name: session.player.name.to_string(),
                place: standing.place,
                score: standing.score,
            })
        });
        let ticks = self.context.tick().since(record.started);
        let finished = FinishedMatch {
            room: self.setup.id.to_string(),
            length: ticks as f64 / f64::from(self.setup.tick_rate.max(1)),
            players: players.collect(),
        };
        // A struct of numbers and plain words always has a JSON form.
        let json = serde_json::to_string(&finished).unwrap_or_default();
        info!(target: "finished_match", "{json}");
        for (id, session) in &mut self.sessions {
            session.report(now, *id, Closing::GameOver);
        }
    }

    fn session_of(&self, seat: Seat) -> Option<SessionId> {
        let mut sessions = self.sessions.iter();
        let found = sessions.find(|(_, session)| session.seat == seat);
        found.map(|(id, _)| *id)
    }
}
