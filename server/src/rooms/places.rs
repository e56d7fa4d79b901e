//! Who holds a place in which room: a list with times, and no room, lock or clock in it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use protocol::ids::{PlayerId, RoomId, SessionId};
use serde_json::Value;
use signaling::{AddressPrefix, SessionStatus};

use crate::game::Player;
use crate::room::Share;

/// How long a join holds a place for a first link.
pub(super) const PLACE_LIFETIME: Duration = Duration::from_secs(15);

/// One session's place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) room: RoomId,
    pub(super) player: Player,
    /// What the game is asked for.
    pub(super) options: Option<Value>,
    /// The session whose seat this one takes over with its first link.
    pub(super) resumes: Option<SessionId>,
    /// Its part of the room's queue.
    pub(super) share: Share,
    /// Whose budget it draws on, if there is one.
    budget: Option<AddressPrefix>,
    /// When the place is given up, unless a link comes first.
    expires: Option<Duration>,
    /// Whether the session is one of an earlier process: it has its seat, and takes no link.
    is_restored: bool,
}

impl Place {
    /// A newcomer's.
    pub(super) fn new(
        room: RoomId,
        player: Player,
        options: Option<Value>,
        budget: Option<AddressPrefix>,
    ) -> Self {
        Self {
            room,
            player,
            options,
            resumes: None,
            share: Share::default(),
            budget,
            expires: None,
            is_restored: false,
        }
    }

    fn is_over(&self, now: Duration) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// Sessions whose seat went to another that are remembered, so that they can be told so.
const MOST_SUPERSEDED: usize = 1_024;

/// The places of all sessions.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: HashMap<SessionId, Place>,
    superseded: VecDeque<SessionId>,
}

impl Places {
    /// Holds a place until a link comes, for a while.
    pub(super) fn hold(&mut self, now: Duration, session: SessionId, place: Place) {
        let expires = Some(now + PLACE_LIFETIME);
        self.places.insert(session, Place { expires, ..place });
    }

    /// Gives a session of an earlier process its place back. Nobody's budget pays for it.
    pub(super) fn restore(&mut self, session: SessionId, room: RoomId, player: Player) {
        let place = Place {
            is_restored: true,
            ..Place::new(room, player, None, None)
        };
        self.places.insert(session, place);
    }

    /// Holds the place of `old` for `session`, which takes the seat over with its first link. Gives
    /// it, or nothing when `old` has no place any more.
    pub(super) fn resume(
        &mut self,
        now: Duration,
        session: SessionId,
        old: SessionId,
    ) -> Option<&Place> {
        let place = self.get(now, old)?.clone();
        // Of several that would take a seat over, the last one counts.
        self.places
            .retain(|_, heir| heir.resumes != Some(old) || heir.expires.is_none());
        // A place without a seat is handed on as it is.
        let resumes = if place.expires.is_some() {
            self.places.remove(&old);
            place.resumes
        } else {
            Some(old)
        };
        let place = Place {
            resumes,
            share: Share::default(),
            expires: Some(now + PLACE_LIFETIME),
            is_restored: false,
            ..place
        };
        self.places.insert(session, place);
        self.places.get(&session)
    }

    /// The place of a session whose link has come: it expires no more.
    pub(super) fn attach(&mut self, now: Duration, session: SessionId) -> Option<&Place> {
        let place = self.places.get_mut(&session)?;
        if place.is_over(now) {
            return None;
        }
        place.expires = None;
        Some(place)
    }

    /// The session in which a player has a seat, and its room: this one, or any.
    pub(super) fn seat_of(
        &self,
        player: PlayerId,
        room: Option<&RoomId>,
    ) -> Option<(SessionId, RoomId)> {
        let is_theirs = |place: &Place| {
            let is_there = room.is_none_or(|room| place.room == *room);
            place.player.id == player && place.expires.is_none() && is_there
        };
        let mut seats = self.places.iter().filter(|(_, place)| is_theirs(place));
        let (session, place) = seats.next()?;
        Some((*session, place.room.clone()))
    }

    /// How a session stands.
    pub(super) fn session_status(&self, now: Duration, session: SessionId) -> SessionStatus {
        match self.get(now, session) {
            Some(place) if place.is_restored => SessionStatus::Waiting,
            Some(_) => SessionStatus::Placed,
            None if self.superseded.contains(&session) => SessionStatus::Superseded,
            None => SessionStatus::Over,
        }
    }

    /// A session's place.
    pub(super) fn get(&self, now: Duration, session: SessionId) -> Option<&Place> {
        self.places
            .get(&session)
            .filter(|place| !place.is_over(now))
    }

    /// The session is over.
    pub(super) fn end(&mut self, session: SessionId) {
        self.places.remove(&session);
        let is_heir = |place: &Place| place.resumes == Some(session) && place.expires.is_none();
        if self.places.values().any(is_heir) {
            if self.superseded.len() == MOST_SUPERSEDED {
                self.superseded.pop_front();
            }
            self.superseded.push_back(session);
        }
    }

    /// The room is gone, and all places in it.
    pub(super) fn end_room(&mut self, room: &RoomId) {
        self.places.retain(|_, place| place.room != *room);
    }

    /// Gives up the places for which no link has come in time.
    pub(super) fn expire(&mut self, now: Duration) {
        self.places.retain(|_, place| !place.is_over(now));
    }

    /// Places taken, by room. One that takes over another's seat counts once with it.
    pub(super) fn taken(&self) -> HashMap<&RoomId, usize> {
        let mut taken = HashMap::new();
        let is_double = |place: &Place| {
            place
                .resumes
                .is_some_and(|old| self.places.contains_key(&old))
        };
        for place in self.places.values().filter(|place| !is_double(place)) {
            *taken.entry(&place.room).or_default() += 1;
        }
        taken
    }

    /// Places taken in one room, as [`Self::taken`] counts.
    pub(super) fn in_room(&self, room: &RoomId) -> usize {
        self.taken().get(room).copied().unwrap_or(0)
    }

    /// Gives up one place in a room: of the newcomers of the address that holds most without a link there, and at least
    /// two, the one who has waited longest. None of `except`, who asks.
    pub(super) fn yield_one(&mut self, room: &RoomId, except: Option<AddressPrefix>) {
        let mut waiting: HashMap<AddressPrefix, Vec<(Duration, SessionId)>> = HashMap::new();
        for (session, place) in &self.places {
            let is_newcomer = place.room == *room && place.resumes.is_none();
            if let (Some(address), Some(expires), true) = (place.budget, place.expires, is_newcomer)
                && Some(address) != except
            {
                waiting
                    .entry(address)
                    .or_default()
                    .push((expires, *session));
            }
        }
        let most = waiting.values().max_by_key(|places| places.len());
        let oldest = most
            .filter(|places| places.len() > 1)
            .and_then(|places| places.iter().min());
        if let Some((_, session)) = oldest.copied() {
            self.places.remove(&session);
        }
    }

    /// How many places an address holds, and how many of them without a link.
    pub(super) fn of_address(&self, address: AddressPrefix) -> (usize, usize) {
        let held = self
            .places
            .values()
            .filter(|place| place.budget == Some(address));
        held.fold((0, 0), |(all, unattached), place| {
            (all + 1, unattached + usize::from(place.expires.is_some()))
        })
    }

    /// Whether anybody holds a place in a room.
    pub(super) fn is_wanted(&self, room: &RoomId) -> bool {
        self.places.values().any(|place| place.room == *room)
    }

    /// The rooms in which anybody holds a place.
    pub(super) fn rooms(&self) -> HashSet<&RoomId> {
        self.places.values().map(|place| &place.room).collect()
    }

    /// Sessions in all.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use protocol::name::PlayerName;

    use super::*;

    const LATER: Duration = Duration::from_secs(16);

    fn room() -> RoomId {
        RoomId::parse("a").unwrap()
    }

    fn with_place(session: SessionId) -> Places {
        let mut places = Places::default();
        let player = Player::guest(PlayerId::from_bits(1), PlayerName::parse("Ada").unwrap());
        let place = Place::new(room(), player, None, None);
        places.hold(Duration::ZERO, session, place);
        places
    }

    #[test]
    fn a_place_without_a_link_is_over_in_time_whether_or_not_anybody_tidies_up() {
        let session = SessionId(1);
        let mut places = with_place(session);
        assert!(places.get(PLACE_LIFETIME / 2, session).is_some());
        assert!(places.get(PLACE_LIFETIME, session).is_none());
        assert!(places.attach(PLACE_LIFETIME, session).is_none());
        places.expire(PLACE_LIFETIME);
        assert!(!places.is_wanted(&room()));

        let mut places = with_place(session);
        assert!(places.attach(PLACE_LIFETIME / 2, session).is_some());
        places.expire(LATER);
        assert!(places.get(LATER, session).is_some());
    }

    #[test]
    fn who_only_says_that_it_comes_and_says_it_often_yields_to_a_newcomer() {
        let mut places = Places::default();
        let from = |last: u8| Some(AddressPrefix::from(IpAddr::from([192, 0, 2, last])));
        let mut come = |session: u64, address: u8| {
            let player = Player::guest(
                PlayerId::from_bits(session.into()),
                PlayerName::parse("Ada").unwrap(),
            );
            let place = Place::new(room(), player, None, from(address));
            let now = Duration::from_millis(session);
            places.hold(now, SessionId(session), place);
        };
        for (session, address) in [(1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (6, 3)] {
            come(session, address);
        }
        places.attach(LATER / 2, SessionId(2)).unwrap();
        let mut held = |except| {
            places.yield_one(&room(), from(except));
            let mut held: Vec<_> = places.places.keys().map(|session| session.0).collect();
            held.sort_unstable();
            held
        };
        // Not a player who plays, nor one who is alone with its address, nor whoever asks.
        assert_eq!(held(3), [1, 2, 4, 5, 6]);
        assert_eq!(held(9), [1, 2, 4, 6]);
        assert_eq!(held(9), [1, 2, 4, 6]);
    }

    #[test]
    fn of_those_who_would_take_a_seat_over_the_last_one_counts() {
        let old = SessionId(1);
        let mut places = with_place(old);
        places.attach(Duration::ZERO, old).unwrap();
        for heir in 2..90 {
            assert!(
                places
                    .resume(Duration::ZERO, SessionId(heir), old)
                    .is_some()
            );
        }
        places.end(old);
        assert_eq!(places.taken()[&room()], 1);
        assert!(places.attach(Duration::ZERO, SessionId(89)).is_some());
    }

    #[test]
    fn a_seat_that_is_taken_over_counts_once() {
        let (old, new, newest) = (SessionId(1), SessionId(2), SessionId(3));
        let mut places = with_place(old);
        places.attach(Duration::ZERO, old).unwrap();
        assert!(places.resume(Duration::ZERO, new, old).is_some());
        assert_eq!(places.taken()[&room()], 1);
        // A page that is loaded anew before its first link came hands the claim on.
        assert!(places.resume(Duration::ZERO, newest, new).is_some());
        assert!(places.get(Duration::ZERO, new).is_none());
        let place = places.attach(Duration::ZERO, newest).unwrap();
        assert_eq!(place.resumes, Some(old));
        places.end(old);
        let status = |session| places.session_status(Duration::ZERO, session);
        let all = [old, new, newest].map(status);
        assert_eq!(
            all,
            [
                SessionStatus::Superseded,
                SessionStatus::Over,
                SessionStatus::Placed
            ]
        );
        assert_eq!(places.taken()[&room()], 1);
        assert!(places.resume(Duration::ZERO, new, old).is_none());
    }
}
