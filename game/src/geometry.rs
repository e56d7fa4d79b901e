//! Directions and distances in whole numbers. It knows no circle.

/// Directions around the compass.
pub(super) const TURN: usize = 256;

/// Length of a vector in [`DIRECTIONS`].
pub(super) const UNIT: i64 = 1 << 14;

/// Unit vectors, clockwise from the right (y grows downward).
pub(super) static DIRECTIONS: [(i32, i32); TURN] = directions();

/// The point at this distance from (0, 0) in the given direction, counted modulo a turn.
pub(super) fn polar(direction: usize, distance: i64) -> (i64, i64) {
    let (x, y) = DIRECTIONS[direction % TURN];
    (
        i64::from(x) * distance / UNIT,
        i64::from(y) * distance / UNIT,
    )
}

/// Length of a vector, rounded down.
pub(super) fn length(x: i64, y: i64) -> i64 {
    x.saturating_mul(x)
        .saturating_add(y.saturating_mul(y))
        .isqrt()
}

/// Each direction is the one before, turned by a 256th: a rotation in 30-bit fixed point.
const fn directions() -> [(i32, i32); TURN] {
    const COS: i64 = 1_073_418_433;
    const SIN: i64 = 26_350_943;
    const HALF: i64 = 1 << 15;
    let mut table = [(0, 0); TURN];
    let (mut x, mut y) = (1i64 << 30, 0i64);
    let mut index = 0;
    while index < TURN {
        table[index] = (((x + HALF) >> 16) as i32, ((y + HALF) >> 16) as i32);
        (x, y) = ((x * COS - y * SIN) >> 30, (x * SIN + y * COS) >> 30);
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compass_is_round() {
        for (direction, &(x, y)) in DIRECTIONS.iter().enumerate() {
            let length = length(x.into(), y.into());
            assert!(
                (UNIT - 2..=UNIT + 1).contains(&length),
                "{direction}: {length}"
            );
        }
        let (x, y) = polar(TURN / 4, 1_000);
        assert!(x.abs() <= 1 && (998..=1_000).contains(&y), "{x} {y}");
        let (x, y) = polar(TURN / 2, 1_000);
        assert!((-1_000..=-998).contains(&x) && y.abs() <= 1, "{x} {y}");
    }
}
