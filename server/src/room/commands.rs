//! What a game asks of its room, done after the tick.

use std::time::Duration;

use protocol::codec::encode;
use protocol::control::{CloseReason, ServerMessage};
use protocol::ids::SessionId;
use protocol::seat::Seat;
use protocol::tick::Tick;
use tracing::info;

use super::report_card::Closing;
use super::session::Session;
use super::{FinishedGame, PlayerStanding, RESULTS, Room};
use crate::game::{Audience, Command, Game, MatchRecord, Standing};

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
                    self.setup.host.end_room();
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
        let game = self.finished_game(now, record);
        // A struct of plain words and numbers always has a JSON form.
        let json = serde_json::to_string(&game).unwrap_or_default();
        info!(target: "finished_match", "{json}");
        self.setup.host.finished(game);
        self.finished = self.finished.saturating_add(1);
        for (id, session) in &mut self.sessions {
            session.report(now, *id, Closing::GameOver);
        }
    }

    /// The match as it is kept: of the seats those of players who were heard while it went on, and each player's best where
    /// one has several.
    fn finished_game(&self, now: Duration, record: &MatchRecord) -> FinishedGame {
        let ticks = self.context.tick().since(record.started).max(0);
        let lasted = ticks.unsigned_abs() * 1_000 / u64::from(self.setup.tick_rate.max(1));
        let lasted = Duration::from_millis(lasted);
        let mut ranked: Vec<&Standing> = record.standings.iter().collect();
        ranked.sort_by_key(|standing| standing.place);
        let mut standings: Vec<PlayerStanding> = Vec::new();
        for standing in ranked {
            let mut sessions = self.sessions.values();
            let is_theirs = |session: &&Session<G>| {
                session.seat == standing.seat && session.silence(now) < lasted
            };
            let Some(session) = sessions.find(is_theirs) else {
                continue;
            };
            let player = (!session.player.is_guest).then_some(session.player.id);
            let is_there = |other: &PlayerStanding| player.is_some() && other.player == player;
            if !standings.iter().any(is_there) {
                standings.push(PlayerStanding {
                    player,
                    name: session.player.name.to_string(),
                    place: standing.place,
                    score: standing.score,
                });
            }
        }
        let ended = i64::try_from((self.setup.unix_origin + now).as_millis()).unwrap_or(i64::MAX);
        FinishedGame {
            id: FinishedGame::id_of(self.setup.incarnation, self.finished),
            room: self.setup.id.clone(),
            node: self.setup.node.clone(),
            started: ended - i64::try_from(lasted.as_millis()).unwrap_or(0),
            ended,
            standings,
        }
    }

    fn session_of(&self, seat: Seat) -> Option<SessionId> {
        let mut sessions = self.sessions.iter();
        let found = sessions.find(|(_, session)| session.seat == seat);
        found.map(|(id, _)| *id)
    }
}
