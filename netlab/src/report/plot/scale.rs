//! From a figure to its place along an axis, and the round figures to write there.

/// One axis, which ends where its data do, rounded outwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Scale {
    kind: Kind,
    from: f64,
    to: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Linear,
    /// Small figures far apart, and zero still on it.
    Root,
    Logarithmic,
}

/// Round figures within one power of ten.
const ROUND: [f64; 3] = [1.0, 2.0, 5.0];
/// Fewer of them, still about as far apart by the logarithm.
const ROUNDER: [f64; 2] = [1.0, 3.0];

impl Scale {
    /// From zero to `to`, evenly.
    pub(in crate::report) fn linear(to: f64) -> Self {
        Self {
            kind: Kind::Linear,
            from: 0.0,
            to: to.max(f64::MIN_POSITIVE),
        }
    }

    /// From zero to at least `to`, by the square root.
    pub(in crate::report) fn root(to: f64) -> Self {
        Self {
            kind: Kind::Root,
            from: 0.0,
            to: round_up(to.clamp(0.1, 1e9)),
        }
    }

    /// From a little below `from` to a little above `to`, by the logarithm; both are taken as at least `least`, and as
    /// at most a billion.
    pub(in crate::report) fn logarithmic(from: f64, to: f64, least: f64) -> Self {
        let from = from.clamp(least, 1e9) * 0.9;
        let to = to.clamp(least, 1e9).max(from * 2.0) * 1.1;
        Self {
            kind: Kind::Logarithmic,
            from,
            to,
        }
    }

    /// Where it ends.
    pub(in crate::report) fn end(&self) -> f64 {
        self.to
    }

    /// Between 0 and 1; what lies outside is put on the edge, as is what is no number.
    pub(in crate::report) fn place(&self, value: f64) -> f64 {
        let share = match self.kind {
            Kind::Linear => value / self.to,
            Kind::Root => (value.max(0.0) / self.to).sqrt(),
            Kind::Logarithmic => (value / self.from).ln() / (self.to / self.from).ln(),
        };
        if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        }
    }

    /// Round figures on it, at most `most` of them.
    pub(in crate::report) fn ticks(&self, most: usize) -> Vec<f64> {
        match self.kind {
            Kind::Linear => self.even_ticks(most),
            Kind::Root => {
                let round = self.round_figures(&ROUND, 0.1);
                let mut ticks: Vec<f64> = [0.0].into_iter().chain(round).collect();
                // From the largest down, so that what is far apart stays.
                let mut above = f64::INFINITY;
                ticks.reverse();
                ticks.retain(|tick| {
                    let is_apart = above - self.place(*tick) > 0.8 / most as f64;
                    if is_apart {
                        above = self.place(*tick);
                    }
                    is_apart
                });
                ticks.reverse();
                ticks
            }
            Kind::Logarithmic => {
                let [fine, middling] = [&ROUND as &[f64], &ROUNDER]
                    .map(|figures| self.round_figures(figures, self.from).collect::<Vec<_>>());
                let coarse = || self.round_figures(&ROUND[..1], self.from).collect();
                let fitting = [fine, middling]
                    .into_iter()
                    .find(|ticks| ticks.len() <= most);
                fitting.unwrap_or_else(coarse)
            }
        }
    }

    fn even_ticks(&self, most: usize) -> Vec<f64> {
        let steps = (0..9).flat_map(|power| ROUND.map(|figure| figure * 10_f64.powi(power)));
        let mut fitting =
            steps.filter(|step| self.to / step <= most.saturating_sub(1).max(1) as f64);
        let Some(step) = fitting.next() else {
            return vec![0.0];
        };
        let last = (self.to / step + 1e-9).floor() as u32;
        (0..=last).map(|tick| f64::from(tick) * step).collect()
    }

    fn round_figures(&self, figures: &'static [f64], from: f64) -> impl Iterator<Item = f64> {
        let (from, to) = (from * (1.0 - 1e-9), self.to * (1.0 + 1e-9));
        let all = (-4..10).flat_map(|power| {
            figures
                .iter()
                .map(move |figure| figure * 10_f64.powi(power))
        });
        all.filter(move |figure| (from..=to).contains(figure))
    }
}

fn round_up(value: f64) -> f64 {
    let unit = 10_f64.powf(value.log10().floor());
    let figures = [1.0, 2.0, 5.0, 10.0].map(|figure| figure * unit);
    let above = figures
        .into_iter()
        .find(|figure| *figure >= value * (1.0 - 1e-9));
    above.unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_marked_at_round_seconds() {
        assert_eq!(
            Scale::linear(30.0).ticks(7),
            [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
        );
        assert_eq!(Scale::linear(31.7).ticks(7).last(), Some(&30.0));
        assert_eq!(Scale::linear(0.0).ticks(7), [0.0]);
    }

    #[test]
    fn ages_are_marked_at_round_milliseconds_of_every_size() {
        assert_eq!(
            Scale::logarithmic(61.0, 430.0, 1.0).ticks(4),
            [100.0, 200.0]
        );
        assert_eq!(
            Scale::logarithmic(52.0, 900.0, 1.0).ticks(4),
            [50.0, 100.0, 200.0, 500.0]
        );
        assert_eq!(
            Scale::logarithmic(20.0, 950.0, 1.0).ticks(4),
            [30.0, 100.0, 300.0, 1_000.0]
        );
        let wide = Scale::logarithmic(3.0, 30_000.0, 1.0);
        assert_eq!(wide.ticks(5), [10.0, 100.0, 1_000.0, 10_000.0]);
        assert!(
            wide.place(3.0) > 0.0 && wide.place(30_000.0) < 1.0,
            "nothing lies on the edge"
        );
    }

    #[test]
    fn shares_are_marked_from_zero() {
        assert_eq!(Scale::root(9.0).ticks(6), [0.0, 0.5, 2.0, 5.0, 10.0]);
    }

    #[test]
    fn whatever_is_asked_lies_on_the_axis() {
        for scale in [
            Scale::linear(10.0),
            Scale::root(10.0),
            Scale::logarithmic(f64::NAN, f64::INFINITY, 1.0),
        ] {
            for value in [
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -5.0,
                0.0,
                5.0,
                1e300,
            ] {
                assert!(
                    (0.0..=1.0).contains(&scale.place(value)),
                    "{value} on {scale:?}"
                );
            }
        }
    }
}
