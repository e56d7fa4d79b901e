//! What a player sees, and how the difference between two of these is written: `page/src/view.ts`
//! reads it.

use protocol::codec::encode_into;
use protocol::seat::Seat;
use serde::Serialize;

use crate::figure::Figure;
use crate::movement::Body;
use crate::state::{SEATS, State};
use crate::wire::Input;

/// Where a client takes the figures to be; one that isn't there is at (0, 0).
pub(crate) type View = [(i32, i32); SEATS];

/// What stands before the places of the figures that have moved. At most 18 bytes, and each figure
/// at most 6: a snapshot fits into any budget.
#[derive(Serialize)]
struct Head {
    /// Who is here, the seat's bit each.
    here: u8,
    /// Who is here and away.
    away: u8,
    /// Whose place follows.
    moved: u8,
    it: Option<Seat>,
    is_protected: bool,
    /// Seconds until the round is over.
    seconds_left: u8,
    own: Option<OwnMotion>,
}

/// What the prediction needs beside the place.
#[derive(Serialize)]
struct OwnMotion {
    facing: Input,
    dash: u16,
    rest: u16,
}

/// Appends what turns `baseline` into what `seat` sees, and gives that.
pub(crate) fn write(
    state: &State,
    seconds_left: u8,
    seat: Seat,
    baseline: &View,
    out: &mut Vec<u8>,
) -> View {
    let bits = |chosen: &dyn Fn(usize) -> bool| {
        (0..SEATS).fold(0, |bits, at| bits | u8::from(chosen(at)) << at)
    };
    let view = view(state);
    let motion = |Body {
                      facing, dash, rest, ..
                  }| OwnMotion { facing, dash, rest };
    let head = Head {
        here: bits(&|at| state.figures[at].is_some()),
        away: bits(&|at| {
            state.figures[at]
                .as_ref()
                .is_some_and(|figure| figure.is_away)
        }),
        moved: bits(&|at| view[at] != baseline[at]),
        it: state.it,
        is_protected: state.protection > 0,
        seconds_left,
        own: state.figure(seat).map(|figure| motion(figure.body)),
    };
    encode_into(&head, out);
    for (now, before) in view
        .iter()
        .zip(baseline)
        .filter(|(now, before)| now != before)
    {
        encode_into(&(now.0 - before.0, now.1 - before.1), out);
    }
    view
}

fn view(state: &State) -> View {
    let place = |figure: &Figure| (figure.body.x, figure.body.y);
    let figures = state.figures.each_ref();
    figures.map(|figure| figure.as_ref().map_or((0, 0), place))
}
