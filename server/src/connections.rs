//! How many HTTP connections there are, in all and of one address. A WebSocket counts until it is upgraded; from then on it
//! is a link, which waits in a place of its own or holds a seat. Where no place is left, the address that has the most gives
//! one to an address that has fewer.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signaling::AddressPrefix;
use tokio_util::sync::CancellationToken;

use crate::counters;

/// Connections of one address: some for each of the players that a carrier puts behind it.
const MOST_OF_ADDRESS: usize = 1_024;

/// Of these, such as have said nothing yet. Who comes for something speaks within a round trip.
const MOST_SILENT_OF_ADDRESS: usize = 256;

/// The connections there are.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Mutex<Table>>);

/// One connection's place; free again when dropped.
pub(crate) struct Place {
    connections: Connections,
    number: u64,
    /// Nothing for a connection without a budget.
    address: Option<AddressPrefix>,
    closed: CancellationToken,
}

impl Connections {
    /// None yet, and at most so many.
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Table {
            most,
            ..Table::default()
        })))
    }

    /// Lets in a connection that has said nothing yet; counts it as an address's too, if that has a budget.
    pub(crate) fn take(&self, address: Option<AddressPrefix>) -> Option<Place> {
        let mut table = self.lock();
        let admitted = table.admits(address);
        counted(admitted.and_then(|()| table.has_room_for(address)))?;
        let place = Place {
            connections: self.clone(),
            number: table.next,
            address,
            closed: CancellationToken::new(),
        };
        table.next += 1;
        table.all += 1;
        table.insert(address, place.number, &place.closed);
        Some(place)
    }

    /// Closes one, where the system has no file left.
    pub(crate) fn make_room(&self) {
        self.lock().close_one();
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Is cancelled when the place goes to somebody else.
    pub(crate) fn closed(&self) -> CancellationToken {
        self.closed.clone()
    }

    /// Notes that something was said.
    pub(crate) fn has_spoken(&self) {
        let mut table = self.connections.lock();
        if let Some(held) = self.address.and_then(|address| table.of(address)) {
            held.silent.remove(&self.number);
        }
    }

    /// Counts it as somebody else's, whom a proxy names; nothing when that has too many.
    pub(crate) fn named(mut self, address: Option<AddressPrefix>) -> Option<Self> {
        let mut table = self.connections.lock();
        counted(table.admits(address))?;
        table.remove(self.address, self.number);
        table.insert(address, self.number, &self.closed);
        drop(table);
        self.address = address;
        Some(self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.connections.lock();
        table.remove(self.address, self.number);
        // Else it is free since it was given away.
        if !self.closed.is_cancelled() {
            table.all -= 1;
        }
    }
}

fn counted(outcome: Result<(), &'static str>) -> Option<()> {
    outcome
        .inspect_err(|reason| counters::refused("tcp-connection", reason))
        .ok()
}

#[derive(Default)]
struct Table {
    most: usize,
    all: usize,
    next: u64,
    of_address: HashMap<AddressPrefix, OfAddress>,
    /// The same addresses; the last is that which has the most, and of such the oldest connection.
    by_count: BTreeSet<(usize, Reverse<u64>, AddressPrefix)>,
}

/// By number, the oldest first.
#[derive(Default)]
struct OfAddress {
    open: BTreeMap<u64, CancellationToken>,
    silent: BTreeSet<u64>,
}

impl Table {
    fn of(&mut self, address: AddressPrefix) -> Option<&mut OfAddress> {
        self.of_address.get_mut(&address)
    }

    /// Whether an address may have one more.
    fn admits(&mut self, address: Option<AddressPrefix>) -> Result<(), &'static str> {
        match address.and_then(|address| self.of(address)) {
            Some(held) if held.open.len() >= MOST_OF_ADDRESS => Err("too-many-of-address"),
            Some(held) if held.silent.len() >= MOST_SILENT_OF_ADDRESS => {
                Err("too-many-silent-of-address")
            }
            _ => Ok(()),
        }
    }

    /// Whether there is a place for it, be it another's.
    fn has_room_for(&mut self, address: Option<AddressPrefix>) -> Result<(), &'static str> {
        if self.all < self.most {
            return Ok(());
        }
        let own = address.and_then(|address| self.of(address));
        let own = own.map_or(0, |held| held.open.len());
        let most = self.by_count.last().map_or(0, |(count, ..)| *count);
        if most <= own {
            return Err("too-many");
        }
        self.close_one();
        Ok(())
    }

    /// Gives away the oldest place of the address that has the most.
    fn close_one(&mut self) {
        let Some(&(_, Reverse(number), address)) = self.by_count.last() else {
            return;
        };
        counters::refused("tcp-connection", "closed-for-another");
        if let Some(closed) = self.remove(Some(address), number) {
            closed.cancel();
            self.all -= 1;
        }
    }

    fn insert(&mut self, address: Option<AddressPrefix>, number: u64, closed: &CancellationToken) {
        let Some(address) = address else { return };
        let held = self.of_address.entry(address).or_default();
        if let Some(key) = held.key(address) {
            self.by_count.remove(&key);
        }
        held.open.insert(number, closed.clone());
        held.silent.insert(number);
        self.by_count.extend(held.key(address));
    }

    fn remove(&mut self, address: Option<AddressPrefix>, number: u64) -> Option<CancellationToken> {
        let address = address?;
        let held = self.of_address.get_mut(&address)?;
        let before = held.key(address);
        let closed = held.open.remove(&number)?;
        held.silent.remove(&number);
        if let Some(key) = before {
            self.by_count.remove(&key);
        }
        match held.key(address) {
            Some(key) => {
                self.by_count.insert(key);
            }
            None => {
                self.of_address.remove(&address);
            }
        }
        Some(closed)
    }
}

impl OfAddress {
    /// Where the address stands by its count; nowhere when it has none.
    fn key(&self, address: AddressPrefix) -> Option<(usize, Reverse<u64>, AddressPrefix)> {
        let (oldest, _) = self.open.first_key_value()?;
        Some((self.open.len(), Reverse(*oldest), address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::net::{IpAddr, Ipv4Addr};

    fn address(number: u8) -> Option<AddressPrefix> {
        Some(IpAddr::from(Ipv4Addr::new(192, 0, 2, number)).into())
    }

    fn take(connections: &Connections, number: u8, count: usize) -> Vec<Place> {
        let taken = (0..count).map_while(|_| connections.take(address(number)));
        taken.inspect(Place::has_spoken).collect()
    }

    fn open(places: &[Place]) -> usize {
        let open = places.iter().filter(|place| !place.closed.is_cancelled());
        open.count()
    }

    #[test]
    fn a_newcomer_gets_a_place_of_whoever_has_the_most() {
        let connections = Connections::new(10);
        let (greedy, other) = (take(&connections, 1, 7), take(&connections, 2, 3));
        let newcomers = take(&connections, 3, 4);
        assert_eq!(
            [&greedy, &other, &newcomers].map(|held| open(held)),
            [3, 3, 4]
        );
        assert!(greedy[0].closed.is_cancelled(), "the oldest goes first");
        // Nobody takes from whoever has as many.
        assert!(connections.take(address(3)).is_none());
        assert!(
            connections.take(None).is_some(),
            "who has no budget gets in"
        );
        drop((greedy, other, newcomers));
        let table = connections.lock();
        assert_eq!(
            (table.all, table.of_address.len(), table.by_count.len()),
            (0, 0, 0)
        );
    }

    #[test]
    fn many_addresses_with_one_connection_each_shut_nobody_out() {
        let connections = Connections::new(10);
        let held: Vec<Place> = (1..=10)
            .flat_map(|number| take(&connections, number, 1))
            .collect();
        let newcomer = take(&connections, 11, 1);
        assert_eq!((open(&held), open(&newcomer)), (9, 1));
        assert!(held[0].closed.is_cancelled());
    }

    #[test]
    fn an_address_is_bounded_and_more_so_while_it_says_nothing() {
        let connections = Connections::new(10_000);
        let silent = || connections.take(address(1));
        let held: Vec<Place> = (0..300).map_while(|_| silent()).collect();
        assert_eq!(held.len(), MOST_SILENT_OF_ADDRESS);
        held[0].has_spoken();
        held[0].has_spoken();
        let one_more = silent().unwrap();
        assert!(silent().is_none());
        drop((held, one_more));
        assert_eq!(take(&connections, 1, 2_000).len(), MOST_OF_ADDRESS);
    }

    #[test]
    fn whom_a_proxy_names_is_counted_in_its_place() {
        let connections = Connections::new(2_000);
        let named = |place: Place| place.named(address(1));
        let held: Vec<Place> = (0..300)
            .map_while(|_| connections.take(None).and_then(named))
            .collect();
        assert_eq!(held.len(), MOST_SILENT_OF_ADDRESS);
        assert!(named(connections.take(None).unwrap()).is_none());
        assert_eq!(connections.lock().all, MOST_SILENT_OF_ADDRESS);
    }
}
