//! A run from its first tick to its last, and what came of it.

use std::time::Duration;

use super::client::SnapshotTally;
use super::counts::Counts;
use super::record::InputTally;
use super::scenario::Scenario;
use super::witness::Witness;
use super::world::World;

/// How long what was on its way may take to arrive once the links are mended: a stream's longest timeout, and what
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
    /// State datagrams that were put on the air, with their packets' bytes.
    pub sent: Vec<(Duration, usize)>,
    /// Datagrams that were corrupted, both ways.
    pub corrupted: u64,
}

/// Plays a scenario to its end, then mends the links and waits until all that was said has arrived.
#[must_use]
pub fn play(scenario: &Scenario) -> Outcome {
    let (world, counts) = Counts::of(|| {
        let mut world = World::new(scenario);
        world.run(scenario.length, |_| false);
        for guest in &mut world.guests {
            guest.mend(world.now);
        }
        world.run(scenario.length + SETTLING, is_settled);
        world
    });
    let digest = world.digest();
    let mut record = std::mem::take(&mut *world.record.read());
    let guests = world.guests.into_iter().zip(world.witnesses);
    let guests = guests.map(|(mut guest, mut witness)| {
        let known = record.remove(guest.name.as_str()).unwrap_or_default();
        if witness.ended.is_none() {
            judge_messages(&mut witness, &known.events, &known.actions, &guest.said);
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

/// Whether all that was said, either way, has been taken.
fn is_settled(world: &World) -> bool {
    let record = world.record.read();
    world
        .guests
        .iter()
        .zip(&world.witnesses)
        .all(|(guest, witness)| {
            let known = record.get(guest.name.as_str());
            witness.ended.is_some()
                || known.is_some_and(|known| {
                    guest.client.is_acknowledged()
                        && witness.events.len() == known.events.len()
                        && guest.said.len() == known.actions.len()
                })
        })
}

fn judge_messages(
    witness: &mut Witness,
    told: &[(protocol::tick::Tick, Vec<u8>)],
    taken: &[u32],
    said: &[u32],
) {
    if witness.welcomes != 1 {
        witness.fault(format!("welcomed {} times", witness.welcomes));
    }
    if witness.events != told {
        let same = witness.events.iter().zip(told).take_while(|(a, b)| a == b);
        witness.fault(format!(
            "of {} events {} came, the first {} as told",
            told.len(),
            witness.events.len(),
            same.count()
        ));
    }
    if taken != said {
        witness.fault(format!("said {said:?}, the room took {taken:?}"));
    }
}
