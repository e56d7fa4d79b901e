//! Many marks in one SVG path, in whole units and as few bytes as they need.

use std::fmt::Write;

use super::HEIGHT;

/// A dot at each place: lines of no length, which the style gives round ends.
pub(in crate::report) fn dots(places: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = Path::default();
    for (x, y) in places {
        path.step('m', x, y);
        path.text.push_str("h0");
    }
    path.text
}

/// A line through the places.
pub(in crate::report) fn line(places: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut path = Path::default();
    for (x, y) in places {
        let command = if path.text.is_empty() { 'm' } else { 'l' };
        path.step(command, x, y);
    }
    path.text
}

/// A filled area within each outline.
pub(in crate::report) fn areas(outlines: &[Vec<(f64, f64)>]) -> String {
    let mut text = String::new();
    for outline in outlines {
        // The first step is from where the area before was closed; said in whole, it is from nowhere.
        text += &line(outline.iter().copied()).replacen('m', "M", 1);
        text.push('z');
    }
    text
}

/// An upright bar over the whole height between each two places across, at least one unit wide.
pub(in crate::report) fn spans(ends: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut text = String::new();
    for (from, to) in ends {
        let width = (to - from).round().max(1.0);
        // Writing to a string can't fail.
        let _ = write!(text, "M{} 0h{width}v{HEIGHT}h-{width}z", from.round());
    }
    text
}

#[derive(Default)]
struct Path {
    text: String,
    x: i64,
    y: i64,
}

impl Path {
    /// To a place, said from where the last one was.
    fn step(&mut self, command: char, x: f64, y: f64) {
        let (x, y) = (x.round() as i64, y.round() as i64);
        let (right, down) = (x - self.x, y - self.y);
        // A minus parts two figures as well as a space does. Writing to a string can't fail.
        let _ = match down {
            ..0 => write!(self.text, "{command}{right}{down}"),
            _ => write!(self.text, "{command}{right} {down}"),
        };
        (self.x, self.y) = (x, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_said_each_from_the_one_before() {
        let places = [(10.2, 20.0), (15.0, 18.4), (15.0, 30.0)];
        assert_eq!(dots(places), "m10 20h0m5-2h0m0 12h0");
        assert_eq!(line(places), "m10 20l5-2l0 12");
        assert_eq!(
            spans([(3.0, 3.1), (5.0, 9.0)]),
            "M3 0h1v400h-1zM5 0h4v400h-4z"
        );
        let outlines = [vec![(0.0, 1.0), (2.0, 3.0)], vec![(7.0, 8.0)]];
        assert_eq!(areas(&outlines), "M0 1l2 2zM7 8z");
        assert_eq!(dots([]), "");
    }
}
