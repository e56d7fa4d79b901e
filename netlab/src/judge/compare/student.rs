//! Student's distribution: how likely a deviation is by chance alone, and how wide an interval must be. Nothing else of
//! statistics.

use std::f64::consts::FRAC_2_PI;

/// The chance that |t| exceeds `t`, for a whole number of degrees of freedom of at least 1.
///
/// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
pub(super) fn two_sided(t: f64, freedom: usize) -> f64 {
    let freedom = freedom.max(1);
    let theta = (t.abs() / (freedom as f64).sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    let is_odd = freedom % 2 == 1;
    // Each term is the one before times cos² and a ratio of neighbours: (2/3), (4/5), … or (1/2), (3/4), …
    let mut term = if is_odd { cos } else { 1.0 };
    let mut sum = if freedom == 1 { 0.0 } else { term };
    let mut next = if is_odd { 3 } else { 2 };
    while next <= freedom.saturating_sub(2) {
        term *= cos * cos * (next - 1) as f64 / next as f64;
        sum += term;
        next += 2;
    }
    let within = if is_odd {
        FRAC_2_PI * (theta + sin * sum)
    } else {
        sin * sum
    };
    (1.0 - within).clamp(0.0, 1.0)
}

/// The `t` that |t| exceeds with the chance `chance`.
pub(super) fn bound(chance: f64, freedom: usize) -> f64 {
    let (mut low, mut high) = (0.0, 1e6);
    // Enough halvings for every digit.
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if two_sided(middle, freedom) > chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_printed_tables() {
        let table = [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (10, 2.228),
            (29, 2.045),
            (120, 1.980),
        ];
        for (freedom, t) in table {
            assert!((bound(0.05, freedom) - t).abs() < 0.001, "{freedom}");
            assert!((two_sided(t, freedom) - 0.05).abs() < 0.0002, "{freedom}");
            assert_eq!(two_sided(0.0, freedom), 1.0);
            assert!(two_sided(1e9, freedom) < 1e-8);
        }
    }
}
