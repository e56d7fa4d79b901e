//! Any script of a room's calls: the same script gives the same bytes, and none breaks the game.

use super::*;
use crate::wire::MAX_SEATS;
use proptest::prelude::*;
use protocol::codec::encode;

#[derive(Clone, Debug)]
enum Call {
    Join,
    Leave(u8),
    Park(u8, bool),
    Act(u8),
    Input(u8, i8, i8),
    Run(u16),
    Snapshot(u8, u16),
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let seat = || 0u8..18;
    let call = prop_oneof![
        3 => Just(Call::Join),
        1 => seat().prop_map(Call::Leave),
        1 => (seat(), any::<bool>()).prop_map(|(seat, parked)| Call::Park(seat, parked)),
        1 => seat().prop_map(Call::Act),
        3 => (seat(), any::<(i8, i8)>()).prop_map(|(seat, (x, y))| Call::Input(seat, x, y)),
        6 => (1u16..120).prop_map(Call::Run),
        4 => (0u8..16, 0u16..400).prop_map(|(seat, budget)| Call::Snapshot(seat, budget)),
    ];
    prop::collection::vec(call, 1..60)
}

/// A hectic game: everything happens within seconds.
pub(super) fn hectic() -> GameConfig {
    let stage = |radius| crate::config::StageConfig {
        hold_seconds: 1,
        shrink_seconds: 2,
        radius,
    };
    GameConfig {
        arena_radius: 400,
        boundary: vec![stage(300), stage(80)],
        countdown_seconds: 1,
        playing_seconds: 10,
        results_seconds: 1,
        late_join_seconds: 3,
        ..GameConfig::default()
    }
}

/// All bytes that a script brings forth.
fn run(seed: u64, calls: &[Call]) -> Vec<Vec<u8>> {
    let mut room = Room::new(hectic(), seed);
    let mut baselines = vec![Held::default(); 16];
    let mut said = Vec::new();
    for call in calls {
        match call {
            Call::Join => said.push(vec![room.join("Ada").map_or(0xff, |seat| seat.0)]),
            Call::Leave(seat) => room.leave(Seat(*seat)),
            Call::Park(seat, parked) => room.park(Seat(*seat), *parked),
            Call::Act(seat) => room.ready(Seat(*seat)),
            Call::Input(seat, x, y) => {
                if let Some(input) = room.inputs.get_mut(usize::from(*seat)) {
                    *input = Some(GameInput::steering(*x, *y));
                }
            }
            Call::Run(ticks) => room.run(u32::from(*ticks)),
            Call::Snapshot(seat, budget) => {
                let mut out = Vec::new();
                let budget = usize::from(*budget);
                let baseline = &mut baselines[usize::from(*seat)];
                let now = room.ctx.tick();
                let basis = baseline.basis(now, budget);
                let told = room.game.write_snapshot(Seat(*seat), basis, &mut out);
                assert!(out.len() <= budget);
                if !out.is_empty() {
                    let read = decode_delta(baseline.told.baseline(), baseline.age(now), &out);
                    assert_eq!(read.as_ref(), Ok(told.baseline()));
                }
                *baseline = Held::of(told, now);
                said.push(out);
            }
        }
        said.extend(room.events.drain(..).map(|(_, event)| encode(&event)));
        let (players, bots) = room.seated();
        assert!(players + bots <= MAX_SEATS);
        for (_, circle) in room.game.arena.living() {
            assert!(circle.body.distance_squared(&Body::default()).isqrt() <= 600 * 256 + 2);
        }
    }
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_script_gives_the_same_bytes(seed in any::<u64>(), calls in calls()) {
        prop_assert_eq!(run(seed, &calls), run(seed, &calls));
    }
}

#[test]
fn another_seed_gives_another_game() {
    let calls = [Call::Join, Call::Run(600), Call::Snapshot(0, 400)];
    assert_eq!(run(5, &calls), run(5, &calls));
    assert_ne!(run(5, &calls), run(6, &calls));
}
