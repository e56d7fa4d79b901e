//! Fewer marks where they lie closer than a screen tells apart, the highest and the lowest kept.

use super::WIDTH;

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

/// Units across of the narrowest step of a band; dots lie left of the right edge.
const STEP: f64 = 20.0;

/// Dots that a step of a band holds on average, so that its height says something.
const DOTS: f64 = 8.0;

/// Where dots in order across lie, as areas from their highest to their lowest; a step without a dot parts two areas.
pub(in crate::report) fn bands(places: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    // So many that they end where the drawing does.
    let steps = (places.len() as f64 / DOTS)
        .min(WIDTH / STEP)
        .floor()
        .max(1.0);
    let wide = WIDTH / steps;
    let step = |place: &(f64, f64)| (place.0 / wide).floor();
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
    bands.iter().map(|band| outline(band, wide)).collect()
}

struct Step {
    number: f64,
    top: f64,
    bottom: f64,
}

/// Along the tops and back along the bottoms, each step as wide as it is.
fn outline(band: &[Step], wide: f64) -> Vec<(f64, f64)> {
    let ends = |step: &Step| [step.number * wide, (step.number + 1.0) * wide];
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
        // Dots over the whole width, but for a hole.
        let dots: Vec<(f64, f64)> = (0..800)
            .map(|at| (f64::from(at) * WIDTH / 800.0, f64::from(at % 8)))
            .filter(|(across, _)| !(400.0..600.0).contains(across))
            .collect();
        let bands = bands(&dots);
        assert_eq!(bands.len(), 2, "{bands:?}");
        let reaches = |band: &[(f64, f64)]| {
            let across = || band.iter().map(|place| place.0);
            (
                across().fold(f64::MAX, f64::min),
                across().fold(0.0, f64::max),
            )
        };
        let (first, second) = (reaches(&bands[0]), reaches(&bands[1]));
        assert!(
            first.0 == 0.0 && (400.0..425.0).contains(&first.1),
            "{first:?}"
        );
        assert!(
            (575.0..=600.0).contains(&second.0) && second.1 >= WIDTH,
            "{second:?}"
        );
        let heights = || bands.iter().flatten().map(|place| place.1);
        assert_eq!(
            (heights().fold(9.0, f64::min), heights().fold(0.0, f64::max)),
            (0.0, 7.0)
        );
    }

    #[test]
    fn a_band_of_few_dots_has_few_steps() {
        let dots: Vec<(f64, f64)> = (0..80)
            .map(|at| (f64::from(at) * WIDTH / 80.0, 5.0))
            .collect();
        let corners: usize = bands(&dots).iter().map(Vec::len).sum();
        assert_eq!(corners, 40, "ten steps of four corners");
        assert!(bands(&[]).is_empty());
    }
}
