//! Estimates of a path from acknowledgements: round trip, its variation, and loss.

use core::time::Duration;

/// Round-trip time, smoothed after RFC 6298 §2, and loss, as a moving average over datagrams.
#[derive(Clone, Debug, Default)]
pub struct PathEstimate {
    smoothed: Option<Duration>,
    variation: Duration,
    lowest: Option<Duration>,
    loss: f32,
    came: u64,
    lost: u64,
}

impl PathEstimate {
    /// Weight of one datagram in the loss average: 1/64, about three seconds of 20 Hz.
    const LOSS_GAIN: f32 = 1.0 / 64.0;

    /// Takes a round trip from send to ack, less the time the peer held the ack back.
    pub fn on_round_trip(&mut self, sample: Duration) {
        match self.smoothed {
            None => {
                self.smoothed = Some(sample);
                self.variation = sample / 2;
            }
            Some(smoothed) => {
                self.variation = (self.variation * 3 + smoothed.abs_diff(sample)) / 4;
                self.smoothed = Some((smoothed * 7 + sample) / 8);
            }
        }
        self.lowest = Some(self.lowest.map_or(sample, |lowest| lowest.min(sample)));
    }

    /// Counts datagrams that came through, and then those that never did.
    pub fn on_outcomes(&mut self, came: u32, lost: u32) {
        self.came += u64::from(came);
        self.lost += u64::from(lost);
        for _ in 0..came {
            self.loss -= self.loss * Self::LOSS_GAIN;
        }
        for _ in 0..lost {
            self.loss += (1.0 - self.loss) * Self::LOSS_GAIN;
        }
    }

    /// Smoothed round-trip time, once there is a sample.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.smoothed
    }

    /// Mean deviation of the round trip; zero before the first sample.
    #[must_use]
    pub fn variation(&self) -> Duration {
        self.variation
    }

    /// The shortest round trip seen, once there is a sample.
    #[must_use]
    pub fn lowest_round_trip(&self) -> Option<Duration> {
        self.lowest
    }

    /// Datagrams that came through and that never did, from the beginning.
    #[must_use]
    pub fn outcomes(&self) -> (u64, u64) {
        (self.came, self.lost)
    }

    /// Share of our datagrams that the peer never received, 0 to 1.
    #[must_use]
    pub fn loss(&self) -> f32 {
        self.loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_path_is_estimated_exactly() {
        let mut path = PathEstimate::default();
        for _ in 0..100 {
            path.on_round_trip(Duration::from_millis(80));
        }
        assert_eq!(path.round_trip().unwrap().as_millis(), 80);
        assert!(path.variation() < Duration::from_millis(1));
    }

    #[test]
    fn loss_settles_at_the_share_lost() {
        let mut path = PathEstimate::default();
        for i in 0..2_000 {
            let lost = u32::from(i % 20 == 0);
            path.on_outcomes(1 - lost, lost);
        }
        assert!((0.02..0.08).contains(&path.loss()), "{}", path.loss());
    }
}
