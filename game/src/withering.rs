//! Mass lost over time: outside the boundary quickly, above a certain size slowly.

use super::circle::Circle;
use super::movement::Body;
use super::rules::Rules;

/// Takes one tick's loss from a circle. Returns whether it died of it.
pub(super) fn wither(circle: &mut Circle, boundary: u32, rules: &Rules) -> bool {
    let config = rules.config();
    let mass = u64::from(circle.mass());
    // In thousandths of the mass a second.
    let withering = if is_outside(&circle.body, boundary) {
        (mass * u64::from(config.wither_percent) * 10).max(u64::from(config.wither_minimum) * 1_000)
    } else {
        0
    };
    let decay = if circle.mass() > config.decay_above {
        mass * u64::from(config.decay_permille)
    } else {
        0
    };
    let whole = whole_debt(rules);
    circle.debt += withering + decay;
    let due = circle.debt / whole;
    circle.debt %= whole;
    if due > 0 {
        circle.lose(u32::try_from(due).unwrap_or(u32::MAX));
    }
    withering > 0 && circle.mass() < config.wither_death
}

/// The debt that one unit of mass pays off: thousandths a second, gathered in each tick.
pub(super) fn whole_debt(rules: &Rules) -> u64 {
    1_000 * u64::from(rules.tick_rate())
}

/// Whether a centre lies beyond the boundary, whose radius is in 1/256 px.
pub(super) fn is_outside(body: &Body, boundary: u32) -> bool {
    body.distance_squared(&Body::default()) > u64::from(boundary) * u64::from(boundary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GameConfig;
    use crate::rules::pixels;
    use protocol::tick::Tick;

    const BOUNDARY: u32 = pixels(500);

    fn rules() -> Rules {
        Rules::new(GameConfig::default(), 60).unwrap()
    }

    fn after_a_second(x: u32, mass: u32) -> u32 {
        let mut circle = Circle::new(Body::at(x as i32, 0), mass, Tick(0));
        for _ in 0..60 {
            wither(&mut circle, BOUNDARY, &rules());
        }
        circle.mass()
    }

    #[test]
    fn a_circle_withers_outside_the_boundary_only() {
        assert_eq!(after_a_second(BOUNDARY, 100), 100);
        assert_eq!(after_a_second(BOUNDARY + 1, 100), 88);
        let large = after_a_second(BOUNDARY + 1, 1_000);
        assert!((920..=925).contains(&large), "{large}");
    }

    #[test]
    fn a_circle_dies_when_it_withers_below_30() {
        let mut circle = Circle::new(Body::at(BOUNDARY as i32 + 1, 0), 31, Tick(0));
        let ticks = (1..).find(|_| wither(&mut circle, BOUNDARY, &rules()));
        assert_eq!((ticks, circle.mass()), (Some(10), 29));

        let mut starving = Circle::new(Body::default(), 20, Tick(0));
        assert!(!wither(&mut starving, BOUNDARY, &rules()));
    }

    #[test]
    fn a_giant_decays_slowly() {
        assert_eq!(after_a_second(0, 1_500), 1_500);
        let giant = after_a_second(0, 10_000);
        assert!((9_945..=9_955).contains(&giant), "{giant}");
    }
}
