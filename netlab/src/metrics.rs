//! The server's own figures, read from the text of `/metrics` (the Prometheus exposition format).

/// The samples of one look at `/metrics`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics(Vec<Sample>);

#[derive(Debug, Clone, PartialEq)]
struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Metrics {
    /// Reads samples; lines that are none are left out.
    pub fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(sample).collect())
    }

    /// The sum of all samples with this name and these labels among theirs; 0 without any.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            sample.name == name
                && labels.iter().all(|(key, value)| {
                    sample
                        .labels
                        .iter()
                        .any(|(k, v)| (k.as_str(), v.as_str()) == (*key, *value))
                })
        };
        self.0.iter().filter(has).map(|sample| sample.value).sum()
    }

    /// Where this share of what a histogram has counted since `before` ends: the line through its bucket's bounds, as
    /// Prometheus's `histogram_quantile` has it. `None` when it has counted nothing, or most of that is over its last
    /// bound.
    pub fn quantile_since(&self, before: &Self, name: &str, share: f64) -> Option<f64> {
        let name = format!("{name}_bucket");
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for sample in self.0.iter().filter(|sample| sample.name == name) {
            let le = sample.labels.iter().find(|(key, _)| key == "le")?;
            let bound = le.1.parse().ok()?;
            let labels = [("le", le.1.as_str())];
            if !buckets.iter().any(|(known, _)| *known == bound) {
                let count = self.sum(&name, &labels) - before.sum(&name, &labels);
                buckets.push((bound, count));
            }
        }
        let wanted = share * buckets.last()?.1;
        let place = buckets
            .iter()
            .position(|(_, count)| *count >= wanted && wanted > 0.0)?;
        let (from, below) = place
            .checked_sub(1)
            .map_or((0.0, 0.0), |last| buckets[last]);
        let (to, count) = buckets[place];
        to.is_finite()
            .then(|| from + (to - from) * (wanted - below) / (count - below))
    }
}

/// `name{key="value",…} number`. Label values with escapes in them don't occur.
fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let value = value.parse().ok()?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    let labels = labels
        .split(',')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((key.to_owned(), value.trim_matches('"').to_owned()))
        })
        .collect::<Option<_>>()?;
    (!name.starts_with('#')).then(|| Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_summed_by_label() {
        let metrics = Metrics::parse(
            "# TYPE links gauge\nlinks{rung=\"webrtc\",state=\"a\"} 2\nlinks{rung=\"websocket\"} 3.5\n\nrooms 1\n",
        );
        assert_eq!(metrics.sum("links", &[]), 5.5);
        assert_eq!(metrics.sum("links", &[("rung", "webrtc")]), 2.0);
        assert_eq!(metrics.sum("rooms", &[]), 1.0);
        assert_eq!(metrics.sum("sessions", &[]), 0.0);
    }

    #[test]
    fn a_quantile_is_of_what_was_counted_since() {
        let at = |counts: [u32; 3]| {
            let [one, two, all] = counts;
            Metrics::parse(&format!(
                "t_bucket{{le=\"0.1\"}} {one}\nt_bucket{{le=\"0.5\"}} {two}\nt_bucket{{le=\"+Inf\"}} {all}\n"
            ))
        };
        let quantile = |share| at([150, 200, 204]).quantile_since(&at([100, 100, 100]), "t", share);
        let is_near = |share, wanted: f64| (quantile(share).unwrap() - wanted).abs() < 1e-9;
        assert!(is_near(0.25, 0.052) && is_near(0.75, 0.324));
        assert_eq!(quantile(0.99), None);
        assert_eq!(at([1, 1, 1]).quantile_since(&at([1, 1, 1]), "t", 0.5), None);
    }
}
