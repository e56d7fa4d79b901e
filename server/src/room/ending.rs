//! How sessions end, and the room itself: one by one, with the server, or because nobody is left.

use std::time::Duration;

use protocol::control::{CloseReason, ServerMessage};
use protocol::ids::SessionId;
use tracing::info;

use super::Room;
use super::report_card::Closing;
use crate::game::Game;

impl<G: Game> Room<G> {
    /// Tells the players that the server is about to end. The room ends a moment after its match, and at `deadline` at
    /// the latest; the next [`Self::tick`] then says so.
    pub fn drain(&mut self, now: Duration, deadline: Duration) {
        self.ends_at = Some(deadline);
        let left = deadline.saturating_sub(now).as_secs();
        let message = ServerMessage::Draining(u16::try_from(left).unwrap_or(u16::MAX));
        let told = self
            .sessions
            .iter_mut()
            .map(|(id, session)| (*id, session.send_message(message)));
        let deaf: Vec<_> = told
            .filter_map(|(id, sent)| Some((id, sent.err()?)))
            .collect();
        for (id, reason) in deaf {
            self.end_session(now, id, reason);
        }
    }

    /// Ends every session, each with its own reason; the room is to be dropped.
    pub fn close(&mut self, now: Duration, mut reason: impl FnMut() -> CloseReason) {
        for (id, mut session) in std::mem::take(&mut self.sessions) {
            session.report(now, id, Closing::SessionOver);
            session.close(reason());
            self.setup.host.end(id);
        }
    }

    /// Ends every session so that each may come back to its seat, in this room or where it goes on.
    pub(crate) fn hand_on(&mut self, now: Duration, reason: impl FnMut() -> CloseReason) {
        self.save();
        self.close(now, reason);
    }

    pub(super) fn end_session(&mut self, now: Duration, id: SessionId, reason: CloseReason) {
        if let Some(mut session) = self.sessions.remove(&id) {
            info!(parent: &session.span, ?reason, "player gone");
            session.report(now, id, Closing::SessionOver);
            session.close(reason);
            self.context.set_path(session.seat, Default::default());
            self.game.leave(&mut self.context, session.seat);
            self.is_checkpoint_due = true;
            self.setup.host.end(id);
        }
    }

    pub(super) fn is_over(&mut self, now: Duration) -> bool {
        if self.is_ended {
            return true;
        }
        if let Some(ends_at) = self.ends_at {
            return self.sessions.is_empty() || now >= ends_at;
        }
        if !self.sessions.is_empty() {
            self.empty_since = None;
            return false;
        }
        let since = *self.empty_since.get_or_insert(now);
        now.saturating_sub(since) >= self.setup.linger && self.setup.host.retire_room()
    }
}
