//! What is done every few seconds as long as the server runs.

use std::convert::Infallible;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use signaling::Rate;

use crate::rooms::Rooms;
use crate::systemd;
use crate::transport::udp_watch::UdpWatch;

/// How often the metrics are tidied.
const UPKEEP: Duration = Duration::from_secs(5);

/// Tidies what grows old by itself: places that nobody came to take, and the samples of histograms,
/// which pile up until somebody asks for them.
pub(super) async fn keep_up(
    metrics: PrometheusHandle,
    mut kernel: UdpWatch,
    rooms: &Rooms,
    requests: &Rate,
) -> Infallible {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut upkeep = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = second.tick() => {
                rooms.expire_places();
                systemd::alive();
            }
            _ = upkeep.tick() => {
                metrics.run_upkeep();
                requests.tidy();
                kernel.poll();
            }
        }
    }
}
