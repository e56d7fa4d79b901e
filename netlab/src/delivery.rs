//! What became of the State datagrams of one session: which never came, and how old those were that did. Pure.

use std::collections::{BTreeSet, HashMap};

use crate::figures::quantile;
use crate::sdk_page::Arrival;

/// The delivery of one or more sessions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delivery {
    /// Datagrams sent, as their numbers tell: from the first to the last that came.
    pub sent: usize,
    /// Of these, those that never came.
    pub missing: usize,
    /// Datagrams that came more than once.
    pub repeated: usize,
    /// Milliseconds from the send to the receipt of each that came and whose send was witnessed.
    pub ages: Vec<f64>,
}

impl Delivery {
    /// Of the arrivals of one session, in the order they came. `sent_at` says when each tick's snapshots were sent.
    pub fn of(arrivals: &[Arrival], sent_at: &HashMap<u32, f64>) -> Self {
        let mut numbers = BTreeSet::new();
        let mut delivery = Self::default();
        // Numbers wrap around, so each is taken as its distance from the one before.
        let mut position = 0i64;
        let mut last = None;
        for arrival in arrivals {
            let step = arrival
                .sequence
                .wrapping_sub(last.unwrap_or(arrival.sequence));
            position += i64::from(step.cast_signed());
            last = Some(arrival.sequence);
            delivery.repeated += usize::from(!numbers.insert(position));
            if let Some(sent) = sent_at.get(&arrival.tick) {
                delivery.ages.push(arrival.at_ms - sent);
            }
        }
        if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
            delivery.sent = usize::try_from(last - first + 1).unwrap_or(0);
            delivery.missing = delivery.sent - numbers.len();
        }
        delivery
    }

    /// All sessions together.
    pub fn sum(links: impl IntoIterator<Item = Self>) -> Self {
        links.into_iter().fold(Self::default(), |mut sum, link| {
            sum.sent += link.sent;
            sum.missing += link.missing;
            sum.repeated += link.repeated;
            sum.ages.extend(link.ages);
            sum
        })
    }

    /// Share of the datagrams sent that never came, in percent.
    pub fn missing_percent(&self) -> f64 {
        self.missing as f64 * 100.0 / self.sent.max(1) as f64
    }

    /// The age below which `share` (0 to 1) of those that came were.
    pub fn age(&self, share: f64) -> f64 {
        quantile(&self.ages, share).unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::rung::Rung;

    fn arrivals(datagrams: &[(u16, f64)]) -> Vec<Arrival> {
        let arrival = |(sequence, at_ms): &(u16, f64)| Arrival {
            sequence: *sequence,
            tick: u32::from(*sequence) * 3,
            at_ms: *at_ms,
            link: 1,
            rung: Rung::WebRtc,
        };
        datagrams.iter().map(arrival).collect()
    }

    #[test]
    fn what_never_came_is_missing_and_what_came_late_is_not() {
        let sent_at = HashMap::from([(3, 100.0), (9, 200.0), (12, 250.0)]);
        let came = arrivals(&[(1, 155.0), (4, 305.0), (3, 306.0), (3, 307.0), (6, 400.0)]);
        let delivery = Delivery::of(&came, &sent_at);
        assert_eq!(
            (delivery.sent, delivery.missing, delivery.repeated),
            (6, 2, 1)
        );
        assert_eq!(delivery.ages, [55.0, 55.0, 106.0, 107.0]);
        assert_eq!(delivery.age(1.0), 107.0);
        let both = Delivery::sum([delivery.clone(), delivery]);
        assert_eq!((both.sent, both.missing), (12, 4));
        assert!((both.missing_percent() - 33.3).abs() < 0.1);
    }

    #[test]
    fn numbers_wrap_around() {
        let came = arrivals(&[(65_534, 0.0), (0, 1.0), (65_535, 2.0), (3, 3.0)]);
        let delivery = Delivery::of(&came, &HashMap::new());
        assert_eq!((delivery.sent, delivery.missing), (6, 2));
    }

    #[test]
    fn nothing_at_all_is_no_delivery() {
        let delivery = Delivery::of(&[], &HashMap::new());
        assert_eq!(delivery, Delivery::default());
        assert!(delivery.age(0.5).is_nan());
    }
}
