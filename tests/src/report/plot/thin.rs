//! Fewer dots where they lie closer than a screen tells apart, the highest and the lowest kept.

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
