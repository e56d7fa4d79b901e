//! Fewer marks where they lie closer than a screen tells apart, the highest and the lowest kept.

/// Units across within which dots are one to the eye.
const SLOT: f64 = 3.0;

/// Of `(across, down)` in order across: per slot the first, the highest and the lowest.
pub(in crate::report) fn thin(places: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let slot = |place: &(f64, f64)| (place.0 / SLOT).floor();
    let mut kept = Vec::with_capacity(places.len());
    for dots in places.chunk_by(|a, b| slot(a) == slot(b)) {
        let by_height = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let ends = [
            dots.first(),
            dots.iter().min_by(by_height),
            dots.iter().max_by(by_height),
        ];
        for place in ends.into_iter().flatten() {
            if !kept.contains(place) {
                kept.push(*place);
            }
        }
    }
    kept
}

/// Units across of one step of a band.
const STEP: f64 = 20.0;

/// Where dots in order across lie, as areas from their highest to their lowest; a step without a dot parts two areas.
pub(in crate::report) fn bands(places: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    let step = |place: &(f64, f64)| (place.0 / STEP).floor();
    let mut bands: Vec<Vec<Step>> = Vec::new();
    for dots in places.chunk_by(|a, b| step(a) == step(b)) {
        let heights = || dots.iter().map(|dot| dot.1);
        let next = Step {
            number: dots.first().map_or(0.0, step),
            top: heights().fold(f64::INFINITY, f64::min),
            bottom: heights().fold(f64::NEG_INFINITY, f64::max),
        };
        match bands.last_mut() {
            Some(band)
                if band
                    .last()
                    .is_some_and(|last| last.number + 1.0 == next.number) =>
            {
                band.push(next);
            }
            _ => bands.push(vec![next]),
        }
    }
    bands.iter().map(|band| outline(band)).collect()
}

struct Step {
    number: f64,
    top: f64,
    bottom: f64,
}

/// Along the tops and back along the bottoms, each step as wide as it is.
fn outline(band: &[Step]) -> Vec<(f64, f64)> {
    let ends = |step: &Step| [step.number * STEP, (step.number + 1.0) * STEP];
    let tops = band
        .iter()
        .flat_map(|step| ends(step).map(|x| (x, step.top)));
    let bottoms = band.iter().rev().flat_map(|step| {
        let [left, right] = ends(step);
        [(right, step.bottom), (left, step.bottom)]
    });
    tops.chain(bottoms).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_dots_in_one_spot_the_extremes_are_left() {
        let crowd: Vec<(f64, f64)> = (0..1_000)
            .map(|at| (f64::from(at) / 1_000.0, f64::from(at % 50)))
            .collect();
        assert_eq!(thin(&crowd), [(0.0, 0.0), (0.999, 49.0)]);
        let sparse = [(1.0, 5.0), (4.0, 5.0), (7.0, 2.0)];
        assert_eq!(thin(&sparse), sparse);
    }

    #[test]
    fn a_band_holds_its_dots_and_breaks_where_there_is_none() {
        let dots = [(5.0, 30.0), (9.0, 10.0), (25.0, 20.0), (70.0, 5.0)];
        let first = vec![
            (0.0, 10.0),
            (20.0, 10.0),
            (20.0, 20.0),
            (40.0, 20.0),
            (40.0, 20.0),
            (20.0, 20.0),
            (20.0, 30.0),
            (0.0, 30.0),
        ];
        let second = vec![(60.0, 5.0), (80.0, 5.0), (80.0, 5.0), (60.0, 5.0)];
        assert_eq!(bands(&dots), [first, second]);
    }
}
