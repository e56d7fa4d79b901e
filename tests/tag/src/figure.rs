//! One player's figure.

use serde::{Deserialize, Serialize};

use crate::movement::{Body, Tuning};
use crate::wire::Input;

/// A figure, and what is remembered of its player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What to call the player.
    pub name: String,
    /// Where it is.
    pub body: Body,
    /// Whether the player is away: nobody can tag it then.
    pub is_away: bool,
    /// Ticks of this round in which it was not it.
    pub free_ticks: u32,
}

impl Figure {
    /// A newcomer's, as far from the others as one of the places allows.
    #[must_use]
    pub fn new(name: String, others: &[Body], tuning: &Tuning) -> Self {
        let nearest = |place: &Body| {
            others
                .iter()
                .map(|other| distance_squared(place, other))
                .min()
        };
        let places = places(tuning);
        // Of equals `max_by_key` takes the last.
        let body = places
            .into_iter()
            .rev()
            .max_by_key(nearest)
            .unwrap_or_default();
        Self {
            name,
            body,
            is_away: false,
            free_ticks: 0,
        }
    }
}

/// Square of the distance between two centres.
#[must_use]
pub(crate) fn distance_squared(one: &Body, other: &Body) -> i64 {
    let (dx, dy) = (i64::from(one.x - other.x), i64::from(one.y - other.y));
    dx * dx + dy * dy
}

/// The corners and the middles of the sides, a little inside, looking to the right.
fn places(tuning: &Tuning) -> Vec<Body> {
    let at = |share: i32| i32::from(tuning.size) * share / 8;
    let shares = [
        (1, 1),
        (7, 7),
        (1, 7),
        (7, 1),
        (4, 1),
        (4, 7),
        (1, 4),
        (7, 4),
    ];
    let body = |(x, y)| Body {
        x: at(x),
        y: at(y),
        facing: Input(Input::RIGHT),
        ..Body::default()
    };
    shares.into_iter().map(body).collect()
}
