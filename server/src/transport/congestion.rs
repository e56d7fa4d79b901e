//! QUIC's congestion control with a floor, for a connection that carries little and must not wait:
//! a long fade shrinks the window to two packets, and then snapshots stand behind acknowledgements
//! that can't come (RFC 9002 §7.6). Everything above the floor is Cubic's own.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use quinn_proto::RttEstimator;
use quinn_proto::congestion::{Controller, ControllerFactory, ControllerMetrics, CubicConfig};

/// Least window in packets. Five seconds of a player's snapshots and of what wraps them, so that a
/// gap of that length stops nothing; less than the initial window of many a web server.
const FLOOR_PACKETS: u64 = 16;

/// Builds [`Floored`] controllers.
#[derive(Debug, Default)]
pub(super) struct FlooredCubic(Arc<CubicConfig>);

impl ControllerFactory for FlooredCubic {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        Box::new(Floored {
            inner: Arc::clone(&self.0).build(now, current_mtu),
            mtu: u64::from(current_mtu),
        })
    }
}

struct Floored {
    inner: Box<dyn Controller>,
    mtu: u64,
}

impl Controller for Floored {
    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        self.inner.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(
        &mut self,
        now: Instant,
        sent: Instant,
        bytes: u64,
        app_limited: bool,
        rtt: &RttEstimator,
    ) {
        self.inner.on_ack(now, sent, bytes, app_limited, rtt);
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        in_flight: u64,
        app_limited: bool,
        largest_packet_num_acked: Option<u64>,
    ) {
        self.inner
            .on_end_acks(now, in_flight, app_limited, largest_packet_num_acked);
    }

    fn on_congestion_event(
        &mut self,
        now: Instant,
        sent: Instant,
        is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        self.inner
            .on_congestion_event(now, sent, is_persistent_congestion, lost_bytes);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.mtu = u64::from(new_mtu);
        self.inner.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.inner.window().max(FLOOR_PACKETS * self.mtu)
    }

    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = self.inner.metrics();
        metrics.congestion_window = self.window();
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self {
            inner: self.inner.clone_box(),
            mtu: self.mtu,
        })
    }

    fn initial_window(&self) -> u64 {
        self.inner.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    #[test]
    fn a_long_fade_leaves_room_for_snapshots() {
        let start = Instant::now();
        let mut controller = Arc::new(FlooredCubic::default()).build(start, 1_200);
        assert!(controller.window() >= FLOOR_PACKETS * 1_200);
        for fade in 1..10 {
            let now = start + std::time::Duration::from_secs(fade);
            controller.on_congestion_event(now, now, true, 1_200);
        }
        assert_eq!(controller.window(), FLOOR_PACKETS * 1_200);
        controller.on_mtu_update(1_400);
        assert_eq!(controller.clone_box().window(), FLOOR_PACKETS * 1_400);
    }
}
