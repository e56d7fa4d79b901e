//! When a player heard nothing new for too long, from what came in. It draws nothing.

use super::Series;
use crate::judge::STARVED_AFTER_MS;

/// A span of more than 150 ms without a new snapshot, in milliseconds from the start of the measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Silence {
    /// When the last new one came in.
    pub(super) from: f64,
    /// When the next one did.
    pub(super) to: f64,
}

impl Silence {
    /// When the player began to starve; it did until the end.
    pub(super) fn starved_from(&self) -> f64 {
        self.from + STARVED_AFTER_MS
    }

    pub(super) fn length(&self) -> f64 {
        self.to - self.from
    }
}

/// In order of time, over a measurement that was so long; its start counts as news, as in the figures.
pub(super) fn silences(series: &Series, span_ms: f64) -> Vec<Silence> {
    let news = series.at.iter().zip(&series.is_new);
    let news = news.filter(|(at, is_new)| **is_new && (0.0..span_ms).contains(*at));
    let mut from = 0.0;
    let mut silences = Vec::new();
    for to in news.map(|(at, _)| *at).chain([span_ms]) {
        let silence = Silence { from, to };
        if silence.length() > STARVED_AFTER_MS {
            silences.push(silence);
        }
        from = to;
    }
    silences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_and_end_bound_a_silence_and_what_is_stale_breaks_none() {
        let series = Series {
            at: vec![160.0, 300.0, 500.0, 600.0, 1_200.0],
            age: vec![60.0; 5],
            is_new: vec![true, true, false, true, true],
        };
        let spans = silences(&series, 1_000.0);
        let spans: Vec<(f64, f64)> = spans.iter().map(|span| (span.from, span.to)).collect();
        assert_eq!(spans, [(0.0, 160.0), (300.0, 600.0), (600.0, 1_000.0)]);
        assert_eq!(silences(&Series::default(), 100.0), []);
    }
}
