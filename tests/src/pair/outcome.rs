//! A run from its first tick to its last, and what came of it.

use std::time::Duration;

use client::session::SnapshotTally;
use protocol::tick::Tick;

use super::counts::Counts;
use super::record::InputTally;
use super::scenario::Scenario;
use super::witness::Witness;
use super::world::World;

/// How long what was on its way may take to arrive once the paths are mended: a stream's longest timeout, and what
/// queues behind it.
const SETTLING: Duration = Duration::from_secs(60);

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Each player's.
    pub guests: Vec<GuestOutcome>,
    /// The server's counters.
    pub counts: Counts,
    /// All that passed between players and room, as one number: the same for the same scenario.
    pub digest: u64,
}

/// What came of one player's session.
#[derive(Debug)]
pub struct GuestOutcome {
    /// What was seen, and what was wrong with it.
    pub witness: Witness,
    /// What became of datagrams that came in.
    pub tally: SnapshotTally,
    /// Snapshots that the room wrote.
    pub written: u64,
    /// Inputs that the game was stepped with.
    pub inputs: InputTally,
    /// State datagrams that were sent, with their packets' bytes.
    pub sent: Vec<(Duration, usize)>,
    /// Datagrams that were corrupted, both ways.
    pub corrupted: u64,
}

/// Plays a scenario to its end, then mends the paths and waits until all that was said by then has arrived. The game
/// goes on meanwhile, and on a slow path some of what it tells is always under way.
#[must_use]
pub fn play(scenario: &Scenario) -> Outcome {
    let ((world, owed), counts) = Counts::of(|| {
        let mut world = World::new(scenario);
        world.run(scenario.length, |_| false);
        for guest in &mut world.guests {
            guest.mend(world.now);
        }
        let owed = events_told(&world);
        world.run(scenario.length + SETTLING, |world| is_settled(world, &owed));
        (world, owed)
    });
    let digest = world.digest();
    let mut record = std::mem::take(&mut *world.record.read());
    let guests = world.guests.into_iter().zip(world.witnesses).zip(owed);
    let guests = guests.map(|((mut guest, mut witness), owed)| {
        let known = record.remove(guest.name.as_str()).unwrap_or_default();
        if witness.ended.is_none() {
            judge_events(&mut witness, &known.events, owed);
            if known.actions != guest.said {
                let (said, taken) = (&guest.said, &known.actions);
                witness.fault(format!("said {said:?}, the room took {taken:?}"));
            }
        }
        while !guest.wires.is_empty() {
            guest.remove(0);
        }
        GuestOutcome {
            tally: guest.client.tally(),
            written: known.snapshots,
            inputs: known.inputs,
            sent: guest.sent,
            corrupted: guest.corrupted,
            witness,
        }
    });
    Outcome {
        guests: guests.collect(),
        counts,
        digest,
    }
}

/// How many events each player was to be told up to now.
fn events_told(world: &World) -> Vec<usize> {
    let record = world.record.read();
    let guests = world.guests.iter();
    guests
        .map(|guest| {
            let known = record.get(guest.name.as_str());
            known.map_or(0, |known| known.events.len())
        })
        .collect()
}

/// Whether all that the players said and all events that they are owed have been taken.
fn is_settled(world: &World, owed: &[usize]) -> bool {
    let record = world.record.read();
    let guests = world.guests.iter().zip(&world.witnesses).zip(owed);
    guests.into_iter().all(|((guest, witness), owed)| {
        let known = record.get(guest.name.as_str());
        witness.ended.is_some()
            || known.is_some_and(|known| {
                guest.client.is_acknowledged()
                    && witness.events.len() >= *owed
                    && guest.said.len() == known.actions.len()
            })
    })
}

/// Events come once and in order, at least as many as are owed.
fn judge_events(witness: &mut Witness, told: &[(Tick, Vec<u8>)], owed: usize) {
    if witness.welcomes != 1 {
        witness.fault(format!("welcomed {} times", witness.welcomes));
    }
    let came = witness.events.len();
    if came < owed || !told.starts_with(&witness.events) {
        let same = witness.events.iter().zip(told).take_while(|(a, b)| a == b);
        witness.fault(format!(
            "of {} events, {owed} of them owed, {came} came, the first {} as told",
            told.len(),
            same.count()
        ));
    }
}
