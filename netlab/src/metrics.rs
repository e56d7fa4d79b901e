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
}
