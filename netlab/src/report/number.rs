//! Figures as people read them: short, of bounded width, and a dash where there is none.

/// What stands for a figure that nobody has.
pub(super) const NONE: &str = "–";

/// Milliseconds in at most four characters: `61`, `9999`, `12s`, `20m`.
pub(super) fn ms(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let scales = [
        (9_999.5, 1.0, ""),
        (999_500.0, 1_000.0, "s"),
        (59_970_000.0, 60_000.0, "m"),
    ];
    scaled(value, &scales)
}

/// A count in at most five characters: `61`, `99999`, `123k`.
pub(super) fn whole(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let size = value.abs().round();
    let scales = [
        (1e5, 1.0, ""),
        (1e6, 1e3, "k"),
        (1e9, 1e6, "M"),
        (1e12, 1e9, "G"),
    ];
    match scales.iter().find(|(below, ..)| size < *below) {
        Some((_, unit, suffix)) => with_sign(value, &format!("{:.0}{suffix}", size / unit)),
        None => with_sign(value, "huge"),
    }
}

/// Percent in at most five characters, with as many digits as matter: `0.04`, `12.3`, `100`.
pub(super) fn percent(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let size = value.abs();
    match size {
        _ if size < 9.995 => with_sign(value, &format!("{size:.2}")),
        _ if size < 99.95 => with_sign(value, &format!("{size:.1}")),
        _ => whole(value),
    }
}

/// As [`percent`], with a plus where it is more than nothing.
pub(super) fn more_percent(value: f64) -> String {
    let text = percent(value);
    if value > 0.0 && text != NONE && text != percent(0.0) {
        format!("+{text}")
    } else {
        text
    }
}

/// In the first scale whose bound is above it; a scale is a bound, a unit and the unit's sign.
fn scaled(value: f64, scales: &[(f64, f64, &str)]) -> String {
    let size = value.abs();
    match scales.iter().find(|(below, ..)| size < *below) {
        Some((_, unit, sign)) => with_sign(value, &format!("{:.0}{sign}", size / unit)),
        None => with_sign(value, "huge"),
    }
}

/// The digits of `value` without their sign, with it: a minus only where a digit shows that it is one.
fn with_sign(value: f64, digits: &str) -> String {
    let shows = digits
        .bytes()
        .any(|byte| matches!(byte, b'1'..=b'9' | b'h'));
    if value < 0.0 && shows {
        format!("−{digits}")
    } else {
        digits.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_keep_what_matters() {
        let times = [
            (60.6, "61"),
            (9_999.4, "9999"),
            (12_345.0, "12s"),
            (1_200_000.0, "20m"),
            (-0.4, "0"),
            (-3.2, "−3"),
            (f64::MAX, "huge"),
            (f64::NAN, NONE),
        ];
        for (value, text) in times {
            assert_eq!(ms(value), text);
        }
        let wholes = [
            (0.0, "0"),
            (60.6, "61"),
            (99_999.4, "99999"),
            (123_456.0, "123k"),
            (45_600_000.0, "46M"),
            (f64::MAX, "huge"),
            (f64::INFINITY, NONE),
        ];
        for (value, text) in wholes {
            assert_eq!(whole(value), text);
        }
        let percents = [
            (0.0, "0.00"),
            (0.04, "0.04"),
            (9.996, "10.0"),
            (12.34, "12.3"),
            (99.96, "100"),
            (-0.004, "0.00"),
            (-1.5, "−1.50"),
            (f64::NAN, NONE),
        ];
        for (value, text) in percents {
            assert_eq!(percent(value), text);
        }
        assert_eq!(more_percent(1.7), "+1.70");
        assert_eq!(more_percent(0.001), "0.00");
        assert_eq!(more_percent(-0.2), "−0.20");
    }
}
