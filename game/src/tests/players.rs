//! Players whose doings are drawn from a seed.

use super::*;
use crate::random::Random;

/// Any game that is played as Battle Circles is.
pub(super) trait Circles:
    Game<Options = NoOptions, Input = GameInput, Action = GameAction, Event = GameEvent>
{
}

impl<G> Circles for G where
    G: Game<Options = NoOptions, Input = GameInput, Action = GameAction, Event = GameEvent>
{
}

/// All players of a room: they steer, come, go, go away and come back.
#[derive(Clone)]
pub(super) struct Players(Random);

impl Players {
    pub(super) fn new(seed: u64) -> Self {
        Self(Random::new(seed))
    }

    /// What they do before a tick.
    pub(super) fn act(&mut self, game: &mut impl Circles, ctx: &mut Ctx) {
        let seat = Seat(self.0.below(MAX_SEATS as u32) as u8);
        match self.0.below(100) {
            0..4 => drop(game.admit(ctx, &newcomer("Ada"), NoOptions {})),
            4 => game.leave(ctx, seat),
            5..8 => game.park(ctx, seat, true),
            8..12 => game.park(ctx, seat, false),
            12..16 => game.act(ctx, seat, GameAction::Ready).unwrap(),
            _ => {}
        }
    }

    /// One of them steers another way.
    pub(super) fn steer(&mut self, inputs: &mut [Option<GameInput>; MAX_SEATS]) {
        let seat = self.0.below(MAX_SEATS as u32) as usize;
        inputs[seat] = Some(self.any_input());
    }

    pub(super) fn any_input(&mut self) -> GameInput {
        let mut throttle = || self.0.between(-128, 127) as i8;
        GameInput::steering(throttle(), throttle())
    }
}
