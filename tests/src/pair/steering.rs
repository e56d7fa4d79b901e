//! What a virtual player steers at each tick: known beforehand, so that whoever sees an input can tell for which tick
//! it was meant. No clock and no wire.

use std::f64::consts::TAU;

use game::wire::GameInput;
use protocol::tick::Tick;

/// Ticks until the same low bits come again; longer than the server repeats a lost input.
const CODE: u32 = 64;

/// What player `player` steers at `tick`: a course that turns slowly, with the tick's number modulo 64 in the low bits.
pub(super) fn steering(player: u64, tick: Tick) -> GameInput {
    let turn = player as f64 * 0.37 + f64::from(tick.0) / 400.0;
    let (y, x) = (turn * TAU).sin_cos();
    let code = tick.0 % CODE;
    GameInput::steering(coded(x, code & 7), coded(y, code >> 3))
}

/// For how many ticks before `tick` the input has been held: 0 when it is meant for that very tick. `None` when the
/// player never meant it.
pub(super) fn age(player: u64, tick: Tick, input: GameInput) -> Option<u32> {
    (0..CODE).find(|back| {
        tick.0
            .checked_sub(*back)
            .is_some_and(|meant| steering(player, Tick(meant)) == input)
    })
}

fn coded(component: f64, low_bits: u32) -> i8 {
    ((component * 120.0) as i8 & !7) | low_bits as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_tells_its_tick() {
        for player in 0..20 {
            for tick in (100..10_000).step_by(37) {
                let input = steering(player, Tick(tick));
                for held in [0, 1, 31, 63] {
                    assert_eq!(age(player, Tick(tick + held), input), Some(held));
                }
                assert_ne!(input, GameInput::default());
            }
        }
    }
}
