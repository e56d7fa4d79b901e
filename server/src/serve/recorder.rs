//! The recorder of metrics, and the buckets of its histograms.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::descriptions;

/// Upper bounds of the histograms' buckets, in seconds: of ticks, of which a default one may take 16.7 ms, and of paths.
const TICK_BOUNDS: [f64; 10] = [
    0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.0167, 0.05, 0.2,
];
const PATH_BOUNDS: [f64; 11] = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 3.0];

/// A process has one recorder of metrics; further servers in it (tests) share its registry.
pub(super) fn install() -> PrometheusHandle {
    let buckets = |name: &str, bounds: &[f64]| (Matcher::Full(name.to_owned()), bounds.to_vec());
    let all = [
        buckets("game_server_tick_seconds", &TICK_BOUNDS),
        buckets("game_server_tick_lateness_seconds", &TICK_BOUNDS),
        buckets("game_server_round_trip_seconds", &PATH_BOUNDS),
        buckets("game_server_acked_snapshot_age_seconds", &PATH_BOUNDS),
    ];
    let builder = all
        .into_iter()
        .try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
            builder.set_buckets_for_metric(name, &bounds)
        });
    // It refuses empty lists alone.
    let recorder = builder.unwrap_or_default().build_recorder();
    let metrics = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        descriptions::describe();
    }
    metrics
}
