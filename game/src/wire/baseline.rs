//! What both ends remember of a snapshot, to foresee the next one by. Not its bits.

use serde::Serialize;

use super::view::{CircleView, OwnCircle, View};

/// A view as both ends remember it. The default is what every client holds from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Baseline {
    view: View,
    /// For each circle of the view how far it has gone since the baseline before.
    steps: Vec<Step>,
    /// Ticks in which it did.
    age: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Step {
    x: i16,
    y: i16,
}

impl Baseline {
    /// The view.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For each circle of the view how far it has gone since the baseline before, in quarter
    /// pixels.
    pub fn steps(&self) -> impl Iterator<Item = (i16, i16)> {
        self.steps.iter().map(|step| (step.x, step.y))
    }

    /// What is remembered of `view`, when it comes `age` ticks after this one.
    #[must_use]
    pub fn followed_by(&self, view: View, age: u16) -> Self {
        let step = |new: &CircleView| {
            self.view
                .circle(new.seat)
                .map_or(Step::default(), |old| Step {
                    x: new.x.wrapping_sub(old.x),
                    y: new.y.wrapping_sub(old.y),
                })
        };
        Self {
            steps: view.circles.iter().map(step).collect(),
            view,
            age,
        }
    }

    /// Where the own circle is expected `age` ticks later, once its velocity is known. That nears
    /// the wanted one ever more slowly, so the new one weighs more than the old.
    pub(super) fn foreseen_own(&self, vx: i32, vy: i32, age: u16) -> OwnCircle {
        let old = self.view.own.unwrap_or_default();
        let way = |before: i32, now: i32| {
            (i64::from(age) * (i64::from(before) + 2 * i64::from(now)) / 3) as i32
        };
        OwnCircle {
            x: old.x.wrapping_add(way(old.vx, vx)),
            y: old.y.wrapping_add(way(old.vy, vy)),
            vx,
            vy,
            mass: old.mass,
            cooldown: old.cooldown.saturating_sub(age),
        }
    }

    /// The circles, and where they are expected `age` ticks later.
    pub(super) fn foreseen(&self, age: u16) -> impl Iterator<Item = (&CircleView, CircleView)> {
        let over = i64::from(self.age.max(1));
        let by = move |step: i16| (i64::from(step) * i64::from(age) / over) as i16;
        self.view
            .circles
            .iter()
            .zip(&self.steps)
            .map(move |(circle, step)| {
                let foreseen = CircleView {
                    x: circle.x.wrapping_add(by(step.x)),
                    y: circle.y.wrapping_add(by(step.y)),
                    ..*circle
                };
                (circle, foreseen)
            })
    }
}
