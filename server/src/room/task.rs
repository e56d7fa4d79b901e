//! A room's task: wakes the room at each tick with what its queues hold. All else is the room's.

use protocol::control::CloseReason;

use super::port::{Lifecycle, RoomQueues};
use super::{Next, Room};
use crate::clock::Clock;
use crate::game::Game;

/// Runs a room until it is empty or closed.
pub(crate) async fn run<G: Game>(clock: Clock, mut room: Room<G>, mut queues: RoomQueues) {
    let mut draining = None;
    loop {
        tokio::time::sleep_until(clock.instant_at(room.next_tick()).into()).await;
        let now = clock.now();
        while let Ok(lifecycle) = queues.lifecycle.try_recv() {
            match lifecycle {
                Lifecycle::Attach {
                    claim,
                    socket,
                    sender,
                    at,
                } => room.attach(at, claim, socket, sender),
                Lifecycle::Detach { session, socket } => room.detach(now, session, socket),
                Lifecycle::Violated { session, socket } => room.violated(now, session, socket),
                Lifecycle::Silence { session, answer } => {
                    if let Some(silence) = room.silence(now, session) {
                        // Whoever asked may have gone.
                        let _ = answer.send(silence);
                    }
                }
                Lifecycle::Drain { deadline, returns } => {
                    room.drain(now, deadline);
                    draining = Some(returns);
                }
                Lifecycle::ShutDown(returns) => {
                    room.hand_on(now, || returns.goodbye());
                    return queues.turn_away(|| returns.goodbye());
                }
            }
        }
        // Not what comes in meanwhile: a flood must not hold up the tick.
        for _ in 0..queues.data.len() {
            if let Ok(queued) = queues.data.try_recv() {
                room.take_inbound(queued.inbound);
            }
        }
        let next = room.tick(now);
        room.note_tick(clock.now().saturating_sub(now));
        if let Some(listing) = room.listing() {
            queues.list(listing);
        }
        match (next, &draining) {
            (Next::Tick, _) => {}
            // A link that came in this very moment joins anew.
            (Next::End, None) => return queues.turn_away(|| CloseReason::RoomFailed),
            (Next::End, Some(returns)) => {
                room.hand_on(now, || returns.goodbye());
                return queues.turn_away(|| returns.goodbye());
            }
        }
    }
}
