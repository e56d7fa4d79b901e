//! How a join finds its room, and a place in it. The game of a room that isn't there yet is made when its first player's
//! link comes, and not before: a join alone costs a name.

use std::time::Duration;

use async_trait::async_trait;
use protocol::ids::{PlayerId, RoomId, SessionId, Visibility};
use signaling::{
    AddressPrefix, LeftSeat, Placed, PlacementError, Placing, RoomDirectory, RoomSummary,
    SessionStatus,
};

use super::places::Place;
use super::{Room, Rooms, Stage, State, publish};
use crate::game::{Listing, Player};
use crate::room::RoomHandle;

/// Places that one address may hold without a link.
const MOST_UNATTACHED: usize = 48;

/// Players who hold a place without a link, for each seat that there may be: joins of many addresses fill no memory.
const MOST_PLACES_A_SEAT: usize = 4;

/// Rooms that an address may always have, if there are any.
pub(super) const ROOMS_ANYWAY: usize = 2;

/// A player of whom something has been heard so lately is there: nobody takes the seat over.
const PRESENT: Duration = Duration::from_millis(500);

/// A player of whom nothing has been heard for so long has left the seat, as far as its own next join goes.
const LEFT: Duration = Duration::from_secs(2);

/// How long a join waits for the seat of a player who is there still. A page that is loaded anew comes a moment after its
/// last datagram.
const MOST_LOOKS: u32 = 6;
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Whether whoever holds so many may have one more, of those that are free: who has many leaves the last ones to others.
pub(super) fn is_fair(held: usize, anyway: usize, free: usize) -> bool {
    held < anyway || held < free
}

impl Rooms {
    /// The room for a newcomer: one that runs, or the name of a new one.
    fn choose(
        &self,
        state: &mut State,
        wanted: Option<&RoomId>,
        budget: Option<AddressPrefix>,
    ) -> Result<RoomId, PlacementError> {
        if let Some(wanted) = wanted
            && state.places.in_room(wanted) >= self.limits.capacity
        {
            // Those who only say that they come, and say it often, don't keep others out.
            state.places.yield_one(wanted, budget);
        }
        let taken = state.places.taken();
        let taken = |id: &RoomId| taken.get(id).copied().unwrap_or(0);
        let found = match wanted {
            Some(wanted) if state.rooms.contains_key(wanted) => {
                if taken(wanted) >= self.limits.capacity {
                    return Err(PlacementError::RoomFull(wanted.clone()));
                }
                Some(wanted.clone())
            }
            Some(_) => None,
            None => state.open_room(self.limits.capacity),
        };
        match found {
            Some(found) => Ok(found),
            None if state.running() >= self.limits.max_rooms => Err(PlacementError::ServerFull),
            None => Ok(wanted.cloned().unwrap_or_else(signaling::random_room)),
        }
    }

    /// Holds a place; gives its room and player.
    fn hold(
        &self,
        now: Duration,
        state: &mut State,
        placing: Placing,
    ) -> Result<(RoomId, PlayerId), PlacementError> {
        let session = placing.session;
        if let Some(LeftSeat { session: old, .. }) = placing.resume {
            let owner = state.places.get(now, old).map(|place| &place.player);
            if owner.is_some_and(|owner| owner.has_identity() && owner.id != placing.player) {
                return Err(PlacementError::SeatGone);
            }
            let place = state.places.resume(now, session, old);
            let place = place.ok_or(PlacementError::SeatGone)?;
            return Ok((place.room.clone(), place.player.id));
        }
        if state.places.len() >= self.limits.max_rooms * self.limits.capacity * MOST_PLACES_A_SEAT {
            return Err(PlacementError::ServerFull);
        }
        let id = self.choose(state, placing.room.as_ref(), placing.budget)?;
        let is_new = !state.rooms.contains_key(&id);
        if let Some(address) = placing.budget {
            self.within_budget(state, address, is_new)?;
        }
        if is_new {
            let room = Room {
                number: state.number_room(),
                stage: Stage::Reserved(placing.options.clone()),
                visibility: placing.visibility,
                maker: placing.budget,
            };
            state.rooms.insert(id.clone(), room);
        }
        let player = Player {
            id: placing.player,
            name: placing.name,
            is_guest: placing.is_guest,
            login: placing.login,
        };
        let place = Place::new(id.clone(), player, placing.options, placing.budget);
        state.places.hold(now, session, place);
        Ok((id, placing.player))
    }

    /// The seat by whom it is known here: by the session before, where the node that let the later one in is gone with it.
    fn newest_known(&self, seat: LeftSeat) -> LeftSeat {
        let (state, now) = (self.lock(), self.clock.now());
        let is_known = |session: SessionId| state.places.get(now, session).is_some();
        match seat.before {
            Some(before) if !is_known(seat.session) && is_known(before) => LeftSeat {
                session: before,
                before: None,
                ..seat
            },
            _ => seat,
        }
    }

    /// Waits a while until the player of a session isn't heard any more. Whoever has stolen a token doesn't take the seat
    /// from under its player.
    async fn is_left(&self, session: SessionId) -> Result<(), PlacementError> {
        for _ in 0..MOST_LOOKS {
            let room = self.room_of(session);
            let silence = match room {
                Some(room) => room.silence(session).await,
                None => None,
            };
            if silence.is_none_or(|silence| silence > PRESENT) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(PlacementError::SeatInUse)
    }

    /// The seat that a player whose identity or login is known has left without a word, where it would be again: its tab was
    /// closed, or its device has lost the way.
    async fn own_left_seat(&self, placing: &Placing) -> Option<LeftSeat> {
        if placing.is_guest || placing.resume.is_some() {
            return None;
        }
        let room = placing.room.as_ref();
        let (session, room) = self.lock().places.seat_of(placing.player, room)?;
        let silence = match self.room_of(session) {
            Some(room) => room.silence(session).await,
            None => None,
        };
        silence
            .is_none_or(|silence| silence > LEFT)
            .then_some(LeftSeat {
                session,
                before: None,
                room,
            })
    }

    fn room_of(&self, session: SessionId) -> Option<RoomHandle> {
        let state = self.lock();
        let place = state.places.get(self.clock.now(), session)?;
        match &state.rooms.get(&place.room)?.stage {
            Stage::Running(handle) => Some(handle.clone()),
            Stage::Reserved(_) => None,
        }
    }

    /// Whether an address may hold one place more, perhaps in a room of its own.
    fn within_budget(
        &self,
        state: &State,
        address: AddressPrefix,
        is_new_room: bool,
    ) -> Result<(), PlacementError> {
        let limits = &self.limits;
        let (made, _) = state.made_by(address);
        let free_rooms = limits.max_rooms.saturating_sub(state.running());
        let may_make = made < limits.rooms_of_address && is_fair(made, ROOMS_ANYWAY, free_rooms);
        let has_many_rooms = is_new_room && !may_make;
        let (held, unattached) = state.places.of_address(address);
        let seats = limits.max_rooms.saturating_mul(limits.capacity);
        let free_seats = seats.saturating_sub(state.places.len());
        let has_many = held >= limits.places_of_address
            || unattached >= MOST_UNATTACHED
            || !is_fair(held, limits.capacity, free_seats);
        if has_many || has_many_rooms {
            return Err(PlacementError::AddressFull);
        }
        Ok(())
    }
}

#[async_trait]
impl RoomDirectory for Rooms {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        if let Some(options) = &placing.options {
            self.factory.reads(options)?;
        }
        let placing = Placing {
            resume: placing.resume.map(|seat| self.newest_known(seat)),
            ..placing
        };
        if let Some(seat) = &placing.resume {
            self.is_left(seat.session).await?;
        }
        let own = self.own_left_seat(&placing).await;
        let now = self.clock.now();
        let by_default = placing.visibility;
        let mut state = self.lock();
        // It may have ended this very moment.
        let own = own.filter(|own| state.places.get(now, own.session).is_some());
        let placing = Placing {
            resume: placing.resume.or(own),
            ..placing
        };
        let is_newcomer = placing.resume.is_none();
        if state.returns.is_some() || (state.is_draining && is_newcomer) {
            return Err(PlacementError::ShuttingDown);
        }
        state.expire(now);
        let session = placing.session;
        let (room, player) = self.hold(now, &mut state, placing)?;
        publish(&state);
        let place = state.places.get(now, session);
        let takes_over = place.and_then(|place| place.resumes);
        let found = state.rooms.get(&room);
        Ok(Placed {
            visibility: found.map_or(by_default, |room| room.visibility),
            room,
            player,
            is_resumed: !is_newcomer,
            takes_over,
        })
    }

    fn session_status(&self, session: SessionId) -> SessionStatus {
        let now = self.clock.now();
        self.lock().places.session_status(now, session)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        self.summaries()
    }
}

impl Rooms {
    /// The public rooms that run.
    pub(super) fn summaries(&self) -> Vec<RoomSummary> {
        let state = self.lock();
        let taken = state.places.taken();
        let summary = |(id, room): (&RoomId, &Room)| {
            // The name of a private room is all that it takes to come in.
            let (Stage::Running(handle), Visibility::Public) = (&room.stage, room.visibility)
            else {
                return None;
            };
            let Listing { bots, label } = handle.listing();
            Some(RoomSummary {
                room: id.clone(),
                players: taken.get(id).copied().unwrap_or(0),
                bots,
                capacity: self.limits.capacity,
                visibility: room.visibility,
                label,
            })
        };
        let mut list: Vec<RoomSummary> = state.rooms.iter().filter_map(summary).collect();
        list.sort_by(|a, b| a.room.cmp(&b.room));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_many_leaves_the_last_ones_to_others() {
        let (most, mut free) = (128, 600);
        // Five addresses with all that they may have would need 640.
        for _ in 0..5 {
            let takes = (0..most).find(|held| !is_fair(*held, 12, free - held));
            free -= takes.unwrap_or(most);
        }
        assert!(free >= 50, "{free} are left");
        // Even so, each may have a room's worth.
        assert!(is_fair(11, 12, 1));
        assert!(!is_fair(12, 12, 12));
    }
}
