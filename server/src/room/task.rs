//! A room's task: wakes the room at each tick with what its queues hold. All else is the room's.

use super::port::{Lifecycle, RoomQueues};
use super::{Next, ReturnSchedule, Room};
use crate::clock::Clock;
use crate::game::Game;

/// Runs a room until it is empty or closed.
pub(crate) async fn run<G: Game>(clock: Clock, mut room: Room<G>, mut queues: RoomQueues) {
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
                Lifecycle::ShutDown(returns) => {
                    room.close(now, || returns.goodbye());
                    return turn_away(&mut queues, &returns);
                }
            }
        }
        // Not what comes in meanwhile: a flood must not hold up the tick.
        for _ in 0..queues.data.len() {
            if let Ok(inbound) = queues.data.try_recv() {
                room.take_inbound(inbound);
            }
        }
        let next = room.tick(now);
        if let Some(listing) = room.listing() {
            queues.list(listing);
        }
        if next == Next::End {
            return;
        }
    }
}

/// Closes the links that came too late.
fn turn_away(queues: &mut RoomQueues, returns: &ReturnSchedule) {
    while let Ok(lifecycle) = queues.lifecycle.try_recv() {
        if let Lifecycle::Attach { sender, .. } = lifecycle {
            sender.close(returns.goodbye());
        }
    }
}
