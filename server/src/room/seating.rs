//! How a session gets its seat, and what it is told first.

use std::time::Duration;

use protocol::codec::encode;
use protocol::control::{CloseReason, ServerMessage, Welcome};
use protocol::ids::SessionId;
use protocol::seat::Seat;
use tracing::{info, info_span};

use super::faults::Fault;
use super::report_card::Closing;
use super::session::Session;
use super::{Room, SeatClaim};
use crate::counters;
use crate::game::{Game, Refusal};

impl<G: Game> Room<G> {
    /// Gives a session that has none its seat.
    pub(super) fn seat(&mut self, now: Duration, claim: SeatClaim) -> Result<(), CloseReason> {
        let (id, resumes) = (claim.session, claim.resumes);
        if !self.setup.host.holds(id) {
            return Err(CloseReason::Left);
        }
        let seated = match resumes {
            Some(old) => self.hand_over(now, old).ok_or(CloseReason::Expired),
            None => self.admit(now, claim),
        };
        let mut session = seated.inspect_err(|_| self.setup.host.end(id))?;
        let (seat, room) = (session.seat.0, &self.setup.id);
        session.span = info_span!("session", session = %id, %room, seat);
        let name = &session.player.name;
        let resumes = resumes.map(tracing::field::display);
        info!(parent: &session.span, %name, resumes, "player came");
        self.sessions.insert(id, session);
        Ok(())
    }

    /// Tells a session that has just got its seat what it must know before the first snapshot.
    pub(super) fn welcome(&mut self, now: Duration, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let tick = self.context.tick();
        let game = encode(&self.game.welcome(session.seat));
        let unix = self.setup.unix_origin + self.stepped_at;
        let welcome = ServerMessage::Welcome(Welcome {
            tick,
            tick_rate: self.setup.tick_rate,
            snapshot_rate: self.setup.snapshot_rate,
            unix_micros: u64::try_from(unix.as_micros()).unwrap_or(0),
            game: &game,
        });
        let mut sent = session.send_message(welcome);
        let events = self.game.catch_up(session.seat);
        let count = events.len();
        for event in events.iter().map(encode) {
            if self.faults.takes_event(&event) {
                let message = ServerMessage::Event {
                    tick,
                    event: &event,
                };
                sent = sent.and_then(|()| session.send_message(message));
            }
        }
        if let Err(reason) = sent {
            let measure = format_args!("{count} events");
            self.faults.note(Fault::TooMuchToCatchUp, measure);
            self.end_session(now, id, reason);
        }
    }

    fn admit(&mut self, now: Duration, claim: SeatClaim) -> Result<Session<G>, CloseReason> {
        let options = match claim.options.map(serde_json::from_value) {
            None => G::Options::default(),
            Some(Ok(options)) => options,
            Some(Err(_)) => return Err(CloseReason::Refused(0)),
        };
        let seat = self
            .game
            .admit(&mut self.context, &claim.player, options)
            .map_err(|Refusal { code, reason }| {
                counters::refused("seat", "by-game");
                info!(session = %claim.session, code, reason, "the game gives no seat");
                CloseReason::Refused(code)
            })?;
        if self.is_free(seat) {
            Ok(Session::new(claim.player, seat, now))
        } else {
            Err(CloseReason::Refused(0))
        }
    }

    /// Whether a seat that the game gave is one to give.
    pub(super) fn is_free(&self, seat: Seat) -> bool {
        let is_there = usize::from(seat.0) < self.setup.seats;
        let is_taken = self.sessions.values().any(|session| session.seat == seat);
        let fault = match (is_there, is_taken) {
            (true, false) => return true,
            (false, _) => Fault::SeatOutOfRange,
            (true, true) => Fault::SeatTaken,
        };
        self.faults.note(fault, format_args!("seat {}", seat.0));
        false
    }

    /// Ends a session whose page was loaded anew, and gives its seat to the next one.
    fn hand_over(&mut self, now: Duration, old: SessionId) -> Option<Session<G>> {
        let mut before = self.sessions.remove(&old)?;
        before.report(now, old, Closing::SessionOver);
        before.close(CloseReason::Superseded);
        self.setup.host.end(old);
        let mut session = Session::new(before.player, before.seat, now);
        session.is_parked = before.is_parked;
        Some(session)
    }
}
